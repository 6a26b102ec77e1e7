"""What is usual follows from the days that were delivered, whenever they were judged."""

import pytest

from include.warehouse import usual
from tests.integration.warehouse.conftest import Warehouse, on, said

pytestmark = pytest.mark.integration


def test_only_earlier_days_of_the_weekday_count_and_a_day_judged_again_replaces_itself(warehouse: Warehouse) -> None:
    of = {"source": "shop", "stream": "customers", "suite": "landed"}
    for day, figure in ((1, 5.0), (1, 10.0), (2, 99.0), (8, 20.0), (15, 30.0), (22, 40.0)):
        usual.keep(warehouse.ingest, **of, day=on(day), dag_id="d", run_id="r", figures={"rows": figure})
    assert usual.before(warehouse.ingest, **of, day=on(15), days=12) == {"rows": [20.0, 10.0]}
    assert usual.before(warehouse.ingest, **of, day=on(29), days=2) == {"rows": [40.0, 30.0]}


def test_new_are_the_records_nobody_told_of_on_an_earlier_day(warehouse: Warehouse) -> None:
    first = warehouse.land(1, ["ann", "bob"], scope="a")
    warehouse.stage([said("ann", 1, "Ann"), said("bob", 1, "Bob")], first.manifest_id)
    second = warehouse.land(2, ["ann", "cid", "dan", "eve"], scope="a")
    manifests = [str(second.manifest_id)]
    assert usual.new_share(warehouse.ingest, manifests, on(2)) == 0.75
    warehouse.stage([said("cid", 2, "Cid")], second.manifest_id)
    assert usual.new_share(warehouse.ingest, manifests, on(2)) == 0.75, "running again finds the same"
    assert usual.new_share(warehouse.ingest, [], on(2)) is None
