"""An audit counts what there is by dimension, source, store and field; its page says what lowered a score and who is missing."""

import pytest

from include.errors import DeclarationError
from include.quality.audit import audit_page, finding
from include.warehouse import audit
from include.warehouse.publish import publish
from tests.integration.warehouse.conftest import Warehouse, at, said
from tests.integration.warehouse.publications import publication

pytestmark = pytest.mark.integration

DOUBTFUL = ("emails:invalid",)


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    north, south = warehouse.land(1, list("ab"), scope="north"), warehouse.land(2, list("cd"), scope="south")
    held = {"a": ["a@example.org"], "b": ["b@example.org"], "c": [], "d": ["d@example.org"]}
    for landed, names, day in ((north, "ab", 1), (south, "cd", 2)):
        rows = [
            said(n, day, n, emails=held[n], city="Ulm" if n != "c" else None, flags=["emails:invalid"] if n == "d" else [])
            for n in names
        ]
        warehouse.stage(rows, landed.manifest_id)
    publish(warehouse.resolver, publication(warehouse.resolver, {"a": "ab", "c": "c", "d": "d"}))
    return warehouse


def audited(shop: Warehouse, run_id: str, day: float) -> dict[tuple[str, str, str], tuple[float, float]]:
    audit.audit(shop.resolver, dag_id="audit_quality", run_id=run_id, as_of=at(day), doubtful=DOUBTFUL)
    rows = audit.figures_of_run(shop.ingest, "audit_quality", run_id)
    return {(row["dimension"], row["scope"], row["field"]): (row["good"], row["whole"]) for row in rows}


def page(shop: Warehouse, run_id: str, least: int = 1):
    figures = audit.figures_of_run(shop.ingest, "audit_quality", run_id)
    earlier = audit.earlier_scores(shop.ingest, "audit_quality", run_id)
    found = finding(figures, earlier, under_represented=0.8, least_customers=least)
    return found, audit_page("audit_quality", run_id, found)


def test_every_dimension_is_counted_by_store_and_field(shop: Warehouse) -> None:
    found = audited(shop, "r1", 9)
    assert found["completeness", "south", "emails"] == (1, 2)
    assert found["validity", "south", "emails"] == (0, 1)
    assert found["validity", "north", "emails"] == (2, 2)
    assert found["uniqueness", "north", "record"] == (1, 2), "the other is the same person once more"
    assert found["uniqueness", "south", "record"] == (2, 2)
    assert found["identity", "", "records_per_customer"] == (4, 3)
    assert found["coverage", "", "with an address"] == (0, 3)


def test_an_audit_run_again_replaces_its_figures(shop: Warehouse) -> None:
    assert audited(shop, "r1", 9) == audited(shop, "r1", 9)


def test_the_page_says_what_lowered_a_score_since_the_last_audit(shop: Warehouse) -> None:
    audited(shop, "r1", 9)
    found, html = page(shop, "r1")
    assert "This is the first audit" in html
    assert not found.unusual
    shop.stage([said(n, 10, n, city=None, delivered=10) for n in "ab"])
    audited(shop, "r2", 16)
    found, html = page(shop, "r2")
    assert {(one.field, one.scope) for one in found.lowered} >= {("emails", "north")}
    assert "Fields that fell since the last audit" in html
    assert "example.org" not in html


def test_a_store_that_is_hardly_in_a_part_of_the_customers_is_named(shop: Warehouse) -> None:
    shop.owner.exec_driver_sql("UPDATE golden.customer SET emails = NULL WHERE record_count = 1")
    audited(shop, "r1", 9)
    found, html = page(shop, "r1")
    assert [(one.segment, one.name, one.part) for one in found.missing] == [("store", "south", "reachable by e-mail")]
    assert "store south" in html


def test_a_field_that_nobody_knows_is_refused(tmp_path) -> None:
    (tmp_path / "audit.yml").write_text(audit.DECLARATION.read_text().replace("full_name", "ful_name"))
    with pytest.raises(DeclarationError, match=r"audit.yml: fields: there is no 'ful_name'; valid: full_name"):
        audit.load(tmp_path / "audit.yml")
