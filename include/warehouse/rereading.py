"""What another reading of words would change, said before it is staged; and what is kept of that."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from include.warehouse.bulk import dicts, statement
from include.warehouse.engine import Bind, transaction
from include.warehouse.staging import CUSTOMER_CONTENT, INTERACTION_CONTENT, told_customers, told_interactions
from include.warehouse.tables import replay_difference

_SAME = {
    "customers": "standing.record_id IS NOT NULL",
    "interactions": "(standing.source_time, standing.delivered_on) = (told.source_time, told.delivered_on)",
}
"""When what is staged is a reading of the same word."""


def compare(bind: Bind, chunks: Iterable[pd.DataFrame], kind: str, first: int) -> dict[str, Any]:
    """Hold rows against what is staged of the same words; nothing is written.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        chunks: Cleaned frames, as for staging.
        kind: ``customers`` or ``interactions``.
        first: Records to name at most.

    Returns:
        ``rows, changed, unheard``, ``fields`` (field > filled, emptied or other > rows) and ``records``.
    """
    names = CUSTOMER_CONTENT if kind == "customers" else INTERACTION_CONTENT
    value = "nullif(to_jsonb({}.{}), CAST('[]' AS jsonb))"  # an empty list is nothing
    pairs = ", ".join(f"('{name}', {value.format('standing', name)}, {value.format('told', name)})" for name in names)
    with transaction(bind, f"comparing readings of {kind}") as connection:
        (told_customers if kind == "customers" else told_interactions)(connection, chunks)
        connection.execute(text("DROP TABLE IF EXISTS pg_temp.reread"))  # of another landing, in the caller's transaction
        connection.execute(statement("reread", pairs=pairs, same=_SAME[kind], standing=statement(f"reread_{kind}").text.rstrip()))
        counts = connection.execute(statement("reread_counts")).one()
        fields: dict[str, dict[str, int]] = {}
        for name, what, rows in connection.execute(statement("reread_fields")):
            fields.setdefault(name, {})[what] = rows
        records = [str(one) for one in connection.scalars(statement("reread_records"), {"first": first})]
    return {"rows": counts.rows, "changed": counts.changed, "unheard": counts.unheard, "fields": fields, "records": records}


def keep(bind: Bind, ran: Mapping[str, str], *, preview: bool, report: Mapping[str, Any]) -> None:
    """Keep what a run's replay of a stream changes or would change; a retry's takes its place.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        ran: ``dag_id, run_id, source, stream``.
        preview: Whether it was only asked what would change.
        report: Counts, names and opaque ids; no values.
    """
    said = {"preview": preview, "report": dict(report)}
    query = insert(replay_difference).values({**ran, **said})
    with transaction(bind, "keeping what a replay changes") as connection:
        own = [replay_difference.c[name] for name in ("dag_id", "run_id", "source", "stream")]
        connection.execute(query.on_conflict_do_update(index_elements=own, set_=said))


def of_run(bind: Bind, dag_id: str, run_id: str) -> list[dict[str, Any]]:
    """``source, stream, preview, report`` of a run's streams."""
    c = replay_difference.c
    query = select(c.source, c.stream, c.preview, c.report).where(c.dag_id == dag_id, c.run_id == run_id)
    return dicts(bind, query.order_by(c.source, c.stream), "reading what a replay changes")
