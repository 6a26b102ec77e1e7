"""Values that look like those of an export and are nobody's: what a sample that goes into the repository may hold.

Letters become other letters of their kind, so that a name stays a name and an address an address; dates become other dates; words
that many rows share (a country, an answer) stay, as they say nothing of a person.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from include.customer import CONSENTS

KEPT = frozenset({
    "country", "language", "gender", *CONSENTS, "consent", "title", "subdivision", "name_suffix", "family_prefix", "currency",
    "status", "channel", "store",
})  # fmt: skip
"""Roles whose values are words out of a list. One that only a few rows hold might still be somebody's, and becomes invented."""

_READ = frozenset({"country", "language", "gender", *CONSENTS, "consent", "currency"})
"""Roles whose every value was read as a word out of such a list."""

_ANSWERED = tuple(f"{answer}_at" for answer in CONSENTS)
_MOMENTS = ("birth_date", "updated_at", "first_seen_at", *_ANSWERED, "consent_at", "occurred_at")
_SHARED = 2
_LETTERS = ("aeiou", "bcdfghklmnprstvz")
_OTHERS = {
    "CYRILLIC": ("аеиоу", "бвгдклмнпрст"),
    "GREEK": ("αεηιο", "βγδκλμνπρστ"),
    "ARABIC": ("اوي", "بتدرسعفقكلمن"),
    "HANGUL": ("가나다라마바사", "아자하고노도로"),
    "HIRAGANA": ("あいうえお", "かさたなはまら"),
    "KATAKANA": ("アイウエオ", "カサタナハマラ"),
    "CJK": ("山川田木林水", "安文明和平春秋"),
}
_DIGITS = re.compile(r"\d+")
_ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+")


class Inventor:
    """Values in the place of a column's.

    Args:
        role: What the column holds.
        values: All of its values in the sample.
        is_key: Whether its values tell the records apart.
    """

    def __init__(self, role: str, values: Sequence[str], is_key: bool = False) -> None:
        self._role, self._is_key = role, is_key
        shared = Counter(value.strip() for value in values if value.strip())
        listed = role in KEPT or (not role and len(shared) <= 12 and len(shared) * 4 <= sum(shared.values()))
        self._kept = {value for value, rows in shared.items() if listed and (rows >= _SHARED or role in _READ)}

    def instead_of(self, value: str, row: int) -> str:
        """What stands in the place of a value of the row of this number."""
        if not value.strip() or value.strip() in self._kept:
            return value
        if self._is_key and "@" not in value:
            return _key(value, row)
        if "@" in value:
            return _ADDRESS.sub(f"person{row}@example.com", value)
        if self._role in _MOMENTS:
            return _DIGITS.sub(lambda found: _date_part(found[0], row), value)
        return "".join(_letter(c, n, row) for n, c in enumerate(value))


def _key(value: str, row: int) -> str:
    """The row's number, as long as the number it takes the place of; letters stay, as they are of the kind of key."""
    digits = list(_DIGITS.finditer(value))
    if not digits:
        return f"key-{row}"
    last = digits[-1]
    other = _DIGITS.sub(lambda found: "0" * len(found[0]), value[: last.start()])
    number = str(row).zfill(len(last[0]))
    if value[last.start()] != "0" and len(number) > 1 and number.startswith("0"):
        number = "9" + number[1:]
    letters = "".join(_letter(c, n, row) if c.isalpha() and len(value) > 16 else c for n, c in enumerate(other))
    return letters + number + value[last.end() :]


def _date_part(digits: str, row: int) -> str:
    if len(digits) >= 13:
        return str(1_600_000_000_000 + row * 86_400_000)[: len(digits)].ljust(len(digits), "0")
    if len(digits) == 10:
        return str(1_600_000_000 + row * 86_400)
    if len(digits) == 8:
        return f"{1970 + row % 50}{1 + row % 12:02}{1 + row % 28:02}"
    if len(digits) == 4:
        return str(1970 + row % 50)
    if len(digits) > 2:
        return "".join(str((row + n) % 10) for n in range(len(digits)))
    return str(1 + row % 9).zfill(len(digits))  # a day, a month, an hour, a year of two digits: any of them


def _letter(character: str, place: int, row: int) -> str:
    if character.isascii() and not character.isalnum():
        return character
    pick = sha256(f"{row}\0{place}\0{character}".encode()).digest()[0]
    if character.isdecimal():
        zero = ord(character) - unicodedata.decimal(character)
        return character if place == 0 else chr(zero + (unicodedata.decimal(character) + 1 + pick % 8) % 10)
    if not character.isalpha():
        return character
    script = next((known for known in _OTHERS if unicodedata.name(character, "").startswith(known)), None)
    plain = unicodedata.normalize("NFD", character)[0]
    vowels, consonants = _OTHERS[script] if script else _LETTERS
    among = vowels if plain.casefold() in vowels else consonants
    found = among[pick % len(among)]
    if found == plain.casefold():
        found = among[(pick + 1) % len(among)]
    return found.upper() if character.isupper() else found
