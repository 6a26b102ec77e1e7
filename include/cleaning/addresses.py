"""Street lines: house number, street, unit and a folded key of the street for comparison."""

import re
from functools import cache
from typing import NamedTuple

from include.cleaning import reference
from include.cleaning.folding import fold
from include.cleaning.name_keys import romanise
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned
from include.cleaning.text import digits_to_ascii, is_placeholder, repair


class Street(NamedTuple):
    """The parts of the street lines; empty texts where they have none. ``key`` is the folded street without number and unit."""

    number: str = ""
    street: str = ""
    unit: str = ""
    pobox: str = ""
    key: str = ""
    written: str = ""
    """The house number as it was written."""

    @property
    def unit_key(self) -> str:
        """What tells one door of the house from another: ``Apt #4B`` and ``Unit 4b`` are one."""
        return "".join(word for word in fold(self.unit).split() if any(c.isdecimal() for c in word) or len(word) == 1)


_ENGLISH_BOX = r"p\.?\s*o\.?\s*box|post(?:al)?\s*(?:office\s*)?box"
_NUMBER_BEFORE = re.compile(
    r"^(?:no\.?|nr\.?|#|n[º°])?\s*(\d+(?:[-/]\d+)*(?:\s?(?:bis|ter|quater)\b|[a-z]\b|\s[a-d]\b)?(?:-[a-z])?)[,\s]+(?=\S)(.+)$",
    re.IGNORECASE,
)
_NUMBER_AFTER = re.compile(
    r"^(.*[^\W\d_].*?)[,\s]+(?:no\.?|nr\.?|n[º°.]+|num\.?|número|nº|#)?\s*(\d+(?:\s?[-/]\s?\d+)*(?:\s?[a-z]\b)?(?:\s?(?:bis|ter))?(?:-[a-z]{1,3}\b)?)\.?$",
    re.IGNORECASE,
)
_NUMBER_ALONE = re.compile(r"^(?:no\.?|nr\.?|n[º°.]*|num\.?|número|#)?\s*(\d+(?:[-/]\d+)*\s?[a-z]?)$", re.IGNORECASE)
_INITIALS = re.compile(r"\b([A-Za-z])\.(?=[A-Za-z]\.)")
_SPACES = re.compile(r"\s+")
_KOREAN_NUMBER = re.compile(r"(?<=[로길])(?=\d+(?![\d\s]*번?길))")
_KOREAN_KIND = re.compile(r" (ro|gil|daero)\b")


@remembered
def clean_address_line(text: str) -> Cleaned[str | None]:
    """The street lines mended; a placeholder (``same as billing``) is emptied."""
    mended = repair(text)
    if not mended or is_placeholder(mended):
        return Cleaned(None, "placeholder", ("placeholder",)) if mended else Cleaned(None)
    return Cleaned(mended, None if mended == text else "text_repair")


@remembered
def street_of(text: str, country: str | None) -> Street:
    """House number, street, unit and key of street lines, read in the order of the country."""
    line = one_line(text)
    if match := pobox(country).search(line):
        return Street(pobox=match.group(1), key=f"pobox {fold(match.group(1))}")
    pack = reference.country(country)
    rule = pack.street if pack else reference.StreetRule()
    if rule.number == "han" and (not line.isascii()):
        return _han_street(line)
    if pack and pack.line.form == "korean":
        line = _KOREAN_NUMBER.sub(" ", line)
    line, _ = without_quarters(plain_number(line, country), country)
    if lot := _lot(line, country):
        return lot
    line, unit = without_unit(line, country)
    if rule.unnumbered and (match := _unnumbered(rule.unnumbered).search(line)):
        street = line[: match.start()].strip(" ,")
        return Street("", street, unit, "", _key(street, country))
    readers = (_after, _before) if rule.number == "after" else (_before, _after)
    for reader in readers:
        number, street = reader(line)
        # where the country's own order shows no number, the digits beside the city are its postcode
        if number and not (reader is readers[1] and pack and re.fullmatch(pack.postcode.pattern, number)):
            break
    else:
        number, street = "", line.partition(",")[0].strip()
    return Street(_SPACES.sub("", number).lower(), street, unit, "", _key(street, country), number)


@cache
def pobox(country: str | None) -> re.Pattern[str]:
    """A post office box and its number, in English or as the country says it; dots and blanks of the words are optional."""
    pack = reference.country(country)
    words = sorted(pack.line.pobox, key=len, reverse=True) if pack else []
    said = "|".join([_ENGLISH_BOX, *(re.escape(word).replace(r"\.", r"\.?").replace(r"\ ", r"\s*") for word in words)])
    number = r"(\d{2}(?:\s\d{2}){1,2}(?!\d)|[\w-]*\d[\w-]*)"
    return re.compile(rf"(?<![^\W\d_])(?:{said})(?![a-z])[:.]?\s*(?:no\.?|nr\.?|n[º°]|#)?\s*{number}", re.IGNORECASE)


def one_line(text: str) -> str:
    """A text as the readers of addresses take it: mended, with ASCII digits and commas."""
    return digits_to_ascii(repair(text)).replace("،", ",")


_NUMBER_SIGN = r"no|nr|nro|num|numero|número|n[º°]"


def plain_number(line: str, country: str | None) -> str:
    """The line without the words in front of its house number."""
    return _number_words(country).sub("", line)


@cache
def _number_words(country: str | None) -> re.Pattern[str]:
    pack = reference.country(country)
    own = sorted(pack.street.number_words, key=len, reverse=True) if pack else []
    said = "|".join([*(re.escape(word).replace(r"\ ", r"\.?\s*") for word in own), _NUMBER_SIGN])
    return re.compile(rf"(?:(?<=^)|(?<=[\s,]))(?:{said})\s?[.:#]{{0,2}}\s?(?=\d)", re.IGNORECASE)


def without_quarters(line: str, country: str | None) -> tuple[str, str]:
    """The line up to where its quarters begin, and those, where a country has words for them."""
    pack = reference.country(country)
    if pack is None or not pack.street.quarters:
        return line, ""
    match = _quarters(pack.street.quarters).search(line)
    return (line[: match.start()].strip(" ,"), line[match.start() :].strip(" ,")) if match and match.start() else (line, "")


@cache
def _quarters(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<=[\s,])(?:{'|'.join(re.escape(word) for word in words)})", re.IGNORECASE)


@cache
def _unnumbered(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<=[\s,])(?:{'|'.join(re.escape(word) for word in words)})(?=$|[\s,])", re.IGNORECASE)


def _lot(line: str, country: str | None) -> Street | None:
    """A plot in the place of a house number; its parts meet in any order."""
    pack = reference.country(country)
    match = _lots(pack.street.lots).match(line) if pack and pack.street.lots else None
    if pack is None or match is None:
        return None
    parts = re.findall(r"([^\W\d_]+)\W*(\w+)", match.group(1))
    number = "-".join(sorted(f"{pack.street.words.get(word, word)}{n}" for word, n in ((fold(w), n.lower()) for w, n in parts)))
    rest, unit = without_unit(match.group(2).strip(" ,"), country)
    street = rest.partition(",")[0].strip()
    return Street(number, street, unit, "", _key(street, country), match.group(1).strip(" ,"))


@cache
def _lots(words: tuple[str, ...]) -> re.Pattern[str]:
    lot = rf"(?:{'|'.join(re.escape(word) for word in words)})\b\.?\s*(?:no\.?\s*)?(?:\d+\w?|[a-z])\b"
    return re.compile(rf"^\s*({lot}(?:[\s,]+{lot})*)[\s,]+(\S.*)$", re.IGNORECASE)


def without_unit(line: str, country: str | None, *, inside: bool = False) -> tuple[str, str]:
    """The line without what lies inside the house, and that part; ``inside`` allows words behind it and marks where it stood."""
    pattern, pack = _unit(country), reference.country(country)
    if pack and pack.street.slash == "unit" and (match := _UNIT_SLASH.match(line)):
        return match.group(2), match.group(1)
    match = pattern.search(line) if pattern else None
    if match is None and pack and pack.street.number == "after":
        match = _FLOOR.search(line)
    if match is None:
        return line, ""
    rest = line[match.end() :].strip(" ,")
    head = line[: match.start()].strip(" ,")
    mark = " | " if inside and head and rest else ", "
    return (mark.join(part for part in (head, rest) if part), match.group().strip(" ,"))


_UNIT_SLASH = re.compile(r"^((?:[A-Za-z]+\.?\s)?\w{1,5})\s?/\s?(\d+\w?\b.*)$")
# the floor and door behind a house number: 3º B, 2. tv, 1. OG links; in Finland the staircase and the flat: 12 A 5
_FLOOR = re.compile(
    r"(?:,\s*|(?<=\d)\s+)\d{1,2}\s?(?:\.?[º°ª]|\.)\s?(?:[a-zäöü]{1,5}\.?(?:\s(?:links|rechts|mitte|[a-z]))?|\d{1,2}\s?\.?[ºª])?(?=$|,)|(?<=\d)\s[A-Z]\s\d{1,3}(?=$|,)",
    re.IGNORECASE,
)


@cache
def _unit(country: str | None) -> re.Pattern[str] | None:
    pack = reference.country(country)
    if pack is None or not pack.street.units:
        return None
    words = "|".join(re.escape(unit) for unit in sorted(pack.street.units, key=len, reverse=True))
    ends = "|".join(re.escape(end) for end in pack.street.unit_ends)  # 5/F stands alone or behind the flat
    floor, behind = (rf"\w{{1,4}}\s?(?:{ends})|", rf"(?:,\s*\w{{1,4}}\s?(?:{ends}))?") if ends else ("", "")
    within = rf"{floor}(?:{words})(?![^\W\d_])[.:]?\s*#?\s*\d+[\w-]*|(?:{words})\.?\s+#?[\w-]{{1,4}}(?=$|,)"
    return re.compile(rf"(?:^|[\s,]+)(?:{within})(?:[\s,]+(?:{within}))*{behind}", re.IGNORECASE)


def _before(line: str) -> tuple[str, str]:
    for segment in _tails(line):
        if match := _NUMBER_BEFORE.match(segment):
            return match.group(1), match.group(2).partition(",")[0].strip()
    return "", ""


def _after(line: str) -> tuple[str, str]:
    segments = [segment.strip() for segment in line.split(",") if segment.strip()]
    for i, segment in enumerate(segments):
        if match := _NUMBER_AFTER.match(segment):
            return match.group(2), match.group(1).strip(" ,")
        if i and (alone := _NUMBER_ALONE.match(segment)):
            return alone.group(1), segments[i - 1]
    return "", ""


def _tails(line: str) -> list[str]:
    segments = line.split(",")
    return [",".join(segments[i:]).strip() for i in range(len(segments))]


def _key(street: str, country: str | None) -> str:
    pack = reference.country(country)
    words = pack.street.words if pack else {}
    for word, full in _native_words(country):
        street = word.sub(full, street)
    language = pack.names.romanise if pack else None
    street = _INITIALS.sub(r"\1", street)
    key = " ".join(filter(None, (words.get(word, word) for word in romanise(street, language).split())))
    form = pack.line.form if pack else ""
    if form == "korean":
        key = _KOREAN_KIND.sub(r"\1", key)
    elif form == "chinese":
        key = key.replace(" ", "")
    return _in_one_word(key, pack.street) if pack else key


@cache
def _native_words(country: str | None) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Words read before script and dots are lost; such may stand without a blank behind."""
    pack = reference.country(country)
    return tuple(
        (re.compile(rf"(?:^|(?<=\s)){re.escape(word)}\.?\s*", re.IGNORECASE), full + " ")
        for word, full in (pack.street.words if pack else {}).items()
        if not word.isascii() or "." in word
    )


def _in_one_word(key: str, rule: reference.StreetRule) -> str:
    for short, full in rule.endings.items():
        if key.endswith(short) and key[: -len(short)][-1:].isalpha():
            key = key.removesuffix(short) + full
    for kind in rule.joined:
        if key.endswith(f" {kind}"):
            key = key.removesuffix(f" {kind}") + kind
    return key


_HAN_NUMBER = re.compile(
    r"(\d+(?:\s*(?:丁目|番地?|[号號]之|[号號巷弄之]|の|-|−|ー|－)\s*\d+(?!\d|\s*(?:[号號]室|[樓楼階层層室F])))*)\s*(?:[号號弄]|番地?|丁目)?"
)
_HAN_DIGITS = "〇一二三四五六七八九"
_HAN_COUNTED = re.compile(r"([一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])(?=丁目|番|[号號巷弄樓楼階])")
_SECTION = re.compile(r"(\d)(?=段)")
HAN_POSTCODE = re.compile(
    r"^(?:〒\s*)?(\d{3}-\d{4}|\d{6}|\d{3}(?:\d{2,3})?)\s*(?=[^\d\s-])|[\s,(（]+(?:〒\s*)?(\d{3}-\d{4}|\d{6})[)）]?$"
)


def _han_count(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    return (_HAN_DIGITS.index(tens) if tens else 1) * 10 * bool(ten) + (_HAN_DIGITS.index(ones) if ones else 0)


def _han_street(line: str) -> Street:
    """Large to small: what stands before the first number is the place, the number run is block, lot and house."""
    line = _HAN_COUNTED.sub(lambda match: str(_han_count(match.group(1))), HAN_POSTCODE.sub("", line).strip("〒 ,、"))
    line = _SECTION.sub(lambda match: _HAN_DIGITS[int(match.group(1))], line)  # a section is part of the road's name
    match = _HAN_NUMBER.search(line)
    if match is None:
        return Street(street=line, key=fold(line))
    number = re.sub(r"\D+", "-", match.group(1)).strip("-")
    street = line[: match.start()].strip(" ,")
    rest = line[match.end() :].strip(" ,")
    return Street(number, street or rest, rest if street else "", "", fold(street or rest))
