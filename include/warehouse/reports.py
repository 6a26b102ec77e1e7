"""What the quality pages read back: results, counts and drift of runs. All of it counts and names, no customer's value."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, select

from include.warehouse.tables import drift, quality_result, step_count

Row = dict[str, Any]


def latest_results(connection: Connection, dag_ids: Sequence[str], runs: int = 50) -> list[Row]:
    """Every quality result of the latest runs.

    Args:
        connection: On the warehouse.
        dag_ids: Only runs of these Dags.
        runs: How many runs.
    """
    latest = (
        select(quality_result.c.dag_id, quality_result.c.run_id)
        .where(quality_result.c.dag_id.in_(dag_ids))
        .group_by(quality_result.c.dag_id, quality_result.c.run_id)
        .order_by(func.max(quality_result.c.recorded_at).desc())
        .limit(runs)
        .subquery()
    )
    same_run = (quality_result.c.dag_id == latest.c.dag_id) & (quality_result.c.run_id == latest.c.run_id)
    return [dict(row) for row in connection.execute(select(quality_result).join(latest, same_run)).mappings()]


def results_of(connection: Connection, dag_id: str, run_id: str) -> list[Row]:
    """Every quality result of one run."""
    return _of_run(connection, quality_result, dag_id, run_id)


def counts_of(connection: Connection, dag_id: str, run_id: str) -> list[Row]:
    """The reconciliation of one run's steps, in the order they were done."""
    return _of_run(connection, step_count, dag_id, run_id)


def drift_of(connection: Connection, dag_id: str, run_id: str) -> list[Row]:
    """The raw fields of one run that are neither mapped nor ignored by name."""
    return _of_run(connection, drift, dag_id, run_id)


def _of_run(connection: Connection, table: Table, dag_id: str, run_id: str) -> list[Row]:
    query = select(table).where(table.c.dag_id == dag_id, table.c.run_id == run_id).order_by(table.c.recorded_at)
    return [dict(row) for row in connection.execute(query).mappings()]
