"""Households and repeat registrations in the warehouse: what finding starts from, and a transaction that writes what differs.

They follow a publication, in a transaction of their own: a customer is published whether or not it is known with whom they live.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import Connection, Table, text

from include.customer import Type
from include.errors import Conflict
from include.warehouse.bulk import analyze, cells, copy_in, dicts, run, statement, temp_table, types_of
from include.warehouse.engine import Bind, lock, transaction
from include.warehouse.snapshot import whole_frames
from include.warehouse.tables import household_member, household_tie, repeat_registration

RESIDENT_COLUMNS = (
    "record_id", "customer_id", "source", "stream", "region", "first_source_time", "first_seen_at", "flags", "given_key",
    "family_key", "name_suffix", "birth_date", "address_line", "house_number", "street_key", "city", "postcode", "phones",
    "emails", "email_keys",
)  # fmt: skip
"""Columns of ``residents``."""


@dataclass(frozen=True)
class Living:
    """What a publication's households are found from.

    Attributes:
        residents: ``RESIDENT_COLUMNS`` of every current record that has a customer.
        doubtful: ``customer_a, customer_b``: customers who may be one person.
        previous: ``customer_id, household_id`` as they stand, by the ids that customers have now.
        first_orders: ``record_id, occurred_at, promotions`` of accounts of customers with several at one source.
    """

    residents: pd.DataFrame
    doubtful: pd.DataFrame
    previous: pd.DataFrame
    first_orders: pd.DataFrame


@dataclass(frozen=True)
class Report:
    """What was written.

    Attributes:
        content_hash: Of the tables after it, free of order; 64 hex digits.
        counts: ``households, household_members, household_ties, repeat_registrations, repeat_flagged``.
        fresh: Whether this call wrote it, or an earlier try had.
    """

    content_hash: str
    counts: dict[str, int]
    fresh: bool = True


def read(bind: Bind) -> Living:
    """Everything in one state of the warehouse."""
    with transaction(bind, "reading who lives where") as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        residents = pd.concat(whole_frames(connection, statement("household_residents"), RESIDENT_COLUMNS), ignore_index=True)
        return Living(residents, *(_frame(connection, name) for name in ("doubtful", "previous", "first_orders")))


def write(bind: Bind, resolve_id: str, members: pd.DataFrame, ties: pd.DataFrame, repeats: pd.DataFrame) -> Report:
    """Make these the households and repeat registrations of a publication; a retry finds its report and changes nothing.

    Args:
        bind: Engine or connection acting as ``suki_resolve``.
        resolve_id: The publication they were found after.
        members: ``customer_id, household_id, worth``.
        ties: ``customer_a, customer_b, household_id, evidence, worth``.
        repeats: The columns of ``golden.repeat_registration``, without its sequence.

    Raises:
        Conflict: Another run was published since, and will find them anew.
    """
    with transaction(bind, "writing households") as connection:
        if (known := _known(connection, resolve_id)) is not None:
            return known
        rows = _copy(connection, members, ties, repeats)
        lock(connection, "publish")
        if (known := _known(connection, resolve_id)) is not None:
            return known
        sequence = _sequence(connection, resolve_id)
        run(connection, "household_write", {"sequence": sequence})
        counts = {
            "households": int(members["household_id"].nunique()),
            "household_members": len(members),
            "household_ties": len(ties),
            "repeat_registrations": len(repeats),
            "repeat_flagged": int(repeats["flagged"].sum()),
        }
        content_hash = f"{sum(int.from_bytes(sha256(row.encode()).digest(), 'big') for row in rows) % (1 << 256):064x}"
        connection.execute(
            text("INSERT INTO ops.household_run (resolve_id, content_hash, report) VALUES (:id, :hash, CAST(:report AS jsonb))"),
            {"id": UUID(resolve_id), "hash": content_hash, "report": json.dumps(counts)},
        )
    return Report(content_hash, counts)


def of_customer(bind: Bind, customer_id: str) -> dict[str, Any] | None:
    """``household_id, members, worth, since_sequence`` of a customer's household; None for who is known to live with nobody."""
    wanted = text(
        "SELECT household_id::text, members, household.worth, household.since_sequence FROM golden.household"
        " JOIN golden.household_member USING (household_id) WHERE customer_id = :id"
    )
    found = dicts(bind, wanted, "reading a household", id=UUID(customer_id))
    return found[0] if found else None


def members_of(bind: Bind, household_id: str) -> list[str]:
    """The customers of a household, by id."""
    with transaction(bind, "reading a household") as connection:
        wanted = text("SELECT customer_id::text FROM golden.household_member WHERE household_id = :id ORDER BY customer_id")
        return list(connection.scalars(wanted, {"id": UUID(household_id)}))


def ties_of(bind: Bind, household_id: str) -> list[dict[str, Any]]:
    """``customer_a, customer_b, evidence, worth`` of a household's ties, the strongest first."""
    wanted = text(
        "SELECT customer_a::text, customer_b::text, evidence, worth FROM golden.household_tie WHERE household_id = :id"
        " ORDER BY worth DESC, customer_a, customer_b"
    )
    return dicts(bind, wanted, "reading a household", id=UUID(household_id))


def repeats_of(bind: Bind, customer_id: str) -> list[dict[str, Any]]:
    """``source, accounts, score, flagged, evidence`` of a customer with several accounts at a source, by source."""
    wanted = text(
        "SELECT source, accounts, score, flagged, evidence FROM golden.repeat_registration WHERE customer_id = :id"
        " ORDER BY source"
    )
    return dicts(bind, wanted, "reading repeat registrations", id=UUID(customer_id))


def _frame(connection: Connection, name: str) -> pd.DataFrame:
    found = connection.execute(statement(f"household_{name}"))
    return pd.DataFrame([tuple(row) for row in found], columns=list(found.keys()), dtype=object)


def _known(connection: Connection, resolve_id: str) -> Report | None:
    wanted = text("SELECT content_hash, report FROM ops.household_run WHERE resolve_id = :id")
    row = connection.execute(wanted, {"id": UUID(resolve_id)}).one_or_none()
    return None if row is None else Report(row.content_hash, dict(row.report), fresh=False)


def _sequence(connection: Connection, resolve_id: str) -> int:
    latest = connection.execute(
        text("SELECT resolve_id, sequence FROM ops.resolve_run WHERE status = 'published' ORDER BY sequence DESC LIMIT 1")
    ).one_or_none()
    if latest is None or str(latest.resolve_id) != resolve_id:
        raise Conflict("Another run was published since these households were found: they are found anew after that one.")
    return int(latest.sequence)


def _copy(connection: Connection, members: pd.DataFrame, ties: pd.DataFrame, repeats: pd.DataFrame) -> Iterable[str]:
    """The three frames to temporary tables; returns every row as one text, for the content hash."""
    texts: list[str] = []
    parts: tuple[tuple[str, Table, pd.DataFrame, dict[str, Type]], ...] = (
        ("new_resident", household_member, members, {}),
        ("new_tie", household_tie, ties, {"evidence": "texts"}),
        ("new_repeat", repeat_registration, repeats, {"evidence": "json", "first_at": "timestamp", "last_at": "timestamp"}),
    )
    for name, table, frame, kinds in parts:
        columns = [column.name for column in table.columns if column.name != "since_sequence"]
        temp_table(connection, name, types_of(table, columns))
        ready = [cells(frame[column], kinds[column]) if column in kinds else frame[column].tolist() for column in columns]
        rows = list(zip(*ready, strict=True))
        copy_in(connection, name, columns, rows)
        texts += [f"{name} {row}" for row in rows]
    analyze(connection, "new_resident", "new_tie", "new_repeat")
    return texts
