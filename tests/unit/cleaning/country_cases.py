"""The tables of native formats, a country each, and what the clean step makes of their values in a record of that country."""

import csv
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from include.cleaning import reference
from include.cleaning.address_lines import parse_address
from include.cleaning.frames import clean_customers, clean_interactions
from include.cleaning.habits import Habits
from include.cleaning.ids import clean_id
from tests import cases
from tests.unit.cleaning.factory import mapped

FOLDER = Path(cases.__file__).parent / "countries"
COLUMNS = ["field", "input", "expected", "source"]
OF_RECORDS = ("phone", "postcode", "city", "subdivision", "birth_date", "name", "company", "street")


class CountryCase(NamedTuple):
    country: str
    field: str
    input: str
    expected: str
    source: str


def read() -> list[CountryCase]:
    """Every case of every country."""
    found = []
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            assert reader.fieldnames == COLUMNS, f"{path.name}: the columns must be {','.join(COLUMNS)}"
            found += [CountryCase(path.stem, *(row[column] for column in COLUMNS)) for row in reader]
    return found


def answers(rows: Sequence[tuple[str, str, str, str, str]]) -> list[str]:
    """What becomes of each value: records through the clean step at once, whole address lines and numbers by their cleaners."""
    found = [CountryCase(*row) for row in rows]
    of_records = iter(_customers([_record(case, text) for case in found for text in _texts(case)]))
    of_sales = iter(_sales([case for case in found if case.field == "money"]))
    return [_answer(case, of_records, of_sales) for case in found]


def _texts(case: CountryCase) -> list[str]:
    """The values of a case that a record each holds: two for a pair of streets."""
    return case.input.split(" == ") if case.field == "street" else [case.input] if case.field in OF_RECORDS else []


_FIELD_OF = {"name": "full_name", "company": "full_name", "street": "address_line"}


def _record(case: CountryCase, text: str) -> dict[str, Any]:
    value = {"phones": [text]} if case.field == "phone" else {_FIELD_OF.get(case.field, case.field): text}
    return {"country": case.country, "delivered_on": date(2026, 9, 1), **value}


def _customers(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    frame = clean_customers(mapped("customers", *records), Habits())
    return frame.astype(object).where(pd.notna(frame), None).to_dict("records")


def _sales(sales: list[CountryCase]) -> list[dict[str, Any]]:
    """A sale each, in a store of its country."""
    scopes = {country: country for country in {case.country for case in sales}}
    rows = [{"scope": case.country, "amount": case.input} for case in sales]
    frame = clean_interactions(mapped("interactions", *rows), Habits(countries=scopes))
    return frame[["amount", "currency"]].to_dict("records")


def _answer(case: CountryCase, of_records: Any, of_sales: Any) -> str:
    if case.field == "money":
        sale = next(of_sales)
        return f"{sale['amount']:.2f} {sale['currency']}" if sale["amount"] is not None else ""
    if case.field == "address":
        parts = parse_address(case.input, case.country)._asdict()
        return ";".join(f"{part}={value}" for part, value in parts.items() if value)
    if case.field in ("vat", "national_id"):
        return clean_id(case.input, case.field, case.country).value or ""  # type: ignore[arg-type]
    records = [next(of_records) for _ in _texts(case)]
    if case.field == "street":
        one, other = ((record["house_number"], record["street_key"]) for record in records)
        return "same" if one == other else "different"
    record = records[0]
    if case.field == "name":
        return f"{record['given_name'] or ''}/{record['family_name'] or ''}"
    if case.field == "company":
        return record["company_name"] or ""
    value = record["phones"] if case.field == "phone" else record[case.field]
    return value if isinstance(value, str) else ";".join(value or [])


def table() -> str:
    """The packs as docs/countries.md shows them."""
    lines = ["| code | country | dial | dates | money | privacy | consents at | of age at | cases |", "| --- " * 9 + "|"]
    sizes = Counter(case.country for case in read())
    for code in reference.countries():
        pack = reference.country(code)
        assert pack is not None
        age = pack.privacy.consent_age or "-"
        order = pack.date_order if pack.calendar == "gregorian" else f"{pack.date_order}, {pack.calendar}"
        cells = (
            code,
            pack.name,
            f"+{pack.dial}",
            order,
            pack.currency,
            pack.privacy.regime,
            age,
            pack.legal_age.age,
            sizes[code],
        )
        lines.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    return "\n".join(lines)
