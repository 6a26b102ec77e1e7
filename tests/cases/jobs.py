"""Each job of the tables as a call of the cleaners the pipeline runs, its answer written as the tables write it.

A job adds nothing to what its cleaner knows: it picks the country a hint names and puts value, rule and flags into words.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
from babel.core import get_global

from include.cleaning.address_lines import parse_address
from include.cleaning.addresses import clean_address_line, street_of
from include.cleaning.birthdays import clean_birthday
from include.cleaning.cities import resolve
from include.cleaning.countries import clean_country
from include.cleaning.dates import clean_date
from include.cleaning.emails import clean_emails, email_key
from include.cleaning.folding import fold
from include.cleaning.frames import clean_customers
from include.cleaning.habits import Habits
from include.cleaning.handles import clean_handle
from include.cleaning.ids import clean_id
from include.cleaning.languages import language_of
from include.cleaning.loyalty import clean_loyalty
from include.cleaning.mentions import mentions
from include.cleaning.money import clean_money
from include.cleaning.name_keys import romanised
from include.cleaning.names import Name, clean_name, kind_of, parse_name
from include.cleaning.phones import clean_phones, extensions
from include.cleaning.postcodes import clean_postcode
from include.cleaning.result import Cleaned
from include.cleaning.subdivisions import clean_subdivision
from include.cleaning.text import clean_text
from include.customer import FIELDS, ROW_COLUMNS, names
from include.matching import load_spec
from include.matching.names_alone import names_alone

Answer = str | dict[str, Any]

MISSING = "<missing>"


def _country(hint: str) -> str | None:
    """Country of a hint: its code, or where most speak the language (CLDR's likely subtags): ``de``, ``zh-HK``, ``zh-Latn``."""
    if len(hint) == 2 and hint.isupper():
        return hint
    language, _, rest = hint.replace("-", "_").partition("_")
    if len(rest) == 2:
        return rest
    likely = get_global("likely_subtags")
    tag = likely.get(f"{language}_{rest}") if rest else None
    found = tag or likely.get(language)
    return str(found).rpartition("_")[2] if found else None


def _hints(hint: str) -> dict[str, str]:
    """``asof=2026-11-21;TH`` as ``{"asof": "2026-11-21", "": "TH"}``."""
    return {
        name if mark else "": value if mark else name for name, mark, value in (part.partition("=") for part in hint.split(";"))
    }


def _status(cleaned: Cleaned[Any], *kept: str) -> str:
    """Of an emptied value: what is wrong with it, and those of the named flags it has."""
    return "|".join(["invalid", *(flag for flag in kept if flag in cleaned.flags)])


# --- text and names ---


def text_repair(text: str, hint: str) -> Answer:
    hints = _hints(hint)
    if field := hints.get("field", "").removesuffix("_name"):
        cleaned: Cleaned[str | None] = Cleaned(getattr(clean_name(Name(**{field: text}), None).name, field) or None)
    else:
        cleaned = clean_text(text, straight_quotes=hints.get("quotes") == "straight")
    return "<lossy>" if "lossy" in cleaned.flags else cleaned.value or MISSING


def ascii_fold(text: str, _: str) -> Answer:
    return fold(text)


def names_parse(text: str, hint: str) -> Answer:
    name = parse_name(text, _country(hint))
    parts = ("title", "given", "middle", "family", "suffix", "nickname")
    return {part: getattr(name, part) for part in parts if getattr(name, part)}


def person_or_company(text: str, hint: str) -> Answer:
    return kind_of(text, _country(hint))


def romanise(text: str, hint: str) -> Answer:
    return romanised(text, _country(hint))


def name_pairs(text: str, hint: str) -> Answer:
    """Two whole names through the clean step and the match model's own comparisons."""
    pair = [{"full_name": name} for name in text.split(" || ")]
    return _verdict(pair, _country(hint))


def nicknames(text: str, hint: str) -> Answer:
    """Two given names, likewise; one name in two languages is no short form."""
    pair = [{"given_name": name, "family_name": "Nobody"} for name in text.split(" || ")]
    return _verdict(pair, _country(hint))


def _verdict(pair: list[dict[str, str]], country: str | None) -> str:
    return names_alone(clean_customers(_mapped(pair, country), Habits()), load_spec())


def _mapped(people: list[dict[str, str]], country: str | None) -> pd.DataFrame:
    """The frame the clean step gets: what is not said is null."""
    nothing = {field.name: [] if field.type == "texts" else None for field in FIELDS["customers"] if field.origin == "mapped"}
    rows = [
        {
            "record_id": f"r{i}",
            "file": "cases",
            "position": i + 1,
            "delivered_on": date.today(),  # noqa: DTZ011 - a table of cases has no zone
            "scope": None,
            "source_updated_at": pd.Timestamp.now(tz="UTC"),
            "deleted": False,
            **nothing,
            "country": country,
            **person,
        }
        for i, person in enumerate(people)
    ]
    frame = pd.DataFrame(rows, columns=[*ROW_COLUMNS, *names("customers", "mapped")])
    return frame.astype(object).where(frame.notna(), None)


# --- contacts ---


def emails_validate(text: str, _: str) -> Answer:
    cleaned = clean_emails(text)
    if not cleaned.value:
        return "missing" if not cleaned.flags or "placeholder" in cleaned.flags else "invalid"
    repaired = cleaned.rule in ("inner_space", "obfuscated", "domain_typo", "words_beside")
    status = "multi" if "several" in cleaned.flags else "repair" if repaired else "ok"
    return f"{status}|{';'.join(cleaned.value)}"


def emails_typo(text: str, _: str) -> Answer:
    addresses = ";".join(clean_emails(text).value)
    return "<unchanged>" if addresses == text else addresses


def emails_canonical(text: str, _: str) -> Answer:
    return ";".join(email_key(address) for address in clean_emails(text).value)


def emails_flags(text: str, _: str) -> Answer:
    cleaned = clean_emails(text)
    flags = ("placeholder", "suspicious", "disposable", "forwarder", "role", "invalid")
    return next((flag for flag in flags if flag in cleaned.flags), "personal")


def phones(text: str, hint: str) -> Answer:
    """The first number of a field with its extension."""
    country = _country(hint)
    cleaned = clean_phones(text, country)
    if not cleaned.value:
        return _status(cleaned, "placeholder") if cleaned.flags else MISSING
    number = cleaned.value[0]
    extension = extensions(text, country).get(number)
    return number + (f";ext={extension}" if extension else "") + ("|fictional" if "fictional" in cleaned.flags else "")


def social_handles(text: str, hint: str) -> Answer:
    value = clean_handle(text, hint or None).value
    return value.partition(":")[2] if value else "<invalid>"


def pii_extract(text: str, hint: str) -> Answer:
    found = mentions(text, _country(hint))
    kinds = {
        "email": found.emails,
        "phone": found.phones,
        "card": found.cards,
        "iban": found.ibans,
        "person": found.persons,
        "place": found.places,
        "loyalty": found.loyalty_ids,
    }
    return {kind: list(values) for kind, values in kinds.items() if values}


# --- places ---


def countries(text: str, hint: str) -> Answer:
    del hint  # a country column is a country column
    return clean_country(text).value or MISSING


def subdivisions(text: str, hint: str) -> Answer:
    cleaned = clean_subdivision(text, _country(hint))
    return MISSING if cleaned.value is None or "unknown" in cleaned.flags else cleaned.value


def cities(text: str, hint: str) -> Answer:
    country, _, subdivision = hint.partition(";")
    cleaned = resolve(text, _country(country), subdivision or None)
    if cleaned.value is None:
        return "ambiguous" if "ambiguous" in cleaned.flags else MISSING
    return f"{cleaned.value.name}|{cleaned.value.id}"


def postal_codes(text: str, hint: str) -> Answer:
    cleaned = clean_postcode(text, _country(hint))
    if cleaned.value is None:
        return _status(cleaned, "placeholder") if cleaned.flags else MISSING
    status = "repair" if cleaned.rule in ("leading_zero", "mistaken_letters") or "outdated" in cleaned.flags else "valid"
    return f"{status}|{cleaned.value}"


def address_parse(text: str, hint: str) -> Answer:
    """The parts of one line, or whether two lines name one door."""
    country = _country(hint)
    if " == " in text:
        one, other = (street_of(line, country) for line in text.split(" == "))
        return "same" if (one.number, one.key, one.unit_key) == (other.number, other.key, other.unit_key) else "different"
    if clean_address_line(text).value is None:
        return MISSING
    return {part: value for part, value in parse_address(text, country)._asdict().items() if value}


# --- dates, amounts, numbers ---


def dates(text: str, hint: str) -> Answer:
    cleaned = clean_date(text, _country(hint), latest=date.today())  # noqa: DTZ011
    if "ambiguous" in cleaned.flags:
        return "ambiguous"
    if cleaned.value is None:
        return "invalid" if cleaned.flags and "placeholder" not in cleaned.flags else MISSING
    return cleaned.value if len(cleaned.value) == 10 else f"partial|{cleaned.value}"


def birthdays(text: str, hint: str) -> Answer:
    hints = _hints(hint)
    as_of = date.fromisoformat(hints["asof"]) if "asof" in hints else None
    cleaned = clean_birthday(text, _country(hints.get("", "")), as_of)
    problems = ("default_date", "future", "ambiguous", "suspicious", "invalid")
    if problem := next((flag for flag in problems if flag in cleaned.flags), None):
        return problem
    if cleaned.value is None:
        return MISSING
    return f"{'ok' if len(cleaned.value) == 10 else 'partial'}|{cleaned.value}"


def money(text: str, hint: str) -> Answer:
    value = clean_money(text, _country(hint)).value
    return f"{value.amount} {value.currency or ''}".strip() if value else MISSING


def ids(text: str, hint: str) -> Answer:
    kind, _, country = hint.partition(":")
    cleaned = clean_loyalty(text) if kind == "loyalty" else clean_id(text, kind, country or None)  # type: ignore[arg-type]
    if cleaned.value is not None:
        return f"valid|{cleaned.value}"
    return "placeholder" if "placeholder" in cleaned.flags else "invalid" if cleaned.flags else MISSING


def language(text: str, _: str) -> Answer:
    return language_of(text)


JOBS: dict[str, Callable[[str, str], Answer]] = {
    job.__name__: job
    for job in (
        text_repair, ascii_fold, names_parse, person_or_company, romanise, name_pairs, nicknames, emails_validate, emails_typo,
        emails_canonical, emails_flags, phones, social_handles, pii_extract, countries, subdivisions, cities, postal_codes,
        address_parse, dates, birthdays, money, ids, language,
    )
}  # fmt: skip
