"""How good each delivery was, by store and field, kept by run; and how far what it says is what is believed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text

from include.warehouse.audit import figures_of_fields, load
from include.warehouse.bulk import dicts, run, statement
from include.warehouse.engine import Bind, transaction
from include.warehouse.tables import run_figure

_OF = ("dag_id", "run_id", "source", "stream")


def keep(bind: Bind, ran: Mapping[str, str], *, day: date | None, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep what was counted of a stream; a retry's figures take the place of its own earlier ones.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        ran: ``dag_id, run_id, source, stream``.
        day: The day that was delivered; None where the window is no single day.
        rows: ``scope, dimension, field, good, whole``.
    """
    with transaction(bind, "keeping how good a delivery is") as connection:
        _replace(connection, ran, [{**ran, "day": day, **row} for row in rows], consistency=False)


def keep_consistency(
    bind: Bind, ran: Mapping[str, str], *, day: date | None, manifests: Sequence[str], doubtful: Sequence[str]
) -> int:
    """Count how far the records of some landings say what is believed of their customers; returns how many figures there are.

    Args:
        bind: Engine or connection acting as ``suki_resolve``, who alone may look at both.
        ran: ``dag_id, run_id, source, stream``.
        day: As ``keep``.
        manifests: The landings, staged.
        doubtful: Flags, as ``field:flag``, that make a value doubtful.
    """
    declared = load()
    with transaction(bind, "counting how consistent a delivery is") as connection:
        if not connection.scalar(text("SELECT EXISTS (SELECT FROM golden.customer)")):
            return 0
        columns = ", ".join(f"now.{name}" for name in ("record_id", "source", "confirmed_on", "flags", *declared.fields))
        run(connection, "run_records", {"manifests": list(manifests)}, columns=columns)
        rows = [
            {**ran, "day": day, **{name: figure[name] for name in ("scope", "dimension", "field", "good", "whole")}}
            for figure in figures_of_fields(connection, declared, doubtful)
            if figure["dimension"] == "consistency" and figure["whole"]
        ]
        _replace(connection, ran, rows, consistency=True)
        return len(rows)


def before(bind: Bind, *, source: str, stream: str, day: date, days: int = 12) -> dict[tuple[str, str, str], list[Any]]:
    """By store, dimension and field: good and whole on the earlier days of the day's weekday, the latest first."""
    asked = {"source": source, "stream": stream, "day": day, "days": days}
    found: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    with transaction(bind, "reading how good earlier deliveries were") as connection:
        for row in connection.execute(statement("run_figures_before"), asked):
            found[row.scope, row.dimension, row.field].append((row.good, row.whole))
    return dict(found)


def of_run(bind: Bind, dag_id: str, run_id: str) -> list[dict[str, Any]]:
    """Rows of ``ops.run_figure`` of a run."""
    c = run_figure.c
    query = select(run_figure).where(c.dag_id == dag_id, c.run_id == run_id).order_by(c.source, c.stream, c.scope)
    return dicts(bind, query, "reading how good a delivery was")


def _replace(connection: Connection, ran: Mapping[str, str], rows: list[dict[str, Any]], *, consistency: bool) -> None:
    c = run_figure.c
    own = [c[name] == ran[name] for name in _OF]
    connection.execute(delete(run_figure).where(*own, (c.dimension == "consistency") == consistency))
    if rows:
        connection.execute(insert(run_figure), rows)
