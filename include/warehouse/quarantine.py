"""Quarantine: rows a gate set aside, as they stood, with the reasons; nothing is lost and nothing is told twice.

A row waits until it is replayed, which a run does whose gates it passes, or discarded, which a person does who says why. The row
itself is never changed: what became of it is appended beside it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal
from uuid import UUID, uuid5

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, Connection, Text, TextClause, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from include.warehouse.bulk import cells, copy_in, statement, storable_json, temp_table
from include.warehouse.engine import Bind, transaction

_COLUMNS = ("quarantine_id", "record_id", "customer_record_id", "file", "position", "reasons", "row")

State = Literal["waiting", "released", "replayed", "discarded"]
OPEN: tuple[State, ...] = ("waiting", "released")
"""States of a row that is still set aside; a released one is to be run again by the next replay."""


@dataclass(frozen=True)
class Which:
    """Rows of the quarantine; what is not given does not limit.

    Attributes:
        source: Their source.
        stream: Their stream.
        stage: Where they stand: ``landed``, ``mapped`` or ``cleaned``.
        reason: One of the expectations they failed.
        ids: Their ids.
        states: States they may be in.
    """

    source: str | None = None
    stream: str | None = None
    stage: str | None = None
    reason: str | None = None
    ids: Sequence[str] | None = None
    states: tuple[str, ...] = OPEN

    def parameters(self) -> dict[str, Any]:
        """For the statements."""
        return {**asdict(self), "ids": None if self.ids is None else list(self.ids), "states": list(self.states)}


def put(
    bind: Bind, rows: pd.DataFrame, *, source: str, stream: str, stage: str, manifest_id: str, run_id: str,
    owners: Sequence[str | None] | None = None,
) -> int:  # fmt: skip
    """Keep rows that a gate set aside; a row that is there already, of the same landing and stage, stays as it was.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        rows: The rows, with ``file``, ``position``, ``record_id`` (may be null) and ``reasons`` (ids of expectations).
        source: Declared source.
        stream: Declared stream.
        stage: Where they were stopped: ``landed``, ``mapped`` or ``cleaned``.
        manifest_id: The landing they descend from.
        run_id: The run that stopped them.
        owners: Record id of the customer whose interaction each row is, as far as it can be told.

    Returns:
        Rows given, new or not: what the step's reconciliation counts.
    """
    if rows.empty:
        return 0
    manifest = UUID(manifest_id)
    kept = rows.drop(columns="reasons")
    places = zip(rows["file"], rows["position"], strict=True)
    values = zip(
        [uuid5(manifest, f"{stage}\x1f{file}\x1f{position}") for file, position in places],
        cells(rows["record_id"], "text"), owners or [None] * len(rows), cells(rows["file"], "text"),
        cells(rows["position"], "integer"), cells(rows["reasons"], "texts"), [_json(row) for row in kept.to_dict("records")],
        strict=True,
    )  # fmt: skip
    with transaction(bind, f"quarantining rows of {source}.{stream}") as connection:
        kinds = (Uuid(), Uuid(), Uuid(), Text(), BigInteger(), ARRAY(Text()), JSONB())
        temp_table(connection, "set_aside", dict(zip(_COLUMNS, kinds, strict=True)))
        copy_in(connection, "set_aside", _COLUMNS, values)
        connection.execute(
            statement("quarantine_put"),
            {"source": source, "stream": stream, "stage": stage, "manifest_id": manifest, "run_id": run_id},
        )
        # One that had left and is refused by a stricter rule waits again.
        _tell(connection, rows, manifest_id=manifest, run_id=run_id, stage=stage, state="waiting", of=("replayed",))
    return len(rows)


def stayed(bind: Bind, rows: pd.DataFrame, *, stage: str, manifest_id: str, run_id: str) -> int:
    """Note that a replay's gate refused rows again; they wait on, with the reasons they have now.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        rows: ``file``, ``position`` and ``reasons``.
        stage: Where they were stopped now.
        manifest_id: The landing they descend from.
        run_id: The replay.

    Returns:
        Rows given: what the step's reconciliation counts.
    """
    with transaction(bind, "noting what stays in quarantine") as connection:
        _tell(connection, rows, manifest_id=UUID(manifest_id), run_id=run_id, stage=stage, state="waiting", of=OPEN)
    return len(rows)


def left(bind: Bind, places: Sequence[tuple[str, int]], *, manifest_id: str, run_id: str) -> None:
    """Note that a replay staged rows, by file and position: they have left the quarantine."""
    rows = pd.DataFrame(places, columns=["file", "position"])
    rows["reasons"] = None
    with transaction(bind, "noting what left the quarantine") as connection:
        _tell(connection, rows, manifest_id=UUID(manifest_id), run_id=run_id, stage=None, state="replayed", of=OPEN)


def open_places(bind: Bind, manifest_id: str) -> set[tuple[str, int]]:
    """File and position of a landing's rows that are set aside."""
    query = text(
        "SELECT file, position FROM staging.quarantine_now"
        " WHERE manifest_id = CAST(:manifest_id AS uuid) AND state = ANY(:states)"
    )
    with transaction(bind, "reading the quarantine") as connection:
        found = connection.execute(query, {"manifest_id": manifest_id, "states": list(OPEN)})
        return {(row.file, row.position) for row in found}


def places(bind: Bind, manifest_id: str) -> set[tuple[str, int]]:
    """File and position of a landing's rows that ever were set aside."""
    query = text("SELECT file, position FROM staging.quarantine WHERE manifest_id = CAST(:manifest_id AS uuid)")
    with transaction(bind, "reading the quarantine") as connection:
        return {(row.file, row.position) for row in connection.execute(query, {"manifest_id": manifest_id})}


def to_replay(bind: Bind, which: Which) -> pd.DataFrame:
    """``source, stream, manifest_id, file, position, kind, window_start, window_end, uri`` of rows to be run again.

    Rows of a landing that its own run has not staged are not among them: that run is to be mended first.
    """
    return _frame(bind, _among("quarantine_to_replay"), which.parameters())


def groups(bind: Bind, which: Which) -> pd.DataFrame:
    """``source, stream, stage, state, reasons, rows, oldest, first_file``, for ``suki_steward``; no values."""
    return _frame(bind, _among("quarantine_groups"), which.parameters())


def rows_like(bind: Bind, which: Which, limit: int = 20) -> pd.DataFrame:
    """The rows, oldest first, with their content (``row``): for ``suki_steward``, who alone may look at people."""
    return _frame(bind, _among("quarantine_rows"), {**which.parameters(), "limit": limit})


def events(bind: Bind, ids: Sequence[str]) -> pd.DataFrame:
    """``quarantine_id, recorded_at, state, stage, reasons, run_id, actor, why``: all that became of rows, in order."""
    return _frame(bind, statement("quarantine_events"), {"ids": list(ids)})


def decide(bind: Bind, which: Which, *, state: Literal["released", "discarded"], actor: str, why: str) -> int:
    """Write down what a steward decided of rows; returns how many it concerns."""
    with transaction(bind, "deciding on the quarantine") as connection:
        given = {**which.parameters(), "state": state, "actor": actor, "why": why}
        decided = connection.execute(_among("quarantine_decide"), given)
        return int(decided.rowcount)


def _tell(
    connection: Connection, rows: pd.DataFrame, *, manifest_id: UUID, run_id: str, stage: str | None, state: State,
    of: Iterable[State],
) -> None:  # fmt: skip
    temp_table(connection, "place", {"file": Text(), "position": BigInteger(), "reasons": ARRAY(Text())})
    copy_in(
        connection, "place", ("file", "position", "reasons"),
        zip(cells(rows["file"], "text"), cells(rows["position"], "integer"), cells(rows["reasons"], "texts"), strict=True),
    )  # fmt: skip
    given = {"manifest_id": manifest_id, "run_id": run_id, "stage": stage, "state": state, "states": list(of)}
    connection.execute(statement("quarantine_tell"), given)


def _among(name: str) -> TextClause:
    """A statement on the rows that ``Which`` names."""
    return statement(name, which=statement("quarantine_which").text.rstrip())


def _frame(bind: Bind, query: TextClause, parameters: Mapping[str, Any]) -> pd.DataFrame:
    with transaction(bind, "reading the quarantine") as connection:
        found = connection.execute(query, dict(parameters))
        return pd.DataFrame(found.all(), columns=list(found.keys()))


def _json(row: dict[Any, Any]) -> str:
    held = {str(name): value for name, value in row.items() if not _missing(value)}
    return storable_json(json.dumps(held, ensure_ascii=False, default=_plain))


def _missing(value: Any) -> bool:
    return value is None or (not isinstance(value, (list, tuple, dict, np.ndarray)) and bool(pd.isna(value)))


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else str(value)
