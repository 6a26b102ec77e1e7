"""The records of a labelled set by the pipeline's own steps, each timed: read, map, clean.

What an operator does around a step (the lake, the warehouse, the gates) is left out; the steps are the very functions it calls.
"""

import gc
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import pyarrow as pa

from benchmarks.labelled import Labelled, Unfit, shown
from benchmarks.matching import Steps, say
from include.cleaning.chunks import clean_chunks
from include.cleaning.frames import CleanedRows, clean_rows
from include.privacy.regions import region_of
from include.privacy.tokens import Tokens
from include.sources import PROBLEMS, Drift, Source, Stream, map_rows
from include.warehouse.snapshot import SNAPSHOT_COLUMNS
from suki.frames import cleaned_schema, from_table, landed_schema, mapped_schema, to_table
from suki.habits import country_of, habits_of
from suki.landed import landed_frame, landed_row
from suki.ownership import record_ids

_ROWS_AT_ONCE = 10_000
_KEY = Tokens(b"a labelled set holds no customer", "labelled")
_KEPT = ("record_id", "source", "stream", "scope", "region", "source_updated_at", "delivered_on", "deleted", "flags")


@dataclass(frozen=True)
class Records:
    """The cleaned records of a set.

    Attributes:
        snapshot: As resolve takes them from the warehouse.
        known: Record id by source and key, of all that were read; None where two streams of a source hold the key.
        rows: How many rows came, and what became of those that are no record now.
    """

    snapshot: pd.DataFrame
    known: dict[tuple[str, str], str | None]
    rows: dict[str, int]


def records_of(labelled: Labelled, steps: Steps) -> Records:
    """Read, map and clean all customers of a set; of several deliveries of a record the latest counts, as in the warehouse.

    Raises:
        Unfit: A key stands twice in one file, or no record was read.
        DeliveryRefused: A file cannot be read to its end.
    """
    versions, known, rows = versions_of(labelled, steps)
    snapshot = current(versions, rows)
    mentioned = mentions_of(labelled, steps)
    snapshot["mentioned_email_keys"] = [mentioned.get(record, []) for record in snapshot["record_id"]]
    return Records(snapshot, known, rows)


def versions_of(labelled: Labelled, steps: Steps) -> tuple[pd.DataFrame, dict[tuple[str, str], str | None], dict[str, int]]:
    """Everything a set's sources said of its customers, cleaned; known record ids; and what became of the rows."""
    parts: list[pd.DataFrame] = []
    known: dict[tuple[str, str], str | None] = {}
    rows = {"read": 0, "unreadable": 0, "without_key": 0}
    for source, stream in labelled.streams():
        with steps.of("read"):
            landed = list(_landed(labelled, source, stream, rows))
            _know(landed, source, known)
        parts += _cleaned(landed, source, stream, steps)
    if not parts:
        raise Unfit(f"no record was read from {labelled.folder}")
    return pd.concat(parts, ignore_index=True), known, rows


def mentions_of(labelled: Labelled, steps: Steps) -> dict[str, list[str]]:
    """The e-mails in what customers wrote, by whose record it is; of several deliveries of a text the latest counts."""
    found: dict[str, set[str]] = {}
    for source, stream in labelled.written():
        with steps.of("read"):
            landed = list(_landed(labelled, source, stream, dict.fromkeys(("read", "unreadable", "without_key"), 0)))
        if not (parts := _cleaned(landed, source, stream, steps)):
            continue
        texts = _latest(pd.concat(parts, ignore_index=True))
        texts = texts[~texts["deleted"].astype(bool) & texts["mentioned_email_keys"].astype(bool)]
        owners = record_ids(_KEY, source, str(stream.customer_stream), list(texts["customer_key"]), list(texts["delivered_on"]))
        for owner, keys in zip(owners, texts["mentioned_email_keys"], strict=True):
            if owner is not None:
                found.setdefault(owner, set()).update(keys)
    return {owner: sorted(keys) for owner, keys in found.items()}


def _landed(labelled: Labelled, source: Source, stream: Stream, counts: dict[str, int]) -> Iterator[pa.Table]:
    rows: list[dict[str, Any]] = []
    for delivery in labelled.deliveries(source, stream):
        lines: dict[str, int] = {}
        left_out: dict[str, list[int]] = {}
        for row in [] if delivery.refused else delivery:
            landed = landed_row(delivery, row, stream)
            counts["read"] += 1
            if row.problem or landed["source_key"] is None:
                counts["unreadable" if row.problem else "without_key"] += 1
                left_out.setdefault(PROBLEMS[row.problem] if row.problem else "has no key", []).append(row.position)
                continue
            before = lines.setdefault(landed["source_key"], row.position)
            if before != row.position and not stream.repeats:
                raise Unfit(
                    f"{delivery.file}, lines {before} and {row.position}: one key twice in a file;"
                    " declare 'repeats: true' if it may be, and the last one counts"
                )
            rows.append(landed)
            if len(rows) == _ROWS_AT_ONCE:
                yield to_table(landed_frame(rows, source, stream, _KEY), landed_schema())
                rows = []
        for why, positions in left_out.items():
            say(f"{delivery.file}, line {shown(positions)}: {why}; left out")
    if rows:
        yield to_table(landed_frame(rows, source, stream, _KEY), landed_schema())


def _know(landed: list[pa.Table], source: Source, known: dict[tuple[str, str], str | None]) -> None:
    own = {
        (source.name, key): record
        for table in landed
        for key, record in zip(table["source_key"].to_pylist(), table["record_id"].to_pylist(), strict=True)
    }
    known.update((key, None if key in known else record) for key, record in own.items())


def _cleaned(landed: list[pa.Table], source: Source, stream: Stream, steps: Steps) -> list[pd.DataFrame]:
    drift, mapped, cleaned = Drift(), list[pa.Table](), list[pd.DataFrame]()
    with steps.of("map"):
        while landed:
            frame, seen = map_rows(from_table(landed.pop(0)), source, stream)
            drift.add(seen)
            mapped.append(to_table(frame, mapped_schema(stream.kind)))
    for name, (count, file) in sorted(drift.fields.items()):
        say(f"{source.name}.{stream.name}: field '{name}' is neither mapped nor ignored ({count:,} rows, first in {file})")
    for note, count in sorted(drift.notes.items()):
        say(f"{source.name}.{stream.name}: {note} ({count:,} rows)")
    habits = habits_of(source, stream)
    clean = partial(clean_rows, kind=stream.kind, habits=habits)
    with steps.of("clean"):
        answer: CleanedRows
        for answer in clean_chunks(map(from_table, mapped), clean, len(os.sched_getaffinity(0))):
            frame = answer.frame
            frame["region"] = region_of(country_of(frame, habits), source.default_country)
            frame["cleaning_version"] = 0
            frame = from_table(to_table(frame, cleaned_schema(stream.kind)))
            frame["source"], frame["stream"] = source.name, stream.name
            wanted = (*_KEPT, *SNAPSHOT_COLUMNS, "customer_key")
            cleaned.append(frame[[name for name in dict.fromkeys(wanted) if name in frame]])
    gc.collect()
    return cleaned


def current(records: pd.DataFrame, rows: dict[str, int]) -> pd.DataFrame:
    """The records as the warehouse has them now: ``staging.current_record`` and the columns of a snapshot."""
    first, latest = records.groupby("record_id")["source_updated_at"].min(), _latest(records)
    rows["older"], rows["deleted"] = len(records) - len(latest), int(latest["deleted"].sum())
    live = latest[~latest["deleted"].astype(bool)].sort_values("record_id", ignore_index=True)
    live["source_time"], live["first_source_time"] = live["source_updated_at"], live["record_id"].map(first)
    live["mentioned_email_keys"] = [[] for _ in range(len(live))]
    return live[list(SNAPSHOT_COLUMNS)]


def _latest(rows: pd.DataFrame) -> pd.DataFrame:
    """The latest word on each record or interaction."""
    by = ["source_updated_at", "delivered_on", "deleted"]
    return rows.sort_values(by, ascending=[True, True, False], kind="stable").drop_duplicates("record_id", keep="last")
