"""What the values of a raw field look like: how many of them the cleaners would take for what its name says it holds."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import pycountry

from include.cleaning import orders
from include.cleaning.consent import clean_consent
from include.cleaning.countries import clean_country
from include.cleaning.dates import clean_date, clean_timestamp
from include.cleaning.emails import clean_emails
from include.cleaning.genders import clean_gender
from include.cleaning.handles import clean_handle
from include.cleaning.languages import clean_language
from include.cleaning.text import digits_to_ascii, is_placeholder
from include.customer import CONSENTS
from include.declarations import read_yaml
from suki.proposing.folding import fold

ANSWERS = Path(__file__).with_name("answers.yml")

MOST = 300
"""Distinct values looked at."""

_DATES = re.compile(r"\d{4}-\d{2}-\d{2}")
_PHONE = re.compile(r"[\d+()\-./\s\u2010-\u2015]+(?:(?:x|ext\.?|доб\.?)\s*\d+)?")
_POSTCODE = re.compile(r"〒?\s?[A-Z]{0,2}[-\s]?[A-Z0-9][A-Z0-9 \-]{2,9}", re.IGNORECASE)
_COMPACT_DAY = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_AMOUNT = re.compile(r"(?:[+-]|[^\d\s+-]{1,4}\s?)?\d{1,3}(?:[ .,'\u00a0\u202f]?\d{3})*(?:[.,]\d{1,4})?\s?[^\d\s+-]{0,4}")
_YEAR_FIRST = re.compile(r"\d{4}[/.\s年년-]")
_NUMERIC_DATE = re.compile(r"\s*\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})\b")


def share(role: str, values: Sequence[str]) -> float | None:
    """The share of values that can be what a role says; None where there is no value, or anything can be."""
    looked = [v for v in dict.fromkeys(value.strip() for value in values) if v and not is_placeholder(v)][:MOST]
    if role.startswith("handle:"):
        platform = role.partition(":")[2]
        fits: Callable[[str], bool] | None = lambda text: answer(text) is None and clean_handle(text, platform).value is not None  # noqa: E731
    elif role == "gender":
        read = genders(looked)
        fits = lambda text: read(text) is not None  # noqa: E731
    else:
        fits = _FITS.get(role)
    if not looked or fits is None:
        return None
    return sum(map(fits, looked)) / len(looked)


def answer(text: str) -> bool | None:
    """Yes or no in any of the languages exports come in; None for any other word."""
    read = clean_consent(text)
    if read.value is not None:
        return read.value
    word = fold(text.strip())
    return True if word in _answers()["yes"] else False if word in _answers()["no"] else None


def negates(word: str) -> bool:
    """Whether a word of a field's name turns it round: ``no`` e-mail."""
    return fold(word) in _answers()["not"]


def says_total(words: Iterable[str]) -> bool:
    """Whether the words of a name say all that is paid, and not a part of it: a subtotal, a total without tax."""
    told = set(words)
    return bool(told & _answers()["total"]) and not told & _answers()["part"]


def says_consents(words: Iterable[str]) -> bool:
    """Whether the words of a name speak of consents, and not of one."""
    return bool(set(words) & _answers()["consents"])


def figure(text: str) -> float | None:
    """The number that an amount is, with a point or a comma; None of what is none."""
    plain = re.sub(r"[^\d.,-]", "", digits_to_ascii(text))
    whole, mark, cents = re.fullmatch(r"(.*?)(?:([.,])(\d{1,2}))?", plain).groups()  # type: ignore[union-attr]  # fits any text
    digits = re.sub(r"[.,]", "", whole)
    return float(f"{digits}.{cents if mark else 0}") if re.fullmatch(r"-?\d+", digits) else None


def gender(text: str) -> str | None:
    """A stated gender in any of the languages exports come in; None for any other word."""
    word = fold(text.strip().strip("."))
    return clean_gender(text).value or next((name for name in ("female", "male") if word in _answers()[name]), None)


def genders(values: Iterable[str]) -> Callable[[str], str | None]:
    """How a field's genders are read: of initials only the two that stand together tell the language, and so what ``M`` is."""
    initials = {fold(value.strip()) for value in values}
    pair = next((pair for pair in _INITIALS if set(pair) == initials & _LETTERS), "")
    return lambda text: {pair[:1]: "female", pair[1:]: "male"}.get(fold(text.strip())) or gender(text) if pair else gender(text)


_INITIALS = ("mh", "fh", "km", "ke", "pl", "vm", "wm", "nm", "dh", "zm", "жм", "жч", "nf", "θα", "γα", "נז")
"""Woman and man, by the letters they begin with: mujer, hombre; femme, homme; kobieta, mężczyzna; kadın, erkek; perempuan,
laki-laki; vrouw, man; weiblich, männlich; nainen, mies; Dame, Herr; žena, muž; женщина, мужчина; жінка, чоловік; nő, férfi;
θήλυ, άρρεν; γυναίκα, άνδρας; נקבה, זכר."""
_LETTERS = frozenset("".join(_INITIALS))


def _address_form(text: str) -> bool:
    """A form of address, and no job."""
    first = re.split(r"[\s/]", text.strip(), maxsplit=1)[0].replace(".", "").strip(",")
    return fold(first) in _answers()["title"]


@cache
def _answers() -> dict[str, frozenset[str]]:
    listed = read_yaml(ANSWERS, "proposing/answers.yml")
    return {name: frozenset(map(fold, words.split())) for name, words in listed.items()}


def date_order(columns: Sequence[Sequence[str]]) -> str | None:
    """How the all-numeric dates of these columns are written, where they show it."""
    shown = {"day_first": 0, "month_first": 0}
    year_first = dotted = 0
    for values in columns:
        for value in dict.fromkeys(values):
            text = digits_to_ascii(value.strip())
            year_first += bool(_YEAR_FIRST.match(text)) and not _DATES.match(text)
            if numeric := _NUMERIC_DATE.match(text):
                dotted += numeric[1] == "."
            seen = orders.shown_by(text)
            if seen in shown:
                shown[seen] += 1
    if shown["day_first"] and not shown["month_first"]:
        return "dmy"
    if shown["month_first"] and not shown["day_first"]:
        return "mdy"
    if dotted and not shown["month_first"]:
        return "dmy"  # nobody writes the month first before a point
    return "ymd" if year_first and not any(shown.values()) else None


def _email(text: str) -> bool:
    return "@" in text and bool(clean_emails(text).value or re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}", text))


def _phone(text: str) -> bool:
    plain = digits_to_ascii(unicodedata.normalize("NFKC", text)).strip().lstrip("'").lower()
    digits = sum(c.isdecimal() for c in plain)
    return bool(_PHONE.fullmatch(plain)) and 6 <= digits <= 16 and not _is_date(plain)


@cache
def _is_date(text: str) -> bool:
    return bool(re.match(r"\d{4}-\d{2}-\d{2}|\d{1,2}([./])\d{1,2}\1\d{4}\b", text))


@cache
def _moment(text: str) -> bool:
    if _COMPACT_DAY.fullmatch(text):
        return True
    return (
        clean_timestamp(text, None, "UTC", "DMY").value is not None
        or clean_timestamp(text, None, "UTC", "MDY").value is not None
        or _day(text)
    )


@cache
def _day(text: str) -> bool:
    return any(clean_date(text, None, order, born=True).value is not None for order in ("DMY", "MDY"))


def _born(text: str) -> bool:
    return _day(text) and not (text.isdecimal() and len(text) not in (4, 8))


def _words(text: str) -> bool:
    """Letters, and hardly anything else."""
    letters = sum(unicodedata.category(c)[0] in "LM" for c in text)
    return letters > 0 and not any(c.isdecimal() or c in "@/\\:;=_<>" for c in text) and len(text) <= 60


def _is_answer(text: str) -> bool:
    return answer(text) is not None


def _id(text: str) -> bool:
    return len(text) <= 64 and not re.search(r"\s\S+\s", text)


def _code(text: str) -> bool:
    return _id(text) and "@" not in text and any(c.isdecimal() for c in text)


def _has_letters(text: str) -> bool:
    return any(c.isalpha() for c in text) and "@" not in text


def rather_countries(values: Iterable[str]) -> bool:
    """Whether values under the name of a region are countries: of codes only if no one country has regions of all of them."""
    looked = {fold(value.strip()) for value in values if value.strip()}
    if not looked or (share("country", list(looked)) or 0) < 0.85:
        return False
    return not any(len(looked & held) >= 0.8 * len(looked) for held in _states().values())


def _is_state(text: str) -> bool:
    return any(fold(text) in held for held in _states().values())


@cache
def _states() -> dict[str, frozenset[str]]:
    """The states, provinces and prefectures of each country, by name and by code."""
    found: dict[str, set[str]] = {}
    for one in pycountry.subdivisions:
        found.setdefault(one.country_code, set()).update(map(fold, (one.name, one.code.partition("-")[2])))
    return {country: frozenset(words) for country, words in found.items()}


_FITS: dict[str, Callable[[str], bool]] = {
    "emails": _email,
    "phones": _phone,
    "birth_date": _born,
    "language": lambda text: clean_language(text).value is not None and len(text) < 30,
    "country": lambda text: clean_country(text).value is not None,
    "postcode": lambda text: any(c.isdecimal() for c in text) and bool(_POSTCODE.fullmatch(digits_to_ascii(text))),
    "city": lambda text: _has_letters(text) and sum(c.isdecimal() for c in text) <= 3 and len(text) <= 60,
    "subdivision": lambda text: _has_letters(text) and len(text) <= 60,
    "state": _is_state,
    "district": _has_letters,
    "street": _has_letters,
    "address_line": _has_letters,
    "house": lambda text: len(text) <= 12 and any(c.isdecimal() for c in text),
    "given_name": _words,
    "family_name": _words,
    "middle_name": _words,
    "second_family": _words,
    "family_prefix": _words,
    "name": _words,
    "full_name": _words,
    "nickname": lambda text: "@" not in text and len(text) <= 40,
    "title": _address_form,
    "name_suffix": lambda text: len(text) <= 12,
    "company_name": _has_letters,
    **dict.fromkeys(CONSENTS, _is_answer),
    "consent": _is_answer,
    **{f"{answer}_at": _moment for answer in CONSENTS},
    "consent_at": _moment,
    "first_seen_at": _moment,
    "updated_at": _moment,
    "loyalty_ids": _code,
    "id": _id,
    "external_ids": _code,
    "amount": lambda text: bool(_AMOUNT.fullmatch(digits_to_ascii(text))),
    "currency": lambda text: bool(re.fullmatch(r"[A-Za-z]{3}", text)),
    "count": lambda text: bool(re.fullmatch(r"\d{1,5}", digits_to_ascii(text))),
}
"""By role, whether a value can be one. A role that is not here takes anything."""
