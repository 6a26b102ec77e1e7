"""A country as the sample world knows it: its names, towns, number plan and habits, read from sample/countries/*.yml.

The grammar of a name in those files is ``native=Roman|Other spelling:weight``: the first romanisation is the usual one; a
weight holds for the name and the names after it fade from there by one percent each, so a list in rough order of rank will do.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Literal

import yaml
from pydantic import Field

from sample.dice import Urn
from sample.rates import FOLDER, Declared, check

Sex = Literal["female", "male"]
_FADES = 0.99


@dataclass(frozen=True, slots=True)
class Spelling:
    """One name in its own script and in Latin letters.

    Attributes:
        native: As the bearer writes it at home.
        romans: In Latin letters, the usual way first; for names that are Latin already, folded to ASCII.
        others: Other spellings in the native script that people confuse with it (Latin names only).
        kana: The reading in katakana (Japanese only).
    """

    native: str
    romans: tuple[str, ...]
    others: tuple[str, ...] = ()
    kana: str = ""


@dataclass(frozen=True, slots=True)
class City:
    """A town, its subdivision, its landlines and some of its postcodes."""

    name: Spelling
    subdivision: Spelling
    province_code: str
    landline: str
    postcodes: tuple[str, ...]


class Given(Declared):
    """Given names of one sex by era; the younger ones from births of 1980 on."""

    older: str
    younger: str


class GivenNames(Declared):
    """Whole given names."""

    female: Given
    male: Given


class Halves(Declared):
    """Names made of two parts."""

    first: str
    second: str


class GivenParts(Declared):
    """Given names made of characters or syllables."""

    one_part: float
    female: Halves
    male: Halves


class Western(Declared):
    """English names beside the native ones."""

    share: float
    female: str
    male: str


class Juniors(Declared):
    """What a son and his father of the same name write behind it."""

    junior: str
    senior: str


class Titles(Declared):
    """Forms of address."""

    female: tuple[str, ...]
    male: tuple[str, ...]


class Pack(Declared):
    """One country's file."""

    locale: str
    calling_code: str
    order: Literal["given_first", "family_first"]
    family_custom: Literal["shared", "kept", "double_father_first", "double_father_last"]
    native_script: bool = False
    reading: Literal["", "japanese"] = ""
    middle: Literal["", "given", "mother", "father"] = ""
    juniors: Juniors | None = None
    titles: Titles
    feminine: dict[str, str] = Field(default_factory=dict)
    family: str = ""
    family_parts: Halves | None = None
    given: GivenNames | None = None
    given_parts: GivenParts | None = None
    join: str = ""
    glue: bool = False
    western: Western | None = None
    nicknames: dict[str, str] = Field(default_factory=dict)
    nicknames_roman: dict[str, str] = Field(default_factory=dict)
    mobile: tuple[str, ...]
    groups: tuple[int, ...]
    national: tuple[str, ...]
    mail: dict[str, float]
    birthday: str
    line: str
    line_roman: str = ""
    unit: tuple[str, ...]
    abbreviations: dict[str, str]
    streets: str
    cities: tuple[str, ...]


@dataclass(frozen=True)
class Country:
    """A pack made ready to draw from."""

    code: str
    pack: Pack
    families: Urn[Spelling]
    family_halves: tuple[Urn[Spelling], Urn[Spelling]] | None
    given: dict[tuple[Sex, bool], Urn[Spelling]] = field(default_factory=dict)
    given_halves: dict[Sex, tuple[Urn[Spelling], Urn[Spelling]]] = field(default_factory=dict)
    streets: Urn[Spelling] = field(default_factory=lambda: Urn([]))
    cities: Urn[City] = field(default_factory=lambda: Urn([]))
    mail: Urn[str] = field(default_factory=lambda: Urn([]))

    def family_name(self, rng: Random) -> Spelling:
        """A family name at its rough frequency."""
        if self.family_halves is None:
            return self.families.draw(rng)
        first, second = (urn.draw(rng) for urn in self.family_halves)
        return Spelling(first.native + second.native, tuple(f"{a}{b.lower()}" for a, b in _variants(first, second)))

    def given_name(self, rng: Random, sex: Sex, younger: bool) -> Spelling:
        """A given name of the bearer's sex and time."""
        if self.pack.given_parts is None:
            return self.given[sex, younger].draw(rng)
        first, second = (urn.draw(rng) for urn in self.given_halves[sex])
        if rng.random() < self.pack.given_parts.one_part or first.native == second.native:
            return second
        join = self.pack.join
        tail = second.romans[0] if join == " " else second.romans[0].lower()
        joined = first.romans[0] + join + tail
        loose = [f"{a}{join}{b if join == ' ' else b.lower()}" for a, b in _variants(first, second)[1:]]
        plain = first.romans[0] + second.romans[0].lower()
        spaced = f"{first.romans[0]} {second.romans[0]}"
        romans = (plain, joined, spaced, *loose) if self.pack.glue else (joined, plain, spaced, *loose)
        return Spelling(first.native + second.native, tuple(dict.fromkeys(romans)))

    def feminine(self, name: Spelling, sex: Sex) -> Spelling:
        """The female form of a family name, where the language has one."""
        if sex == "male" or not self.pack.feminine:
            return name
        return Spelling(self._ending(name.native), tuple(map(self._ending, name.romans)), tuple(map(self._ending, name.others)))

    def _ending(self, text: str) -> str:
        for male, female in self.pack.feminine.items():
            if text.endswith(male):
                return text.removesuffix(male) + female
        return text

    def nickname(self, given: Spelling, roman: str) -> Spelling | None:
        """What friends call the bearer, if the pack knows."""
        name = self.pack.nicknames.get(given.native) or self.pack.nicknames.get(roman)
        if name is None:
            return None
        return Spelling(name, (self.pack.nicknames_roman.get(name, fold(name)[0]),))


def _variants(first: Spelling, second: Spelling) -> list[tuple[str, str]]:
    pairs = [(a, b) for a in first.romans for b in second.romans]
    return pairs[:4]


_FOLDS = str.maketrans(
    {"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "æ": "ae", "œ": "oe", "’": "'"}
)
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def fold(text: str, digraphs: bool = False) -> tuple[str, ...]:
    """A Latin text without its accents; German ones also with the letter pairs that stand for the umlauts, first."""
    ways = [text.translate(_DIGRAPHS)] if digraphs else []
    forms = [
        "".join(c for c in unicodedata.normalize("NFKD", way.translate(_FOLDS)) if not unicodedata.combining(c))
        for way in [*ways, text]
    ]
    return tuple(dict.fromkeys(forms))


_KANA = {
    vowel_row: dict(zip("aiueo", kana, strict=True))
    for vowel_row, kana in {
        "": "アイウエオ",
        "k": "カキクケコ",
        "s": "サシスセソ",
        "t": "タチツテト",
        "n": "ナニヌネノ",
        "h": "ハヒフヘホ",
        "m": "マミムメモ",
        "r": "ラリルレロ",
        "g": "ガギグゲゴ",
        "z": "ザジズゼゾ",
        "d": "ダヂヅデド",
        "b": "バビブベボ",
        "p": "パピプペポ",
        "y": "ヤイユエヨ",
        "w": "ワイウエヲ",
        "f": "ハヒフヘホ",
        "j": "ザジズゼゾ",
    }.items()
}
_SYLLABLE = re.compile(r"(sh|ch|ts|[kgnhmrbp]y|[kstnhmrgzdbpywfj])?([aiueo])|n'?(?![aiueoy])")
_SMALL = {"a": "ャ", "u": "ュ", "o": "ョ", "i": "", "e": "ェ"}
_SOFT = {"sh": "シ", "ch": "チ", "j": "ジ"}


def katakana(reading: str) -> str:
    """A reading spelled vowel by vowel (Satou, Jun'ichi) in katakana."""
    kana, at, text = [], 0, reading.lower()
    while at < len(text):
        found = _SYLLABLE.match(text, at)
        if found is None:
            if text[at] != "'":
                kana.append("ッ")
            at += 1
            continue
        onset, vowel = found.group(1) or "", found.group(2)
        if vowel is None:
            kana.append("ン")
        elif onset in _SOFT:
            kana.append(_SOFT[onset] + _SMALL[vowel])
        elif onset == "ts":
            kana.append("ツ")
        elif len(onset) == 2:
            kana.append(_KANA[onset[0]]["i"] + _SMALL[vowel])
        else:
            kana.append(_KANA[onset][vowel])
        at = found.end()
    return "".join(kana)


def _japanese(native: str, reading: str) -> Spelling:
    passport = re.sub(r"uu", "u", re.sub(r"o[uo]", "o", reading.replace("Oo", "O").replace("'", "")))
    with_h = re.sub(r"o[uo](?=$|[^aiueo])", "oh", reading.replace("Oo", "Oh").replace("'", ""))
    romans = (passport, reading.replace("'", ""), with_h, reading)
    return Spelling(native, tuple(dict.fromkeys(romans)), kana=katakana(reading))


def _spelling(token: str, pack: Pack) -> Spelling:
    native, _, roman = token.partition("=")
    if roman and pack.reading == "japanese":
        return _japanese(native, roman)
    if roman:
        return Spelling(native, tuple(roman.split("|")))
    native, *others = native.split("|")
    return Spelling(native, fold(native, pack.locale == "de"), tuple(others))


def _names(text: str, pack: Pack) -> Urn[Spelling]:
    weight, pairs = 100.0, []
    for token in text.split(","):
        name, _, explicit = token.strip().partition(":")
        weight = float(explicit) if explicit else weight * _FADES
        pairs.append((_spelling(name, pack), weight))
    return Urn(pairs)


def _city(line: str, pack: Pack) -> tuple[City, float]:
    name, roman, region, region_roman, code, landline, weight, codes = (part.strip() for part in line.split("|", 7))
    split = codes.split("|") if "|" in codes else codes.split()
    return (
        City(
            Spelling(name, (roman,) if roman else fold(name, pack.locale == "de")),
            Spelling(region, (region_roman,) if region_roman else fold(region, pack.locale == "de")),
            code,
            landline,
            tuple(split),
        ),
        float(weight),
    )


@cache
def load(code: str, folder: Path = FOLDER / "countries") -> Country:
    """Read, check and prepare one country."""
    path = folder / f"{code.lower()}.yml"
    pack = check(Pack, yaml.safe_load(path.read_text(encoding="utf-8")), path)
    sexes: tuple[Sex, Sex] = ("female", "male")
    given: dict[tuple[Sex, bool], Urn[Spelling]] = {}
    halves: dict[Sex, tuple[Urn[Spelling], Urn[Spelling]]] = {}
    for sex in sexes:
        if pack.given is not None:
            eras: Given = getattr(pack.given, sex)
            given[sex, False], given[sex, True] = _names(eras.older, pack), _names(eras.younger, pack)
        if pack.given_parts is not None:
            parts: Halves = getattr(pack.given_parts, sex)
            halves[sex] = _names(parts.first, pack), _names(parts.second, pack)
    family_halves = None
    if pack.family_parts is not None:
        family_halves = _names(pack.family_parts.first, pack), _names(pack.family_parts.second, pack)
    return Country(
        code=code,
        pack=pack,
        families=_names(pack.family, pack) if pack.family else Urn([]),
        family_halves=family_halves,
        given=given,
        given_halves=halves,
        streets=Urn(
            (_spelling(token.strip(), pack.model_copy(update={"reading": ""})), 1.0) for token in pack.streets.split(",")
        ),
        cities=Urn(_city(line, pack) for line in pack.cities),
        mail=Urn(pack.mail.items()),
    )


def number(pattern: str, rng: Random) -> str:
    """A number of the pattern: ``#`` is any digit, ``N`` one from 2 to 9."""
    return "".join(rng.choice("0123456789") if c == "#" else rng.choice("23456789") if c == "N" else c for c in pattern)
