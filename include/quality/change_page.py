"""The page of what a resolve run would change. Plain HTML from a stored count: names of fields, counts and opaque ids."""

from collections.abc import Mapping, Sequence
from typing import Any

from include.quality.audit import MONITORS, Score
from include.quality.report import templates


def change_page(dag_id: str, run_id: str, kept: Mapping[str, Any] | None, watched: Sequence[Score] = ()) -> str:
    """HTML of a run's diff.

    Args:
        dag_id: The run's Dag.
        run_id: The run.
        kept: Its row of ``ops.resolve_diff``; None where the run said nothing.
        watched: What its publication made of who is who, beside the runs before; none where nothing was published.
    """
    return (
        templates()
        .get_template("change.html")
        .render(dag_id=dag_id, run_id=run_id, kept=kept, watched=watched, monitors=MONITORS)
    )
