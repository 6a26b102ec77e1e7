"""One folded form for comparison: lower-case ASCII words, so that Łukasz and LUKASZ meet."""

import re
import unicodedata

from anyascii import anyascii

from include.cleaning.remembered import remembered

# letters anyascii spells otherwise than passports and people do: schwa is "a" in Azerbaijani passports
_SPELLINGS = str.maketrans({"ə": "a", "Ə": "a", "ª": "a", "º": "o", "İ": "i", "ı": "i"})
_APOSTROPHES = re.compile("['`´‘’ʻʼʹʽ′＇]")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


@remembered
def fold(text: str) -> str:
    """Lower-case ASCII words parted by single blanks; apostrophes join, every other mark parts."""
    if not text.isascii():
        text = anyascii(unicodedata.normalize("NFKC", _APOSTROPHES.sub("", text.translate(_SPELLINGS))).casefold())
    return _NOT_WORD.sub(" ", _APOSTROPHES.sub("", text.lower())).strip()


def within_one_edit(left: str, right: str) -> bool:
    """Whether one letter added, dropped, changed or two neighbours swapped turn one text into the other."""
    if left == right:
        return True
    short, long = sorted((left, right), key=len)
    if len(long) - len(short) > 1:
        return False
    start = 0
    while start < len(short) and short[start] == long[start]:
        start += 1
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    swapped = short[start : start + 2] == long[start : start + 2][::-1] and short[start + 2 :] == long[start + 2 :]
    return swapped or short[start + 1 :] == long[start + 1 :]
