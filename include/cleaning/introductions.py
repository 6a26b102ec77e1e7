"""Who people say they are and where, in free text: names and places behind the words that open one.

Nothing reads a language here: a word is part of a name by its capital and its place in the sentence, a place by the gazetteer.
What else a text tells of a person is left in it.
"""

import re
from functools import cache
from typing import NamedTuple

from include.cleaning import reference
from include.cleaning.cities import BIG, City, resolve
from include.cleaning.names import is_native_name, kind_of
from include.cleaning.scripts import script_of

_NATIVE = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_HAN_OR_HANGUL = r"[\u3005\u3041-\u3096\u4e00-\u9fff\uac00-\ud7a3]"
_NEXT = re.compile(r"[^\S\n]*([^\W\d_](?:[\w\u0300-\u036f\u0900-\u0dff\u0e00-\u0e7f'’-]*[\w\u0900-\u0dff\u0e00-\u0e7f])?)(\.?)")
_BEHIND_COMMA = re.compile(r"[^\S\n]*[,\n(][^\S\n]*")
_OPENING_END = r"[\s:：,!-]+"
_POSTCODE = re.compile(
    r"(?:(?<=[\s,])|^)(?:[A-Z]{1,2}-)?(?:\d{4,6}|\d{3} \d{2}|\d{2}-\d{3}|\d{5}-\d{3}|\d{4} ?[A-Z]{2})[^\S\n]+(?=[^\W\d_])"
)
"""What may be a postcode before a city; only the gazetteer says whether one stands behind it."""
_LONGEST_NAME, _LONGEST_PLACE = 5, 4
_WITHOUT_CAPITALS = frozenset({"arabic", "hebrew", "thai", "devanagari"})
"""Scripts in which nothing shows where a name ends: a given and a family name are taken."""


class Said(NamedTuple):
    """The persons and places a text names, in order of appearance."""

    persons: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


class _Found(NamedTuple):
    """A name read in a line, and where it stands."""

    text: str
    start: int
    end: int


def said(line: str, country: str | None, beside_contact: bool) -> Said:
    """What a text says of who and where its people are.

    Args:
        line: The text, mended.
        country: Whose cities are meant.
        beside_contact: True where a number or an address stands in the text: a name alone beside it is whose it is.
    """
    persons = [*_persons(line), *_native_persons(line, beside_contact)]
    places = _places(line, country)
    for i, person in enumerate(persons):
        persons[i], place = _from_where(person, line, country)
        places.extend([place] if place else [])
    taken = [(person.start, person.end) for person in persons]
    return Said(
        _in_order(persons),
        _in_order([place for place in places if not any(start <= place.start < end for start, end in taken)]),
    )


def _in_order(found: list[_Found]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.text for one in sorted(found, key=lambda one: one.start)))


# --- persons ---


def _persons(line: str) -> list[_Found]:
    found: dict[int, _Found] = {}
    for match in _openings().finditer(line):
        person = _name_at(line, match.end())
        if person and person.start not in found and _is_person(person.text, alone=match["name"] is not None):
            found[person.start] = person
    for match in (*_heads().finditer(line), *_before_place().finditer(line)):
        person = _name_at(line, match.start("name"))
        opens = person and person.text.casefold() in reference.words("introductions", "person")
        known = person and any(person.start < other.end and other.start < person.end for other in found.values())
        if person and person.end == match.end("name") and not (opens or known) and _is_person(person.text, alone=False):
            found[person.start] = person
    return list(found.values())


def _is_person(text: str, *, alone: bool) -> bool:
    """Whether words with capitals are a name: two of them, or one where nothing else can stand; a company is none."""
    proper = [word for word in text.split() if word.casefold() not in reference.words("introductions", "within_name")]
    return len(proper) >= (1 if alone else 2) and kind_of(text) != "company"


def _name_at(line: str, start: int) -> _Found | None:
    """The words of a name from a place on; forms of address in front are left out, particles within are not."""
    start = _behind_title(line, start)
    within, closing = reference.words("introductions", "within_name"), _closing()
    at = end = start
    count = 0
    while count < _LONGEST_NAME and (match := _NEXT.match(line, at)):
        word, is_initial = match[1], bool(match[2]) and len(match[1]) == 1
        if count and not match[2] and word in within:
            at = match.end(1)
            continue
        if word[0].islower() or word.casefold() in closing or (len(word) == 1 and not is_initial):
            break
        start = start if count else match.start(1)
        at = end = match.end() if is_initial else match.end(1)
        count += 1
        if (match[2] and not is_initial) or (count == 2 and script_of(word) in _WITHOUT_CAPITALS):
            break
    return _Found(line[start:end], start, end) if count else None


@cache
def _closing() -> frozenset[str]:
    return reference.words("introductions", "no_name") | reference.words("introductions", "ends_name")


def _behind_title(line: str, start: int) -> int:
    before = reference.words("introductions", "before_name")
    for _ in range(3):
        match = _NEXT.match(line, start)
        if not match or match[1].casefold() not in before or not _NEXT.match(line, match.end()):
            return start
        start = match.end()
    return start


def _from_where(person: _Found, line: str, country: str | None) -> tuple[_Found, _Found | None]:
    """A person without the place behind the name, and that place: Lucía Fernández de Sevilla; Julien Moreau, Lyon."""
    words = person.text.split()
    if len(words) > 3 and words[-2] in ("de", "di", "da"):
        place = resolve(words[-1], country)
        if _is_big(place.value) and place.rule == "city_name":
            start = person.end - len(words[-1])
            name = person.text.rsplit(maxsplit=2)[0]
            return _Found(name, person.start, person.start + len(name)), _Found(words[-1], start, person.end)
    comma = _BEHIND_COMMA.match(line, person.end)
    return person, _place_at(line, comma.end(), country) if comma else None


# --- places ---


def _places(line: str, country: str | None) -> list[_Found]:
    found = [_place_at(line, match.end(), country) for match in _place_openings().finditer(line)]
    found += [_place_at(line, match.end(), country, big=True) for match in _towards().finditer(line)]
    found += [_place_at(line, match.end(), country) for match in _POSTCODE.finditer(line)]
    found += [_found(match, country) for match in _LOCATIVE.finditer(line)]
    found += [_native_place(match, country) for match in _native_places().finditer(line)]
    return [place for place in found if place]


def _found(match: re.Match[str], country: str | None) -> _Found | None:
    place = resolve(match.group(), country)
    return _Found(match.group(), match.start(), match.end()) if place.value and place.rule != "city_typo" else None


_LOCATIVE = re.compile(r"(?<!\w)[^\W\d_a-z]\w+(?=['’](?:da|de|ta|te|dan|den|tan|ten)\b)")
"""The Turkish ending of a place: Ankara'da."""


def _place_at(line: str, start: int, country: str | None, *, big: bool = False) -> _Found | None:
    """The longest run of words with capitals from a place on that is a city's name; ``big`` takes well-known cities alone."""
    ends: list[int] = []
    at, first = start, start
    while len(ends) < _LONGEST_PLACE and (match := _NEXT.match(line, at)):
        if not ends and (match[1][0].islower() or match[1].casefold() in reference.words("introductions", "no_name")):
            break
        first = first if ends else match.start(1)
        at = match.end(1)
        ends.append(at)
        if match[2]:
            break
    for end in reversed(ends):
        place = resolve(line[first:end], country)
        if place.value and place.rule != "city_typo" and (_is_big(place.value) or not big):
            return _Found(line[first:end], first, end)
    return None


def _is_big(city: City | None) -> bool:
    return city is not None and city.population >= BIG


def _native_place(match: re.Match[str], country: str | None) -> _Found | None:
    group = "behind" if match["behind"] else "before"
    run, at = match[group], match.start(group)
    sizes = range(len(run), 1, -1)
    cuts = [(at, at + n) for n in sizes] if group == "behind" else [(at + len(run) - n, at + len(run)) for n in sizes]
    for start, end in cuts:
        place = resolve(match.string[start:end], country)
        if place.value and place.rule != "city_typo":
            return _Found(match.string[start:end], start, end)
    return None


# --- names in Han characters, kana and Hangul ---


def _native_persons(line: str, beside_contact: bool) -> list[_Found]:
    found: dict[int, _Found] = {}
    for match in _native_openings().finditer(line):
        run, at = _SENTENCE.split(match[1])[0], match.start(1)
        size = next((n for n in (6, 5, 4, 3, 2) if _is_native(run[:n]) and len(run) >= n), 0)
        if size:
            found[at] = _Found(run[:size], at, at + size)
    for match in _native_closings().finditer(line):
        if _is_native(match[1]):
            found[match.start(1)] = _Found(match[1], match.start(1), match.end(1))
    if beside_contact:  # a number and beside it whose it is
        for match in re.finditer(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,4}(?![\u4e00-\u9fff])", line):
            if _is_native(match.group()):
                found[match.start()] = _Found(match.group(), match.start(), match.end())
    return list(found.values())


def _is_native(text: str) -> bool:
    return is_native_name(text) and text not in reference.words("introductions", "no_native_name")


_SENTENCE = re.compile("(?<=[\u4e00-\u9fff])[はがのとでに]|(?<=[\uac00-\ud7a3]{3})(?:입|이|은|는|의)")
"""Where behind a name in Han characters or Hangul the sentence goes on."""


# --- the words that open a mention ---


def _any_of(words: frozenset[str]) -> str:
    return "|".join(re.escape(word).replace("\\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


def _of(key: str) -> str:
    return _any_of(reference.words("introductions", key))


@cache
def _openings() -> re.Pattern[str]:
    # a title counts by its capital: a miss and a pan are also other things
    titles = "|".join(re.escape(word.capitalize()) for word in reference.words("introductions", "title"))
    return re.compile(
        rf"(?<![\w'’])(?:(?i:(?P<name>{_of('name')}))(?:(?<=:)|(?={_OPENING_END}))"
        rf"|(?i:{_of('person')})(?={_OPENING_END})|(?:{titles})(?=\.?\s))[\s:：,!.-]*"
    )


_SENTENCE_HEAD = r"(?:^|[,.!?\n]\s*)"
_TWO_WORDS = r"(?P<name>[^\W\d_][\w'’-]+(?:[^\S\n][^\W\d_][\w'’-]+){1,3}?)"


@cache
def _heads() -> re.Pattern[str]:
    # Thabo Nkosi here
    return re.compile(rf"{_SENTENCE_HEAD}{_TWO_WORDS}(?=\s(?:{_of('name_closing')})(?!\w))")


@cache
def _before_place() -> re.Pattern[str]:
    # Beat Müller aus Bern
    return re.compile(rf"{_SENTENCE_HEAD}{_TWO_WORDS}(?=\s(?:{_of('from')})\s[^\W\d_])")


@cache
def _place_openings() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?i:{_of('place')})\s+")


@cache
def _towards() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?i:{_of('towards')})\s+")


@cache
def _native_openings() -> re.Pattern[str]:
    return re.compile(rf"(?:{_of('native_name')})\s*({_HAN_OR_HANGUL}{{2,6}})")


@cache
def _native_closings() -> re.Pattern[str]:
    # the end of a sentence about oneself: 佐藤美咲です, 박서연입니다
    return re.compile(rf"(?<![{_NATIVE}])({_HAN_OR_HANGUL}{{2,6}}?)(?:{_of('native_closing')})")


@cache
def _native_places() -> re.Pattern[str]:
    return re.compile(
        rf"(?:{_of('native_place')})\s*(?P<behind>[\u4e00-\u9fff]{{2,6}})"
        rf"|(?P<before>[\u4e00-\u9fff\uac00-\ud7a3]{{2,6}}?)(?:{_of('native_place_closing')})"
    )
