"""Addresses: the house number and a folded street for comparison, and a modest reading of an address given in one line."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from include.cleaning import reference
from include.cleaning.folding import fold
from include.cleaning.name_keys import romanise
from include.cleaning.postcodes import clean_postcode
from include.cleaning.result import Cleaned
from include.cleaning.subdivisions import clean_subdivision
from include.cleaning.text import digits_to_ascii, is_placeholder, repair


class Street(NamedTuple):
    """The parts of the street lines; empty texts where they have none. ``key`` is the folded street without number and unit."""

    number: str = ""
    street: str = ""
    unit: str = ""
    pobox: str = ""
    key: str = ""


class Address(NamedTuple):
    """An address given in one line, as far as it could be read."""

    pobox: str = ""
    number: str = ""
    street: str = ""
    unit: str = ""
    house: str = ""
    district: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    cedex: str = ""


_POBOX = re.compile(
    r"(?:\bp\.?\s*o\.?\s*box|\bpost(?:al)?\s*box|\bpostfach|\bapartado(?:\s+(?:de\s+correos|postal))?|\bcaixa postal"
    r"|\bb\.?p\.?(?=\s*\d)|\bskr(?:ytka|\.)\s*poczt(?:owa|\.)"
    r"|私書箱|邮政信箱|郵政信箱|사서함|ตู้ ?ป\.?ณ\.?|ص\.?ب\.?)\s*(?:no\.?|nr\.?|#)?\s*([\w-]*\d[\w-]*)",
    re.IGNORECASE,
)
_NUMBER_BEFORE = re.compile(
    r"^(?:no\.?|nr\.?|#|n[º°])?\s*(\d+(?:[-/]\d+)*(?:\s?(?:bis|ter|quater)\b|[a-z]\b|\s[a-d]\b)?(?:-[a-z])?)[,\s]+(?=\S)(.+)$",
    re.IGNORECASE,
)
_NUMBER_AFTER = re.compile(
    r"^(.*[^\W\d_].*?)[,\s]+(?:no\.?|nr\.?|n[º°.]+|num\.?|número|nº|#)?\s*(\d+(?:\s?[-/]\s?\d+)*(?:\s?[a-z]\b)?(?:\s?(?:bis|ter))?)$",
    re.IGNORECASE,
)
_NUMBER_ALONE = re.compile(r"^(?:no\.?|nr\.?|n[º°.]*|num\.?|número|#)?\s*(\d+(?:[-/]\d+)*\s?[a-z]?)$", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_GERMAN_ENDING = re.compile(r"(?<=[a-z])str$")
_GERMAN_PLACE = re.compile(r"(?<=[a-z])pl$")
_KOREAN_KIND = re.compile(r" (ro|gil|daero)\b")
_GERMAN_KIND = re.compile(r" (strasse|platz|weg|allee|gasse|ring|damm|ufer)$")


@lru_cache(maxsize=8_192)
def clean_address_line(text: str) -> Cleaned[str | None]:
    """The street lines mended; a placeholder (``same as billing``) is emptied."""
    mended = repair(text)
    if not mended or is_placeholder(mended):
        return Cleaned(None, "placeholder", ("placeholder",)) if mended else Cleaned(None)
    return Cleaned(mended, None if mended == text else "text_repair")


@lru_cache(maxsize=8_192)
def street_of(text: str, country: str | None) -> Street:
    """House number, street, unit and key of street lines, read in the order of the country."""
    line = digits_to_ascii(repair(text))
    if match := _POBOX.search(line):
        return Street(pobox=match.group(1), key=f"pobox {fold(match.group(1))}")
    pack = reference.country(country)
    rule = pack.street if pack else reference.StreetRule()
    if rule.number == "han" and (not line.isascii()):
        return _han_street(line)
    line, unit = _without_unit(line, country)
    readers = (_after, _before) if rule.number == "after" else (_before, _after)
    for reader in readers:
        number, street = reader(line)
        if number:
            break
    else:
        number, street = "", line.partition(",")[0].strip()
    return Street(_SPACES.sub("", number).lower(), street, unit, "", _key(street, country))


@lru_cache(maxsize=8_192)
def parse_address(text: str, country: str | None) -> Address:
    """An address in one line, from its tail: postcode and city first, what is left is the street."""
    line = digits_to_ascii(repair(text))
    if country in ("CN", "TW") and not line.isascii():
        return _han_address(line)
    pobox = unit = cedex = ""
    if match := re.search(r"\s+cedex(?:\s+(\d{1,2}))?\s*$", line, re.IGNORECASE):
        line, cedex = line[: match.start()], match.group(1) or "yes"
    line, city, state, postcode = _tail(line, country)
    if match := _POBOX.search(line):
        pobox, line = match.group(1), line[match.end() :].strip(" ,")
        city = city or line
        return Address(pobox=pobox, city=city, state=state, postcode=postcode, cedex=cedex)
    line, unit = _without_unit(line, country, inside=not city)
    if not city and country in ("US", "CA", "AU") and (match := _STREET_THEN_CITY.match(line)):
        # no comma between street and city: the street ends with its kind of street
        line, city = match.group(1), match.group(2).strip(" ,")
        if " | " in city:
            city = city.rpartition(" | ")[2]
    if " | " in line:
        line, _, city = (part.strip(" ,") for part in line.partition(" | "))
    street = street_of(line, country)
    original = _number_as_written(line, street)
    return Address("", original, street.street, unit, "", "", city, state, postcode, cedex)


_STREET_THEN_CITY = re.compile(
    r"^(\d.*?\b(?:st|street|ave|avenue|rd|road|blvd|boulevard|dr|drive|ln|lane|ct|court|pl|place|way|ter|cir|hwy|pkwy|sq)\b\.?)[\s,|]+([^\d|][^\d]*)$",
    re.IGNORECASE,
)


def _number_as_written(line: str, street: Street) -> str:
    match = re.search(r"\s?".join(re.escape(c) for c in street.number), line, re.IGNORECASE) if street.number else None
    return match.group() if match else ""


def _tail(line: str, country: str | None) -> tuple[str, str, str, str]:
    """Street, city, state and postcode of a line, by where the country puts its postcode."""
    city = state = postcode = ""
    words = line.split()
    for size in (2, 1):  # the postcode at the very end: US, GB, AU
        last = " ".join(words[-size:])
        found = clean_postcode(last.strip(" ,"), country)
        if (
            len(words) > size
            and any(c.isdecimal() for c in last)
            and found.value
            and not found.flags
            and found.rule != "leading_zero"
            and country in _POSTCODE_LAST
        ):
            postcode = last.strip(" ,")
            words = words[:-size]
            last_word = words[-1].strip(" ,.")
            if country in ("US", "CA", "AU") and (code := clean_subdivision(last_word, country).value) and "-" in code:
                state, words = last_word, words[:-1]
            line = " ".join(words).strip(" ,")
            head, comma, tail = line.rpartition(",")
            return (head.strip(), tail.strip(), state, postcode) if comma else (line, "", state, postcode)
    for i in range(len(words) - 1, 0, -1):  # the postcode before the city: most of Europe
        for size in (2, 1):
            candidate = " ".join(words[i : i + size]).strip(" ,")
            if i + size >= len(words) or not any(c.isdecimal() for c in candidate):
                continue
            found = clean_postcode(candidate, country)
            if found.value and not found.flags and found.rule != "leading_zero":
                return " ".join(words[:i]).strip(" ,"), " ".join(words[i + size :]).strip(" ,"), "", candidate
    return line, city, state, postcode


_POSTCODE_LAST = frozenset({"US", "GB", "CA", "AU", "IN", "IE", "NZ", "SG", "TH", "PH"})


def _without_unit(line: str, country: str | None, *, inside: bool = False) -> tuple[str, str]:
    """The line without what lies inside the house, and that part; ``inside`` allows words behind it and marks where it stood."""
    pattern = _unit(country)
    if pattern is None:
        return line, ""
    match = pattern.search(line)
    if match is None:
        return line, ""
    rest = line[match.end() :].strip(" ,")
    head = line[: match.start()].strip(" ,")
    mark = " | " if inside and head and rest else ", "
    return (mark.join(part for part in (head, rest) if part), match.group().strip(" ,"))


@cache
def _unit(country: str | None) -> re.Pattern[str] | None:
    pack = reference.country(country)
    if pack is None or not pack.street.units:
        return None
    words = "|".join(re.escape(unit) for unit in sorted(pack.street.units, key=len, reverse=True))
    return re.compile(
        rf"(?:^|[\s,]+)(?:(?:{words})(?![^\W\d_])\.?\s*#?\s*\d+[\w-]*|(?:{words})\.?\s+#?[\w-]{{1,4}}(?=$|,))", re.IGNORECASE
    )


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
    for word, full in words.items():
        if not word.isascii():  # before the script is lost; such words may stand without a blank behind
            street = re.sub(rf"(?:^|(?<=\s)){re.escape(word)}\.?\s*", full + " ", street)
    language = pack.names.romanise if pack else None
    key = " ".join(filter(None, (words.get(word, word) for word in romanise(street, language).split())))
    if country == "KR":
        key = _KOREAN_KIND.sub(r"\1", key)
    elif country in ("CN", "TW"):
        key = key.replace(" ", "")
    if pack and "de" in pack.languages:
        key = _GERMAN_KIND.sub(r"\1", _GERMAN_PLACE.sub("platz", _GERMAN_ENDING.sub("strasse", key)))
    return key


_HAN_NUMBER = re.compile(r"(\d+(?:\s*(?:丁目|番地?|号|號|の|-|−|ー|－)\s*\d+)*)\s*(?:号|號|番地?|丁目)?")
_HAN_STREET = re.compile(r"^(.*?(?:路|街|大道|大街|巷|弄|胡同|道|段|町|通り?|筋|丁目))?\s*(\d.*)?$")


def _han_street(line: str) -> Street:
    """Large to small: what stands before the first number is the place, the number run is block, lot and house."""
    match = _HAN_NUMBER.search(line)
    if match is None:
        return Street(street=line, key=fold(line))
    number = re.sub(r"\D+", "-", match.group(1)).strip("-")
    street = line[: match.start()].strip(" ,")
    rest = line[match.end() :].strip(" ,")
    return Street(number, street or rest, rest if street else "", "", fold(street or rest))


_HAN_PARTS = re.compile(
    r"^(?P<state>[^省市区县區縣]{2,8}?(?:省|自治区|特别行政区)|(?:北京|上海|天津|重庆)市)?(?P<city>[^省市区县區縣]{1,8}?[市州盟縣])?(?P<district>[^省市区县區縣路街]{1,8}?(?:区|區|县|鎮|镇|鄉|乡))?"
    r"(?P<street>.*?(?:路|街|大道|大街|巷|弄|胡同|道|段))?(?P<number>\d+(?:-\d+)*[号號]?)?(?P<rest>.*)$"
)
_HAN_UNIT = re.compile(r"(\d+(?:楼|层|樓|層|室|单元)(?:\d+室?)?)$")


def _han_address(line: str) -> Address:
    match = _HAN_PARTS.match(line)
    if match is None:
        return Address(street=line)
    parts = {name: value or "" for name, value in match.groupdict().items()}
    rest = parts.pop("rest").strip(" ,")
    unit = ""
    if found := _HAN_UNIT.search(rest):
        unit, rest = found.group(1), rest[: found.start()]
    return Address(unit=unit, house=rest, **parts)
