"""Values that stewards pinned: kept for good with who and why, withdrawn but never removed, and marked for the next run.

Everything but ``in_force`` is done as ``suki_steward``, under the lock of decisions.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert, text

from include.warehouse.bulk import dicts, statement
from include.warehouse.decisions import Undecidable, mark, said
from include.warehouse.engine import Bind, transaction
from include.warehouse.tables import pin


def in_force(bind: Bind, records: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """``pin_id, record_id, field, given, overrode`` of all that were not withdrawn, or those of some records; earliest first."""
    wanted = None if records is None else [UUID(one) for one in records]
    query = (
        "SELECT pin_id::text, record_id::text, field, given, overrode FROM golden.pin WHERE withdrawn_at IS NULL"
        " AND (CAST(:ids AS uuid[]) IS NULL OR record_id = ANY(:ids)) ORDER BY recorded_at, pin_id"
    )
    return dicts(bind, text(query), "reading the pinned values", ids=wanted)


def pinned(bind: Bind, customer_id: str | None = None) -> list[dict[str, Any]]:
    """Every pin with what became of it, the oldest first: the columns of ``golden.pin_now``.

    Args:
        bind: Where.
        customer_id: Only those of this customer's records.
    """
    return dicts(bind, statement("pins"), "reading the pinned values", customer=customer_id and UUID(customer_id))


def offered(bind: Bind) -> int:
    """How many pins stand no longer, for what they overrode is said otherwise now: somebody should look at them again."""
    with transaction(bind, "reading the pinned values") as connection:
        return int(connection.scalar(text("SELECT count(*) FROM golden.pin_now WHERE state = 'offered again'")))


def keep(
    connection: Connection, record_id: str, field: str, given: Mapping[str, Any], overrode: Mapping[str, Any], *,
    actor: str, reason: str, instead_of: Iterable[str] = (),
) -> str:  # fmt: skip
    """Keep a pin and mark its record, so that the next resolve run has work; returns its id.

    Args:
        connection: As ``suki_steward``, holding the lock of decisions.
        record_id: The record it is of.
        field: The field it is given for.
        given: What shall stand.
        overrode: What the record says.
        actor: Who pins.
        reason: Why.
        instead_of: Earlier pins that it replaces.

    Raises:
        Undecidable: Nobody pins, or for no reason.
    """
    who, why = said(actor, reason)
    pin_id = uuid4()
    for earlier in instead_of:
        withdraw(connection, earlier, actor=who, reason=f"replaced by {pin_id}")
    connection.execute(
        insert(pin),
        {
            "pin_id": pin_id, "record_id": UUID(record_id), "field": field, "given": dict(given), "overrode": dict(overrode),
            "actor": who, "reason": why,
        },
    )  # fmt: skip
    mark(connection, [record_id])
    return str(pin_id)


def is_one(bind: Bind, pin_id: str) -> bool:
    """Whether there ever was a pin of that id."""
    with transaction(bind, "looking a pinned value up") as connection:
        return bool(connection.scalar(text("SELECT EXISTS (SELECT FROM golden.pin WHERE pin_id = :id)"), {"id": UUID(pin_id)}))


def withdraw(bind: Bind, pin_id: str, *, actor: str, reason: str) -> str:
    """Let a pin hold no longer and mark its record; returns the field it was given for.

    Raises:
        Undecidable: It holds no longer already, or nobody withdraws it for no reason.
    """
    who, why = said(actor, reason)
    query = text(
        "UPDATE golden.pin SET withdrawn_at = now(), withdrawn_by = :who, withdrawn_because = :why"
        " WHERE pin_id = :id AND withdrawn_at IS NULL RETURNING record_id::text, field"
    )
    with transaction(bind, "withdrawing a pinned value") as connection:
        found = connection.execute(query, {"id": UUID(pin_id), "who": who, "why": why}).one_or_none()
        if found is None:
            raise Undecidable(f"The pinned value {pin_id} was withdrawn already.")
        mark(connection, [found.record_id])
    return str(found.field)
