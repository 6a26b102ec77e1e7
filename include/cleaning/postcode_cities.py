"""The city a postcode lies in, where whole ranges of postcodes belong to one city alone."""

import re
from functools import cache

from include.cleaning import reference
from include.cleaning.cities import clean_city
from include.cleaning.remembered import remembered


@remembered
def city_of_postcode(postcode: str, country: str) -> str | None:
    """The gazetteer's name of the one city, None where several share the range or nothing is known."""
    found = next((city for pattern, city in _ranges(country) if pattern.fullmatch(postcode)), None)
    return clean_city(found, country).value if found else None


@cache
def _ranges(country: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    pack = reference.country(country)
    return tuple((re.compile(pattern), city) for city, pattern in pack.postcode_cities.items()) if pack else ()
