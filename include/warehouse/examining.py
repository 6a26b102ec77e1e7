"""What a data steward asks of records and customers: where they stand, what ties them, what was decided of them.

Everything here is read as ``suki_steward`` may read it, and only read.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import Connection, text

from include.customer import CUSTOMER_FIELDS
from include.warehouse import published
from include.warehouse.bulk import dicts, statement, stream
from include.warehouse.engine import Bind, transaction
from include.warehouse.snapshot import MENTIONED, frame_of

_COMPARED = (
    "record_id", "source", "stream", "region", "flags", *(field.name for field in CUSTOMER_FIELDS), "mentioned_email_keys",
)  # fmt: skip


def stand_still(connection: Connection) -> None:
    """See one state of the warehouse until this transaction ends, and change nothing; must be its first statement."""
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))


def last_publication(bind: Bind) -> dict[str, Any] | None:
    """``sequence, model_version, recorded_at`` of what is published; None before the first resolve run."""
    latest = published.latest(bind)
    return None if latest is None else {name: getattr(latest, name) for name in ("sequence", "model_version", "recorded_at")}


def records(bind: Bind, ids: Iterable[str], published_at: datetime) -> dict[str, dict[str, Any]]:
    """Record id > ``source, stream, deleted, customer_id`` (None: none yet, or no longer), and ``changed``: since then."""
    found = dicts(bind, statement("examine_records"), "reading where records stand", ids=_uuids(ids), published_at=published_at)
    return {row["record_id"]: row for row in found}


def members(bind: Bind, customer_ids: Iterable[str]) -> dict[str, list[str]]:
    """Customer id > the ids of its live records, ascending."""
    found = dicts(
        bind,
        text(
            "SELECT customer_id::text, record_id::text FROM golden.crosswalk WHERE customer_id = ANY(:ids)"
            " ORDER BY customer_id, record_id"
        ),
        "reading the records of customers",
        ids=_uuids(customer_ids),
    )
    held: dict[str, list[str]] = {}
    for row in found:
        held.setdefault(row["customer_id"], []).append(row["record_id"])
    return held


def customers_of(bind: Bind, ids: Iterable[str]) -> dict[str, str]:
    """Record id > the customer who holds it, of those that have one."""
    found = dicts(
        bind,
        text("SELECT record_id::text, customer_id::text FROM golden.crosswalk WHERE record_id = ANY(:ids)"),
        "reading the customers of records",
        ids=_uuids(ids),
    )
    return {row["record_id"]: row["customer_id"] for row in found}


def edges(bind: Bind, ids: Iterable[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """The published edges at some records, by their two record ids.

    ``weight, probability, band, rule, evidence, model_version``.
    """
    found = dicts(bind, statement("examine_edges"), "reading the edges of records", ids=_uuids(ids))
    return {(row["record_a"], row["record_b"]): row for row in found}


def decisions(bind: Bind, ids: Iterable[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """The steward decisions in force at some records, by their two record ids.

    ``decision, decision_id, recorded_at, actor, reason``; the last two are a person's name and words.
    """
    found = dicts(bind, statement("examine_decisions"), "reading the decisions on records", ids=_uuids(ids))
    return {(row["record_a"], row["record_b"]): row for row in found}


def golden(bind: Bind, customer_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A customer's golden row, and its provenance by field, as published."""
    query = "SELECT field, record_ids, rule, agreeing, holding, customer_id::text FROM golden.provenance WHERE customer_id = :id"
    with transaction(bind, "reading a golden customer") as connection:
        asked = {"id": UUID(customer_id)}
        row = connection.execute(text("SELECT * FROM golden.customer WHERE customer_id = :id"), asked).mappings().one()
        return dict(row), [dict(one) for one in connection.execute(text(query), asked).mappings()]


def model(bind: Bind, version: str) -> Any:
    """The artefact of a match model, as JSON; None if it is not kept any more."""
    with transaction(bind, "reading a match model") as connection:
        wanted = text("SELECT artefact FROM identity.match_model WHERE model_version = :version")
        return connection.scalar(wanted, {"version": version})


def contents(bind: Bind, ids: Iterable[str] | None = None) -> pd.DataFrame:
    """What current records say, of some or of all, sorted by record id: all that blocking and comparing read of them."""
    columns = ", ".join([*(f"now.{field.name}" for field in CUSTOMER_FIELDS), MENTIONED])
    wanted: dict[str, object] = {"ids": None if ids is None else _uuids(ids)}
    with transaction(bind, "reading what records say") as connection:
        blocks = [
            frame_of(rows, _COMPARED) for rows in stream(connection, statement("examine_contents", content=columns), wanted)
        ]
    return pd.concat(blocks, ignore_index=True) if blocks else frame_of([], _COMPARED)


def _uuids(ids: Iterable[str]) -> Sequence[UUID]:
    return [UUID(one) for one in ids]
