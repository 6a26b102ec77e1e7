"""Arabic names: one key for the native spelling and the many Latin ones.

Well-known names have one spelling each (a table); of any other the consonants make the key, as Arabic leaves the short vowels out
and writers in Latin letters choose theirs freely. The article falls; Abd, Abu and el-Din are joined to what they belong to.
"""

import re
import unicodedata
from functools import cache

from include.cleaning import reference
from include.cleaning.folding import fold
from include.cleaning.remembered import remembered

_HAMZA = str.maketrans(
    {
        "ی": "ي",
        "ک": "ك",
        "ہ": "ه",
        "ھ": "ه",
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ؤ": "و",
        "ئ": "ي",
        "ى": "ي",
        "ة": "ه",
        "ـ": "",
    }
)
# Consonants as Latin writers spell them; those they do not tell apart share a letter
_CONSONANTS = dict(
    zip(
        "بپتثجچحخدذرزژسشصضطظغفڤقكکگلمنه",
        "b b t s g sh h kh d z r z z s sh s d t z gh f f k k k g l m n h".split(),  # noqa: SIM905 - side by side with the letters
        strict=True,
    )
)
_FINAL = re.compile("(?<=..)[هحع]$")
# what Latin writers use for those letters, in this order
_LATIN = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?:tch|ch)", "sh"),
        (r"th", "s"),
        (r"dh", "z"),
        (r"ph|v", "f"),
        (r"ou(?=[aei])", "w"),
        (r"x", "ks"),
        (r"c(?=[eiy])", "s"),
        (r"ck|c|q", "k"),
        (r"j", "g"),
        (r"p", "b"),
        (r"(.)\1+", r"\1"),
        (r"(?<=[^aeiou])i(?=a)", "y"),
        (r"w(?![aeiy])", ""),
        (r"(?<=.)y(?![ae])", ""),
        (r"(?<=..)(?<![sgk])h$", ""),
        (r"(?<=.)[aeiou]+", ""),
        (r"^[aeiou]", "a"),
    )
)
_ABD_ALLAH = re.compile(r"\babd(?:[aeou]l+)? ?[aeou]?l+ahi?\b")
_ABD = re.compile(r"\babd(?!allah\b)(?:[aeou]l|[aeou](?P<sun>[rsnztd])(?= ?(?P=sun))|(?= [ae]l\b)) ?(?:[ae]l )?(?=\w{3})")
_SUN = re.compile(r"\b[ae](?P<sun>sh|[rsnztd]) (?=(?P=sun))")
_DIN = re.compile(r"\b(\w{3,}?) ?(?:[aeu][ld] ?)d(?:i|ee|ie)ne?\b")
_ABU = re.compile(r"\bab(?:u|o|ou|oo) (?=\w)")
_ARTICLE = re.compile(r"\b[aeu]l (?=\w)")
_SONS = re.compile(r"\b(?:bin|ben|ibn|bint) (?=\w)")
_NATIVE_HEAD = re.compile(r"\b(عبد(?= ال)|ابو) (?=\w)")
_NATIVE_DIN = re.compile(r"(?<=\w{2}) (?=الدين\b)")
_NATIVE_SONS = re.compile(r"\b(?:بن|ابن|بنت|ال) (?=\w)")


@remembered
def native_key(text: str) -> str:
    """Key of a name in Arabic letters."""
    native, _ = _names()
    bare = " ".join(_bare(text).split())
    if bare in native:
        return native[bare]
    bare = _NATIVE_DIN.sub("", _NATIVE_HEAD.sub(r"\1", bare))
    bare = _NATIVE_SONS.sub("", bare)
    return " ".join(_native_word(word) for word in bare.split())


@remembered
def latin_key(key: str) -> str:
    """Key of a folded name in Latin letters: what ``native_key`` gives for the same name."""
    _, latin = _names()
    if key in latin:
        return latin[key]
    key = _ABD.sub("abdel", _ABD_ALLAH.sub("abdallah", key))
    key = _SUN.sub("", _DIN.sub(r"\1eldin", key))
    key = _ARTICLE.sub("", _SONS.sub("", _ABU.sub("abu", key)))
    return " ".join(_latin_word(word) for word in key.split())


def letters(text: str) -> str:
    """Latin letters of any other text, a street say: letter by letter but for the names everybody spells alike."""
    native, _ = _names()
    words = []
    for word in _bare(text).split():
        article, rest = ("el", word[2:]) if word.startswith("ال") and len(word) > 4 else ("", word)
        words.append(native.get(word) or article + (native.get(rest) or fold(rest)))
    return " ".join(words)


@remembered
def spoken(text: str) -> str:
    """A name with its vowels, as far as tables know them; of any other word the long vowels and an a between its consonants."""
    native, _ = _names()
    vocalised = _vocalised()
    words = []
    for word in _bare(text).split():
        article, rest = ("al ", word[2:]) if word.startswith("ال") and len(word) > 4 else ("", word)
        whole = vocalised.get(word) or native.get(word)
        if not whole and word.startswith("عبدال") and len(word) > 6:
            whole = "abd al " + spoken(word[5:])
        words.append(whole or article + (vocalised.get(rest) or native.get(rest) or _with_vowels(rest)))
    return fold(" ".join(words))


@cache
def _vocalised() -> dict[str, str]:
    return {_bare(word): str(latin) for word, latin in reference.table("vocalised")["words"].items()}


_LONG = {"ا": "a", "و": "u", "ي": "i", "ه": "h", "ع": "", "ء": "", "ق": "q", "ج": "j", "چ": "ch", "ى": "a"}


def _with_vowels(word: str) -> str:
    out = ""
    last_consonant = False
    for i, letter in enumerate(word):
        end = i == len(word) - 1
        sound = "a" if letter == "ه" and end else _LONG.get(letter, _CONSONANTS.get(letter, letter))
        if letter in "وي" and i == 0:
            sound = {"و": "w", "ي": "y"}[letter]
        vowel = sound in ("a", "u", "i")
        if last_consonant and sound and not vowel and not (end and len(word) > 3 and out[-1:] in "rnl"):
            out += "a"
        out += sound
        last_consonant = bool(sound) and not vowel
    return out


def _native_word(word: str) -> str:
    native, _ = _names()
    if word in native:
        return native[word]
    if word.startswith("عبدال") and len(word) > 7:
        return "abdel" + _native_word(word[5:])
    if word.endswith("الدين") and len(word) > 6:
        return _native_word(word[:-5]) + "eldin"
    if word.startswith("ابو") and len(word) > 5:
        return "abu" + _native_word(word[3:])
    if word.startswith("ال") and len(word) > 4:
        return _native_word(word[2:])
    return _native_consonants(word) or fold(word)


def _latin_word(word: str) -> str:
    _, latin = _names()
    if word in latin:
        return latin[word]
    if word.startswith(("abdel", "abdal", "abdul")) and len(word) > 7:
        return "abdel" + _latin_word(word[5:])
    if word.endswith("eldin") and len(word) > 6:
        return _latin_word(word[:-5]) + "eldin"
    if match := re.match(r"ab(?:ou|oo|u|o)(?=[^aeiou]\w{3})", word):
        return "abu" + _latin_word(word[match.end() :])
    if word[:2] in ("al", "el") and (word[2:] in latin or re.match(r"[^aeiouly]\w{3}", word[2:])):
        return _latin_word(word[2:])
    return _latin_consonants(word) or word


def _native_consonants(word: str) -> str:
    """Consonants of a word: w and y where a long a or the feminine ending follows, as between others they are vowels."""
    word = _FINAL.sub("", re.sub(r"(?<=[وي])ه$", "ا", word))
    out = ["a"] if word[:1] in ("ا", "ع", "ء") else []
    for i, letter in enumerate(word):
        rest = word[i + 1 :]
        if letter == "و":
            out.append("w" if i == 0 or rest[:1] == "ا" or rest == "ي" else "")
        elif letter == "ي":
            out.append("y" if i == 0 or rest[:1] == "ا" else "")
        else:
            out.append(_CONSONANTS.get(letter, ""))
    key = "".join(out)
    return key if len(key) > 1 else ""


def _latin_consonants(word: str) -> str:
    key = word
    for pattern, replacement in _LATIN:
        key = pattern.sub(replacement, key)
    return key if len(key) > 1 else ""


def _bare(text: str) -> str:
    """Without vowel marks and with one seat for hamza, so that the spellings of one name meet."""
    return "".join(c for c in text.translate(_HAMZA) if not unicodedata.combining(c))


@cache
def _names() -> tuple[dict[str, str], dict[str, str]]:
    native: dict[str, str] = {}
    latin: dict[str, str] = {}
    names = reference.table("names_ar")["names"]
    for key, forms in names.items():
        native.update({_bare(form): key for form in forms["ar"]})
        latin.setdefault(key, key)
    for key, forms in names.items():
        for form in forms["latin"]:
            latin.setdefault(form, key)
    return native, latin
