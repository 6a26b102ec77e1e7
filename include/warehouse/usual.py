"""What a stream usually brings: the figures its gates took of every day, by which a later day of the same weekday is judged."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from include.warehouse.bulk import statement
from include.warehouse.engine import Bind, transaction
from include.warehouse.tables import measure


def keep(
    bind: Bind, *, source: str, stream: str, suite: str, day: date, dag_id: str, run_id: str, figures: Mapping[str, float]
) -> None:
    """Remember what a gate measured of a day; judging the day again puts its new figures in their place."""
    of = {"source": source, "stream": stream, "suite": suite, "day": day}
    rows = [{**of, "measure": name, "figure": figure, "dag_id": dag_id, "run_id": run_id} for name, figure in figures.items()]
    if not rows:
        return
    put = insert(measure)
    changed = {name: put.excluded[name] for name in ("figure", "dag_id", "run_id")} | {"recorded_at": text("now()")}
    with transaction(bind, f"remembering what {suite} measured") as connection:
        connection.execute(put.on_conflict_do_update(index_elements=list(measure.primary_key), set_=changed), rows)


def before(bind: Bind, *, source: str, stream: str, suite: str, day: date, days: int) -> dict[str, list[float]]:
    """Measure > its figures on the earlier days of the day's weekday, the latest first.

    What counts is the day that was delivered, not when it was judged: running a day again finds the same.
    """
    asked = {"source": source, "stream": stream, "suite": suite, "day": day, "days": days}
    with transaction(bind, "reading what is usual") as connection:
        return {name: list(figures) for name, figures in connection.execute(statement("usual_before"), asked)}


def new_share(bind: Bind, manifest_ids: Iterable[str], day: date) -> float | None:
    """Share of the landed records that nobody had heard of before the day; None where nothing landed."""
    with transaction(bind, "counting new records") as connection:
        found = connection.scalar(statement("usual_new"), {"manifests": list(manifest_ids), "day": day})
        return None if found is None else float(found)
