"""Every way in which PostgreSQL quotes a row or ends a session (tests/faults.sql): nothing of the row is told, nor in its log."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text

from include.warehouse.engine import connect, transaction
from include.warehouse.errors import WarehouseRefused, WarehouseUnavailable
from local.postgres import Server
from tests.integration.warehouse.test_errors_without_values import SECRET, everything_told_of

pytestmark = pytest.mark.integration

FAULTS = Path(__file__).parents[2] / "faults.sql"
REFUSED = ("raise", "raise as if a grant were missing", "unique", "time", "number", "json", "syntax")
PASSING = ("cancelled", "terminated")
STORE = text(
    "INSERT INTO staging.record (record_id, source, epoch, stream, source_key, key_id)"
    " VALUES (gen_random_uuid(), 's', 1, 'c', :value, 'k')"
)


@pytest.fixture
def faulty(warehouse_url: str, postgres_server: Server) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The warehouse with the faults at hand, none in place."""
    with postgres_server.superuser(warehouse_url.rpartition("/")[2]) as connection:
        connection.execute(FAULTS.read_bytes())
        yield connection
        connection.execute("DROP FUNCTION fault CASCADE; DROP TABLE faults_unique")


@pytest.mark.parametrize("how", [*REFUSED, *PASSING])
def test_a_row_is_quoted_nowhere(warehouse_url: str, faulty: psycopg.Connection, postgres_server: Server, how: str) -> None:
    place = sql.SQL("CREATE TRIGGER fault BEFORE INSERT ON staging.record FOR EACH ROW EXECUTE FUNCTION fault({}, '')")
    faulty.execute(place.format(sql.Literal(how)))
    kind = WarehouseUnavailable if how in PASSING else WarehouseRefused
    with pytest.raises(kind, match="SQLSTATE") as raised, transaction(connect(warehouse_url), "storing a record") as connection:
        connection.execute(STORE, {"value": SECRET})
    assert SECRET not in everything_told_of(raised.value)
    assert SECRET not in postgres_server.log.read_text(errors="replace")
