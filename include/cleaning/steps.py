"""The cleaners that a standard can name: each takes the rows one step on, by the habits of their source.

What a value becomes is decided by the modules a field each; here their answers are joined with what stands beside the value.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from include.cleaning import reference
from include.cleaning.address_lines import parse_address
from include.cleaning.addresses import clean_address_line, street_of
from include.cleaning.birthdays import clean_birthday
from include.cleaning.cities import clean_city, country_of_city, resolve
from include.cleaning.consent import clean_consent
from include.cleaning.countries import clean_country
from include.cleaning.dates import clean_timestamp
from include.cleaning.emails import clean_emails, email_key
from include.cleaning.genders import clean_gender
from include.cleaning.handles import clean_handle
from include.cleaning.japanese import are_japanese
from include.cleaning.languages import clean_language
from include.cleaning.loyalty import clean_loyalty
from include.cleaning.mentions import Mentions, mask_cards, mentions
from include.cleaning.money import Money, clean_money
from include.cleaning.name_keys import family_key, given_key
from include.cleaning.names import CleanedName, Name, clean_name
from include.cleaning.orders import shown_by
from include.cleaning.phones import clean_phones, country_of
from include.cleaning.postcode_cities import city_of_postcode
from include.cleaning.postcodes import clean_postcode
from include.cleaning.repairs import Repair
from include.cleaning.result import Change, Cleaned
from include.cleaning.rows import (
    Column,
    Note,
    Rows,
    changed,
    column_of,
    factorised,
    first_of,
    flat,
    gathered,
    note_of,
    noted,
    taken,
)
from include.cleaning.standards import Step
from include.cleaning.subdivisions import clean_subdivision
from include.cleaning.text import clean_text
from include.customer import Type

NAME_FIELDS = ("full_name", "title", "given_name", "middle_name", "family_name", "name_suffix", "nickname", "company_name")


@dataclass(frozen=True)
class Cleaner:
    """What a standard may name.

    Attributes:
        run: Takes the rows one step on.
        types: Types of field it fits, each cleaned by itself.
        fields: Or the fields it fills together, in this order.
        needs: By kind of rows, the cleaners that must have run before.
        evidence: What it may infer from.
        only: The one kind of rows it is for, None for both.
    """

    run: Callable[[Rows, Step], None]
    types: tuple[Type, ...] = ()
    fields: tuple[str, ...] = ()
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    evidence: tuple[str, ...] = ()
    only: str | None = None


def _one(cleaner: Callable[[str], Cleaned[Any]]) -> Callable[[Rows, Step], None]:
    """A cleaner of one text that needs nothing beside it."""

    def run(rows: Rows, step: Step) -> None:
        for name in step.fields:
            rows.clean(name, cleaner)

    return run


def _many(cleaner: Callable[[str], Cleaned[str | None]]) -> Callable[[Rows, Step], None]:
    """A cleaner of each text of a field of several."""

    def run(rows: Rows, step: Step) -> None:
        for name in step.fields:
            rows.clean_each(name, cleaner)

    return run


def mend(rows: Rows) -> None:
    """Before anything else: the quirks that the source declares, each on the record."""
    for repair in rows.habits.repairs:
        if repair.kind == "shifted":
            _unshift(rows, repair)
            continue
        for name in repair.fields:
            rows.put_right(name, _mended(rows, name, repair))


def _mended(rows: Rows, name: str, repair: Repair) -> Column:
    column = rows.raw(name)
    if not any(isinstance(value, list | tuple | np.ndarray) for value in column):
        codes, unique = factorised([rows.text(name)])
        new = [None if text is None else repair.mend(text) for (text,) in unique]
        rows.note(codes, [_mending(name, repair.rule, text, value) for (text,), value in zip(unique, new, strict=True)])
        return taken(new, codes)
    owners, values = flat(column)
    codes, unique = factorised([values])
    new = [repair.mend(text) for (text,) in unique]
    rows.note(codes, [_mending(name, repair.rule, text, value) for (text,), value in zip(unique, new, strict=True)], owners)
    return gathered(rows.size, owners, ((new[code],) for code in codes))


def _mending(name: str, rule: str, old: str | None, new: str | None) -> Note:
    return noted((), [] if old is None else [Change(name, rule, old, new)])


def _unshift(rows: Rows, repair: Repair) -> None:
    assert repair.when is not None
    name, pattern = repair.when
    columns = [rows.text(field_) for field_ in repair.fields]
    codes, unique = factorised([*columns, rows.text(name)])
    moved = [repair.moved(key[:-1]) if key[-1] is not None and pattern.fullmatch(key[-1].strip()) else key[:-1] for key in unique]
    notes = [
        noted((), [Change(f, repair.rule, old, new) for f, old, new in zip(repair.fields, key[:-1], to, strict=True)])
        for key, to in zip(unique, moved, strict=True)
    ]
    rows.note(codes, notes)
    for i, field_ in enumerate(repair.fields):
        rows.put_right(field_, taken([to[i] for to in moved], codes))


# --- whose country ---


def _stated_country(rows: Rows, _step: Step) -> None:
    rows.clean("country", clean_country)
    rows.known["stated"] = rows.done["country"]


def _guesses(rows: Rows) -> tuple[Column, Column, Column]:
    """Country of each row's city (where it is abroad), of its store and of its language."""
    if "lived_in" not in rows.known:
        rows.known["store"] = rows.scoped(rows.habits.countries)
        rows.known["spoken"] = _country_of_language(rows, rows.done["language"])
        rows.known["lived_in"] = _country_of_city(rows, rows.known["stated"], rows.known["store"])
    return rows.known["lived_in"], rows.known["store"], rows.known["spoken"]


def _reading_country(rows: Rows) -> Column:
    """The country contacts are read in, before they themselves tell of another."""
    if rows.kind == "interactions":
        rows.known.setdefault("country", first_of([rows.scoped(rows.habits.countries)], rows.habits.default_country))
        return rows.known["country"]
    lived_in, store, spoken = _guesses(rows)
    return first_of([rows.known["stated"], lived_in, store, spoken], rows.habits.default_country)


def _infer_country(rows: Rows, step: Step) -> None:
    """Where none is stated: the number's where that is a foreign one, else the city's, the store's, the language's, the default.

    Each says what it was read from, so that matching does not count it beside that a second time.
    """
    lived_in, store, spoken = _guesses(rows)
    default, phones = rows.habits.default_country, rows.done["phones"]
    hints = (("from_city", lived_in), ("from_store", store), ("from_language", spoken))
    values, how = column_of([None] * rows.size), column_of([None] * rows.size)
    for row in np.flatnonzero([value is None for value in rows.known["stated"]]).tolist():
        rule, hinted = next(((rule, column[row]) for rule, column in hints if column[row]), ("assumed", default))
        by_phone = country_of(phones[row][0]) if phones[row] else None
        how[row], values[row] = ("from_phone", by_phone) if by_phone and by_phone != hinted else (rule, hinted)
    sure = step.evidence
    rows.infer("country", values, how, {
        "from_phone": ("phones", sure["phones"]), "from_city": ("city", sure["city"]), "from_store": ("store", sure["store"]),
        "from_language": ("language", sure["language"]), "assumed": ("source", sure["default"]),
    })  # fmt: skip
    rows.known["country"] = rows.done["country"]


def _country_of_language(rows: Rows, language: Column) -> Column:
    """Country of a locale (``en-PH``), or the one that speaks a language where there is but one."""
    codes, unique = factorised([rows.text("language"), language])
    return taken([_country_of_locale(text, tag) for text, tag in unique], codes)


def _country_of_locale(text: str | None, tag: str | None) -> str | None:
    if text is None or tag is None:
        return None
    region = re.split(r"[-_]", text.strip())[-1]
    if len(region) == 2 and region.isupper() and "_" in text.replace("-", "_"):
        return clean_country(region).value
    return _spoken_only_in(tag)


def _country_of_city(rows: Rows, stated: Column, store: Column) -> Column:
    """Where a record states no country and its city is not one of the store's country: the country of a big city by that name."""
    codes, unique = factorised([rows.text("city"), stated, store])
    found = [
        None if text is None or own or (of_store and resolve(text, of_store).value) else country_of_city(text)
        for text, own, of_store in unique
    ]
    return taken(found, codes)


@cache
def _spoken_only_in(language: str) -> str | None:
    found = [code for code in reference.countries() if _pack(code).languages[0] == language]
    return found[0] if len(found) == 1 else None


def _pack(code: str) -> reference.Country:
    pack = reference.country(code)
    assert pack is not None, code
    return pack


# --- how to reach them ---


def _contacts(rows: Rows, _step: Step) -> None:
    """E-mail addresses and telephone numbers; one that stands in the other's field is moved."""
    country = _reading_country(rows)
    found: dict[str, tuple[list[int], list[tuple[str, ...]]]] = {"emails": ([], []), "phones": ([], [])}
    for name in ("emails", "phones"):
        owners, values = flat(rows.raw(name))
        where = country[owners] if owners else column_of([])
        codes, unique = factorised([values, _number_beside(owners, values, where) if name == "phones" else where])
        answers = [_contact(text, name, read_in) for text, read_in in unique]
        notes = [_contact_note(name, text, answer) for (text, _), answer in zip(unique, answers, strict=True)]
        rows.note(codes, notes, owners)
        for owner, code in zip(owners, codes.tolist(), strict=True):
            target, answer = answers[code]
            found[target][0].append(owner)
            found[target][1].append(answer.value)
    for name, (owners, values_of) in found.items():
        rows.done[name] = gathered(rows.size, owners, values_of)


def _number_beside(owners: Sequence[int], values: Column, country: Column) -> Column:
    """Country each number is read in: where a row has none, that of the row's own international number."""
    beside: dict[int, str] = {}
    for owner, text, where in zip(owners, values, country, strict=True):
        if where is None and text.lstrip(" (p:").startswith(("+", "00")):
            numbers = clean_phones(text, None).value
            if numbers and (known := country_of(numbers[0])):
                beside.setdefault(owner, known)
    return column_of([where or beside.get(owner) for owner, where in zip(owners, country, strict=True)])


def _contact(text: str, name: str, country: str | None) -> tuple[str, Cleaned[tuple[str, ...]]]:
    """The field a contact belongs to, and what it is there."""
    other = None
    if name == "phones" and "@" in text:
        other = "emails", clean_emails(text)
    elif name == "emails" and "@" not in text and sum(c.isdecimal() for c in text) >= 7:
        other = "phones", clean_phones(text, country)
    if other is not None and other[1].value:
        target, answer = other
        return target, answer._replace(rule="swapped_fields")
    return name, clean_emails(text) if name == "emails" else clean_phones(text, country)


def _contact_note(name: str, text: str, found: tuple[str, Cleaned[tuple[str, ...]]]) -> Note:
    target, answer = found
    if target == name:
        return note_of(name, text, answer)
    moved = [changed(name, "swapped_fields", text, None), changed(target, "swapped_fields", None, answer.value)]
    return noted([f"{target}:{flag}" for flag in answer.flags], moved)


def _email_keys(rows: Rows, _step: Step) -> None:
    rows.done["email_keys"] = rows.each_of(rows.done["emails"], email_key)


def _mentions(rows: Rows, step: Step) -> None:
    """What the free text mentions and the fields do not hold is added to them; a card number is nobody's and masked.

    The e-mails are also kept apart, for whose they are is less sure than of those the source has in a field.
    """
    country = _reading_country(rows)
    added: dict[str, Note] = {target: noted([f"{target}:from_text"], ()) for target in step.fields}
    mentioned = rows.done["mentioned_email_keys"] = gathered(rows.size, [], [])
    for name in ("subject", "body"):
        codes, unique = factorised([rows.done[name], country])
        found = [Mentions() if text is None else mentions(text, where, people=False) for text, where in unique]
        any_found = np.fromiter((bool(m.emails or m.phones or m.cards) for m in found), dtype=bool, count=len(found))
        masked = noted([f"{name}:card_masked"], ())
        for row in np.flatnonzero(any_found[codes]).tolist():
            of_row = found[codes[row]]
            if of_row.cards:
                rows.done[name][row] = mask_cards(rows.done[name][row])
                rows.note(np.zeros(1, dtype=np.intp), [masked], [row])
            keys = [email_key(address) for address in of_row.emails]
            mentioned[row] = [*dict.fromkeys([*mentioned[row], *keys])]
            for target, values in (("emails", of_row.emails), ("phones", of_row.phones)):
                new = [value for value in values if value not in rows.done[target][row]]
                if new:
                    rows.done[target][row] = [*rows.done[target][row], *new]
                    rows.note(np.zeros(1, dtype=np.intp), [added[target]], [row])


# --- who they are ---


def _names(rows: Rows, _step: Step) -> None:
    country = rows.known["country"]
    parts = [rows.text(name) for name in NAME_FIELDS]
    codes, unique = factorised([*parts, country])
    nothing = CleanedName(Name())
    answers = [clean_name(Name(*(part or "" for part in key[:-1])), key[-1]) if any(key[:-1]) else nothing for key in unique]
    for i, name in enumerate(NAME_FIELDS):  # Name has its parts in the same order
        rows.done[name] = taken([answer.name[i] or None for answer in answers], codes)
    keys = [_keys(answer.name, key[-1]) for key, answer in zip(unique, answers, strict=True)]
    rows.done["given_key"] = taken([given or None for given, _ in keys], codes)
    rows.done["family_key"] = taken([family or None for _, family in keys], codes)
    rows.note(codes, [_name_note(key, answer) for key, answer in zip(unique, answers, strict=True)])


def _name_note(key: tuple[str | None, ...], answer: CleanedName) -> Note:
    """What was changed, and which parts were read out of others: a part that was delivered empty and now holds something."""
    changes = [change for change in answer.changes if change.old is None or not change.old.isspace()]
    told = {change.field for change in changes if change.new is not None}
    for i, name in enumerate(NAME_FIELDS):
        if answer.name[i] and not (key[i] or "").strip() and name not in told:
            composed = name == "full_name"
            source = "given_name" if composed else "full_name"
            changes.append(Change(name, "composed" if composed else "parsed", None, answer.name[i], source))
    return noted(answer.flags, changes)


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


# --- when ---


def _orders(rows: Rows) -> tuple[Column, Column]:
    """The order of day and month each row's dates are read in, and who says so: the source, a learned habit, its country."""
    if "order" in rows.known:
        return rows.known["order"], rows.known["order_by"]
    habits = rows.habits
    sure = first_of([rows.scoped(habits.countries), *([rows.known["stated"]] if rows.kind == "customers" else [])], None)
    orders: list[str | None] = []
    deciders: list[str | None] = []
    codes, unique = factorised([rows.raw("scope"), sure])
    for scope, country in unique:
        declared = (habits.date_orders.get(scope) if scope is not None else None) or habits.date_order
        learned = habits.learned_orders.get(scope)
        pack = reference.country(country)
        orders.append(declared.upper() if declared else learned or (pack.date_order if pack else None))
        deciders.append("declared" if declared else "order_learned" if learned else "order_of_country" if pack else None)
    rows.known["order"], rows.known["order_by"] = taken(orders, codes), taken(deciders, codes)
    return rows.known["order"], rows.known["order_by"]


def _in_order(cleaner: Callable[..., Cleaned[Any]]) -> Callable[..., Cleaned[Any]]:
    """A date is read as the order's owner says, and what only a habit or a custom decided says so; else it stays ambiguous."""

    def clean(text: str, decider: str | None, *beside: Any) -> Cleaned[Any]:
        answer = cleaner(text, *beside)
        if decider == "declared" or answer.value is None or shown_by(text) != "either":
            return answer
        if decider is None:
            return Cleaned(None, "ambiguous", ("ambiguous",))
        return answer._replace(flags=(*answer.flags, decider))

    return clean


def _birthday(rows: Rows, step: Step) -> None:
    order, decider = _orders(rows)
    _watch(rows, step.fields[0])
    as_of, country = rows.dates("delivered_on"), rows.known["country"]
    rows.clean(step.fields[0], _in_order(clean_birthday), decider, country, as_of, order)


def _watch(rows: Rows, name: str) -> None:
    """Count what the dates show of their store's order."""
    codes, unique = factorised([rows.text(name), rows.raw("scope")])
    counts = np.bincount(codes, minlength=len(unique))
    for (text, scope), n in zip(unique, counts.tolist(), strict=True):
        shown = shown_by(text) if text is not None else None
        if shown:
            rows.orders[scope, shown] += n


def _moment(rows: Rows, step: Step) -> None:
    """Timestamps in UTC; a column the mapping already read is only brought to UTC."""
    country, zone = rows.known["country"], rows.scoped(rows.habits.timezones)
    order, decider = _orders(rows)
    for name in step.fields:
        if name in rows.mapped and pd.api.types.is_datetime64_any_dtype(rows.mapped[name]):
            column: Any = rows.mapped[name].to_numpy()
        else:
            _watch(rows, name)
            column = rows.clean(name, _in_order(clean_timestamp), decider, country, zone, order)
        rows.moments[name] = pd.Series(pd.to_datetime(pd.Series(column), utc=True)).astype("datetime64[us, UTC]").array


# --- where they live ---


def _one_line(rows: Rows, step: Step) -> None:
    """An address that came in one line is parted where the source has no fields for its parts; these are then cleaned as any."""
    structured = np.logical_or.reduce([rows.delivered(name) for name in step.fields])
    lines = rows.text("address_line")
    lines[structured] = None
    codes, unique = factorised([lines, rows.known["country"]])
    read = [_parts_of(text, country) if text and country else None for text, country in unique]
    if not any(read):
        return
    for i, name in enumerate(step.fields):
        values = taken([parts.fields[i] if parts else None for parts in read], codes)
        rows.put_right(name, np.where(structured, rows.raw(name), values))
    rows.known["street"] = taken([parts.street if parts else None for parts in read], codes)
    rows.note(codes, [_parts_note(step.fields, parts) for parts in read])


class _Parts(NamedTuple):
    """Postcode, subdivision and city of an address in one line, and the street with its number."""

    fields: tuple[str | None, str | None, str | None]
    street: str | None


def _parts_note(fields: Sequence[str], parts: _Parts | None) -> Note:
    told = zip(fields, parts.fields, strict=True) if parts else ()
    return noted((), [Change(name, "parsed", None, value, "address_line") for name, value in told if value])


def _parts_of(line: str, country: str) -> _Parts | None:
    """The parts of a line that shows two of postcode, subdivision and city: a word alone may be any."""
    pack = reference.country(country)
    if pack is None:
        return None
    found = parse_address(line, country)
    city = found.city or (found.district if found.state else "")
    if sum(map(bool, (found.postcode, found.state, city))) < 2:
        return None
    street = (found.number, found.street) if pack.street.number == "before" else (found.street, found.number)
    box = f"PO Box {found.pobox}" if found.pobox else None
    return _Parts((found.postcode or None, found.state or None, city or None), " ".join(filter(None, street)) or box)


def _postcode(rows: Rows, _step: Step) -> None:
    sure = column_of([value is not None for value in rows.known["stated"]])
    rows.clean("postcode", lambda text, where, known: clean_postcode(text, where, sure=known), rows.known["country"], sure)


def _subdivision(rows: Rows, _step: Step) -> None:
    rows.clean("subdivision", clean_subdivision, rows.known["country"])


def _city(rows: Rows, _step: Step) -> None:
    rows.clean("city", clean_city, rows.known["country"], rows.done["subdivision"])


def _infer_city(rows: Rows, step: Step) -> None:
    """Only where the country is no guess of ours: a postcode reads otherwise elsewhere."""
    codes, unique = factorised([rows.done["postcode"], first_of([rows.known["stated"], rows.known["store"]], None)])
    found = taken([city_of_postcode(postcode, country) if postcode and country else None for postcode, country in unique], codes)
    how = column_of(["from_postcode"] * rows.size)
    rows.infer("city", found, how, {"from_postcode": ("postcode", step.evidence["postcode"])})


def _street(rows: Rows, _step: Step) -> None:
    lines = rows.done["address_line"]
    if "street" in rows.known:
        lines = first_of([rows.known["street"], lines], None)
    codes, unique = factorised([lines, rows.known["country"]])
    streets = [None if text is None else street_of(text, where) for text, where in unique]
    rows.done["house_number"] = taken([street.number or None if street else None for street in streets], codes)
    rows.done["street_key"] = taken([street.key or None if street else None for street in streets], codes)


# --- what they paid ---


def _money(rows: Rows, _step: Step) -> None:
    """Amount and currency; a currency the record states goes before the mark beside the amount, that before the store's."""
    country, currency = rows.known["country"], rows.scoped(rows.habits.currencies)
    stated = rows.text("currency")
    are_numbers = column_of([None if v is None else not isinstance(v, str) for v in rows.raw("amount")])
    codes, unique = factorised([rows.text("amount"), are_numbers, country, currency, stated])
    answers: list[Cleaned[Money | None]] = []
    for text, is_number, where, of_store, of_record in unique:
        # a number the reader made has a decimal point whatever the country writes
        here = None if is_number else where
        nothing: Cleaned[Money | None] = Cleaned(None)
        answer = nothing if text is None else clean_money(text, here, of_store or _currency_of(where))
        if of_record is not None and answer.value is not None:
            answer = answer._replace(value=Money(answer.value.amount, of_record.strip().upper()))
        answers.append(answer)
    rows.done["amount"] = taken([None if a.value is None else float(a.value.amount) for a in answers], codes)
    currencies = [
        a.value.currency if a.value else key[4] and key[4].strip().upper() for a, key in zip(answers, unique, strict=True)
    ]
    rows.done["currency"] = taken(currencies, codes)
    amounts = [Cleaned(a.value and str(a.value.amount), a.rule, a.flags) for a in answers]
    rows.note(codes, [note_of("amount", key[0], amount) for key, amount in zip(unique, amounts, strict=True)])


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


def _as_delivered(rows: Rows, step: Step) -> None:
    for name in step.fields:
        rows.done[name] = rows.raw(name)


_OF_CUSTOMERS = "customers"

CLEANERS: dict[str, Cleaner] = {
    "text": Cleaner(_one(clean_text), types=("text",)),
    "text_each": Cleaner(_many(clean_text), types=("texts",)),
    "free_text": Cleaner(_one(_free_text), types=("text",)),
    "language": Cleaner(_one(clean_language), fields=("language",)),
    "country": Cleaner(_stated_country, fields=("country",)),
    "contacts": Cleaner(_contacts, fields=("emails", "phones"), needs={_OF_CUSTOMERS: ("language", "country")}),
    "infer_country": Cleaner(
        _infer_country, fields=("country",), needs={_OF_CUSTOMERS: ("contacts",)},
        evidence=("phones", "city", "store", "language", "default"),
    ),
    "names": Cleaner(_names, fields=(*NAME_FIELDS, "given_key", "family_key"), needs={_OF_CUSTOMERS: ("infer_country",)}),
    "email_keys": Cleaner(_email_keys, fields=("email_keys",), needs={_OF_CUSTOMERS: ("contacts",)}),
    "mentions": Cleaner(
        _mentions,
        fields=("emails", "phones", "mentioned_email_keys"),
        needs={"interactions": ("free_text", "contacts")},
        only="interactions",
    ),
    "birthday": Cleaner(_birthday, types=("date",), needs={_OF_CUSTOMERS: ("infer_country",)}),
    "gender": Cleaner(_one(clean_gender), fields=("gender",)),
    "handle": Cleaner(_many(clean_handle), fields=("handles",)),
    "loyalty": Cleaner(_many(clean_loyalty), fields=("loyalty_ids",)),
    "consent": Cleaner(_one(clean_consent), types=("boolean",)),
    "moment": Cleaner(
        _moment, types=("timestamp",), needs={_OF_CUSTOMERS: ("infer_country",), "interactions": ("contacts",)}
    ),
    "one_line": Cleaner(
        _one_line, fields=("postcode", "subdivision", "city"), needs={_OF_CUSTOMERS: ("infer_country",)}, only=_OF_CUSTOMERS
    ),
    "postcode": Cleaner(_postcode, fields=("postcode",), needs={_OF_CUSTOMERS: ("infer_country",)}),
    "subdivision": Cleaner(_subdivision, fields=("subdivision",), needs={_OF_CUSTOMERS: ("infer_country",)}),
    "city": Cleaner(_city, fields=("city",), needs={_OF_CUSTOMERS: ("subdivision",)}),
    "infer_city": Cleaner(_infer_city, fields=("city",), needs={_OF_CUSTOMERS: ("city", "postcode")}, evidence=("postcode",)),
    "address_line": Cleaner(_one(clean_address_line), fields=("address_line",)),
    "street": Cleaner(_street, fields=("house_number", "street_key"), needs={_OF_CUSTOMERS: ("address_line", "infer_country")}),
    "money": Cleaner(_money, fields=("amount", "currency"), needs={"interactions": ("contacts",)}),
    "count": Cleaner(_one(_count), types=("integer",)),
    "as_delivered": Cleaner(_as_delivered, types=("text", "json")),
}  # fmt: skip
"""Every cleaner a standard may name."""
