"""The commit of a landing: from here on what a source delivered is known, findable by record, and never landed twice."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import pandas as pd
from sqlalchemy import Connection, Text, Uuid, insert, select
from sqlalchemy.types import TypeEngine

from include.warehouse.bulk import analyze, cells, copy_in, statement, temp_table
from include.warehouse.engine import Bind, lock, transaction
from include.warehouse.errors import DoesNotAddUp, WarehouseRefused
from include.warehouse.tables import delivery, manifest

_NAMESPACE = UUID("0b6f5d3e-7a61-5b57-9a0f-3f5d2c8e4b10")

_LANDED = ("record_id", "source_key", "file", "scope")
_KINDS: dict[str, TypeEngine[Any]] = {"record_id": Uuid(), **dict.fromkeys(_LANDED[1:], Text())}
_IDENTITY = ("source", "stream", "window_start", "window_end", "sha256")
_NOT_STORED = frozenset({"epoch", "restarts", "key_id"})


@dataclass(frozen=True)
class Landing:
    """A committed landing.

    Attributes:
        manifest_id: Its row in ``ops.manifest``.
        uri: Where its rows lie. The landing of an earlier attempt, if that committed the same content: go on from there.
        rows: Rows landed.
        fresh: Whether this call committed it.
    """

    manifest_id: str
    uri: str
    rows: int
    fresh: bool


def commit_landing(
    bind: Bind, landed: Mapping[str, Any], deliveries: Sequence[Mapping[str, Any]], frames: Iterable[pd.DataFrame]
) -> Landing:
    """Record a landing: its manifest row, its delivered files, which of them hold which record, and each record's source key.

    The same content of the same window is one landing however often it is committed, by a retry or by a zombie; the ids follow
    from the content, so nothing differs but who came first.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        landed: The columns of ``ops.manifest`` but ``manifest_id``, plus what record ids are made with: ``epoch``,
            ``restarts`` and ``key_id``.
        deliveries: The columns of ``ops.delivery`` of each file, refused ones included; ids are made here.
        frames: The landed rows: ``record_id`` and ``source_key`` (null where unreadable), ``file``, ``scope``.

    Raises:
        DoesNotAddUp: The frames hold more or fewer rows than the manifest and the deliveries say.
        WarehouseRefused: A known source key came with another record id: the secret key of the ids was changed.
    """
    with transaction(bind, f"landing {landed['source']}.{landed['stream']}") as connection:
        if (known := _known(connection, landed)) is not None:
            return known
        # Rows first and the lock after: a worker that stops while it sends rows must not hold anything that others wait for.
        unkeyed = _copy_rows(connection, landed, deliveries, frames)
        lock(connection, f"landing:{landed['source']}")
        if (known := _known(connection, landed)) is not None:
            return known
        return _write(connection, landed, deliveries, unkeyed)


def know_records(bind: Bind, landed: Mapping[str, Any], frame: pd.DataFrame) -> None:
    """Records that a landing names only now, for the declaration of the source's key was mended: they become known as others are.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        landed: ``source``, ``stream``, ``epoch``, ``restarts``, ``key_id`` and the ``manifest_id`` of the landing.
        frame: Its rows, with the ``record_id`` and ``source_key`` that they have now.
    """
    with transaction(bind, f"naming records of {landed['source']}.{landed['stream']}") as connection:
        temp_table(connection, "landed", _KINDS)
        copy_in(connection, "landed", _LANDED, zip(*(cells(frame[name], "text") for name in _LANDED), strict=True))
        _know(connection, {**landed, "restarts": list(landed["restarts"]), "manifest_id": UUID(str(landed["manifest_id"]))})


def landings_of(bind: Bind, source: str, stream: str, first: date, last: date) -> list[dict[str, Any]]:
    """``manifest_id, uri`` of the staged landings with deliveries of some days, the oldest first; a rewritten one is left out."""
    with transaction(bind, "looking up landings") as connection:
        given = {"source": source, "stream": stream, "first": first, "last": last}
        found = connection.execute(statement("landings_of"), given)
        return [{"manifest_id": str(row.manifest_id), "uri": row.uri} for row in found]


def _known(connection: Connection, landed: Mapping[str, Any]) -> Landing | None:
    query = select(manifest.c.manifest_id, manifest.c.uri, manifest.c.rows).where(
        manifest.c.supersedes.is_(None), *(manifest.c[name] == landed[name] for name in _IDENTITY)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Landing(str(row.manifest_id), row.uri, row.rows, fresh=False)


def _copy_rows(
    connection: Connection, landed: Mapping[str, Any], deliveries: Sequence[Mapping[str, Any]], frames: Iterable[pd.DataFrame]
) -> dict[str, int]:
    """Rows to a temporary table; returns the unkeyed ones by file."""
    temp_table(connection, "landed", _KINDS)
    rows, unkeyed = 0, Counter[str]()
    for frame in frames:
        columns = [cells(frame[name], "text") for name in _LANDED]
        rows += copy_in(connection, "landed", _LANDED, zip(*columns, strict=True))
        unkeyed.update(frame.loc[frame["record_id"].isna(), "file"].map(str))
    told, listed = int(landed["rows"]), sum(int(entry["rows"]) for entry in deliveries)
    if not rows == told == listed:
        raise DoesNotAddUp(
            f"{landed['source']}.{landed['stream']}: {rows:,} rows lie in the lake, the manifest says {told:,}, "
            f"its files {listed:,}."
        )
    analyze(connection, "landed")
    return unkeyed


def _write(
    connection: Connection, landed: Mapping[str, Any], deliveries: Sequence[Mapping[str, Any]], unkeyed: Mapping[str, int]
) -> Landing:
    manifest_id = uuid5(_NAMESPACE, "\x1f".join(str(landed[name]) for name in _IDENTITY))
    of = {"source": landed["source"], "stream": landed["stream"]}
    row = {name: value for name, value in landed.items() if name not in _NOT_STORED}
    connection.execute(insert(manifest), [{**row, "manifest_id": manifest_id}])
    files = [
        {
            **entry, **of, "manifest_id": manifest_id, "delivery_id": uuid5(manifest_id, str(entry["file"])),
            "unkeyed": unkeyed.get(str(entry["file"]), 0),
        }
        for entry in deliveries
    ]  # fmt: skip
    if files:
        connection.execute(insert(delivery), files)
    given = {
        **of,
        "epoch": landed["epoch"],
        "restarts": list(landed["restarts"]),
        "key_id": landed["key_id"],
        "manifest_id": manifest_id,
    }
    _know(connection, given)
    return Landing(str(manifest_id), str(landed["uri"]), int(landed["rows"]), fresh=True)


def _know(connection: Connection, given: Mapping[str, Any]) -> None:
    """The records of the rows in the temporary table, and which files hold them."""
    connection.execute(statement("landing_records"), given)
    if strangers := connection.scalar(statement("landing_strangers")):
        raise WarehouseRefused(
            f"{given['source']}.{given['stream']}: {strangers:,} source keys are known under other record ids than key "
            f"'{given['key_id']}' gives. The secret of the record ids was changed; put the old one back, or rotate it."
        )
    connection.execute(statement("landing_locator"), given)
