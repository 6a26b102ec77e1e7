"""A text without what makes no difference between the words of field names."""

import unicodedata
from functools import cache
from pathlib import Path

UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
_ALIKE = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ё": "е"}
    | {"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ـ": "", "ی": "ي", "ے": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ە": "ه"}
    | {"ə": "e", "ð": "d", "þ": "th", "ħ": "h", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ŋ": "n", "ʻ": "", "ʼ": "", "ʿ": "", "ʾ": ""}
)


@cache
def fold(text: str) -> str:
    """A text without what makes no difference between words: capitals, accents, the forms of a letter."""
    kept = []
    for character in unicodedata.normalize("NFKC", text.casefold().replace("i\u0307", "i")).translate(_ALIKE):
        if unicodedata.name(character, "").startswith(("LATIN", "CYRILLIC", "GREEK")):
            plain = unicodedata.normalize("NFD", character)
            kept.append(plain[0] if character != "й" else character)
        elif unicodedata.category(character) not in ("Mn", "Mc"):
            kept.append(character)
    return "".join(kept).translate(_simplified())


@cache
def _simplified() -> dict[int, str]:
    """Traditional Chinese characters to the simplified ones, so that a word need be known in one of the two."""
    import opencc

    listed = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    pairs = (line.split("\t") for line in listed.read_text(encoding="utf-8").splitlines() if line)
    return {ord(one): many.split()[0] for one, many in pairs if len(one) == 1}
