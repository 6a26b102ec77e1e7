"""Whole frames cleaned: each distinct value once, each row kept.

A column is factorised, its distinct values (with the country they are read in) cleaned, and the answers taken back to the rows.
What changed is written per row: ``flags`` as ``field:flag`` texts, ``repairs`` as JSON.
"""

import json
import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from include.cleaning import reference
from include.cleaning.addresses import clean_address_line, street_of
from include.cleaning.birthdays import clean_birthday
from include.cleaning.cities import clean_city, country_of_city, resolve
from include.cleaning.consent import clean_consent
from include.cleaning.countries import clean_country
from include.cleaning.dates import clean_timestamp
from include.cleaning.emails import clean_emails, email_key
from include.cleaning.genders import clean_gender
from include.cleaning.habits import Habits
from include.cleaning.handles import clean_handle
from include.cleaning.japanese import are_japanese
from include.cleaning.languages import clean_language
from include.cleaning.loyalty import clean_loyalty
from include.cleaning.mentions import Mentions, mentions
from include.cleaning.money import Money, clean_money
from include.cleaning.name_keys import family_key, given_key
from include.cleaning.names import CleanedName, Name, clean_name
from include.cleaning.phones import clean_phones, country_of
from include.cleaning.postcodes import clean_postcode
from include.cleaning.result import Change, Cleaned
from include.cleaning.subdivisions import clean_subdivision
from include.cleaning.text import clean_text
from include.customer import CLEANED_COLUMNS, ROW_COLUMNS, names

Column = np.ndarray[Any, np.dtype[np.object_]]
"""A column of Python values; None where there is none."""

NAME_FIELDS = ("full_name", "title", "given_name", "middle_name", "family_name", "name_suffix", "nickname", "company_name")


def clean_customers(mapped: pd.DataFrame, habits: Habits) -> pd.DataFrame:
    """Clean customer records.

    Args:
        mapped: Columns ``ROW_COLUMNS`` and the mapped fields of a customer.
        habits: What is known of the source.

    Returns:
        As many rows in the same order: ``ROW_COLUMNS``, all customer fields, ``flags``, ``repairs``. The caller adds ``region``.
    """
    rows = _Rows(mapped)
    as_of = rows.dates("delivered_on")
    language = rows.clean("language", clean_language)
    stated = rows.clean("country", clean_country)
    store, spoken = rows.scoped(habits.countries), _country_of_language(rows, language)
    lived_in = _country_of_city(rows, stated, store)
    assumed = _first([stated, lived_in, store, spoken], habits.default_country)
    emails, phones = _contacts(rows, assumed)
    country = _country(
        rows, stated, phones, [("from_city", lived_in), ("", store), ("from_language", spoken)], habits.default_country
    )
    rows.done["country"] = country
    _names(rows, country)
    rows.done["email_keys"] = rows.each_of(emails, email_key)
    order, zone = _order(rows, habits), rows.scoped(habits.timezones)
    rows.clean("birth_date", clean_birthday, country, as_of, order)
    rows.clean("gender", clean_gender)
    rows.clean_each("handles", clean_handle)
    rows.clean_each("loyalty_ids", clean_loyalty)
    rows.clean_each("external_ids", clean_text)
    _address(rows, stated, country)
    for field in ("email_consent", "sms_consent"):
        rows.clean(field, clean_consent)
    for field in ("email_consent_at", "sms_consent_at", "first_seen_at", "last_seen_at"):
        _moments(rows, field, country, zone, order)
    rows.clean("note", _free_text)
    return rows.frame("customers")


def clean_interactions(mapped: pd.DataFrame, habits: Habits) -> pd.DataFrame:
    """Clean interactions; addresses and numbers mentioned in their free text join those given beside it.

    Args:
        mapped: Columns ``ROW_COLUMNS`` and the fields of an interaction.
        habits: What is known of the source; its stores' countries, currencies and clocks are used here.

    Returns:
        As many rows in the same order: ``ROW_COLUMNS``, all interaction fields, ``flags``, ``repairs``.
    """
    rows = _Rows(mapped)
    country = _first([rows.scoped(habits.countries)], habits.default_country)
    for field in ("interaction_type", "channel", "store", "status"):
        rows.clean(field, clean_text)
    for field in ("subject", "body"):
        rows.clean(field, _free_text)
    _contacts(rows, country)
    _mentioned(rows, country)
    rows.clean_each("handles", clean_handle)
    _moments(rows, "occurred_at", country, rows.scoped(habits.timezones), _order(rows, habits))
    _amounts(rows, country, rows.scoped(habits.currencies))
    rows.clean("item_count", _count)
    for field in ("customer_key", "details"):  # a key must stay what the customer's record has, details are kept as delivered
        rows.done[field] = rows.raw(field)
    return rows.frame("interactions")


class _Rows:
    """The rows on their way: raw columns in, cleaned columns out, flags and changes gathered beside them."""

    def __init__(self, mapped: pd.DataFrame) -> None:
        self.mapped = mapped
        self.size = len(mapped)
        self.done: dict[str, Column] = {}
        self.moments: dict[str, Any] = {}
        self.flags: list[list[str]] = [[] for _ in range(self.size)]
        self.repairs: list[list[str]] = [[] for _ in range(self.size)]

    def raw(self, field: str) -> Column:
        """A column as delivered, None for whatever missing value it uses."""
        if field not in self.mapped:
            return _column([None] * self.size)
        series = self.mapped[field].astype(object)
        out: Column = series.where(series.notna(), None).to_numpy(dtype=object, copy=True)
        return out

    def text(self, field: str) -> Column:
        """A column of texts; numbers and booleans a reader already made are written out."""
        column = self.raw(field)
        for i, value in enumerate(column):
            if value is not None and not isinstance(value, str):
                column[i] = _written(value)
        return column

    def dates(self, field: str) -> Column:
        """A column of days."""
        column = self.raw(field)
        codes, unique = _factorised([column])
        days = [
            None
            if v is None
            else v.date()
            if isinstance(v, datetime)
            else v
            if isinstance(v, date)
            else date.fromisoformat(str(v)[:10])
            for (v,) in unique
        ]
        return _taken(days, codes)

    def scoped(self, by_scope: Any) -> Column:
        """What is declared of each row's store."""
        return _column([by_scope.get(scope) if scope is not None else None for scope in self.raw("scope")])

    def clean(self, field: str, cleaner: Callable[..., Cleaned[Any]], *beside: Column) -> Column:
        """Clean one field; ``beside`` are columns the cleaner reads the value by."""
        column = self.text(field)
        codes, unique = _factorised([column, *beside])
        empty: Cleaned[Any] = Cleaned(None)
        answers = [empty if key[0] is None else cleaner(*key) for key in unique]
        self.done[field] = _taken([answer.value for answer in answers], codes)
        changes = [
            [_change(field, answer.rule, key[0], answer.value)] if answer.rule and key[0] is not None else []
            for key, answer in zip(unique, answers, strict=True)
        ]
        self.note(codes, [[f"{field}:{flag}" for flag in answer.flags] for answer in answers], changes)
        return self.done[field]

    def clean_each(self, field: str, cleaner: Callable[[str], Cleaned[str | None]]) -> Column:
        """Clean a field of several texts, one by one; repeats are dropped."""
        owners, values = _flat(self.raw(field))
        codes, unique = _factorised([values])
        answers = [cleaner(text) for (text,) in unique]
        for owner, code in zip(owners, codes, strict=True):
            answer = answers[code]
            self.note_row(
                owner, field, answer.flags, [_change(field, answer.rule, unique[code][0], answer.value)] if answer.rule else []
            )
        gathered = _gathered(self.size, owners, ((answers[code].value,) for code in codes))
        self.done[field] = gathered
        return gathered

    def each_of(self, lists: Column, function: Callable[[str], str]) -> Column:
        """A function over every text of a column of lists."""
        return _column([list(dict.fromkeys(function(text) for text in texts)) for texts in lists])

    def note(
        self, codes: np.ndarray[Any, np.dtype[np.intp]], flags: Sequence[Sequence[str]], changes: Sequence[Sequence[Change]]
    ) -> None:
        """Write flags and changes of distinct values to the rows that hold them."""
        written = [[_json(change) for change in found] for found in changes]
        marked = np.fromiter((bool(f or c) for f, c in zip(flags, written, strict=True)), dtype=bool, count=len(flags))
        if not marked.any():
            return
        for row in np.flatnonzero(marked[codes]):
            code = codes[row]
            self.flags[row].extend(flags[code])
            self.repairs[row].extend(written[code])

    def note_row(self, row: int, field: str, flags: Iterable[str], changes: Iterable[Change]) -> None:
        """Write flags and changes to one row."""
        self.flags[row].extend(f"{field}:{flag}" for flag in flags)
        self.repairs[row].extend(_json(change) for change in changes)

    def frame(self, kind: str) -> pd.DataFrame:
        """The cleaned frame, in the order of the contract."""
        columns: dict[str, Any] = {name: self.mapped[name].array for name in ROW_COLUMNS if name in self.mapped}
        for field in names(kind):
            columns[field] = self.moments[field] if field in self.moments else self.done[field]
        columns["flags"] = _column([list(dict.fromkeys(flags)) for flags in self.flags])
        columns["repairs"] = _column([f"[{', '.join(repairs)}]" if repairs else None for repairs in self.repairs])
        assert set(columns) <= {*ROW_COLUMNS, *names(kind), *CLEANED_COLUMNS}
        return pd.DataFrame(columns, index=self.mapped.index)


# --- steps ---


def _first(columns: Sequence[Column], default: str | None) -> Column:
    """The first value each row has."""
    return _column([next(filter(None, values), default) for values in zip(*columns, strict=True)])


def _country_of_language(rows: _Rows, language: Column) -> Column:
    """Country of a locale (``en-PH``), or the one that speaks a language where there is but one."""
    codes, unique = _factorised([rows.text("language"), language])
    return _taken([_country_of_locale(text, tag) for text, tag in unique], codes)


def _country_of_locale(text: str | None, tag: str | None) -> str | None:
    if text is None or tag is None:
        return None
    region = re.split(r"[-_]", text.strip())[-1]
    if len(region) == 2 and region.isupper() and "_" in text.replace("-", "_"):
        return clean_country(region).value
    return _spoken_only_in(tag)


def _country_of_city(rows: _Rows, stated: Column, store: Column) -> Column:
    """Where a record states no country and its city is not one of the store's country: the country of a big city by that name."""
    codes, unique = _factorised([rows.text("city"), stated, store])
    found = [
        None if text is None or own or (of_store and resolve(text, of_store).value) else country_of_city(text)
        for text, own, of_store in unique
    ]
    return _taken(found, codes)


@cache
def _spoken_only_in(language: str) -> str | None:
    found = [code for code in reference.countries() if _pack(code).languages[0] == language]
    return found[0] if len(found) == 1 else None


def _pack(code: str) -> reference.Country:
    pack = reference.country(code)
    assert pack is not None, code
    return pack


def _order(rows: _Rows, habits: Habits) -> Column:
    """Declared order of all-numeric dates, by store or source; None leaves it to the country."""
    return _column([order.upper() if order else habits.date_order for order in rows.scoped(habits.date_orders)])


def _contacts(rows: _Rows, country: Column) -> tuple[Column, Column]:
    """E-mail addresses and telephone numbers; one that stands in the other's field is moved."""
    found: dict[str, tuple[list[int], list[tuple[str, ...]]]] = {"emails": ([], []), "phones": ([], [])}
    for field in ("emails", "phones"):
        owners, values = _flat(rows.raw(field))
        where = country[owners] if owners else _column([])
        answers = _contacts_of(field, values, _number_beside(owners, values, where) if field == "phones" else where)
        for owner, text, (target, answer) in zip(owners, values, answers, strict=True):
            rows.note_row(owner, target, answer.flags, [])
            if answer.rule:
                rows.note_row(owner, field, (), [_change(field, answer.rule, text, answer.value if target == field else None)])
            if target != field:
                rows.note_row(owner, target, (), [_change(target, "swapped_fields", None, answer.value)])
            found[target][0].append(owner)
            found[target][1].append(answer.value)
    for field, (owners, values_of) in found.items():
        rows.done[field] = _gathered(rows.size, owners, values_of)
    return rows.done["emails"], rows.done["phones"]


def _contacts_of(field: str, values: Column, country: Column) -> list[tuple[str, Cleaned[tuple[str, ...]]]]:
    codes, unique = _factorised([values, country])
    answers = [_contact(text, field, where) for text, where in unique]
    return [answers[code] for code in codes]


def _number_beside(owners: Sequence[int], values: Column, country: Column) -> Column:
    """Country each number is read in: where a row has none, that of the row's own international number."""
    beside: dict[int, str] = {}
    for owner, text, where in zip(owners, values, country, strict=True):
        if where is None and text.lstrip(" (p:").startswith(("+", "00")):
            numbers = clean_phones(text, None).value
            if numbers and (known := country_of(numbers[0])):
                beside.setdefault(owner, known)
    return _column([where or beside.get(owner) for owner, where in zip(owners, country, strict=True)])


def _contact(text: str, field: str, country: str | None) -> tuple[str, Cleaned[tuple[str, ...]]]:
    """The field a contact belongs to, and what it is there."""
    other = None
    if field == "phones" and "@" in text:
        other = "emails", clean_emails(text)
    elif field == "emails" and "@" not in text and sum(c.isdecimal() for c in text) >= 7:
        other = "phones", clean_phones(text, country)
    if other is not None and other[1].value:
        target, answer = other
        return target, answer._replace(rule="swapped_fields")
    return field, clean_emails(text) if field == "emails" else clean_phones(text, country)


def _country(rows: _Rows, stated: Column, phones: Column, hints: Sequence[tuple[str, Column]], default: str | None) -> Column:
    """The record's own country, else its number's where that is a foreign one, else the first hint.

    Its own and its store's are declared facts and have no flag; the source's default is flagged ``assumed``.
    """
    country = stated.copy()
    for row in np.flatnonzero([value is None for value in stated]).tolist():
        hinted = next(((flag, column[row]) for flag, column in hints if column[row]), ("assumed", default))
        by_phone = country_of(phones[row][0]) if phones[row] else None
        flag, country[row] = ("from_phone", by_phone) if by_phone and by_phone != hinted[1] else hinted
        if country[row] and flag:
            rows.flags[row].append(f"country:{flag}")
    return country


def _names(rows: _Rows, country: Column) -> None:
    parts = [rows.text(field) for field in NAME_FIELDS]
    codes, unique = _factorised([*parts, country])
    nothing = CleanedName(Name())
    answers = [clean_name(Name(*(part or "" for part in key[:-1])), key[-1]) if any(key[:-1]) else nothing for key in unique]
    for i, field in enumerate(NAME_FIELDS):  # Name has its parts in the same order
        rows.done[field] = _taken([answer.name[i] or None for answer in answers], codes)
    keys = [_keys(answer.name, key[-1]) for key, answer in zip(unique, answers, strict=True)]
    rows.done["given_key"] = _taken([given or None for given, _ in keys], codes)
    rows.done["family_key"] = _taken([family or None for _, family in keys], codes)
    rows.note(codes, [answer.flags for answer in answers], [answer.changes for answer in answers])


def _keys(name: Name, country: str | None) -> tuple[str, str]:
    """Given and family key; a reading in kana goes before the characters it reads, Japanese people abroad keep theirs."""
    given, family = name.given, name.family
    if country != "JP" and family and are_japanese(family, given, country):
        country = "JP"
    if name.reading:
        words = name.reading.split()
        if len(words) == 2:
            family, given = words
    return given_key(given, country) if given else "", family_key(family, country) if family else ""


def _address(rows: _Rows, stated: Column, country: Column) -> None:
    sure = _column([value is not None for value in stated])
    rows.clean("postcode", lambda text, where, known: clean_postcode(text, where, sure=known), country, sure)
    subdivision = rows.clean("subdivision", clean_subdivision, country)
    rows.clean("city", clean_city, country, subdivision)
    line = rows.clean("address_line", clean_address_line)
    codes, unique = _factorised([line, country])
    streets = [None if text is None else street_of(text, where) for text, where in unique]
    rows.done["house_number"] = _taken([street.number or None if street else None for street in streets], codes)
    rows.done["street_key"] = _taken([street.key or None if street else None for street in streets], codes)


def _mentioned(rows: _Rows, country: Column) -> None:
    for field in ("subject", "body"):
        column = rows.done[field]
        codes, unique = _factorised([column, country])
        found = [Mentions() if text is None else mentions(text, where) for text, where in unique]
        any_found = np.fromiter((bool(m.emails or m.phones) for m in found), dtype=bool, count=len(found))
        for row in np.flatnonzero(any_found[codes]).tolist():
            for target, values in zip(("emails", "phones"), found[codes[row]], strict=True):
                new = [value for value in values if value not in rows.done[target][row]]
                if new:
                    rows.done[target][row] = [*rows.done[target][row], *new]
                    rows.note_row(row, target, ("from_text",), [])


def _moments(rows: _Rows, field: str, country: Column, zone: Column, order: Column) -> None:
    """Timestamps in UTC; a column the mapping already read is only brought to UTC."""
    if field in rows.mapped and pd.api.types.is_datetime64_any_dtype(rows.mapped[field]):
        column: Any = rows.mapped[field].to_numpy()
    else:
        column = rows.clean(field, clean_timestamp, country, zone, order)
    rows.moments[field] = pd.Series(pd.to_datetime(pd.Series(column), utc=True)).astype("datetime64[us, UTC]").array


def _amounts(rows: _Rows, country: Column, currency: Column) -> None:
    """Amount and currency; a currency the record states goes before the mark beside the amount, that before the store's."""
    stated = rows.text("currency")
    numbers = rows.raw("amount")
    are_numbers = _column([None if v is None else not isinstance(v, str) for v in numbers])
    codes, unique = _factorised([rows.text("amount"), are_numbers, country, currency, stated])
    answers: list[Cleaned[Money | None]] = []
    for text, is_number, where, of_store, of_record in unique:
        # a number the reader made has a decimal point whatever the country writes
        here = None if is_number else where
        nothing: Cleaned[Money | None] = Cleaned(None)
        answer = nothing if text is None else clean_money(text, here, of_store or _currency_of(where))
        if of_record is not None and answer.value is not None:
            answer = answer._replace(value=Money(answer.value.amount, of_record.strip().upper()))
        answers.append(answer)
    rows.done["amount"] = _taken([None if a.value is None else float(a.value.amount) for a in answers], codes)
    currencies = [
        a.value.currency if a.value else key[4] and key[4].strip().upper() for a, key in zip(answers, unique, strict=True)
    ]
    rows.done["currency"] = _taken(currencies, codes)
    changes = [
        [_change("amount", a.rule, key[0], a.value and str(a.value.amount))] if a.rule else []
        for a, key in zip(answers, unique, strict=True)
    ]
    rows.note(codes, [[f"amount:{flag}" for flag in a.flags] for a in answers], changes)


def _currency_of(country: str | None) -> str | None:
    pack = reference.country(country)
    return pack.currency if pack else None


def _free_text(text: str) -> Cleaned[str | None]:
    answer = clean_text(text, lines=True)
    return answer._replace(flags=tuple(flag for flag in answer.flags if flag != "lossy"))


def _count(text: str) -> Cleaned[int | None]:
    try:
        return Cleaned(int(float(text)), None)
    except (ValueError, OverflowError):
        return Cleaned(None, "invalid", ("invalid",))


# --- columns ---


def _column(values: Sequence[Any]) -> Column:
    column: Column = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):  # numpy would make a table of equally long lists
        column[i] = value
    return column


def _factorised(columns: Sequence[Column]) -> tuple[np.ndarray[Any, np.dtype[np.intp]], list[tuple[Any, ...]]]:
    """Codes of the rows and the distinct tuples they stand for."""
    seen: dict[Hashable, int] = {}
    codes = np.fromiter(
        (seen.setdefault(key, len(seen)) for key in zip(*columns, strict=True)), dtype=np.intp, count=len(columns[0])
    )
    return codes, list(seen)  # type: ignore[arg-type]


def _taken(values: Sequence[Any], codes: np.ndarray[Any, np.dtype[np.intp]]) -> Column:
    taken: Column = _column(values)[codes]
    return taken


def _flat(lists: Column) -> tuple[list[int], Column]:
    """Rows and values of a column of lists, one entry a value; empty texts are no values."""
    owners: list[int] = []
    values: list[str] = []
    for row, texts in enumerate(lists):
        if texts is None:
            continue
        for text in [texts] if isinstance(texts, str) else texts:
            if text is not None and text != "" and text == text:  # noqa: PLR0124 - NaN is unlike itself
                owners.append(row)
                values.append(text if isinstance(text, str) else _written(text))
    return owners, _column(values)


def _gathered(size: int, owners: Sequence[int], values: Iterable[tuple[str | None, ...]]) -> Column:
    """Back to lists, each text once, in the order it came."""
    gathered: list[list[str]] = [[] for _ in range(size)]
    for owner, texts in zip(owners, values, strict=True):
        for text in texts:
            if text is not None and text not in gathered[owner]:
                gathered[owner].append(text)
    return _column(gathered)


def _change(field: str, rule: str | None, old: str | None, value: Any) -> Change:
    if isinstance(value, tuple):
        value = "; ".join(value) or None
    return Change(field, rule or "", old, None if value is None else _written(value))


def _json(change: Change) -> str:
    return json.dumps(change._asdict(), ensure_ascii=False)


def _written(value: Any) -> str:
    """A value a reader already typed, as text: a whole float is the integer it was."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)
