"""What ran and what came of it: every step's reconciliation, every expectation's verdict, every unexpected field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Table, delete, text
from sqlalchemy.dialects.postgresql import insert

from include.warehouse.bulk import statement
from include.warehouse.engine import Bind, transaction
from include.warehouse.errors import DoesNotAddUp
from include.warehouse.tables import drift as drift_table
from include.warehouse.tables import quality_result, step_count

_CHANGED = ("field", "change", "was", "now", "rows", "reaction")
_RESULT = ("expectation", "level", "severity", "reason", "success", "evaluated", "unexpected", "observed")


def record_step(  # noqa: PLR0913  # the columns of ops.step_count, all by name
    bind: Bind,
    *,
    dag_id: str,
    run_id: str,
    step: str,
    source: str,
    stream: str,
    rows_in: int,
    rows_out: int,
    quarantined: int = 0,
    unchanged: int = 0,
    suppressed: int = 0,
) -> None:
    """Check that a step's rows add up and keep the sum; a retry of the step writes the same row.

    Raises:
        DoesNotAddUp: ``rows_in`` is not ``rows_out + quarantined + unchanged + suppressed``.
    """
    out = rows_out + quarantined + unchanged + suppressed
    if rows_in != out:
        raise DoesNotAddUp(
            f"{source}.{stream}: step {step} took {rows_in:,} rows but accounts for {out:,}: {rows_out:,} went on, "
            f"{quarantined:,} quarantined, {unchanged:,} unchanged, {suppressed:,} suppressed."
        )
    row = {
        "dag_id": dag_id, "run_id": run_id, "step": step, "source": source, "stream": stream, "rows_in": rows_in,
        "rows_out": rows_out, "quarantined": quarantined, "unchanged": unchanged, "suppressed": suppressed,
    }  # fmt: skip
    with transaction(bind, f"recording step {step}") as connection:
        _upsert(connection, step_count, [row])


def record_quality(
    bind: Bind,
    *,
    dag_id: str,
    run_id: str,
    task_id: str,
    source: str,
    stream: str,
    results: Iterable[Any],
    suite: str | None = None,
) -> None:
    """Keep a gate's verdicts; they replace those of an earlier try of the same task.

    Args:
        bind: Engine or connection acting as ``suki_ingest`` or ``suki_resolve``.
        dag_id: Airflow's.
        run_id: Airflow's.
        task_id: Airflow's.
        source: What was judged.
        stream: What was judged.
        results: One per expectation, as mappings or dataclasses with the columns of ``ops.quality_result``; more is left out.
        suite: The suite that judged, where the results do not say; else the task stands for it.
    """
    of = {"dag_id": dag_id, "run_id": run_id, "task_id": task_id, "source": source, "stream": stream}
    rows = []
    for result in results:
        told: Mapping[str, Any] = asdict(result) if is_dataclass(result) and not isinstance(result, type) else result
        observed = None if told.get("observed") is None else str(told["observed"])
        rows.append(
            {**of, "suite": told.get("suite") or suite or task_id, **{name: told[name] for name in _RESULT}, "observed": observed,
             "owner": told.get("owner")}
        )  # fmt: skip
    with transaction(bind, f"recording what {task_id} found") as connection:
        connection.execute(delete(quality_result).where(*(quality_result.c[name] == value for name, value in of.items())))
        _upsert(connection, quality_result, rows)


def record_drift(bind: Bind, *, dag_id: str, run_id: str, source: str, stream: str, drift: Iterable[Mapping[str, Any]]) -> None:
    """Keep how the raw fields changed: ``field, change, was, now, rows, file, reaction`` of each."""
    of = {"dag_id": dag_id, "run_id": run_id, "source": source, "stream": stream}
    rows = [
        {**of, **{name: one[name] for name in _CHANGED}, "first_file": one["file"]}
        for one in sorted(drift, key=lambda one: str(one["field"]))
    ]
    with transaction(bind, f"recording drift of {source}.{stream}") as connection:
        connection.execute(delete(drift_table).where(*(drift_table.c[name] == value for name, value in of.items())))
        _upsert(connection, drift_table, rows)


def steps_of_run(bind: Bind, dag_id: str, run_id: str) -> pd.DataFrame:
    """``step, source, stream, rows_in, rows_out, quarantined, unchanged, suppressed, recorded_at``, as the steps ended."""
    return _frame(
        bind,
        "SELECT step, source, stream, rows_in, rows_out, quarantined, unchanged, suppressed, recorded_at FROM ops.step_count"
        " WHERE dag_id = :dag_id AND run_id = :run_id ORDER BY recorded_at, source, stream, step",
        dag_id=dag_id,
        run_id=run_id,
    )


def results_of_run(bind: Bind, dag_id: str, run_id: str, task_id: str | None = None) -> pd.DataFrame:
    """Every verdict of a run or of one of its gates, failures first."""
    return _frame(
        bind,
        "SELECT task_id, source, stream, suite, expectation, level, severity, reason, success, evaluated, unexpected, observed,"
        " owner, recorded_at FROM ops.quality_result WHERE dag_id = :dag_id AND run_id = :run_id"
        " AND (CAST(:task_id AS text) IS NULL OR task_id = :task_id)"
        " ORDER BY task_id, source, stream, suite, success, unexpected DESC, expectation",
        dag_id=dag_id,
        run_id=run_id,
        task_id=task_id,
    )


def drift_of_run(bind: Bind, dag_id: str, run_id: str) -> pd.DataFrame:
    """``source, stream, field, change, was, now, rows, first_file, reaction`` of a run."""
    return _frame(
        bind,
        "SELECT source, stream, field, change, was, now, rows, first_file, reaction FROM ops.drift"
        " WHERE dag_id = :dag_id AND run_id = :run_id"
        " ORDER BY source, stream, field",
        dag_id=dag_id,
        run_id=run_id,
    )


def deliveries_of_run(bind: Bind, dag_id: str, run_id: str) -> pd.DataFrame:
    """``source, stream, file, rows, read_as, reason`` of the files that a run landed and of which there is something to say."""
    return _frame(
        bind,
        "SELECT source, stream, file, d.rows, read_as, d.reason"
        " FROM ops.delivery d JOIN ops.manifest m USING (manifest_id, source, stream)"
        " WHERE 'ingest_' || source = :dag_id AND run_id = :run_id AND (read_as IS NOT NULL OR d.reason IS NOT NULL)"
        " ORDER BY source, stream, file LIMIT 200",
        dag_id=dag_id,
        run_id=run_id,
    )


def latest_runs(bind: Bind, limit: int = 50) -> pd.DataFrame:
    """``dag_id, run_id, steps, rows_in, quarantined, failed_expectations, drifted_fields, ended_at``, newest first."""
    return _frame(bind, statement("latest_runs").text, limit=limit)


def ingest_summary(bind: Bind, run_ids: Sequence[str] | None = None) -> pd.DataFrame:
    """``source, stream, extracted, quarantined, suppressed, unchanged, staged`` over some runs, or over all there were."""
    return _frame(bind, statement("ingest_summary").text, run_ids=None if run_ids is None else list(run_ids))


def _frame(bind: Bind, query: str, **parameters: Any) -> pd.DataFrame:
    with transaction(bind, "reading what ran") as connection:
        found = connection.execute(text(query), parameters)
        return pd.DataFrame(found.all(), columns=list(found.keys()))


def _upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    statement_ = insert(table)
    keys = [column.name for column in table.primary_key]
    changes = {name: statement_.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement_.on_conflict_do_update(index_elements=keys, set_=changes), [dict(row) for row in rows])
