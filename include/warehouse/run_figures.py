"""How good each delivery was, by store and field, kept by run; and how far what it says is what is believed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, insert, select, text

from include.warehouse.audit import figures_of_fields, load
from include.warehouse.bulk import dicts, run, statement
from include.warehouse.engine import Bind, transaction
from include.warehouse.tables import delivery, run_figure

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
) -> list[dict[str, Any]]:
    """Count how far the records of some landings say what is believed of their customers; returns the figures.

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
            return []
        columns = ", ".join(f"now.{name}" for name in ("record_id", "source", "confirmed_on", "flags", *declared.fields))
        brought = select(delivery.c.delivery_id).where(delivery.c.manifest_id.in_([UUID(one) for one in manifests]))
        run(connection, "run_records", {"deliveries": list(connection.scalars(brought))}, columns=columns)
        rows = [
            {**ran, "day": day, **{name: figure[name] for name in ("scope", "dimension", "field", "good", "whole")}}
            for figure in figures_of_fields(connection, declared, doubtful)
            if figure["dimension"] == "consistency" and figure["whole"]
        ]
        _replace(connection, ran, rows, consistency=True)
        return rows


def keep_consistency_of_interactions(connection: Connection, ran: Mapping[str, str], *, day: date | None) -> list[dict[str, Any]]:
    """Count how far the interactions just staged fit what is known; to be called in the transaction that staged them.

    Args:
        connection: Acting as ``suki_ingest``.
        ran: ``dag_id, run_id, source, stream``.
        day: As ``keep``.

    Returns:
        The figures, as ``keep`` takes them.
    """
    found = dicts(connection, statement("interactions_consistent"), "counting how consistent interactions are")
    rows = [{**ran, "day": day, "dimension": "consistency", **figure} for figure in found]
    _replace(connection, ran, rows, consistency=True)
    return rows


def keep_monitors(bind: Bind, ran: Mapping[str, str], figures: Mapping[str, tuple[float, float]]) -> None:
    """Keep what a resolve run made of who is who.

    Args:
        bind: Connection acting as ``suki_resolve``.
        ran: ``dag_id, run_id, source, stream``: of the stream of runs that are alike.
        figures: Name > good ones among a whole.
    """
    rows = [
        {**ran, "scope": "", "dimension": "identity", "field": name, "good": good, "whole": whole}
        for name, (good, whole) in figures.items()
        if whole
    ]
    with transaction(bind, "keeping what a run made of who is who") as connection:
        _replace(connection, ran, rows, consistency=False)


def monitors_before(bind: Bind, ran: Mapping[str, str], runs: int = 12) -> list[dict[str, Any]]:
    """``field, good, whole, dimension, source, as_of`` of the runs before that are alike, the latest first."""
    return dicts(bind, statement("run_monitors_before"), "reading how runs before left it", **ran, runs=runs)


def largest_customer(bind: Bind) -> int:
    """How many records the largest customer has."""
    with transaction(bind, "looking at the largest customer") as connection:
        return int(connection.scalar(text("SELECT max(record_count) FROM golden.customer")) or 0)


def before(bind: Bind, *, source: str, stream: str, day: date, days: int = 12) -> dict[tuple[str, str, str], list[Any]]:
    """By store, dimension and field: good and whole on the earlier days of the day's weekday, the latest first."""
    asked = {"source": source, "stream": stream, "day": day, "days": days}
    found: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    with transaction(bind, "reading how good earlier deliveries were") as connection:
        for row in connection.execute(statement("run_figures_before"), asked):
            found[row.scope, row.dimension, row.field].append((row.good, row.whole))
    return dict(found)


def of_run(bind: Bind, dag_id: str, run_id: str) -> list[dict[str, Any]]:
    """Rows of ``ops.run_figure`` that tell of a run's deliveries."""
    return _of_run(bind, dag_id, run_id, run_figure.c.dimension != "identity")


def monitors_of_run(bind: Bind, dag_id: str, run_id: str) -> list[dict[str, Any]]:
    """Rows of ``ops.run_figure`` that tell what a resolve run made of who is who."""
    return _of_run(bind, dag_id, run_id, run_figure.c.dimension == "identity")


def _of_run(bind: Bind, dag_id: str, run_id: str, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    c = run_figure.c
    query = select(run_figure).where(c.dag_id == dag_id, c.run_id == run_id, which).order_by(c.source, c.stream, c.scope)
    return dicts(bind, query, "reading what a run's figures are")


def _replace(connection: Connection, ran: Mapping[str, str], rows: list[dict[str, Any]], *, consistency: bool) -> None:
    c = run_figure.c
    own = [c[name] == ran[name] for name in _OF]
    connection.execute(delete(run_figure).where(*own, (c.dimension == "consistency") == consistency))
    if rows:
        connection.execute(insert(run_figure), rows)
