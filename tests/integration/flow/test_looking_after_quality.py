"""The Dags that look after quality, on a synced world: what they log and keep has no value in it, and their pages show it."""

from collections.abc import Callable

import pytest

from include.quality.audit import audit_page, finding
from include.warehouse import audit
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
