"""Which law a record lives under, and whether records of two regions may be compared: declared in ``regions.yml``."""

from functools import cache
from itertools import product
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import BaseModel, ConfigDict, StringConstraints

from include.declarations import checked, read_yaml
from include.errors import DeclarationError

SHIPPED = Path(__file__).with_name("regions.yml")

Country = Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]


class RegionPolicy(BaseModel):
    """The declaration.

    Attributes:
        regions: Region > its countries.
        unknown: The region of a record whose country nobody knows.
        comparable: Groups of regions whose records may be compared with one another.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    regions: dict[str, tuple[Country, ...]]
    unknown: str
    comparable: tuple[tuple[str, ...], ...]

    def of_country(self) -> dict[str, str]:
        """Country > region."""
        return {country: region for region, countries in self.regions.items() for country in countries}


@cache
def load_regions(path: Path = SHIPPED) -> RegionPolicy:
    """The policy as declared; raises ``DeclarationError`` that names the wrong key."""
    policy = checked(RegionPolicy, read_yaml(path, path.name), path.name)
    named = [("unknown", policy.unknown), *(("comparable", region) for group in policy.comparable for region in group)]
    for key, region in named:
        if region not in policy.regions:
            raise DeclarationError(path.name, key, f"'{region}' is no declared region", policy.regions)
    for country in policy.of_country():
        homes = [region for region, countries in policy.regions.items() if country in countries]
        if len(homes) > 1:
            raise DeclarationError(path.name, "regions", f"{country} stands in {' and '.join(homes)}; a country has one region")
    return policy


def region_of(country: "pd.Series[str]", default_country: str | None, policy: RegionPolicy | None = None) -> "pd.Series[str]":
    """Region of each row by its country (ISO 3166-1 alpha-2), else by the default country, else the declared unknown one."""
    declared = policy or load_regions()
    regions = declared.of_country()
    fallback = regions.get(default_country or "", declared.unknown)
    found = country.map(regions).astype(object)
    return found.where(found.notna(), fallback)


def comparable(policy: RegionPolicy | None = None) -> frozenset[tuple[str, str]]:
    """Ordered pairs of regions whose records may be compared: both orders of each, and every region with itself."""
    declared = policy or load_regions()
    declared_pairs = ((one, other) for group in declared.comparable for one, other in product(group, group))
    return frozenset([*declared_pairs, *((region, region) for region in declared.regions)])
