"""What the name of a raw field says: cut into words, and those read as ideas, in the languages its export's names are in."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from suki.proposing import tongues
from suki.proposing.folding import fold

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")  # "CustNo2" is Cust, No, 2
_ACCENTED = re.compile(r"[^\W\d_]+|\d+")
_LONGEST_PHRASE = 5
_SHORT = 5
"""Letters below which two words are not one word written apart: "per E-Mail" tells of no père."""

_LEAST = {True: 3, False: 1}
"""Shortest word inside a longer one: of Latin letters three, as shorter ones are in everything; of others one."""

_CUT = 3
"""Letters that a word may be cut down to among others; alone it needs one more, unless a point says that it is cut."""

_LONG = 6
"""Letters that are hardly the beginning of a word by chance."""

_POINTED = re.compile(r"([^\W\d_]+)\.(\w?)")
"""Cut off, as in *Tel. privat* or *Geb.datum*; the small ones in front of another are steps of a path."""

_NUMBER = "nr"
"""Short, and yet the last part of many a compound."""

_STEP = re.compile(r"(?<=\w)(?:\[\])?\.(?=\w)")
_SHARED, _SHARED_WORD = 0.9, 0.6
"""Share of an export's fields whose names must begin alike, or with the same word, before that tells nothing."""

_HASH = re.compile(r"(?<=\w)\s*#(?!\s*\w)")
"""Number, as in "Member #"; alone it heads the lines' own numbers, and before one it is that number's."""

_OF_ADDRESS = frozenset({"street", "address_line", "postcode", "city", "region", "country"})

_LINKS = ("s", "es", "n", "en", "e", "o", "i")
"""What joins the parts of a compound: Geburt-s-datum, Straße-n-name."""

_SPACED = (
    "LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "DIGIT", "GEORGIAN", "ARMENIAN", "DEVANAGARI", "BENGALI", "GURMUKHI",
    "GUJARATI", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "ETHIOPIC", "MONGOLIAN",
)  # fmt: skip

_ARTICLE = "ال"
_HEADS_ARABIC = (_ARTICLE, "بال", "وال", "لل")
_HEADS_HEBREW = frozenset("בהולמשכ")


class Reading(NamedTuple):
    """A field's name as ideas.

    Attributes:
        ideas: What its words mean.
        unread: Its words that mean nothing here, as a share of its letters.
        strange: Whether a whole word of it is not known: such a word may say whose it is.
        number: The number in it, as in ``address2``; None without.
    """

    ideas: frozenset[str]
    unread: float
    number: int | None
    strange: bool = False


def read_name(name: str, spoken: tuple[str, ...] = ()) -> Reading:
    """The ideas of a field's name; of a nested field (``address.city``) those of all its steps.

    Args:
        name: The name.
        spoken: The languages of the names it stands among.
    """
    tokens = tokens_of(name)
    cut = frozenset(fold(word) for word, then in _POINTED.findall(_unmarked(name)) if not then or word[0].isupper())
    within = len(tokens_of(_STEP.split(name)[-1]))  # of a nested field its last step must be understood
    ideas: set[str] = set()
    letters = unread = 0
    number = None
    strange = False
    position = 0
    second = False
    while position < len(tokens):
        taken, found = _phrase(tokens, position, spoken)
        guessed = False
        if (of_cut := _cut_phrase(tokens, position, cut, spoken))[0] > taken:
            (taken, found), guessed = of_cut, True
        if found is None:
            token = tokens[position]
            if token.isdecimal():
                number = int(token) if len(token) < 4 else number
                second |= position > 0 and name.isascii() and 1 < int(token) < 100
            else:
                found, missed, whole = _inside(token, spoken)
                if like := _like(token, spoken, token in cut, whole):
                    found, missed, whole = set(like), 1, True
                strange |= len(token) > 1 and not whole
                if len(tokens) - position <= within:
                    letters, unread = letters + len(token), unread + missed
        else:
            letters += sum(map(len, tokens[position : position + taken]))
            unread += guessed
            digits = [t for t in tokens[position : position + taken] if t.isdecimal()]
            number = int(digits[-1]) if digits and len(digits[-1]) < 4 else number
        if second and found and found & _OF_ADDRESS:
            ideas.add("other")  # address2_line1: of a second address, where address_line2 is of the first
        ideas |= found or set()
        position += taken
    return Reading(frozenset(ideas - {"small"}), unread / letters if letters else 0.0, number, strange)


def without_shared(names: Sequence[str]) -> dict[str, str]:
    """Names without what most of them begin or end with, which tells nothing: ``OXFNAME``, ``NOM_CLI``, ``customer_email``."""
    short = {name: name for name in names}
    heads = Counter(name[:size] for name in short for size in range(2, 9) if len(name) > size + 1 and name[:size].isalpha())
    shared = [head for head, count in heads.items() if count >= max(4, _SHARED * len(short))]
    if head := max(shared, key=len, default=""):
        short = {name: found.removeprefix(head) for name, found in short.items()}
    for place in (0, -1):
        ends = Counter(tokens[place] for found in short.values() if len(tokens := tokens_of(found)) > 1)
        for word, count in ends.items():
            if count >= max(4, _SHARED_WORD * len(short)):
                short = {name: _without_word(found, word, place) for name, found in short.items()}
    return short


def _without_word(name: str, word: str, place: int) -> str:
    parts = re.findall(r"[^\W_]+", name)
    return " ".join(parts[1:] if place == 0 else parts[:-1]) if len(parts) > 1 and fold(parts[place]) == word else name


def tokens_of(name: str) -> list[str]:
    """The words of a name, folded."""
    parts = []
    for word in re.findall(r"[^\W_]+", _unmarked(_HASH.sub(" number", name.replace("〒", "郵便番号")))):
        pieces = _ACCENTED.findall(word) if word.isupper() or word.islower() or not word.isascii() else _PART.findall(word)
        if not word.isascii():
            pieces = [piece for part in pieces for piece in re.findall(r"[A-Z]+|[^A-Z]+" if _is_cased_mix(part) else r".+", part)]
        parts += pieces
    return [fold(part) for part in parts if part]


def _unmarked(text: str) -> str:
    """A text without the marks above and beside letters, at which a word of Thai or Hindi would fall apart."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in ("Mn", "Mc"))


def _is_cased_mix(text: str) -> bool:
    """Latin capitals beside another script: ``顧客ID``, ``الرقمID``."""
    return any("A" <= c <= "Z" for c in text) and any(not unicodedata.name(c, "").startswith("LATIN") for c in text)


@cache
def lexicon(spoken: tuple[str, ...] = ()) -> Mapping[str, frozenset[str]]:
    """Folded word, written together, to the ideas it may mean: in an export's language, in every export, in languages like it.

    What a word of every export means in addition it goes on to mean, as an *estado* is a state or a status.
    """
    common = tongues.common()
    own = {word: ideas for word, ideas in tongues.told(spoken[:1]).items() if not ideas < common.get(word, frozenset())}
    return {**tongues.drawn(spoken), **tongues.told(spoken[1:]), **common, **own}


def spoken_in(names: Sequence[str]) -> tuple[str, ...]:
    """The languages that the names of an export's fields are in, as far as their words tell it."""
    return tongues.spoken({_joined(tokens_of(name)) for name in names})


def _joined(tokens: list[str]) -> frozenset[str]:
    """Every run of words that may be one entry."""
    size = len(tokens)
    return frozenset("".join(tokens[n:m]) for n in range(size) for m in range(n + 1, min(size, n + _LONGEST_PHRASE) + 1))


def _phrase(tokens: list[str], position: int, spoken: tuple[str, ...]) -> tuple[int, set[str] | None]:
    """The longest run of tokens from here that is one entry of the lexicon."""
    words = lexicon(spoken)
    for length in range(min(_LONGEST_PHRASE, len(tokens) - position), 0, -1):
        joined = "".join(tokens[position : position + length])
        if length > 1 and joined not in tongues.apart(spoken):
            short = length < len(joined) < _SHORT
            if short or _parts(tokens, position, length, spoken):
                continue
        if joined in words:
            return length, set(words[joined])
        bare = "".join(token.removeprefix(_ARTICLE) for token in tokens[position : position + length])
        if length > 1 and bare != joined and bare in words:
            return length, set(words[bare])
    return 1, next((set(words[bare]) for bare in _bare(tokens[position]) if bare in words), None)


def _parts(tokens: list[str], position: int, length: int, spoken: tuple[str, ...]) -> bool:
    """Whether a run that happens to be written as one word would part an entry of several: Reklam e-post is no reklame post."""
    return any(
        "".join(tokens[start:end]) in tongues.apart(spoken)
        for start in range(position + 1, position + length)
        for end in range(position + length + 1, min(len(tokens), start + _LONGEST_PHRASE) + 1)
    )


def _cut_phrase(tokens: list[str], position: int, cut: frozenset[str], spoken: tuple[str, ...]) -> tuple[int, set[str] | None]:
    """The longest run of tokens from here that is an entry of several words, some of them cut off, as in *Raison soc*."""
    words = lexicon(spoken)
    for length in range(min(_LONGEST_PHRASE, len(tokens) - position), 1, -1):
        run = tokens[position : position + length]
        if not any(token in cut or token not in words for token in run):
            continue
        found = {
            ideas
            for entry, ideas in tongues.phrases(spoken).get(length, ())
            if all(_begins(word, token, cut) for word, token in zip(entry, run, strict=True))
        }
        if len(found) == 1:
            return length, set(next(iter(found)))
    return 1, None


def _begins(word: str, token: str, cut: frozenset[str]) -> bool:
    return word == token or (word.startswith(token) and (len(token) >= _CUT or token in cut))


@cache
def _like(token: str, spoken: tuple[str, ...], pointed: bool, whole: bool) -> frozenset[str]:
    """The ideas of the words of the export's languages that a token is the head or another form of; none if they differ.

    One that is put together of known words whole is another only where it is cut off.
    """
    if len(token) < (_CUT if pointed else _LONG if whole else _CUT + 1) or not is_spaced(token):
        return frozenset()
    words = tongues.single(spoken)
    found = {ideas for word, ideas in words.items() if word.startswith(token)}
    if any(word.startswith(token) and word not in words for word in tongues.within(spoken)):
        return frozenset()  # it may as well be a word that tells nothing but among others
    for ending, shortest in ((1, 4), (2, 5), (3, 5)):
        if not whole and not found and len(token) - ending >= shortest:
            stem = token[:-ending]
            found = {ideas for word, ideas in words.items() if word.startswith(stem) and abs(len(word) - len(token)) <= ending}
    return next(iter(found)) if len(found) == 1 else frozenset()


def _bare(token: str) -> Iterator[str]:
    """A word without the article and the small words that Arabic and Hebrew write together with it: of the, by, in, for."""
    if unicodedata.name(token[0], "").startswith("ARABIC"):
        for head in _HEADS_ARABIC:
            if token.startswith(head) and len(token) > len(head) + 1:
                yield token.removeprefix(head)
    elif token[0] in _HEADS_HEBREW and len(token) > _LEAST[True]:
        yield token[1:]


@cache
def _inside(token: str, spoken: tuple[str, ...]) -> tuple[set[str], int, bool]:
    """The ideas of the words a token is put together of, how many letters belong to none, and if these are an ending."""
    words, size = lexicon(spoken), len(token)
    latin = token.isascii()
    least = _LEAST[latin or is_spaced(token)]
    best: list[tuple[int, int, tuple[str, ...]]] = [(0, 0, ())]
    for end in range(1, size + 1):
        options = [(best[end - 1][0] + 1, best[end - 1][1] + 1, best[end - 1][2])]
        for start in range(max(0, end - 24), end):
            piece = token[start:end]
            if (len(piece) >= least or (piece == _NUMBER and end == size)) and piece in words:
                missed, count, parts = best[start]
                options.append((missed, count + 1, (*parts, piece)))
            elif latin and piece in _LINKS and start > 0 and best[start][2] and end < size:
                missed, count, parts = best[start]
                options.append((missed, count + 2, parts))
        best.append(min(options, key=lambda o: (o[0], o[1])))
    missed, _, parts = best[size]
    whole = missed <= _ending_of(token) and token.startswith(parts[:1])
    if not whole:  # a short word within a strange one is there by chance
        parts = tuple(part for part in parts if not latin or len(part) > _LEAST[True])
        missed = size - sum(map(len, parts))
    return {idea for part in parts for idea in words[part]}, missed, whole


def _ending_of(token: str) -> int:
    """How many letters of a word may be the ending of a known one, and say nothing of their own."""
    return min(2, len(token) // 4) if is_spaced(token) else 0


def is_spaced(token: str) -> bool:
    """Whether its script parts words by blanks, so that a short piece of a word is none."""
    return all(unicodedata.name(c, "").startswith(_SPACED) for c in token)
