"""A steward's word stands above the sources, until what it stood against is said otherwise.

A pin is of one record: the one that supplied the value it overrode. So it goes wherever that record goes, through merges and
splits, and a source that is delivered again brings the same record. Of a value nobody had said it is of a record of the customer.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from include.errors import SukiError
from include.golden import proof
from include.golden.fields import GOLDEN_FIELDS
from include.golden.rules import Survivorship, load

PINNED = "pinned"
"""The rule that provenance names for a pinned value."""

_KINDS = {field.name: field.type for field in GOLDEN_FIELDS}


class NotToBePinned(SukiError):
    """A field whose value no steward gives: the sentence says why, and what can be pinned."""


@dataclass(frozen=True)
class Pin:
    """A value a steward gave.

    Attributes:
        pin_id: Its id.
        record_id: The record it is of.
        field: The field it was given for.
        given: Field > value: of a field that moves with others, all of them as they shall stand together; of a set, the one that
            stands first.
        overrode: Field > what the record said of each; all None where no record of the customer said anything.
    """

    pin_id: str
    record_id: str
    field: str
    given: Mapping[str, str | None]
    overrode: Mapping[str, str | None]


def moving_with(field: str, rules: Survivorship | None = None) -> tuple[str, ...]:
    """The fields that are pinned together with one: its group, or itself.

    Raises:
        NotToBePinned: No such field, or one that is no steward's to give.
    """
    allowed = [name for name, kind in _KINDS.items() if kind in ("text", "date", "texts")]
    if field not in _KINDS:
        raise NotToBePinned(f"There is no golden field '{field}'. Fields that can be pinned: {', '.join(allowed)}.")
    if _KINDS[field] == "boolean" or field.endswith("_consent_at"):
        raise NotToBePinned(
            f"{field} cannot be pinned: consent is the customer's own word, and comes by a source that can prove it"
            " (include/sources/touchpoint_answers)."
        )
    if field not in allowed:
        raise NotToBePinned(
            f"{field} cannot be pinned: it is reckoned from all records. Fields that can be: {', '.join(allowed)}."
        )
    group = next((group.fields for group in (rules or load()).groups.values() if field in group.fields), None)
    return group or (field,)


def drawn(
    customer: Mapping[str, Any],
    provenance: Mapping[str, Mapping[str, Any]],
    records: pd.DataFrame,
    field: str,
    given: Mapping[str, str | None],
) -> Pin:
    """The pin that gives a customer some values, before it has an id (empty).

    Args:
        customer: The golden row.
        provenance: The customer's rows by field.
        records: The customer's current records; the first of them bears the pin where nobody says anything.
        field: The field it is given for.
        given: The values, clean: of that field, and of all that move with it.
    """
    fields = tuple(given)
    golden = _of(customer, fields)
    held = {row: _of(records.loc[row], fields, among=golden) for row in records.index}
    supplied = {str(one) for name in fields if name in provenance for one in provenance[name]["record_ids"]}
    bearer = _bearer(records, held, supplied, golden)
    return Pin("", str(records.loc[bearer, "record_id"]), field, given, held[bearer])


def replaced(pin: Pin, earlier: Pin) -> Pin:
    """A pin in the place of another on the same fields: what it overrode stays what the record said."""
    return replace(pin, record_id=earlier.record_id, overrode=earlier.overrode)


def _bearer(
    records: pd.DataFrame, held: Mapping[Any, Mapping[str, Any]], supplied: Collection[str], golden: Mapping[str, Any]
) -> Any:
    """The row that bears the pin: who supplied the golden value, else who says anything, else the first."""
    suppliers = [row for row in records.index if str(records.loc[row, "record_id"]) in supplied]
    agreeing = [row for row in suppliers if held[row] == golden]
    saying = [row for row in records.index if any(held[row].values())]
    return (agreeing or suppliers or saying or list(records.index))[0]


def apply(
    customers: pd.DataFrame, proofs: pd.DataFrame, records: pd.DataFrame, pins: Iterable[Pin]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Golden customers with the pinned values that stand, and the proofs that say so.

    Of two pins on one field of a customer, which a merge can bring together, the later stands.

    Args:
        customers: What survived by the rules.
        proofs: Where it came from, as ``proof`` tells.
        records: The snapshot it came from: ``record_id, customer_id`` and the golden fields.
        pins: Those in force, the earliest first; those of records that are not here are passed over.
    """
    pins = list(pins)
    borne = records[records["record_id"].isin({pin.record_id for pin in pins})]
    bearers: dict[str, Mapping[Any, Any]] = {str(row["record_id"]): row for row in borne.to_dict("records")}
    among = customers[customers["customer_id"].isin(borne["customer_id"])]
    golden: dict[Any, dict[Any, Any]] = dict(zip(among["customer_id"], among.to_dict("records"), strict=True))
    told: dict[tuple[str, str], str | None] = {}
    for pin in pins:
        bearer = bearers.get(pin.record_id)
        if bearer is not None and _stands(pin, bearer, golden[bearer["customer_id"]]):
            told |= {(bearer["customer_id"], name): value for name, value in pin.given.items()}
    if not told:
        return customers, proofs
    place = dict(zip(among["customer_id"], among.index, strict=True))
    of = dict(iter(records[records["customer_id"].isin(golden)].groupby("customer_id", sort=False)))
    columns = {name: customers[name].tolist() for _, name in told}
    at = {index: number for number, index in enumerate(customers.index)}
    for (customer, name), value in told.items():
        columns[name][at[place[customer]]] = _first(golden[customer][name], value) if _KINDS[name] == "texts" else value
    changes: dict[Any, dict[str, tuple[str, int, int] | None]] = {}
    for (customer, name), value in told.items():  # what holds no value is not told of
        change = None if value is None else (PINNED, *_counts(of[customer][name], value))
        changes.setdefault(customer, {})[name] = change
    pinned = {name: pd.Series(values, index=customers.index, dtype=object) for name, values in columns.items()}
    rewritten = [
        proof.rewritten(text, changes[customer]) if customer in changes else text
        for customer, text in zip(proofs["customer_id"], proofs["fields"], strict=True)
    ]
    return customers.assign(**pinned), proofs.assign(fields=rewritten)


def _first(values: Iterable[str], first: str | None) -> list[str]:
    return [*filter(None, [first]), *(value for value in values if value != first)]


def _stands(pin: Pin, bearer: Mapping[str, Any], golden: Mapping[str, Any]) -> bool:
    """Whether the record still says what the pin overrode; or where it said nothing, whether nobody else does now."""
    fields = tuple(pin.given)
    if any(pin.overrode.values()):
        return _of(bearer, fields, among=pin.overrode) == dict(pin.overrode)
    return not any(_of(golden, fields).values())


def _of(record: Mapping[str, Any], fields: Iterable[str], among: Mapping[str, str | None] | None = None) -> dict[str, str | None]:
    """What a record says of some fields; of a set its first value, or the one that is asked for if it is among them."""
    said: dict[str, str | None] = {}
    for name in fields:
        value = record[name]
        if _KINDS[name] == "texts":
            held = [] if value is None else list(value)
            wanted = (among or {}).get(name)
            value = wanted if wanted in held else next(iter(held), None)
        said[name] = None if pd.isna(value) else str(value)
    return said


def _counts(held: "pd.Series[Any]", value: str | None) -> tuple[int, int]:
    """How many records hold the value, and how many any."""
    said = [[one] if pd.api.types.is_scalar(one) else list(one) for one in held]
    known = [[one for one in values if not pd.isna(one)] for values in said]
    return sum(value in values for values in known), sum(bool(values) for values in known)
