"""Addresses in one line, read as their country writes them: from the tail in the West, from large to small in East Asia.

What a reader cannot tell stays out: a part is given only where the country's own form shows it.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from include.cleaning import reference
from include.cleaning.addresses import HAN_POSTCODE, Street, one_line, plain_number, street_of, without_quarters, without_unit
from include.cleaning.addresses import pobox as pobox_of
from include.cleaning.countries import clean_country
from include.cleaning.postcodes import clean_postcode
from include.cleaning.reference import LineRule
from include.cleaning.remembered import remembered
from include.cleaning.subdivisions import clean_subdivision


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


_CEDEX = re.compile(r"\s+cedex(?:\s+(\d{1,2}))?\s*$", re.IGNORECASE)
_STATE_BEHIND = re.compile(r"^(.*[^\s,/–-])(?:\s*[,/–-]\s*|\s+)\(?([A-Z][A-Z.]{1,4}|(?<=[,/–-] )[A-Z][a-z]{1,4}\.)\)?$")
_STREET_THEN_CITY = re.compile(
    r"^(\d.*?\b(?:st|street|ave|avenue|rd|road|blvd|boulevard|dr|drive|ln|lane|ct|court|pl|place|way|ter|cir|hwy|pkwy|sq)\b\.?)[\s,|]+([^\d|][^\d]*)$",
    re.IGNORECASE,
)


@remembered
def parse_address(text: str, country: str | None) -> Address:
    """The parts of an address in one line."""
    line = _without_country(one_line(text), country)
    reader = _READERS.get(_rule(country).form)
    if reader and (read := reader(line)):
        return read
    return _from_the_tail(line, country)


def _without_country(line: str, country: str | None) -> str:
    """The line without the name of its own country at the end, unless that is the city as well."""
    head, comma, last = (part.strip() for part in line.rpartition(","))
    if not comma or _rule(country).city or any(c.isdecimal() for c in last):
        return line
    named = clean_country(last)
    return head if named.value and named.value == country and named.rule != "country_typo" else line


def _rule(country: str | None) -> LineRule:
    pack = reference.country(country)
    return pack.line if pack else LineRule()


def _from_the_tail(line: str, country: str | None) -> Address:
    """Postcode and city first, what is left is the street."""
    unit = cedex = ""
    if match := _CEDEX.search(line):
        line, cedex = line[: match.start()], match.group(1) or "yes"
    line, city, state, postcode = _tail(line, country)
    if _rule(country).state == "behind_city" and (match := _STATE_BEHIND.match(city)):
        code = clean_subdivision(match.group(2), country)
        if code.value and "-" in code.value:
            city, state = match.group(1), match.group(2)
    if match := pobox_of(country).search(line):
        box = Address(pobox=match.group(1), city=city or line[match.end() :].strip(" ,"), state=state, postcode=postcode)
        return _office_of(box, country)._replace(cedex=cedex)
    line, quarters = without_quarters(plain_number(line, country), country)
    if quarters and not city:
        quarters, _, city = quarters.rpartition(" ")
    line, unit = without_unit(line, country, inside=not city)
    if not city and _rule(country).state == "before_postcode" and (match := _STREET_THEN_CITY.match(line)):
        # no comma between street and city: the street ends with its kind of street
        line, city = match.group(1), match.group(2).strip(" ,")
        if " | " in city:
            city = city.rpartition(" | ")[2]
    if " | " in line:
        line, _, city = (part.strip(" ,") for part in line.partition(" | "))
    street = street_of(line, country)
    district, city, state = _districts(line, street, city, state, country)
    whole = _rule(country).city
    if whole and not city and re.search(rf"\b{whole}\b", line, re.IGNORECASE):
        city = whole
    district = ", ".join(filter(None, (quarters.replace(",", ""), district)))
    return Address("", street.written, street.street, unit or street.unit, "", district, city, state, postcode, cedex)


def _office_of(box: Address, country: str | None) -> Address:
    """Where box and office are written in one: 30197-00100 in Kenya."""
    parts = re.fullmatch(r"(\d+)-(\d+)", box.pobox)
    joined = parts and not box.postcode and _is_postcode(parts.group(2), country)
    return box._replace(pobox=parts.group(1), postcode=parts.group(2)) if parts and joined else box


def _districts(line: str, street: Street, city: str, state: str, country: str | None) -> tuple[str, str, str]:
    """What stands between the street and the city, where a country names its quarters."""
    segments = [segment.strip() for segment in line.split(",") if segment.strip()]
    at = next((i for i, segment in enumerate(segments) if street.street and street.street in segment), None)
    if not _rule(country).districts or at is None:
        return "", city, state
    behind = [segment for segment in segments[at + 1 :] if segment != street.number]
    if _without_postcodes(country) and city:
        behind, city = [*behind, city], ""
        code = clean_subdivision(behind[-1], country)
        if code.value and "-" in code.value:
            state = behind.pop()
    return ", ".join(behind), city, state


def _without_postcodes(country: str | None) -> bool:
    pack = reference.country(country)
    return bool(pack and pack.postcode.none)


def _tail(line: str, country: str | None) -> tuple[str, str, str, str]:
    """Street, city, state and postcode of a line, by where the country puts its postcode."""
    words = line.split()
    for size in (2, 1):  # the postcode at the very end: US, GB, AU
        last = " ".join(words[-size:])
        if len(words) <= size:
            continue
        if size == 2 and not any(c.isdecimal() for c in words[-size]):  # NSW 2000: the state is no part of it
            continue
        if _rule(country).postcode == "last" and _is_postcode(last.strip(" ,"), country):
            return _before_postcode(words[:-size], last.strip(" ,"), country)
    for i in range(len(words) - 1, 0, -1):  # the postcode before the city: most of Europe
        for size in (2, 1):
            candidate = " ".join(words[i : i + size]).strip(" ,")
            if i + size < len(words) and _is_postcode(candidate, country):
                return " ".join(words[:i]).strip(" ,"), " ".join(words[i + size :]).strip(" ,"), "", candidate
    if _without_postcodes(country) and "," in line:
        head, _, tail = line.rpartition(",")
        return head.strip(), tail.strip(), "", ""
    return line, "", "", ""


def _is_postcode(text: str, country: str | None) -> bool:
    found = clean_postcode(text, country)
    return bool(found.value) and not found.flags and found.rule != "leading_zero" and any(c.isdecimal() for c in text)


def _before_postcode(words: list[str], postcode: str, country: str | None) -> tuple[str, str, str, str]:
    state = ""
    last_word = words[-1].strip(" ,.")
    code = clean_subdivision(last_word, country).value if _rule(country).state == "before_postcode" else None
    if code and "-" in code:
        state, words = last_word, words[:-1]
    line = " ".join(words).strip(" ,")
    head, comma, tail = line.rpartition(",")
    return (head.strip(), tail.strip(), state, postcode) if comma else (line, "", state, postcode)


# --- Brazil: street, number, what lies inside - quarter, city - state, code ---

_BRAZIL = re.compile(
    r"^(?P<street>[^,]+?)\s*,\s*(?:n[º°o.]+\s*)?(?P<number>\d+\s?[a-z]?|s/n)\b"
    r"(?:\s*[,–-]\s*(?P<unit>(?:ap(?:to|t|artamento)?|bl(?:oco)?|sala|conj(?:unto)?|casa|andar|loja|cj)\b[^,–]*?))?"
    r"(?:\s*[,–-]\s*(?P<district>[^,\d][^,]*?))?"
    r"\s*,\s*(?:(?P<first>\d{5}-?\d{3})\s+)?(?P<city>[^,\d][^,]*?)\s*[,/–-]\s*(?P<state>[A-Z]{2})\b(?:[\s,–-]+(?:cep:?\s*)?(?P<postcode>\d{5}-?\d{3}))?$",
    re.IGNORECASE,
)


def _brazilian(line: str) -> Address | None:
    match = _BRAZIL.match(line)
    return Address(**_parts(match)) if match else None


def _parts(match: re.Match[str]) -> dict[str, str]:
    """What a reader's pattern found; a postcode may stand at either end."""
    parts = {name: (value or "").strip() for name, value in match.groupdict().items()}
    first = parts.pop("first", "")
    return {**parts, "postcode": parts.get("postcode") or first}


# --- East Asia: from large to small, mostly without blanks ---

_CHINA = re.compile(
    r"^(?:中国|中國|香港(?=九|新|香))?(?P<state>香港島?|九龍|新界|[^省市区县區縣]{2,8}?(?:省|自治区|特别行政区)|(?:北京|上海|天津|重庆)市)?"
    r"(?P<city>[^省市区县區縣]{1,8}?(?:市|自治州|盟|地区|縣))?(?P<district>[^省市区县區縣路街道]{1,8}?(?:新区|区|區|县|鎮|镇|鄉|乡))?"
    r"(?P<street>.*?(?:路|大街|街|大道|道|巷|弄|胡同|段)(?:[一二三四五六七八九十\d]段)?)?(?P<number>(?:\d+巷)?(?:\d+弄)?\d+(?:[-之]\d+)*(?:[号號](?:之\d+)?)?)?(?P<rest>.*)$"
)
_CHINA_UNIT = re.compile(r"((?:\d+|[A-Z])(?:栋|幢|座|棟)?(?:\d+单元)?\d*(?:楼|层|樓|層|室|单元)(?:[A-Z\d]+室?|之\d+)?)$")


_JAPAN = re.compile(
    r"^(?:日本)?(?P<state>東京都|北海道|(?:京都|大阪)府|[^\s都道府県]{2,3}県)?\s*"
    r"(?P<city>(?:四日市|廿日市|野々市|八日市|市川|市原|[^\s市区郡]{1,6}?)市|[^\s市区郡]{1,5}?郡[^\s町村]{1,5}?[町村])?\s*(?P<district>[^\s市区\d]{1,5}?区)?\s*"
    r"(?:(?P<street>[^\d]+?)\s*(?P<number>\d+(?:(?:丁目|番地?|の|[-−ー－–])\s*\d+)*(?:丁目|番地?|号(?!室))*)(?![\dF階]))?\s*(?P<rest>.*)$"
)
_JAPAN_UNIT = re.compile(r"(?:^|[\s　]|(?<=[^\d]))((?:[A-Z]?\d+\s*(?:号室|号|階|F))(?:\s*[A-Z]?\d+\s*号室?)?|#?\d{3,4})$")


def _chinese(line: str) -> Address | None:
    return _large_to_small(line, _CHINA, _CHINA_UNIT, blank="")


def _japanese(line: str) -> Address | None:
    return _large_to_small(line, _JAPAN, _JAPAN_UNIT)


def _large_to_small(line: str, form: re.Pattern[str], unit_form: re.Pattern[str], blank: str = " ") -> Address | None:
    """The postcode off either end, then the parts by ``form``; its ``rest`` is the house's name and the unit behind that."""
    if line.isascii():
        return None
    line, postcode = _without_han_postcode(line)
    match = form.match(line.replace(" ", blank))
    if match is None:
        return None
    parts = {**_parts(match), "postcode": postcode}
    rest = parts.pop("rest").strip(" ,，、")
    unit = ""
    if found := unit_form.search(rest):
        unit, rest = found.group(1), rest[: found.start()].strip()
    return Address(unit=unit, house=rest, **parts)


def _without_han_postcode(line: str) -> tuple[str, str]:
    match = HAN_POSTCODE.search(line)
    if match is None:
        return line.lstrip("〒 "), ""
    return (line[: match.start()] + line[match.end() :]).strip(" ,、"), match.group(1) or match.group(2)


_KOREA = re.compile(
    r"^(?:대한민국\s+)?(?:\(?(?P<first>\d{5})\)?\s+)?(?P<state>\S+(?:특별시|광역시|특별자치시|특별자치도|도))?\s*(?P<city>\S+?(?:시|군)(?=\s))?\s*"
    r"(?P<district>\S+?구(?=\s))?\s*(?:\S+(?:읍|면)\s+)?(?P<street>\S+?(?:대로|로|길)(?:\s?\d+번?길)?)\s*(?P<number>\d+(?:-\d+)?)"
    r"\s*,?\s*(?P<unit>(?:\d+동\s*)?(?:\d+층\s*)?(?:\d+호)?)\s*(?P<house>[^\d(),]*)(?:\([^)]*\))?\s*,?\s*(?P<postcode>\d{5})?$"
)


def _korean(line: str) -> Address | None:
    match = _KOREA.match(line) if not line.isascii() else None
    return Address(**_parts(match)) if match else None


_READERS: dict[str, Callable[[str], Address | None]] = {
    "brazilian": _brazilian,
    "chinese": _chinese,
    "hongkong": _chinese,
    "japanese": _japanese,
    "korean": _korean,
}
