"""Match models that wait: candidates that were trained again, and what each would change. None of them is in force."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from include.warehouse.engine import Bind, transaction
from include.warehouse.tables import match_model, model_comparison


def keep_candidate(
    bind: Bind, *, dag_id: str, run_id: str, version: str, artefact: Mapping[str, Any], in_force: str,
    base_resolve_id: str | None, report: Mapping[str, Any],
) -> None:  # fmt: skip
    """Keep a candidate and its comparison; a retry's comparison takes the place of its own earlier one.

    A model kept before stays as it is, in force or not: nothing here changes which one is.

    Args:
        bind: Engine or connection acting as ``suki_resolve``.
        dag_id: The Dag that trained it.
        run_id: Its run.
        version: The candidate's.
        artefact: Its weights.
        in_force: Version of the model it was held against.
        base_resolve_id: The published state that the records were read after.
        report: What would change.
    """
    row = {
        "dag_id": dag_id, "run_id": run_id, "candidate_version": version, "in_force_version": in_force,
        "base_resolve_id": base_resolve_id, "report": dict(report),
    }  # fmt: skip
    with transaction(bind, "keeping the candidate model") as connection:
        kept = {"model_version": version, "artefact": dict(artefact), "active": False}
        connection.execute(insert(match_model).values(kept).on_conflict_do_nothing())
        wanted = insert(model_comparison).values(row)
        own = [model_comparison.c.dag_id, model_comparison.c.run_id]
        news = {name: wanted.excluded[name] for name in row if name not in ("dag_id", "run_id")}
        connection.execute(wanted.on_conflict_do_update(index_elements=own, set_=news))


def comparison_of_run(bind: Bind, dag_id: str, run_id: str) -> dict[str, Any] | None:
    """The row of ``ops.model_comparison`` of a run; None if it kept none."""
    c = model_comparison.c
    with transaction(bind, "reading the comparison of models") as connection:
        found = connection.execute(select(model_comparison).where(c.dag_id == dag_id, c.run_id == run_id)).mappings().first()
        return None if found is None else dict(found)
