"""Reference data of the cleaners: YAML under ``data/``, read once a process and checked before use.

A new country is one new file under ``data/countries``; its name is the ISO 3166-1 alpha-2 code.
"""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from include.errors import DeclarationError

DATA = Path(__file__).parent / "data"


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PostcodeRule(_Declared):
    """How a country writes postcodes.

    Attributes:
        pattern: Regular expression over the value in capitals without spaces and hyphens; its groups are the written parts.
        separator: What stands between the groups.
        digits: Full length where a lost leading zero may be put back (Excel drops them); None where it may not.
        least: Shortest form that is padded.
        prefixes: Country marks people write in front (``D-10115``).
        outdated: Pattern of an earlier scheme: kept and flagged.
        none: True where the country has no postcodes at all.
    """

    pattern: str = ""
    separator: str = ""
    digits: int | None = None
    least: int = 0
    prefixes: tuple[str, ...] = ()
    outdated: str | None = None
    none: bool = False


class NameRule(_Declared):
    """How a country writes names.

    Attributes:
        order: Which comes first when a full name is written in the Latin script.
        families: ``two`` where a person bears two family names; ``one`` elsewhere.
        middle: What the words between mean: ``middle`` names, part of the ``given`` name, or further ``family`` names.
        romanise: Language whose readings the name keys use.
        digraphs: True where a, o, u with two dots may be written ae, oe, ue.
    """

    order: Literal["given_first", "family_first", "either"] = "given_first"
    families: Literal["one", "two"] = "one"
    middle: Literal["middle", "given", "family"] = "middle"
    romanise: str = ""
    digraphs: bool = False


class StreetRule(_Declared):
    """How a country writes streets.

    Attributes:
        number: Whether the house number stands before or after the street; ``han`` for addresses from large to small.
        slash: What stands before a slash in front of the house number; nothing of its own in most countries.
        words: Full folded word of each folded abbreviation.
        units: Words that open the part inside the house.
    """

    number: Literal["before", "after", "han"] = "before"
    slash: Literal["number", "unit"] = "number"
    words: dict[str, str] = Field(default_factory=dict)
    units: tuple[str, ...] = ()


class Country(_Declared):
    """One country pack."""

    name: str
    aliases: tuple[str, ...] = ()
    dial: str
    currency: str
    languages: tuple[str, ...]
    date_order: Literal["DMY", "MDY", "YMD"]
    calendar: Literal["gregorian", "buddhist", "japanese", "minguo"] = "gregorian"
    decimal: Literal[".", ","]
    timezone: str
    names: NameRule = NameRule()
    postcode: PostcodeRule = PostcodeRule()
    street: StreetRule = StreetRule()
    phone_legacy: dict[str, str] = Field(default_factory=dict)
    subdivisions: dict[str, tuple[str, ...]] = Field(default_factory=dict)


@cache
def table(name: str) -> dict[str, Any]:
    """A reference table, ``data/<name>.yml``, as it is written."""
    loaded = yaml.load((DATA / f"{name}.yml").read_text(encoding="utf-8"), Loader=_loader())  # noqa: S506 - one of the two safe loaders
    if not isinstance(loaded, dict):
        raise DeclarationError(f"cleaning/data/{name}.yml", "(top level)", "must be a mapping")
    return loaded


@cache
def words(name: str, key: str) -> frozenset[str]:
    """One list of a reference table as a set of texts."""
    return frozenset(str(word) for word in table(name)[key])


@cache
def country(code: str | None) -> Country | None:
    """The pack of a country, None for a country without one."""
    if not code or code not in countries():
        return None
    loaded = yaml.load((DATA / "countries" / f"{code}.yml").read_text(encoding="utf-8"), Loader=_loader())  # noqa: S506 - one of the two safe loaders
    try:
        return Country.model_validate(loaded)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise DeclarationError(f"cleaning/data/countries/{code}.yml", key, first["msg"], Country.model_fields) from None


@cache
def countries() -> tuple[str, ...]:
    """Codes of the countries that have a pack."""
    return tuple(sorted(path.stem for path in (DATA / "countries").glob("*.yml")))


def _loader() -> type[yaml.SafeLoader]:
    # libyaml where the wheel has it: ten times faster, the same result
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)
