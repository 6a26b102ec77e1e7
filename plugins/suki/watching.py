"""Who is who, watched from run to run: how far records come together, how large the largest is, what is left open."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from include.resolution import Resolution
from suki.lake import Lake

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from include.quality.audit import Score
    from include.warehouse.engine import Bind

SOURCE = "golden"
WHOLE, CHANGES = "all records", "what changed"
"""Runs that compared all records are held against one another, and runs that compared what changed."""

_LEAST = 200
"""A figure of fewer pairs or customers is not judged: it says nothing."""


def matches_weighed(lake: Lake, resolution: Resolution) -> tuple[float, int]:
    """What a run's matches weigh together, and how many they are; it reads all edges, so not while a transaction is open."""
    import pyarrow.compute as pc

    edges = lake.table(resolution.artefacts["edges"], ["weight", "band"])
    weights = edges["weight"].filter(pc.equal(edges["band"], "match"))
    return float(pc.sum(weights).as_py() or 0), len(weights)


def watch(
    warehouse: "Connection",
    resolution: Resolution,
    weighed: tuple[float, int],
    counts: Mapping[str, Any],
    ran: Mapping[str, str],
) -> "list[Score]":
    """Keep the monitors of a run that was just published, each beside what it used to be.

    Args:
        warehouse: As ``suki_resolve``, in the transaction that published.
        resolution: The run.
        weighed: Its ``matches_weighed``.
        counts: Its report.
        ran: ``dag_id, run_id`` under which it is shown.
    """
    from include.warehouse import run_figures

    customers, records = int(counts["customers"]), int(counts["live_records"])
    decided = int(counts.get("matches", 0)) + int(counts.get("reviews", 0))
    figures: dict[str, tuple[float, float]] = {
        "records_per_customer": (records, customers),
        "largest_customer": (run_figures.largest_customer(warehouse), records),
        "review_share": (int(counts.get("reviews", 0)), decided),
        "mean_match_weight": weighed,
        "ids_given_up": (int(counts.get("merged", 0)) + int(counts.get("retired", 0)), customers),
    }
    of = {**ran, "source": SOURCE, "stream": CHANGES if "touched" in resolution.artefacts else WHOLE}
    run_figures.keep_monitors(warehouse, of, figures)
    return scores(warehouse, **ran)


def scores(bind: "Bind", dag_id: str, run_id: str) -> "list[Score]":
    """The monitors of a run, each beside what it was after the runs before that are alike; none where it published nothing."""
    from include.quality.audit import monitors
    from include.warehouse import run_figures

    rows = run_figures.monitors_of_run(bind, dag_id, run_id)
    if not rows:
        return []
    of = {name: rows[0][name] for name in ("dag_id", "run_id", "source", "stream")}
    before: dict[datetime, list[dict[str, Any]]] = defaultdict(list)
    for row in run_figures.monitors_before(bind, of):
        if row["whole"] >= _LEAST:
            before[row["as_of"]].append(row)
    few = {row["field"] for row in rows if row["whole"] < _LEAST}
    found = monitors(rows, [before[moment] for moment in sorted(before)])
    return [replace(one, bounds=None) if one.name in few else one for one in found if one.now is not None]
