"""The page of a candidate model: what it would change. Plain HTML from a stored comparison: counts, weights and opaque ids."""

from collections.abc import Mapping
from typing import Any

from include.quality.report import templates

_SHOWN = 50
"""Merges and splits a page names; the report in the warehouse names more."""


def candidate_page(dag_id: str, run_id: str, kept: Mapping[str, Any] | None) -> str:
    """HTML of a comparison.

    Args:
        dag_id: The run's Dag.
        run_id: The run.
        kept: Its row of ``ops.model_comparison``; None where the run kept none.
    """
    return (
        templates().get_template("candidate.html").render(dag_id=dag_id, run_id=run_id, kept=kept, shown=_SHOWN, signed=_signed)
    )


def _signed(weight: float | None) -> str:
    return "" if weight is None else f"{weight:+.2f}"
