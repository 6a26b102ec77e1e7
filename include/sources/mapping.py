"""Raw records to canonical rows, by declaration. Every raw field is mapped, ignored by name, or reported as drift."""

import json
from collections.abc import Mapping as Members
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from include.customer import FIELDS, MAPPED_COLUMNS, ROW_COLUMNS, names
from include.sources import clock, paths
from include.sources.declaration import Condition, Mapping, Source, Stream
from include.sources.drift import Coverage, Drift
from include.sources.readers.copies import copy_number
from include.sources.shape import LOOKED_AT
from include.sources.values import Row, as_text, first, member_of, texts_at, texts_of

if TYPE_CHECKING:
    import pandas as pd

AHEAD = "source_updated_at:clock_ahead"
"""Flag of a record whose source's clock runs ahead of its delivery by more than is declared."""

_LATER_COPY = timedelta(microseconds=1)
"""A file sent again corrects the one before, whenever each arrives: its rows are a moment later."""


def key_of(raw: Members[str, Any], stream: Stream) -> str | None:
    """The source's own key of a record, or None if it has none."""
    return first(texts_of(stream.key, Row(dict(raw), stream, None, set())), strip=True)


def moment_of(raw: Members[str, Any], stream: Stream) -> datetime | None:
    """What the source's own clock says of a record; None if it has none or it cannot be read."""
    row = Row(dict(raw), stream, None, set())
    text = first(texts_of(stream.updated_at, row)) if stream.updated_at else None
    return _parsed(text, stream.updated_at, row) if text and stream.updated_at else None


def map_rows(
    landed: "pd.DataFrame",
    source: Source,  # noqa: ARG001
    stream: Stream,
    replaced: Members[str, int] | None = None,
) -> "tuple[pd.DataFrame, Drift]":
    """Map a landed frame; every row comes out, one whose raw text could not be read with nothing but nulls.

    Args:
        landed: Frame of ``LANDED_COLUMNS``.
        source: Whose rows they are (every step of the way is called with source and stream).
        stream: Which of its streams.
        replaced: File > how often its content had been replaced for its day before it was this; 0 if left out. It counts where
            the delivery's date stands in for the source's clock.

    Returns:
        The mapped frame (``ROW_COLUMNS`` and the kind's mapped fields as texts and lists of texts, index as landed), and what
        was not foreseen.
    """
    import pandas as pd

    drift, coverage, fields, before = Drift(), Coverage(stream), _Fields(stream), replaced or {}
    rows: list[dict[str, Any]] = []
    columns = (landed[name] for name in ("file", "delivered_on", "scope", "problem", "raw"))
    every = max(1, len(landed) // LOOKED_AT)
    for n, (file, delivered_on, code, problem, text) in enumerate(zip(*columns, strict=True)):
        readable = not isinstance(problem, str)
        raw = json.loads(text) if readable else {}
        if readable:
            for name in sorted(coverage.unknown(raw)):
                drift.field(name, file)
            for column in sorted(coverage.missing(raw)):
                drift.lacks(column, file)
            if n % every == 0:
                drift.shape.see(file, coverage.looked_at(raw))
        row = Row(raw, stream, code if isinstance(code, str) else None, set())
        values = fields.of(row)
        moment, own, ahead = _updated_at(row, _day(delivered_on))
        copy = copy_number(file) + (0 if own else before.get(file, 0))
        updated_at = None if moment is None else moment + copy * _LATER_COPY
        deleted = _holds(stream.tombstone, row)
        rows.append({"source_updated_at": updated_at, "deleted": deleted, "noted": [AHEAD] if ahead else [], **values})
        drift.notes.update(row.notes)
    mapped = pd.DataFrame({name: landed[name] for name in ROW_COLUMNS if name in landed}, index=landed.index)
    mapped["source_updated_at"] = pd.Series(
        [row["source_updated_at"] for row in rows], index=landed.index, dtype="datetime64[us, UTC]"
    )
    mapped["deleted"] = pd.Series([row["deleted"] for row in rows], index=landed.index, dtype=bool)
    for name in (*MAPPED_COLUMNS, *names(stream.kind, "mapped")):
        mapped[name] = pd.Series([row[name] for row in rows], index=landed.index, dtype=object)
    return mapped[[*ROW_COLUMNS, *MAPPED_COLUMNS, *names(stream.kind, "mapped")]], drift


class _Fields:
    """A stream's canonical fields, each with what fills it."""

    def __init__(self, stream: Stream) -> None:
        self._given = [
            (f.name, f.type, stream.map[f.name], member_of(stream.map[f.name], stream))
            for f in FIELDS[stream.kind]
            if f.name in stream.map
        ]
        constants = {name: as_text(value) for name, value in stream.constants.items()}
        self._listed = {f.name for f in FIELDS[stream.kind] if f.type == "texts"}
        self._constants = {name: [value] if name in self._listed else value for name, value in constants.items()}
        self._empty = [name for name in names(stream.kind, "mapped") if name not in stream.map]

    def of(self, row: Row) -> dict[str, Any]:
        values: dict[str, Any] = {name: [] if name in self._listed else None for name in self._empty}
        if row.raw:
            values.update((name, list(value) if isinstance(value, list) else value) for name, value in self._constants.items())
        for name, kind, mapping, member in self._given:
            texts = texts_of(mapping, row) if member is None else texts_at(member, mapping, row)
            if kind == "texts":
                values[name] = list(dict.fromkeys(texts))
            else:
                value = first(texts, strip=name == "customer_key")
                values[name] = _instant(value, name, mapping, row) if value and kind == "timestamp" else value
        return values


def _updated_at(row: Row, delivered_on: date) -> tuple[datetime | None, bool, bool]:
    """The source's own clock, or the delivery's date where it has none that can be read; whether it is its own, and runs ahead.

    Where it runs ahead too far the delivery's date stands in as well, or None where such rows are to be set aside: a gate refuses
    them for it.
    """
    delivered = datetime.combine(delivered_on, time(), UTC)
    mapping, policy = row.stream.updated_at, row.stream.clock_ahead
    text = first(texts_of(mapping, row)) if mapping and row.raw else None
    if mapping is None or not row.raw:
        return delivered, False, False
    if text is None:
        row.notes.add("no source time; the delivery's date stands in")
        return delivered, False, False
    moment = _parsed(text, mapping, row)
    if moment is None:
        row.notes.add("source time cannot be read; the delivery's date stands in")
        return delivered, False, False
    if moment <= delivered + timedelta(hours=policy.tolerance_hours):
        return moment, True, False
    if policy.beyond == "quarantine":
        row.notes.add("source time lies behind the delivery; the row is set aside")
        return None, True, True
    row.notes.add("source time lies behind the delivery; the delivery's date stands in")
    return delivered, False, True


def _instant(text: str, name: str, mapping: Mapping, row: Row) -> str:
    """ISO 8601 in UTC; a text that is no time stays as it is, for the cleaner to flag."""
    moment = _parsed(text, mapping, row)
    if moment is None:
        row.notes.add(f"{name} is no time; kept as it is")
        return text
    return moment.isoformat()


def _parsed(text: str, mapping: Mapping, row: Row) -> datetime | None:
    order = row.scope.date_order if row.scope else row.stream.date_order
    return clock.parse(text, order, _zone(mapping, row))


def _zone(mapping: Mapping, row: Row) -> ZoneInfo:
    if mapping.zone:
        for value in paths.find(row.raw, paths.parse(mapping.zone, row.stream.flat)):
            if isinstance(value, str) and (zone := _zone_named(value.strip())):
                return zone
        row.notes.add(f"'{mapping.zone}' names no time zone; the declared one stands in")
    return ZoneInfo(row.scope.timezone if row.scope else row.stream.timezone)


@lru_cache(maxsize=512)
def _zone_named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _day(value: Any) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value[:10])
    return value.date() if isinstance(value, datetime) else value


def _holds(condition: Condition | None, row: Row) -> bool:
    if condition is None:
        return False
    wanted = str(as_text(condition.equals)).casefold()
    found = paths.find(row.raw, paths.parse(condition.path, row.stream.flat))
    return any(str(as_text(value)).strip().casefold() == wanted for value in found if value is not None)
