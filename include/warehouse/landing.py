"""The commit of a landing: from here on what a source delivered is known, findable by record, and never landed twice."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import pandas as pd
from sqlalchemy import Connection, Text, Uuid, insert, select, text
from sqlalchemy.types import TypeEngine

from include.warehouse.bulk import analyze, by_index, statement
from include.warehouse.copying import Block, copy_rows
from include.warehouse.engine import Bind, lock, transaction
from include.warehouse.errors import DoesNotAddUp, WarehouseRefused
from include.warehouse.tables import delivery, manifest

_NAMESPACE = UUID("0b6f5d3e-7a61-5b57-9a0f-3f5d2c8e4b10")

LANDED = ("record_id", "source_key", "file", "scope")
"""What a landing tells the warehouse of its rows."""

_KINDS: dict[str, TypeEngine[Any]] = {"record_id": Uuid(), **dict.fromkeys(LANDED[1:], Text())}
_IDENTITY = ("source", "stream", "window_start", "window_end", "sha256")
_NOT_STORED = frozenset({"epoch", "restarts", "key_id", "files"})


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
    bind: Bind, landed: Mapping[str, Any], deliveries: Sequence[Mapping[str, Any]], blocks: Iterable[Block]
) -> Landing:
    """Record a landing: its manifest row, its delivered files, which of them hold which record, and each record's source key.

    The same content of the same window is one landing however often it is committed, by a retry or by a zombie; the ids follow
    from the content, so nothing differs but who came first.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        landed: The columns of ``ops.manifest`` but ``manifest_id``, plus what record ids are made with: ``epoch``,
            ``restarts`` and ``key_id``; and ``files``, whether the deliveries are files: one that comes again for its day with
            other content replaces the first. What a table or an API gives says with each reading what changed since.
        deliveries: The columns of ``ops.delivery`` of each file, refused ones included; ids are made here.
        blocks: The landed rows: ``record_id`` and ``source_key`` (null where unreadable), ``file``, ``scope``.

    Raises:
        DoesNotAddUp: The blocks hold more or fewer rows than the manifest and the deliveries say.
        WarehouseRefused: A known source key came with another record id: the secret key of the ids was changed.
    """
    with transaction(bind, f"landing {landed['source']}.{landed['stream']}") as connection:
        if (known := _identity(connection, landed)[1]) is not None:
            return known
        # Rows first and the lock after: a worker that stops while it sends rows must not hold anything that others wait for.
        unkeyed = _copy_rows(connection, landed, deliveries, blocks)
        lock(connection, f"landing:{landed['source']}")
        identity, known = _identity(connection, landed)
        if known is not None:
            return known
        return _write(connection, identity, deliveries, unkeyed)


def know_records(bind: Bind, landed: Mapping[str, Any], frame: pd.DataFrame) -> None:
    """Records that a landing names only now, for the declaration of the source's key was mended: they become known as others are.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        landed: ``source``, ``stream``, ``epoch``, ``restarts``, ``key_id`` and the ``manifest_id`` of the landing.
        frame: Its rows, with the ``record_id`` and ``source_key`` that they have now.
    """
    with transaction(bind, f"naming records of {landed['source']}.{landed['stream']}") as connection:
        copy_rows(connection, "landed", _KINDS, frame)
        analyze(connection, "landed")
        lock(connection, f"landing:{landed['source']}")
        _know(connection, {**landed, "restarts": list(landed["restarts"]), "manifest_id": UUID(str(landed["manifest_id"]))})


def landings_of(bind: Bind, source: str, stream: str, first: date, last: date, *, files: bool) -> list[dict[str, Any]]:
    """The staged landings with deliveries of some days, the oldest first; a rewritten one is left out.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        source: Whose.
        stream: Of which of its streams.
        first: Day of delivery.
        last: The last of them.
        files: Whether the stream's deliveries are files: then a later one counts in place of the one before.

    Returns:
        ``manifest_id, uri``, and ``replaced``: the (file, day) whose rows there count no more, for a later landing holds them.
    """
    with transaction(bind, "looking up landings") as connection:
        given = {"source": source, "stream": stream, "first": first, "last": last, "files": files}
        found = connection.execute(statement("landings_of"), given)
        return [
            {
                "manifest_id": str(row.manifest_id), "uri": row.uri,
                "replaced": {(file, date.fromisoformat(day)) for file, day in row.replaced},
            }
            for row in found
        ]  # fmt: skip


def copies_of(bind: Bind, manifest_ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """Manifest > file > how often it had been replaced for its day before; of the files of some landings that replaced one."""
    query = select(delivery.c.manifest_id, delivery.c.file, delivery.c.copy).where(
        delivery.c.manifest_id.in_([UUID(one) for one in manifest_ids]), delivery.c.copy > 0
    )
    found: dict[str, dict[str, int]] = {}
    with transaction(bind, "looking up files that were replaced") as connection:
        for row in connection.execute(query):
            found.setdefault(str(row.manifest_id), {})[row.file] = row.copy
    return found


def _identity(connection: Connection, landed: Mapping[str, Any]) -> tuple[Mapping[str, Any], Landing | None]:
    """The landing as it is to be known, and the one that is it already.

    A file that is put back as it was before another stood in its place is a later word: not the landing that it once was.
    """
    identity, times = landed, 0
    while (known := _known(connection, identity)) is not None:
        if not connection.scalar(statement("landing_replaced"), {"manifest_id": UUID(known.manifest_id)}):
            return identity, known
        times += 1
        identity = {**landed, "sha256": hashlib.sha256(f"{landed['sha256']}\x1f{times}".encode()).hexdigest()}
    return identity, None


def _copies(connection: Connection, landed: Mapping[str, Any], deliveries: Sequence[Mapping[str, Any]]) -> list[int]:
    """How often each file had been replaced for its day.

    One that is sent again beside the first (``.r2``) comes after each content which that had under its own name.
    """
    if not landed["files"] or not deliveries:
        return [0] * len(deliveries)
    given = {name: landed[name] for name in ("source", "stream")}
    days = sorted({entry["delivered_on"] for entry in deliveries})
    found = connection.execute(statement("landing_copies"), {**given, "days": days})
    last = {(row.file, row.delivered_on): (row.sha256, row.copy) for row in found}
    before = Counter[date]()
    for entry in deliveries:
        if entry["status"] == "refused" and (of := last.get((entry["file"], entry["delivered_on"]))):
            before[entry["delivered_on"]] = max(before[entry["delivered_on"]], of[1])
    copies = []
    for entry in deliveries:
        sha256, copy = last.get((entry["file"], entry["delivered_on"]), (entry["sha256"], before[entry["delivered_on"]]))
        copies.append(copy if sha256 == entry["sha256"] or entry["status"] == "refused" else copy + 1)
    return copies


def _known(connection: Connection, landed: Mapping[str, Any]) -> Landing | None:
    query = select(manifest.c.manifest_id, manifest.c.uri, manifest.c.rows).where(
        manifest.c.supersedes.is_(None), *(manifest.c[name] == landed[name] for name in _IDENTITY)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Landing(str(row.manifest_id), row.uri, row.rows, fresh=False)


def _copy_rows(
    connection: Connection, landed: Mapping[str, Any], deliveries: Sequence[Mapping[str, Any]], blocks: Iterable[Block]
) -> dict[str, int]:
    """Rows to a temporary table; returns the unkeyed ones by file."""
    rows = copy_rows(connection, "landed", _KINDS, blocks)
    told, listed = int(landed["rows"]), sum(int(entry["rows"]) for entry in deliveries)
    if not rows == told == listed:
        raise DoesNotAddUp(
            f"{landed['source']}.{landed['stream']}: {rows:,} rows lie in the lake, the manifest says {told:,}, "
            f"its files {listed:,}."
        )
    analyze(connection, "landed")
    unkeyed = text("SELECT file, count(*) FROM pg_temp.landed WHERE record_id IS NULL GROUP BY file")
    return {row[0]: row[1] for row in connection.execute(unkeyed)}


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
            "unkeyed": unkeyed.get(str(entry["file"]), 0), "copy": copy,
        }
        for entry, copy in zip(deliveries, _copies(connection, landed, deliveries), strict=True)
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
    """The records of the rows in the temporary table, and which files hold them; the source is locked meanwhile."""
    by_index(connection)
    connection.execute(statement("landing_records"), given)
    if strangers := connection.scalar(statement("landing_strangers")):
        raise WarehouseRefused(
            f"{given['source']}.{given['stream']}: {strangers:,} source keys are known under other record ids than key "
            f"'{given['key_id']}' gives. The secret of the record ids was changed; put the old one back, or rotate it."
        )
    connection.execute(statement("landing_locator"), given)
