"""Where stewards pin values: what they give is cleaned as any source's word, and set against what it overrides."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from include.cleaning.frames import clean_customers
from include.cleaning.habits import Habits
from include.customer import ROW_COLUMNS, names
from include.golden.pins import NotToBePinned, Pin, drawn, moving_with, replaced
from include.warehouse import decisions, examining, pins

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class Pinned:
    """What was pinned.

    Attributes:
        pin: It, with its id.
        customer_id: Whose value it is.
        repaired: The rules by which cleaning changed the value that was given.
        replaces: Ids of earlier pins in whose place it stands.
        fields: All fields that it gives.
    """

    pin: Pin
    customer_id: str
    repaired: tuple[str, ...]
    replaces: tuple[str, ...]
    fields: tuple[str, ...]


def pin_value(connection: "Connection", customer_id: str, field: str, value: str, *, actor: str, reason: str) -> Pinned:
    """Pin a golden value; nobody else decides until the transaction ends.

    Raises:
        NotToBePinned: No such field, no steward's to give, or a value that cleaning would not keep.
        Undecidable: Nobody pins, or for no reason.
    """
    decisions.hold(connection)
    fields = moving_with(field)
    golden, provenance = examining.golden(connection, customer_id)
    records = examining.contents(connection, examining.members(connection, [customer_id])[customer_id])
    if records.empty:
        raise NotToBePinned(f"All records of customer {customer_id} were deleted since the last run: the next one removes it.")
    given, repaired = _clean(golden, field, fields, value)
    pin = drawn(golden, {row["field"]: row for row in provenance}, records, field, given)
    known = pins.pinned(connection, customer_id)
    now = [row for row in known if row["state"] != "withdrawn" and set(row["given"]) == set(fields)]
    for row in now:
        if row["state"] == "stands":
            pin = replaced(pin, Pin(row["pin_id"], row["record_id"], row["field"], row["given"], row["overrode"]))
    earlier = tuple(row["pin_id"] for row in now)
    pin_id = pins.keep(
        connection, pin.record_id, field, pin.given, pin.overrode, actor=actor, reason=reason, instead_of=earlier
    )  # fmt: skip
    return Pinned(replace(pin, pin_id=pin_id), customer_id, repaired, earlier, fields)


def _clean(
    golden: Mapping[str, Any], field: str, fields: tuple[str, ...], value: str
) -> tuple[dict[str, str | None], tuple[str, ...]]:
    """The fields as they shall stand, and by which rules the value was changed."""
    row: dict[str, Any] = dict.fromkeys((*ROW_COLUMNS, *names("customers", "mapped"))) | {"country": golden["country"]}
    # A whole name is parsed into its parts, and parts make up the whole: what stood before must not contradict the new.
    beside = () if field == "full_name" else tuple(name for name in fields if name != "full_name")
    cleaned = _cleaned(row | {name: golden[name] for name in beside} | {field: value})
    said = [one for one in json.loads(cleaned["changes"] or "[]") if one["field"] == field]
    doubts = [one["rule"] for one in said if one["outcome"] in ("flagged", "emptied", "removed")]
    kept = cleaned[field]
    if doubts or not (kept if isinstance(kept, str) else kept is not None and len(kept) == 1):
        why = ", ".join(sorted(set(doubts))) or "nothing of it is left"
        raise NotToBePinned(f"Cleaning would not keep that value of {field} ({why}). Write it out in full, a date as 1990-05-17.")
    given = {name: cleaned[name] if name in fields and isinstance(cleaned[name], str) else None for name in fields}
    return given | {field: kept if isinstance(kept, str) else kept[0]}, tuple(one["rule"] for one in said)


def _cleaned(row: Mapping[str, Any]) -> Mapping[str, Any]:
    import pandas as pd

    return dict(clean_customers(pd.DataFrame([row]).astype(object), Habits()).iloc[0])
