"""Reference data of the cleaners: YAML under ``data/``, read once a process and checked before use.

A new country is one new file under ``data/countries``; its name is the ISO 3166-1 alpha-2 code.
"""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from include.declarations import checked, read_yaml
from include.errors import DeclarationError

DATA = Path(__file__).parent / "data"


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"no regular expression ({error})") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


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

    pattern: Pattern = ""
    separator: str = ""
    digits: int | None = None
    least: int = 0
    prefixes: tuple[str, ...] = ()
    outdated: Pattern | None = None
    none: bool = False


class NameRule(_Declared):
    """How a country writes names.

    Attributes:
        order: Which comes first when a full name is written in the Latin script.
        families: ``two`` where a person bears two family names; ``one`` elsewhere.
        middle: What the words between mean: ``middle`` names, part of the ``given`` name, or further ``family`` names.
        romanise: Language whose readings the name keys use.
        digraphs: What may be written for one letter: ``ae, oe, ue`` for a, o, u with two dots, ``aa`` for a with a ring.
        given_last: True where the middle name stands before the given one (Nguyễn Văn An).
        called_behind: True where the name a person is called by stands behind a comma (CHAN Tai Man, Peter).
        short: Given names written short, folded, and what they stand for (Ma. for Maria).
        mothers: Family names that are the mother's where they stand before the last word.
        titles: Forms of address that are names or initials elsewhere.
        honorifics: Forms of address glued behind a name that elsewhere end a given name.
        generations: Words behind a name that are family names elsewhere (Filho).
    """

    order: Literal["given_first", "family_first", "either"] = "given_first"
    families: Literal["one", "two"] = "one"
    middle: Literal["middle", "given", "family"] = "middle"
    romanise: str = ""
    digraphs: tuple[Literal["aa", "ae", "oe", "ue"], ...] = ()
    given_last: bool = False
    called_behind: bool = False
    short: dict[str, str] = Field(default_factory=dict)
    mothers: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    honorifics: tuple[str, ...] = ()
    generations: tuple[str, ...] = ()


class CompanyRule(_Declared):
    """How a country writes companies, beside the world's forms.

    Attributes:
        last: Legal forms that count as the last word however they are written.
        first: What stands in front of a company's name.
    """

    last: tuple[str, ...] = ()
    first: tuple[str, ...] = ()


class IdRule(_Declared):
    """Whose check digits a country's numbers have.

    Attributes:
        national: Module of python-stdnum for the number of a person; empty where it has none.
        vat_prefix: What stands before a tax number in the place of the country's code (EL).
    """

    national: str = ""
    vat_prefix: str = ""


class StreetRule(_Declared):
    """How a country writes streets.

    Attributes:
        number: Whether the house number stands before or after the street; ``han`` for addresses from large to small.
        slash: What stands before a slash in front of the house number; nothing of its own in most countries.
        words: Full folded word of each folded abbreviation.
        endings: Full ending of each abbreviated one of a street written in one word (``Hauptstr``).
        joined: Kinds of street that belong to the word in front, whether written in one or not.
        number_words: Words in front of a house number, beside ``no`` and its like (``door no``, ``House No.``).
        unnumbered: What is written in the place of a number where the house has none (``s/n``).
        lots: Words of plots that stand for a house number, each with its number (``Blk 5 Lot 12``).
        quarters: Words that open the quarter behind the street where no comma parts them.
        units: Words that open the part inside the house.
        unit_ends: What closes it instead, behind its number (``5/F``).
    """

    number: Literal["before", "after", "han"] = "before"
    slash: Literal["number", "unit"] = "number"
    words: dict[str, str] = Field(default_factory=dict)
    endings: dict[str, str] = Field(default_factory=dict)
    joined: tuple[str, ...] = ()
    number_words: tuple[str, ...] = ()
    unnumbered: tuple[str, ...] = ()
    lots: tuple[str, ...] = ()
    quarters: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    unit_ends: tuple[str, ...] = ()


class LineRule(_Declared):
    """How a country writes a whole address in one line.

    Attributes:
        form: The reader of the country's own form; ``tail`` finds postcode and city and leaves the street.
        postcode: Whether the postcode stands ``last`` or before the city.
        state: Where a state or province is written: ``before_postcode`` (NSW 2000), ``behind_city`` (Roma RM), or nowhere.
        districts: True where quarters stand between street and city.
        city: Name of the city where the whole country is one.
        pobox: Words for a post office box, beside the English ones.
    """

    form: Literal["tail", "brazilian", "chinese", "hongkong", "japanese", "korean"] = "tail"
    postcode: Literal["last", "before_city"] = "before_city"
    state: Literal["", "before_postcode", "behind_city"] = ""
    districts: bool = False
    city: str = ""
    pobox: tuple[str, ...] = ()


class Privacy(_Declared):
    """Which law guards a customer's data; stated for readers and for the age from which a person's own consent counts.

    Attributes:
        regime: Short name of the regime; ``none`` where there is no general act.
        law: The act.
        consent_age: Age from which a person consents alone to the use of data by an online shop; None where no age is fixed.
        source: Where the age stands.
    """

    regime: str = Field(min_length=1)
    law: str = Field(min_length=1)
    consent_age: int | None = Field(ge=10, le=21)
    source: str = Field(min_length=1)


class LegalAge(_Declared):
    """Age of majority, and where it stands; of countries with several the most common one."""

    age: int = Field(ge=15, le=21)
    source: str = Field(min_length=1)


class Country(_Declared):
    """One country pack: what a country declares has no default, what it merely may have does."""

    name: str
    aliases: tuple[str, ...] = ()
    dial: str = Field(pattern=r"^[1-9]\d{0,2}$")
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    languages: tuple[str, ...] = Field(min_length=1)
    date_order: Literal["DMY", "MDY", "YMD"]
    calendar: Literal["gregorian", "buddhist", "japanese", "minguo"] = "gregorian"
    decimal: Literal[".", ","]
    timezone: str
    privacy: Privacy
    legal_age: LegalAge
    names: NameRule = NameRule()
    companies: CompanyRule = CompanyRule()
    ids: IdRule = IdRule()
    postcode: PostcodeRule = PostcodeRule()
    postcode_cities: dict[str, Pattern] = Field(default_factory=dict)
    street: StreetRule = StreetRule()
    line: LineRule = LineRule()
    phone_legacy: dict[Pattern, str] = Field(default_factory=dict)
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
    shown = f"countries/{code}.yml"
    return checked(Country, read_yaml(DATA / shown, f"cleaning/data/{shown}"), f"cleaning/data/{shown}")


@cache
def reading(code: str | None) -> str:
    """The language whose readings the names of a country follow; empty where it has no script or spelling of its own."""
    pack = country(code)
    readings: dict[str, str] = table("countries")["readings"]
    return pack.names.romanise if pack else readings.get(code or "", "")


@cache
def countries() -> tuple[str, ...]:
    """Codes of the countries that have a pack."""
    return tuple(sorted(path.stem for path in (DATA / "countries").glob("*.yml")))


def _loader() -> type[yaml.SafeLoader]:
    # libyaml where the wheel has it: ten times faster, the same result
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)
