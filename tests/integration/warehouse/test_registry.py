"""The register of sources says what the declarations say, and forgets what nobody declares any more."""

import pytest
from sqlalchemy import text

from include.sources import declared
from include.sources.registry import rows_of
from include.warehouse import registry
from include.warehouse.engine import connect

pytestmark = pytest.mark.integration

SOURCES = declared()


def told(url: str, query: str) -> list[tuple]:
    with connect(url, "suki_analyst").connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def keep(url: str, *names: str, whole: bool) -> None:
    registry.keep(connect(url, "suki_ingest"), *rows_of(SOURCES[name] for name in names), whole=whole)


def test_an_analyst_reads_there_who_answers_for_a_source_and_how_careful_to_be_with_a_field(fresh_warehouse_url: str):
    keep(fresh_warehouse_url, *SOURCES, whole=True)
    assert told(fresh_warehouse_url, "SELECT source FROM golden.v_source ORDER BY 1") == [(name,) for name in sorted(SOURCES)]
    ((owner, steward, basis, hours, countries),) = told(
        fresh_warehouse_url,
        "SELECT owner, steward, lawful_basis, freshness_hours, countries FROM golden.v_source WHERE source = 'store_pos'",
    )
    tills = SOURCES["store_pos"]
    assert (owner, steward, basis, hours) == (tills.owner, tills.steward, "contract", tills.freshness_hours)
    assert set(countries) == {scope.country for scope in tills.scopes.values()}
    field = "SELECT classification, trust, read_from, volume_most FROM golden.v_source_field"
    assert told(fresh_warehouse_url, f"{field} WHERE source = 'store_pos' AND stream = 'customers' AND field = 'birth_date'") == [
        ("sensitive", tills.trust.fields["birth_date"], ["Birthday"], tills.streams["customers"].volume.most)
    ]
    assert told(fresh_warehouse_url, "SELECT lawful_basis FROM golden.v_source WHERE origin = 'third_party'") == [
        ("legitimate_interest",)
    ]


def test_keeping_it_again_writes_nothing_and_one_source_leaves_the_others_alone(fresh_warehouse_url: str):
    keep(fresh_warehouse_url, "erp", "survey", whole=True)
    before = told(fresh_warehouse_url, "SELECT source, recorded_at FROM golden.v_source ORDER BY 1")
    keep(fresh_warehouse_url, "erp", "survey", whole=True)
    keep(fresh_warehouse_url, "survey", whole=False)
    assert told(fresh_warehouse_url, "SELECT source, recorded_at FROM golden.v_source ORDER BY 1") == before


def test_a_source_and_a_field_that_are_declared_no_more_are_gone(fresh_warehouse_url: str):
    keep(fresh_warehouse_url, "erp", "survey", whole=True)
    poorer = SOURCES["erp"].model_copy(deep=True)
    del poorer.streams["partners"].map["title"]
    registry.keep(connect(fresh_warehouse_url, "suki_ingest"), *rows_of([poorer]), whole=True)
    assert told(fresh_warehouse_url, "SELECT DISTINCT source FROM golden.v_source_field") == [("erp",)]
    assert told(fresh_warehouse_url, "SELECT source FROM golden.v_source") == [("erp",)]
    assert told(fresh_warehouse_url, "SELECT 1 FROM golden.v_source_field WHERE field = 'title'") == []
