"""What the page of the latest quality reports reads back: counts and names, no customer's value."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from include.warehouse.engine import Bind, transaction
from include.warehouse.tables import quality_result


def latest_results(bind: Bind, dag_ids: Sequence[str], runs: int = 50) -> list[dict[str, Any]]:
    """Every quality result of the latest runs.

    Args:
        bind: Engine or connection that may read ``ops``.
        dag_ids: Only runs of these Dags: the reader may not be allowed to see the others.
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
    with transaction(bind, "reading the quality results") as connection:
        return [dict(row) for row in connection.execute(select(quality_result).join(latest, same_run)).mappings()]
