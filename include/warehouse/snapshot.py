"""What a resolve run starts from: the records as they stand, the marks of what changed, and what was decided before."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import text

from include.customer import CUSTOMER_FIELDS, Type
from include.warehouse.bulk import statement, stream
from include.warehouse.engine import Bind, lock, transaction

SNAPSHOT_COLUMNS = (
    "record_id", "source", "stream", "scope", "region", "source_time", "first_source_time", "flags",
    *(field.name for field in CUSTOMER_FIELDS),
)  # fmt: skip
"""``source_time`` is when the source began to say what it says now, ``first_source_time`` when it first spoke of the record."""

_TYPES: dict[str, Type] = {
    **dict.fromkeys(SNAPSHOT_COLUMNS, "text"),
    "source_time": "timestamp",
    "first_source_time": "timestamp",
    "flags": "texts",
    **{field.name: field.type for field in CUSTOMER_FIELDS},
}


def current_customers(bind: Bind) -> pd.DataFrame:
    """Every live customer record: ``SNAPSHOT_COLUMNS``, sorted by record id."""
    blocks = list(customer_blocks(bind))
    return pd.concat(blocks, ignore_index=True) if len(blocks) > 1 else blocks[0]


def customer_blocks(bind: Bind) -> Iterator[pd.DataFrame]:
    """The same in blocks of at most 50,000 rows, at least one; memory holds one at a time."""
    columns = ", ".join(f"now.{field.name}" for field in CUSTOMER_FIELDS)
    with transaction(bind, "reading the current records") as connection:
        some = False
        for rows in stream(connection, statement("current_customers", content=columns)):
            some = True
            yield frame_of(rows, SNAPSHOT_COLUMNS)
        if not some:
            yield frame_of([], SNAPSHOT_COLUMNS)


def claim_dirty(bind: Bind) -> pd.DataFrame:
    """``mark_id, record_id, reason`` of every mark there is.

    Read the marks before the records: then what changes in between keeps a mark that this run does not consume.
    """
    return _frame(bind, "SELECT mark_id, record_id::text, reason FROM staging.dirty_record ORDER BY mark_id", "reading the marks")


def latest_resolve_id(bind: Bind) -> str | None:
    """The published state that a run starting now is computed from."""
    with transaction(bind, "reading the last publication") as connection:
        found = connection.scalar(
            text("SELECT resolve_id FROM ops.resolve_run WHERE status = 'published' ORDER BY sequence DESC LIMIT 1")
        )
    return None if found is None else str(found)


def previous_memberships(bind: Bind) -> pd.DataFrame:
    """``record_id, customer_id`` that hold until now, of records since deleted too."""
    return _frame(
        bind,
        "SELECT record_id::text, customer_id::text FROM identity.membership WHERE to_sequence IS NULL ORDER BY record_id",
        "reading the memberships",
    )


def ledger(bind: Bind) -> pd.DataFrame:
    """``customer_id, anchor_record_id, minted_at`` of every id ever published, oldest first."""
    return _frame(
        bind,
        "SELECT customer_id::text, anchor_record_id::text, minted_at FROM identity.customer_id_ledger"
        " ORDER BY minted_at, customer_id",
        "reading the ledger",
    )


def aliases(bind: Bind) -> pd.DataFrame:
    """``customer_id, became`` of every published id that is no longer current."""
    return _frame(bind, "SELECT customer_id::text, became::text FROM identity.alias ORDER BY customer_id", "reading the aliases")


def decisions(bind: Bind) -> pd.DataFrame:
    """``record_a, record_b, decision``: the latest decision on each pair that was not withdrawn, record_a < record_b."""
    return _frame(bind, statement("decisions").text, "reading the decisions")


def edges(bind: Bind) -> pd.DataFrame:
    """The published edges: ``record_a, record_b, weight, probability, band, rule, evidence, model_version``."""
    return _frame(
        bind,
        "SELECT record_a::text, record_b::text, weight, probability, band, rule, evidence::text, model_version FROM identity.edge"
        " ORDER BY record_a, record_b",
        "reading the edges",
    )


def suppressed_tokens(bind: Bind) -> frozenset[str]:
    """Tokens of who must not come back."""
    found = _frame(bind, "SELECT token::text FROM privacy.suppression", "reading the suppression list")
    return frozenset(found["token"])


def crosswalk(bind: Bind) -> pd.DataFrame:
    """``record_id, customer_id, source, stream`` as published."""
    return _frame(
        bind,
        "SELECT record_id::text, customer_id::text, source, stream FROM golden.crosswalk ORDER BY record_id",
        "reading the crosswalk",
    )


def resolve(bind: Bind, customer_id: str) -> str | None:
    """Who answers to a customer id now, whenever it was published; None once nobody does, or if it never was."""
    with transaction(bind, "resolving a customer id") as connection:
        found = connection.scalar(
            text("SELECT customer_id FROM golden.v_customer_id WHERE published_id = :id"), {"id": UUID(customer_id)}
        )
    return None if found is None else str(found)


def was_published(bind: Bind, customer_id: str) -> bool:
    """Whether this ever was a customer's id."""
    with transaction(bind, "resolving a customer id") as connection:
        known = text("SELECT EXISTS (SELECT FROM golden.v_customer_id WHERE published_id = :id)")
        return bool(connection.scalar(known, {"id": UUID(customer_id)}))


def records_of(bind: Bind, customer_id: str) -> list[dict[str, str]]:
    """``record_id, source, stream`` of the live records a customer is made of."""
    with transaction(bind, "reading the records of a customer") as connection:
        found = connection.execute(
            text(
                "SELECT record_id::text, source, stream FROM golden.crosswalk WHERE customer_id = :id"
                " ORDER BY source, stream, record_id"
            ),
            {"id": UUID(customer_id)},
        )
        return [{name: str(value) for name, value in row.items()} for row in found.mappings()]


def active_model(bind: Bind) -> Any:
    """The artefact of the active match model, as JSON; None before the first."""
    with transaction(bind, "reading the match model") as connection:
        return connection.scalar(text("SELECT artefact FROM identity.match_model WHERE active"))


def save_model(bind: Bind, version: str, artefact: Mapping[str, Any] | str, *, promote: bool = False) -> Any:
    """Keep a match model and return the active one's artefact.

    The first becomes active. A later one does only when promoted: two runs that both found none and trained go on with one model.
    """
    as_text = artefact if isinstance(artefact, str) else json.dumps(artefact, ensure_ascii=False)
    with transaction(bind, "keeping the match model") as connection:
        lock(connection, "model")
        given = {"version": version, "artefact": as_text}
        connection.execute(
            text(
                "INSERT INTO identity.match_model (model_version, artefact, active)"
                " VALUES (:version, CAST(:artefact AS jsonb), false) ON CONFLICT DO NOTHING"
            ),
            given,
        )
        if promote:
            connection.execute(
                text("UPDATE identity.match_model SET active = false WHERE active AND model_version <> :version"), given
            )
        connection.execute(
            text(
                "UPDATE identity.match_model SET active = true WHERE model_version = :version"
                " AND NOT EXISTS (SELECT FROM identity.match_model WHERE active)"
            ),
            given,
        )
        return connection.scalar(text("SELECT artefact FROM identity.match_model WHERE active"))


def _frame(bind: Bind, query: str, doing: str) -> pd.DataFrame:
    with transaction(bind, doing) as connection:
        found = connection.execute(text(query))
        rows = found.all()
        # Object columns: an empty frame must not turn ids into floats.
        return pd.DataFrame([tuple(row) for row in rows], columns=list(found.keys()), dtype=None if rows else object)


def frame_of(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> pd.DataFrame:
    """Rows of some of ``SNAPSHOT_COLUMNS`` as a frame in the types the core expects."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pd.DataFrame({name: _column(list(values), _TYPES[name]) for name, values in zip(names, columns, strict=True)})


def _column(values: list[Any], kind: Type) -> "pd.Series[Any]":
    if kind == "timestamp":
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object), utc=True)).astype("datetime64[us, UTC]")
    if kind == "texts":
        values = [[] if value is None else value for value in values]
    return pd.Series(values, dtype=object)
