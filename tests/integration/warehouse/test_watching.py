"""What runs make of who is who is held against runs that are alike; a store's orders against the customers they name."""

import pytest

from include.quality.assessment import cleaning_page
from include.warehouse import run_figures
from suki import watching
from tests.integration.warehouse.conftest import Warehouse

pytestmark = pytest.mark.integration


def keep(warehouse: Warehouse, run_id: str, share: float, *, stream: str = watching.CHANGES, pairs: int = 1000) -> None:
    of = {"dag_id": "resolve_customers", "run_id": run_id, "source": watching.SOURCE, "stream": stream}
    run_figures.keep_monitors(warehouse.resolver, of, {"review_share": (share * pairs, pairs), "ids_given_up": (1, 5000)})


def unusual(warehouse: Warehouse, run_id: str) -> list[str]:
    return [one.name for one in watching.scores(warehouse.ingest, "resolve_customers", run_id) if one.unusual]


def test_a_monitor_that_leaves_what_it_was_is_unusual_and_only_beside_runs_that_are_alike(warehouse: Warehouse) -> None:
    for number in range(5):
        keep(warehouse, f"day {number}", 0.10)
        keep(warehouse, f"all {number}", 0.50, stream=watching.WHOLE)
    keep(warehouse, "few", 0.90, pairs=10)
    keep(warehouse, "as ever", 0.11)
    keep(warehouse, "odd", 0.50)
    assert unusual(warehouse, "odd") == ["review_share"]
    assert unusual(warehouse, "as ever") == []
    assert unusual(warehouse, "few") == [], "ten pairs say nothing"
    assert unusual(warehouse, "day 2") == [], "two runs before it say nothing yet"
    (review,) = [one for one in watching.scores(warehouse.ingest, "resolve_customers", "odd") if one.name == "review_share"]
    assert (review.now, review.before, review.usual) == (0.5, 0.11, 0.1)


def test_a_run_that_published_nothing_has_no_monitors(warehouse: Warehouse) -> None:
    assert watching.scores(warehouse.ingest, "resolve_customers", "held") == []


def test_the_page_on_cleaning_tells_of_deliveries_alone(warehouse: Warehouse) -> None:
    keep(warehouse, "odd", 0.50)
    figures = run_figures.of_run(warehouse.ingest, "resolve_customers", "odd")
    assert figures == []
    assert "odd" in cleaning_page("resolve_customers", "odd", [], [], figures)
