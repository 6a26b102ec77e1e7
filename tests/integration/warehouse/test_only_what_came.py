"""A delivery costs what is in it, however much lies there already."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, text

from include.warehouse import run_figures
from include.warehouse.publish import publish
from tests.integration.warehouse.conftest import Warehouse, met, on, said
from tests.integration.warehouse.publications import publication

pytestmark = pytest.mark.integration

_GROWING = (
    "staging.record", "staging.record_version", "staging.interaction", "ops.locator", "golden.customer", "golden.crosswalk",
)  # fmt: skip
"""Tables with a row for every record, customer or word."""


def by_lookups(connection: Connection) -> None:
    """A table as small as here is quickest read whole, so the planner is told to go by indexes wherever there is one to go by."""
    for way in ("seqscan", "hashjoin", "mergejoin", "bitmapscan"):
        connection.execute(text(f"SET enable_{way} = off"))
    connection.commit()


@contextmanager
def looking_at(connection: Connection) -> Iterator[dict[str, int]]:
    """A transaction; afterwards, of each table, the rows that it passed over or fetched by an index."""
    seen: dict[str, int] = {}
    told = "schemaname || '.' || relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)"
    asked = text(f"SELECT {told} FROM pg_stat_xact_user_tables")
    with connection.begin():
        before = dict(connection.execute(asked).all())  # the session has not told of all that it looked at until now
        yield seen
        after = dict(connection.execute(asked).all())
        seen |= {table: after[table] - before[table] for table in _GROWING}


def test_a_delivery_goes_over_no_table_that_grows_with_the_records(warehouse: Warehouse) -> None:
    names = [f"n{number}" for number in range(200)]
    first = warehouse.land(1, names)
    warehouse.stage([said(name, 1, name) for name in names], first.manifest_id, chunk=200)
    warehouse.meet([met(f"order of {name}", 1, "paid", name) for name in names])
    publish(warehouse.resolver, publication(warehouse.resolver, {name: [name] for name in names}))
    warehouse.owner.execute(text("ANALYZE"))

    by_lookups(warehouse.ingest)
    with looking_at(warehouse.ingest) as seen:
        second = warehouse.land(2, ["n7", "new"])
        warehouse.stage([said("n7", 2, "otherwise"), said("new", 2, "new")], second.manifest_id)
        warehouse.meet([met("order of n7", 2, "returned", "n7")])
    assert seen["staging.record_version"] > 0
    assert {table: rows for table, rows in seen.items() if rows >= len(names)} == {}

    by_lookups(warehouse.resolver)
    ran = {"dag_id": "ingest_shop", "run_id": "second", "source": "shop", "stream": "customers"}
    with looking_at(warehouse.resolver) as seen:
        run_figures.keep_consistency(warehouse.resolver, ran, day=on(2), manifests=[second.manifest_id], doubtful=[])
    assert seen["staging.record_version"] > 0
    assert {table: rows for table, rows in seen.items() if rows >= len(names)} == {}
