"""The Dags that look after quality, on a synced world: what they log and keep has no value in it, and their pages show it."""

from collections.abc import Callable

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from include.quality.assessment import cleaning_page
from include.quality.audit import MONITORS, audit_page, finding
from include.quality.change_page import change_page
from include.quality.figures import DIMENSIONS
from include.warehouse import audit, cleanings, diffs, run_figures
from suki import watching
from suki.operators.audit import AuditOperator
from suki.operators.refresh import RefreshOperator
from tests import flow
from tests.integration.flow.world import World
from tests.integration.warehouse.conftest import Warehouse

pytestmark = pytest.mark.integration


def test_an_audit_and_a_refresh_of_a_synced_world(synced: World, copy_of: Callable[[World], World]) -> None:
    world = copy_of(synced)
    for dag_id, operator in (
        ("audit_quality", AuditOperator(task_id="audit")), ("refresh_customers", RefreshOperator(task_id="list_due")),
    ):  # fmt: skip
        with world.connected():
            flow.step(operator, run := flow.Run(dag_id, "r1", None, flow.day("2026-08-17"))).execute(run.context())
    (_, counted), (_, due) = world.returned[-2:]
    assert counted["figures"] > 100
    assert due["due"] == due["listed"] > 0
    warehouse = Warehouse(world.url)
    found = finding(
        audit.figures_of_run(warehouse.ingest, "audit_quality", "r1"), [], under_represented=0.8, least_customers=5
    )  # fmt: skip
    warehouse.close()
    scores = {dimension: scores[0].now for dimension, scores in found.scores.items()}
    assert all(0 < score <= 1 for score in scores.values())
    assert scores["validity"] > 0.9
    page = audit_page("audit_quality", "r1", found)
    assert all(source in page for source in ("online_sales", "store_pos", "social", "support"))
    assert "@" not in page.partition("</style>")[2]


def test_every_run_keeps_how_good_each_store_was_field_by_field(synced: World) -> None:
    run = "store_pos__2026-08-15__2026-08-16"
    counts = dict(
        synced.query(
            "SELECT dimension, count(DISTINCT scope) FROM ops.run_figure WHERE run_id = :run AND stream = 'customers' GROUP BY 1",
            run=run,
        )
    )
    assert set(counts) == set(DIMENSIONS)
    assert min(counts.values()) > 1, "by store"
    off = (
        "SELECT dimension, good, whole FROM ops.run_figure WHERE good < 0 OR whole <= 0 OR (good > whole AND source <> 'golden')"
    )
    assert synced.query(off) == []
    sums = (
        "SELECT sum(good), max(whole) FROM ops.run_figure WHERE run_id = :run AND stream = 'customers' AND dimension = 'volume'"
    )
    rows = "SELECT rows_out FROM ops.step_count WHERE run_id = :run AND stream = 'customers' AND step = 'clean'"
    assert synced.query(sums, run=run) == [(*synced.query(rows, run=run)[0], *synced.query(rows, run=run)[0])]
    warehouse = Warehouse(synced.url)
    of = {"dag_id": "ingest_store_pos", "run_id": run}
    figures = run_figures.of_run(warehouse.ingest, **of)
    page = cleaning_page(**of, quality=cleanings.quality_of_run(warehouse.ingest, **of), cleanings=[], figures=figures)
    warehouse.close()
    assert "by store" in page
    assert all(f">{store}<" in page for store in {figure["scope"] for figure in figures if figure["scope"]})


def test_orders_are_held_against_the_customers_they_name(synced: World) -> None:
    counted = (
        "SELECT DISTINCT field FROM ops.run_figure WHERE dimension = 'consistency'"
        " AND (source, stream) IN (SELECT source, stream FROM staging.interaction)"
    )
    assert {field for (field,) in synced.query(counted)} == {"customer_key", "occurred_at"}
    known = "SELECT sum(good) / sum(whole) FROM ops.run_figure WHERE dimension = 'consistency' AND field = 'customer_key'"
    assert synced.query(known)[0][0] > 0.9


def test_every_publication_keeps_what_it_made_of_who_is_who_and_shows_it(synced: World) -> None:
    kept = "SELECT run_id, array_agg(field ORDER BY field) FROM ops.run_figure WHERE source = 'golden' GROUP BY 1"
    published = synced.query("SELECT run_id FROM ops.resolve_run WHERE status = 'published' ORDER BY sequence")
    monitored = dict(synced.query(kept))
    assert set(monitored) == {run_id for (run_id,) in published}
    assert all({"largest_customer", "records_per_customer"} <= set(fields) for fields in monitored.values())
    warehouse, of = Warehouse(synced.url), {"dag_id": "resolve_customers", "run_id": published[0][0]}
    page = change_page(**of, kept=diffs.of_run(warehouse.ingest, **of), watched=watching.scores(warehouse.ingest, **of))
    warehouse.close()
    assert "Who is who, watched" in page
    assert MONITORS["records_per_customer"] in page


def test_an_audit_before_the_first_publication_is_skipped_and_keeps_nothing(world: World) -> None:
    run = flow.Run("audit_quality", "r0", None, flow.day("2026-08-17"))
    with world.connected(), pytest.raises(AirflowSkipException, match="Nothing has been published yet"):
        flow.step(AuditOperator(task_id="audit"), run).execute(run.context())
    assert world.query("SELECT count(*) FROM ops.audit_figure") == [(0,)]
