"""The doctor on real databases: unreachable, never migrated, behind, ahead, without roles, with another key."""

import secrets
from collections.abc import Callable
from datetime import date
from urllib.parse import quote

import pytest

from include.privacy.tokens import Tokens
from include.warehouse import checkup
from include.warehouse.engine import connect
from local.postgres import SETTINGS, Server
from suki import cli
from suki.doctor import data
from suki.doctor import warehouse as checks
from suki.doctor.finding import Status
from suki.doctor.site import Site
from tests.integration.warehouse.conftest import Warehouse, said
from tests.integration.warehouse.stories import Story

pytestmark = pytest.mark.integration

SITE = Site({})
KEY = bytes(range(32))


def test_a_sound_warehouse_is_well(warehouse_url: str) -> None:
    for check in (checks.reachable, checks.encoding, checks.clock, checks.roles, checks.schema, checks.server_log):
        found = check(warehouse_url, SITE)
        assert found.status is Status.OK, (check.__name__, found)


def test_a_warehouse_that_cannot_be_reached_says_what_to_mend_and_not_the_password(warehouse_url: str) -> None:
    password = warehouse_url.split(":")[2].split("@", maxsplit=1)[0]
    for url in (warehouse_url.replace("127.0.0.1:", "127.0.0.1:1"), warehouse_url.replace(password, "wrong-one")):
        found = checks.reachable(url, SITE)
        assert found.status is Status.FAIL
        assert "cannot be reached" in found.says
        assert "suki_warehouse" in found.mend
        assert password not in found.says
        assert "wrong-one" not in found.says


def test_a_database_nobody_migrated_is_told(warehouse_url: str, empty_database_url: str) -> None:
    found = checks.schema(empty_database_url, SITE)
    assert (found.status, found.says) == (Status.FAIL, "it was never migrated: it has no tables of Suki's")
    assert found.mend == "suki migrate"
    assert checks.schema(empty_database_url, Site({"SUKI_INSTANCE": "x"})).mend == "make up"


def test_the_command_it_names_migrates(
    fresh_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = fresh_database()
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", url)
    for _ in range(2):
        assert cli.main(["migrate"]) == 0
        assert capsys.readouterr().out == f"The warehouse is at migration {checkup.revisions(connect(url))[1]}.\n"
    assert checks.schema(url, SITE).status is Status.OK


def test_a_migration_that_is_behind_or_ahead_is_told(fresh_warehouse_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = connect(fresh_warehouse_url).connect().execution_options(isolation_level="AUTOCOMMIT")
    at = checkup.revisions(connect(fresh_warehouse_url))[0]
    owner.exec_driver_sql("UPDATE ops.alembic_version SET version_num = '9999'")
    ahead = checks.schema(fresh_warehouse_url, SITE)
    assert (ahead.status, ahead.mend) == (Status.FAIL, "run the newer Suki everywhere")
    owner.exec_driver_sql("UPDATE ops.alembic_version SET version_num = '0001'")
    monkeypatch.setattr(checkup, "revisions", lambda bind: ("0001", "0002"))
    behind = checks.schema(fresh_warehouse_url, SITE)
    assert (behind.status, behind.says) == (Status.FAIL, "it is at migration 0001, and this Suki needs 0002")
    assert at is not None
    owner.close()


def test_a_login_that_may_not_take_the_steps_roles_is_told_what_to_grant(postgres_server: Server, warehouse_url: str) -> None:
    login, password = f"doctor_{secrets.token_hex(4)}", secrets.token_hex(8)
    postgres_server.ensure_login(login, password)
    name = warehouse_url.rpartition("/")[2]
    with postgres_server.superuser() as connection:
        connection.execute(f'GRANT CONNECT ON DATABASE "{name}" TO {login}')
    url = postgres_server.url(name, login, quote(password))
    found = checks.roles(url, SITE)
    assert found.status is Status.FAIL
    assert found.mend.startswith("as an administrator: GRANT suki_analyst, suki_ingest")
    with postgres_server.superuser() as connection:
        connection.execute(f"GRANT suki_ingest, suki_resolve TO {login}")
    found = checks.roles(url, SITE)
    assert found.status is Status.OK
    assert "and not suki_analyst, suki_privacy, suki_steward" in found.says
    with postgres_server.superuser() as connection:
        connection.execute(f'REVOKE ALL ON DATABASE "{name}" FROM {login}')
        connection.execute(f"DROP OWNED BY {login}")
        connection.execute(f"DROP ROLE {login}")


def test_a_database_of_another_encoding_is_told(postgres_server: Server) -> None:
    name = f"suki_test_{secrets.token_hex(6)}"
    with postgres_server.superuser() as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'")
    try:
        found = checks.encoding(postgres_server.url(name, "postgres", postgres_server._password), SITE)
        assert (found.status, found.says.split(":")[0]) == (Status.FAIL, "LATIN1")
    finally:
        postgres_server.drop_database(name)


def test_a_server_whose_log_quotes_rows_is_told_what_to_set(postgres_server: Server, fresh_warehouse_url: str) -> None:
    name = fresh_warehouse_url.rpartition("/")[2]
    with postgres_server.superuser() as connection:
        connection.execute(f"ALTER DATABASE {name} SET log_error_verbosity = 'default'")
        connection.execute(f"ALTER DATABASE {name} SET log_min_error_statement = 'error'")
    found = checks.server_log(fresh_warehouse_url, SITE)
    assert found.status is Status.WARN
    assert "log_error_verbosity is default" in found.says
    with postgres_server.superuser() as connection:
        for statement in found.mend.removeprefix("as a superuser: ").split(";")[:-1]:
            connection.execute(statement)
    assert checks.server_log(fresh_warehouse_url, SITE).status is Status.OK, "what it says to do does not mend it"


def test_statements_that_are_logged_for_their_slowness_must_not_bring_their_parameters() -> None:
    assert checkup.leaks({"log_min_duration_statement": "0", "log_parameter_max_length": "-1"}) == {
        "log_parameter_max_length": "0"
    }
    assert checkup.leaks(dict(SETTINGS)) == {}


@pytest.fixture
def filled(warehouse: Warehouse) -> Warehouse:
    """A warehouse whose records were made with a key of the name "1"."""
    keys = ["1001", "ana@example.org", "+639171234567"]
    made = Tokens(KEY, "1").record_ids("shop", 1, "customers", keys)
    for key, record_id in zip(keys, made, strict=True):
        row = {"id": record_id, "key": key}
        warehouse.query(
            "INSERT INTO staging.record (record_id, source, epoch, stream, source_key, key_id)"
            " VALUES (:id, 'shop', 1, 'customers', :key, '1') RETURNING 1",
            **row,
        )
    return warehouse


@pytest.mark.parametrize(
    ("key", "name", "status", "says"),
    [
        (KEY, "1", Status.OK, "is the one the warehouse was filled with"),
        (KEY[::-1], "1", Status.FAIL, "is not the one the warehouse was filled with"),
        (KEY, "2", Status.FAIL, "were made with key '1', the connection holds '2'"),
    ],
)
def test_another_record_key_than_the_one_the_warehouse_was_filled_with_is_told(
    filled: Warehouse, key: bytes, name: str, status: Status, says: str
) -> None:
    found = checks.same_key(filled.url, Tokens(key, name))
    assert found.status is status
    assert says in found.says
    assert key.hex() not in found.says + found.mend
    assert "ana" not in found.says


def test_an_empty_warehouse_takes_any_key(fresh_warehouse_url: str) -> None:
    assert checks.same_key(fresh_warehouse_url, Tokens(KEY, "1")).status is Status.OK


def test_changes_that_wait_too_long_for_resolve_are_told(warehouse: Warehouse) -> None:
    assert checks.waiting(warehouse.url, SITE).says.startswith("nothing waits")
    warehouse.stage([said("a", 1, "A")])
    assert checks.waiting(warehouse.url, SITE).status is Status.OK
    warehouse.query("UPDATE staging.dirty_record SET recorded_at = now() - interval '2 days' RETURNING 1")
    found = checks.waiting(warehouse.url, SITE)
    assert (found.status, found.says[:25]) == (Status.WARN, "1 changes wait for resolv")


def test_what_was_taken_of_each_source_is_told(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    from include.warehouse import staging
    from include.warehouse.checkup import newest_deliveries

    warehouse.source = "support"
    landed = warehouse.land(3, ["a"])
    assert newest_deliveries(connect(warehouse.url, "suki_ingest")) == {}, "landed is not taken yet"
    staging.stage_customers(warehouse.ingest, iter([]), warehouse.meta(landed.manifest_id))
    assert newest_deliveries(connect(warehouse.url, "suki_ingest")) == {"support": date(2026, 8, 3)}
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", warehouse.url)
    found = data.deliveries(SITE)
    assert (found.status, "support 2026-08-03" in found.says) == (Status.WARN, True)
    with monkeypatch.context() as patient:
        patient.setenv("AIRFLOW__SUKI__LATE_AFTER", str(50 * 365 * 86_400))
        assert data.deliveries(SITE).status is Status.OK, "late is what was promised earlier"
    monkeypatch.setenv("AIRFLOW__SUKI__END_DATE", "2026-08-04")
    assert data.deliveries(SITE).status is Status.OK, "nobody is late when nothing is scheduled any more"


def test_a_golden_table_that_somebody_else_wrote_to_is_told(warehouse: Warehouse) -> None:
    assert checks.golden_hash(warehouse.url, SITE).says == "nothing was published yet"
    Story(warehouse).run("ab c")
    assert checks.golden_hash(warehouse.url, SITE).status is Status.OK
    warehouse.query("DELETE FROM golden.customer WHERE record_count = 1 RETURNING 1")
    found = checks.golden_hash(warehouse.url, SITE)
    assert (found.status, "golden.customer" in found.mend) == (Status.FAIL, True)
