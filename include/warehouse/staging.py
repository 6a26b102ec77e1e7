"""Staging: the warehouse learns what a source said. Told in any order, in any batches, it ends up knowing the same.

A record's versions are runs of equal content: from when the source first said so (``source_time``) to when it last repeated it
(``confirmed_at``). Every word is an observation; the observations of a record are laid out in order of time, and neighbours that
say the same become one version. So a daily full snapshot of a record that never changes is one row, which remembers the moments
it was repeated at: without them, a word that arrives late would split it in another place than one that arrives in time.

A word is read by a cleaning, and a changed cleaner may read it otherwise. Every observation carries the number of its cleaning
(``ops.cleaning``): of two readings of one word, same moment and delivery, the later cleaning's stands and the other is forgotten.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import pandas as pd
import pyarrow as pa
from sqlalchemy import BigInteger, Connection, Table, Text, text

from include.customer import CUSTOMER_FIELDS, INTERACTION_FIELDS, Field, Type
from include.warehouse.bulk import Cells, analyze, cells, run, statement, types_of
from include.warehouse.content import DELETED_HASH, content_hashes
from include.warehouse.copying import copy_tables
from include.warehouse.engine import Bind, lock, transaction
from include.warehouse.tables import interaction, record_version

CUSTOMER_CONTENT = tuple(field.name for field in CUSTOMER_FIELDS)
_STORED_INTERACTION = tuple(field for field in INTERACTION_FIELDS if field.name != "customer_key")
INTERACTION_CONTENT = tuple(field.name for field in _STORED_INTERACTION)
_SAID = ("record_id", "source_time", "delivered_on", "cleaning_version", "content_hash", "deleted", "region")
"""What every staged row carries beside its content."""


@dataclass(frozen=True)
class BatchMeta:
    """What is true of a whole batch.

    Attributes:
        source: Declared source.
        stream: Declared stream.
        manifest_id: The landing the rows descend from.
        purpose: Lawful purpose, as declared by the source.
        restarts: Days from whose deliveries on the source counts its keys anew: no snapshot lacks what is of another numbering.
        replaced: File > how often its content had been replaced for its day before it was this; 0 if left out.
    """

    source: str
    stream: str
    manifest_id: str
    purpose: str
    restarts: Sequence[date] = ()
    replaced: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.source}.{self.stream}"


@dataclass(frozen=True)
class StageCounts:
    """What came of a batch. ``rows_in = staged + unchanged``.

    Attributes:
        rows_in: Rows given.
        staged: Rows that told something new: each began a version that was not there.
        unchanged: Rows that told nothing new.
        deleted: Versions that say a record is gone: told so by the source, or absent from a full snapshot.
        dirty: Records whose current version changed, and so are to be resolved again.
    """

    rows_in: int
    staged: int
    unchanged: int
    deleted: int
    dirty: int

    def __add__(self, other: "StageCounts") -> "StageCounts":
        return StageCounts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def stage_customers(bind: Bind, chunks: Iterable[pd.DataFrame], meta: BatchMeta) -> StageCounts:
    """Merge cleaned customer rows into ``staging.record_version``, conclude what full snapshots lack, and mark what changed.

    Set-based, in one transaction; two stagings of one source wait for each other, and the second finds everything unchanged.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        chunks: Cleaned frames, see ``include.customer``; any number of words about one record, in any order.
        meta: What is true of the whole batch.
    """
    given = {"source": meta.source, "stream": meta.stream, "manifest_id": UUID(meta.manifest_id), "purpose": meta.purpose}
    content = ", ".join(CUSTOMER_CONTENT)
    with transaction(bind, f"staging {meta}") as connection:
        rows_in = told_customers(connection, chunks)
        lock(connection, f"staging:{meta.source}")
        connection.execute(text("DROP TABLE IF EXISTS pg_temp.known, pg_temp.absent, pg_temp.withdrawn, pg_temp.outdone"))
        connection.execute(text("DROP TABLE IF EXISTS pg_temp.before, pg_temp.reading, pg_temp.silence, pg_temp.run"))
        connection.execute(statement("stage_known"), given)
        analyze(connection, "known")
        connection.execute(statement("stage_withdrawn"))
        analyze(connection, "withdrawn")
        connection.execute(statement("stage_absent"), {"restarts": list(meta.restarts)})
        connection.execute(statement("stage_outdone"))
        analyze(connection, "absent", "outdone")
        now = connection.scalars(text("SELECT delivery_id FROM pg_temp.known WHERE now")).all()
        unsaid = connection.scalars(statement("stage_unsaid")).all()
        before = statement("stage_before", unsaid="true" if unsaid else "false")  # seldom: then all records are gone over
        connection.execute(before, {**given, "deliveries": list(now), "unsaid": list(unsaid)})
        analyze(connection, "before")
        connection.execute(statement("stage_reading"), {"deleted_hash": DELETED_HASH})
        analyze(connection, "reading")
        connection.execute(statement("stage_silence"))
        analyze(connection, "silence")
        connection.execute(statement("stage_runs"))
        analyze(connection, "run")
        staged, deleted = connection.execute(statement("stage_counts")).one()
        connection.execute(
            statement(
                "stage_insert",
                content=content,
                told_content=", ".join(f"told.{name}" for name in CUSTOMER_CONTENT),
                kept_content=", ".join(f"kept.{name}" for name in CUSTOMER_CONTENT),
                no_content=", ".join("NULL" for _ in CUSTOMER_CONTENT),
            ),
            given,
        )
        connection.execute(statement("stage_remove"))
        connection.execute(statement("stage_confirm"))
        dirty = connection.execute(statement("stage_dirty")).rowcount
        connection.execute(statement("stage_done"), given)
    return StageCounts(rows_in, staged, rows_in - staged, deleted, dirty)


def stage_interactions(bind: Bind, chunks: Iterable[pd.DataFrame], meta: BatchMeta) -> StageCounts:
    """Keep the latest word on each interaction, by (source time, delivery, copy of the file, cleaning, content hash).

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        chunks: Cleaned frames with one column more: ``customer_record_id``, the customer's record id or None.
        meta: What is true of the whole batch.
    """
    given = {"source": meta.source, "stream": meta.stream, "manifest_id": UUID(meta.manifest_id)}
    with transaction(bind, f"staging {meta}") as connection:
        rows_in = told_interactions(connection, chunks, meta.replaced)
        lock(connection, f"staging:{meta.source}")
        connection.execute(text("DROP TABLE IF EXISTS pg_temp.latest"))
        connection.execute(statement("interactions_latest"))
        staged, deleted = connection.execute(statement("interactions_counts")).one()
        connection.execute(statement("interactions_mark"))
        dirty = connection.execute(statement("interactions_dirty")).rowcount
        names = ("copy", "cleaning_version", "customer_record_id", *INTERACTION_CONTENT, "flags", "changes")
        run(
            connection, "interactions_write", given,
            content=", ".join(names), updates=", ".join(f"{name} = latest.{name}" for name in names),
        )  # fmt: skip
        connection.execute(statement("stage_done"), given)
    return StageCounts(rows_in, staged, rows_in - staged, deleted, dirty)


def told_customers(connection: Connection, chunks: Iterable[pd.DataFrame]) -> int:
    """All rows of customers to the temporary table ``told``; returns how many."""
    columns = (*_SAID, "scope", *CUSTOMER_CONTENT, "flags", "changes")
    return _copy(connection, record_version, columns, chunks, _customer_cells)


def told_interactions(connection: Connection, chunks: Iterable[pd.DataFrame], replaced: Mapping[str, int] | None = None) -> int:
    """All rows of interactions to the temporary table ``told``; returns how many."""
    columns = (*_SAID, "copy", "scope", "customer_record_id", *INTERACTION_CONTENT, "flags", "changes")
    return _copy(connection, interaction, columns, chunks, partial(_interaction_cells, replaced=replaced or {}))


def _copy(connection: Connection, table: Table, columns: Sequence[str], chunks: Iterable[pd.DataFrame], to_cells: Any) -> int:
    """All rows to the temporary table ``told``, numbered; before any lock, for a worker may stop at any chunk."""
    stored = [name for name in columns if name in table.c]
    kept = {"row_no": BigInteger(), **types_of(table, stored), "scope": Text()}
    types = {name: _TYPES.get(name, pa.string()) for name in kept}
    counted = itertools.count()

    def told() -> Iterator[pa.Table]:
        for chunk in chunks:
            values = {"row_no": list(itertools.islice(counted, len(chunk))), **to_cells(chunk)}
            yield pa.table({name: pa.array(values[name], kind) for name, kind in types.items()})

    rows = copy_tables(connection, "told", kept, told())
    analyze(connection, f"told ({', '.join(_SAID)})")
    return rows


_UTC = pa.timestamp("us", "UTC")
_OF_CELLS: Mapping[Type, pa.DataType] = {
    "texts": pa.list_(pa.string()), "timestamp": _UTC, "boolean": pa.bool_(), "integer": pa.int64(),
    "number": pa.decimal128(28, 4),
}  # fmt: skip
_TYPES: Mapping[str, pa.DataType] = {
    **{field.name: _OF_CELLS.get(field.type, pa.string()) for field in (*CUSTOMER_FIELDS, *INTERACTION_FIELDS)},
    "row_no": pa.int64(), "source_time": _UTC, "delivered_on": pa.date32(), "deleted": pa.bool_(), "copy": pa.int64(),
    "cleaning_version": pa.int64(), "flags": pa.list_(pa.string()),
}  # fmt: skip
"""What a told column is in Arrow; text where it says nothing."""


def _customer_cells(chunk: pd.DataFrame) -> dict[str, Cells]:
    return _said(chunk, CUSTOMER_FIELDS, ())


def _interaction_cells(chunk: pd.DataFrame, replaced: Mapping[str, int]) -> dict[str, Cells]:
    said = _said(chunk, _STORED_INTERACTION, (Field("customer_record_id", "text", "internal", "Whose it is"),))
    return {**said, "copy": [replaced.get(file, 0) for file in chunk["file"]] if replaced else [0] * len(chunk)}


def _said(chunk: pd.DataFrame, fields: Sequence[Field], more: Sequence[Field]) -> dict[str, Cells]:
    deleted = [gone is True for gone in cells(chunk["deleted"], "boolean")]
    content = {field.name: _unless(deleted, cells(chunk[field.name], field.type)) for field in (*fields, *more)}
    days = {day: pd.Timestamp(day) for day in set(chunk["delivered_on"])}
    dates, moments = ({day: to(at) for day, at in days.items()} for to in (pd.Timestamp.date, _midnight))
    told_at = cells(chunk["source_updated_at"], "timestamp")
    return {
        "record_id": cells(chunk["record_id"], "text"),
        "source_time": [moment or moments[day] for moment, day in zip(told_at, chunk["delivered_on"], strict=True)],
        "delivered_on": [dates[day] for day in chunk["delivered_on"]],
        "deleted": deleted,
        "scope": cells(chunk["scope"], "text"),
        "region": cells(chunk["region"], "text"),
        "cleaning_version": cells(chunk["cleaning_version"], "integer"),
        "flags": _unless(deleted, cells(chunk["flags"], "texts")),
        "changes": _unless(deleted, cells(chunk["changes"], "json")),
        "content_hash": [DELETED_HASH if gone else of for gone, of in zip(deleted, content_hashes(content), strict=True)],
        **content,
    }


def _midnight(day: pd.Timestamp) -> datetime:
    moment: datetime = day.tz_localize("UTC").to_pydatetime()
    return moment


def _unless(deleted: Sequence[bool], column: Cells) -> Cells:
    """A tombstone has no content, whatever the source still sends with it."""
    return [None if gone else value for value, gone in zip(column, deleted, strict=True)] if True in deleted else column
