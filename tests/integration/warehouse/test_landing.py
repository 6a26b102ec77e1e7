"""A landing is committed once, with everything needed to find a record in it."""

import pytest

from include.warehouse.errors import DoesNotAddUp, WarehouseRefused
from tests.integration.warehouse.conftest import Warehouse, record

pytestmark = pytest.mark.integration


def test_a_landing_knows_which_files_hold_which_record(warehouse: Warehouse) -> None:
    landed = warehouse.land(1, ["a", "b", "a", None])
    assert landed.fresh
    found = warehouse.query(
        "SELECT locator.record_id::text, delivery.file FROM ops.locator JOIN ops.delivery USING (delivery_id) ORDER BY 1"
    )
    assert found == sorted((record(name), "/1/None.changes.csv") for name in "ab")
    assert warehouse.query("SELECT rows, unkeyed FROM ops.delivery") == [(4, 1)]
    assert sorted(key for (key,) in warehouse.query("SELECT source_key FROM staging.record")) == ["/a", "/b"]
    assert warehouse.query("SELECT uri FROM ops.manifest") == [(landed.uri,)]


def test_the_same_content_of_the_same_window_is_one_landing(warehouse: Warehouse) -> None:
    first = warehouse.land(1, ["a"])
    before = warehouse.digest()
    again = warehouse.land(1, ["a"])
    assert (again.manifest_id, again.uri, again.fresh) == (first.manifest_id, first.uri, False)
    assert warehouse.digest() == before


def test_other_content_or_another_window_is_another_landing(warehouse: Warehouse) -> None:
    landings = [warehouse.land(1, ["a"]), warehouse.land(1, ["a"], content="corrected"), warehouse.land(2, ["a"])]
    assert len({landed.manifest_id for landed in landings}) == 3
    assert len(warehouse.query("SELECT FROM staging.record")) == 1


def test_an_empty_day_is_a_landing_too(warehouse: Warehouse) -> None:
    assert warehouse.land(1, []).rows == 0
    assert warehouse.query("SELECT rows FROM ops.manifest") == [(0,)]


def test_rows_that_do_not_add_up_are_not_landed(warehouse: Warehouse) -> None:
    with pytest.raises(DoesNotAddUp, match="2 rows lie in the lake, the manifest says 3"):
        warehouse.land(1, ["a", "b"], rows=3)
    assert warehouse.query("SELECT FROM ops.manifest") == []


def test_a_changed_secret_is_noticed_before_everybody_becomes_somebody_new(warehouse: Warehouse) -> None:
    warehouse.land(1, ["a"])
    with pytest.raises(WarehouseRefused, match="1 source keys are known under other record ids"):
        warehouse.land(2, ["a"], secret="another", key_id="2")
    assert len(warehouse.query("SELECT FROM ops.manifest")) == 1
