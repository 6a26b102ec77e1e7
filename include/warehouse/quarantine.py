"""Quarantine: rows a gate set aside, as they stood, with the reasons; nothing is lost and nothing is told twice."""

import json
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from include.warehouse.bulk import cells, copy_in, statement, storable_json, temp_table
from include.warehouse.engine import Bind, transaction

_COLUMNS = ("quarantine_id", "record_id", "file", "position", "reasons", "row")


def put(bind: Bind, rows: pd.DataFrame, *, source: str, stream: str, stage: str, manifest_id: str, run_id: str) -> int:
    """Keep rows that a gate set aside; a row that is there already, of the same landing and stage, stays as it was.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        rows: The rows, with ``file``, ``position``, ``record_id`` (may be null) and ``reasons`` (ids of expectations).
        source: Declared source.
        stream: Declared stream.
        stage: Where they were stopped: ``landed``, ``mapped`` or ``cleaned``.
        manifest_id: The landing they descend from.
        run_id: The run that stopped them.

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
        cells(rows["record_id"], "text"), cells(rows["file"], "text"), cells(rows["position"], "integer"),
        cells(rows["reasons"], "texts"), [_json(row) for row in kept.to_dict("records")],
        strict=True,
    )  # fmt: skip
    with transaction(bind, f"quarantining rows of {source}.{stream}") as connection:
        kinds = (Uuid(), Uuid(), Text(), BigInteger(), ARRAY(Text()), JSONB())
        temp_table(connection, "set_aside", dict(zip(_COLUMNS, kinds, strict=True)))
        copy_in(connection, "set_aside", _COLUMNS, values)
        connection.execute(
            statement("quarantine_put"),
            {"source": source, "stream": stream, "stage": stage, "manifest_id": manifest, "run_id": run_id},
        )
    return len(rows)


def counts_by_reason(bind: Bind, run_id: str | None = None) -> pd.DataFrame:
    """``source, stream, stage, reason, rows`` of one run or of all; counts and names, no values."""
    with transaction(bind, "counting the quarantine") as connection:
        found = connection.execute(statement("quarantine_counts"), {"run_id": run_id})
        return pd.DataFrame(found.all(), columns=list(found.keys()))


def rows_of(bind: Bind, *, source: str, stage: str | None = None, limit: int = 100) -> pd.DataFrame:
    """The newest quarantined rows of a source with their content: for ``suki_steward``, who alone may look at people."""
    with transaction(bind, "reading the quarantine") as connection:
        found = connection.execute(
            text(
                "SELECT quarantine_id::text, stream, stage, record_id::text, file, position, reasons, row, run_id, recorded_at"
                " FROM staging.quarantine WHERE source = :source AND (CAST(:stage AS text) IS NULL OR stage = :stage)"
                " ORDER BY recorded_at DESC, file, position LIMIT :limit"
            ),
            {"source": source, "stage": stage, "limit": limit},
        )
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
