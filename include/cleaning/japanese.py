"""Japanese names: told from Chinese ones, parted where no blank parts them, read by the tables of usual readings.

A name the tables do not know is never read in Chinese: its key is made of the characters themselves, so it meets the same name
and none that only looks alike.
"""

import re
import unicodedata
from functools import cache

from include.cleaning import reference
from include.cleaning.remembered import remembered
from include.cleaning.scripts import script_of

_KANA = re.compile("[\u3041-\u30fa\u30fc]")
_TRAILING_KANA = re.compile("[\u3041-\u3096]+$")
_SPACES = re.compile(r"[\s・·]+")
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_LONGEST_FAMILY, _LONGEST_GIVEN = 5, 4


@remembered
def everyday(text: str) -> str:
    """A name in the characters of everyday print: 渡邊 as 渡辺, 髙橋 as 高橋."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", text)).translate(_variants())


def is_family(text: str) -> bool:
    """Whether a text is a surname the table knows."""
    return everyday(text) in _table("family")


@remembered
def is_japanese(text: str, country: str | None) -> bool:
    """Whether a whole name in Han characters, without blanks, is read in Japanese.

    Where people are Chinese only characters of Japan itself, or a surname and a given name both known, say so; in third countries
    a surname of several characters does, which Chinese ones have not.
    """
    if reference.reading(country) == "ja" or _is_of_japan(text):
        return True
    if text in _compound():
        return False
    plain = everyday(text)
    family, given = _known(plain)
    if _are_chinese(country):
        return len(family) > 1 and len(given) > 1 and given in _table("given")
    if len(plain) > 1 and (plain in _table("family") or plain in _table("given")):
        return True
    return len(family) > 1 and (given in _table("given") or len(plain) > 3)


def are_japanese(family: str, given: str, country: str | None) -> bool:
    """The same of a family and a given name that are told apart already."""
    if reference.reading(country) == "ja" or _is_of_japan(family + given):
        return True
    if script_of(family) != "han" or len(family) < 2 or family in _compound() or not is_family(family):
        return False
    return not _are_chinese(country) or (len(given) > 1 and everyday(given) in _table("given"))


@remembered
def split(text: str) -> tuple[str, str]:
    """Family and given name of a whole name without blanks, by the longest surname known."""
    plain = everyday(text)
    if len(plain) != len(text):  # a character that folds into several: the places no longer match
        text = plain
    family, given = _known(plain)
    if plain in _table("family") and given not in _table("given"):  # 岸田, not 岸 and a 田 of their own
        return text, ""
    if family:
        return text[: len(family)], text[len(family) :]
    if plain in _table("given"):
        return "", text
    if len(plain) in (2, 3) and plain[-1] in reference.table("names_ja")["never_alone"]:
        return "", text  # no surname before it: 美加子 on its own
    kana = _TRAILING_KANA.search(plain)
    if kana and 0 < kana.start() <= 3:
        return text[: kana.start()], text[kana.start() :]
    # most family names have two characters, and so have most given names
    at = {2: 1, 3: 2, 4: 2}.get(len(plain), max(len(plain) - 2, 1))
    return text[:at], text[at:]


@remembered
def reading_of(text: str, part: str) -> str:
    """Usual reading of a ``family`` or ``given`` name; where none is known, a key of the characters themselves."""
    plain = everyday(text)
    other = "given" if part == "family" else "family"
    reading = _table(part).get(plain) or _table(other).get(plain)
    if reading is None and part == "given" and _KANA.search(plain[:-1]) and script_of(plain[:-1]) == "kana":
        ending = reference.table("names_ja")["endings"].get(plain[-1])
        reading = ending and latin_of(plain[:-1]) + ending
    return reading or _itself(plain)


def latin_of(text: str) -> str:
    """Hepburn romanisation of hiragana and katakana."""
    hiragana = "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヴ" else c for c in unicodedata.normalize("NFKC", text))
    kana: dict[str, str] = reference.table("names_ja")["kana"]
    out: list[str] = []
    i, doubled = 0, False
    while i < len(hiragana):
        pair = kana.get(hiragana[i : i + 2]) if i + 1 < len(hiragana) else None
        sound = pair or kana.get(hiragana[i])
        if hiragana[i] == "っ":
            doubled = True
        elif hiragana[i] == "ー":
            out.append(out[-1][-1] if out and out[-1] else "")
        else:
            sound = sound if sound is not None else hiragana[i]
            out.append(("t" if sound.startswith("ch") else sound[:1]) + sound if doubled else sound)
            doubled = False
        i += 2 if pair else 1
    return "".join(out)


def one_spelling(key: str) -> str:
    """Otani for Ohtani, Ootani, Outani: passports and people differ, the long vowel is dropped; Homma is Honma."""
    key = re.sub(r"oh(?=[bcdfghjkmnprstwyz]|\b)", "o", key)
    key = re.sub(r"o[ou]", "o", re.sub(r"uu", "u", key))
    return re.sub(r"(?<=[aeiou])m(?=[bmp])", "n", key)


def _itself(plain: str) -> str:
    """A key of letters only, as digits in a name count for nothing: x and the character's code with a to p for its digits."""
    return "".join("x" + f"{ord(c):04x}".translate(_LETTERS) for c in plain if c.isalnum())


def _known(plain: str) -> tuple[str, str]:
    """The longest known surname a name begins with, one before a known given name first; empty texts where there is none."""
    families, given_names = _table("family"), _table("given")
    found = [n for n in range(min(_LONGEST_FAMILY, len(plain) - 1), 0, -1) if plain[:n] in families]
    found = [n for n in found if len(plain) - n <= _LONGEST_GIVEN]
    sure = [n for n in found if plain[n:] in given_names]
    # 岡 alone does not make 岡田沢彦 one: a surname of one character before three others is the rare case
    best = sure or [n for n in found if n > 1 or len(plain) < 4]
    return (plain[: best[0]], plain[best[0] :]) if best else ("", "")


def _are_chinese(country: str | None) -> bool:
    return reference.reading(country).startswith("zh")


def _is_of_japan(text: str) -> bool:
    return bool(_KANA.search(text)) or not _characters().isdisjoint(text)


@cache
def _table(part: str) -> dict[str, str]:
    return {str(name).translate(_variants()): str(reading) for name, reading in reference.table("names_ja")[part].items()}


@cache
def _variants() -> dict[int, str]:
    return {ord(old): new for old, new in reference.table("names_ja")["variants"].items()}


@cache
def _characters() -> frozenset[str]:
    return frozenset(reference.table("names_ja")["characters"])


@cache
def _compound() -> frozenset[str]:
    return frozenset(reference.table("names_zh")["compound"])
