"""Each role can do what its steps need, and not more."""

import pytest
from sqlalchemy import text

from include.errors import DeclarationError
from include.warehouse.engine import connect, transaction
from include.warehouse.errors import WarehouseRefused

pytestmark = pytest.mark.integration

RECORD = (
    "INSERT INTO staging.record (record_id, source, epoch, stream, source_key, key_id)"
    " VALUES (gen_random_uuid(), 's', 1, 'c', gen_random_uuid()::text, 'k')"
)
MARK = "INSERT INTO staging.dirty_record (record_id, reason) VALUES (gen_random_uuid(), 'test')"
DECISION = (
    "INSERT INTO identity.steward_decision (decision_id, record_a, record_b, decision, actor, reason)"
    " VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'must_link', 'a', 'r')"
)
PIN = (
    "INSERT INTO golden.pin (pin_id, record_id, field, given, overrode, actor, reason)"
    " VALUES (gen_random_uuid(), gen_random_uuid(), 'birth_date', '{}', '{}', 'a', 'r')"
)
SUPPRESS = "INSERT INTO privacy.suppression (token, kind, reason, actor) VALUES (gen_random_uuid(), 'record', 'r', 'a')"
LEDGER = (
    "INSERT INTO identity.customer_id_ledger (customer_id, anchor_record_id, minted_by)"
    " VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid())"
)

MAY = [
    ("suki_ingest", RECORD),
    ("suki_ingest", MARK),
    ("suki_ingest", "CREATE TEMP TABLE t (i int)"),
    ("suki_ingest", "SELECT token FROM privacy.suppression"),
    ("suki_ingest", "SELECT * FROM staging.current_record"),
    ("suki_ingest", "SELECT report FROM ops.model_comparison"),
    ("suki_ingest", "INSERT INTO ops.watermark (source, stream, read_to, run_id) VALUES ('s', 't', now(), 'r')"),
    ("suki_resolve", "SELECT * FROM staging.current_record"),
    ("suki_resolve", "DELETE FROM staging.dirty_record WHERE mark_id = -1"),
    ("suki_resolve", "DELETE FROM staging.order_mark WHERE mark_id = -1"),
    ("suki_resolve", MARK),  # a model put in force has every record resolved anew
    ("suki_resolve", LEDGER),
    ("suki_resolve", "DELETE FROM golden.customer"),
    ("suki_resolve", "CREATE TEMP TABLE t (i int)"),
    ("suki_steward", DECISION),
    ("suki_steward", MARK),
    ("suki_steward", PIN),
    ("suki_steward", "UPDATE golden.pin SET withdrawn_at = now()"),
    ("suki_resolve", "SELECT * FROM golden.pin"),
    ("suki_steward", "UPDATE identity.steward_decision SET withdrawn_at = now()"),
    ("suki_steward", "SELECT * FROM golden.customer"),
    ("suki_analyst", "SELECT * FROM golden.v_customer"),
    ("suki_analyst", "SELECT * FROM golden.v_interaction"),
    ("suki_analyst", "SELECT * FROM golden.v_customer_id"),
    ("suki_analyst", "SELECT * FROM golden.v_publication"),
    ("suki_privacy", "SELECT source_key FROM staging.record"),
    ("suki_privacy", SUPPRESS),
]

MAY_NOT = [
    ("suki_ingest", "SELECT source_key FROM staging.record"),
    ("suki_ingest", "SELECT * FROM golden.customer"),
    ("suki_ingest", "DELETE FROM staging.dirty_record"),
    ("suki_ingest", "DELETE FROM staging.order_mark"),
    ("suki_ingest", "DELETE FROM ops.manifest"),
    ("suki_ingest", "SELECT actor FROM privacy.suppression"),
    ("suki_ingest", SUPPRESS),
    ("suki_ingest", "UPDATE ops.model_comparison SET report = '{}'"),
    ("suki_steward", "UPDATE identity.match_model SET active = true"),
    ("suki_resolve", "DELETE FROM ops.model_comparison"),
    ("suki_resolve", "UPDATE ops.watermark SET read_to = now()"),
    ("suki_ingest", "DELETE FROM ops.watermark"),
    ("suki_resolve", "SELECT source_key FROM staging.record"),
    ("suki_resolve", "DELETE FROM staging.record_version"),
    ("suki_resolve", DECISION),
    ("suki_ingest", "DELETE FROM staging.quarantine_event"),
    ("suki_steward", "UPDATE staging.quarantine_event SET why = ''"),
    ("suki_steward", "DELETE FROM staging.quarantine"),
    ("suki_resolve", "DELETE FROM identity.customer_id_ledger"),
    ("suki_resolve", "UPDATE golden.customer_change SET change = 'none'"),
    ("suki_resolve", "DELETE FROM ops.resolve_run"),
    ("suki_steward", "UPDATE golden.customer SET full_name = NULL"),
    ("suki_steward", "UPDATE identity.steward_decision SET actor = 'somebody else'"),
    ("suki_steward", "DELETE FROM identity.steward_decision"),
    ("suki_steward", "UPDATE golden.pin SET given = '{}'"),
    ("suki_resolve", PIN),
    ("suki_analyst", "SELECT * FROM golden.pin_now"),
    ("suki_steward", "SELECT source_key FROM staging.record"),
    ("suki_analyst", "SELECT * FROM golden.customer"),
    ("suki_analyst", "SELECT * FROM golden.customer_interaction"),
    ("suki_analyst", "SELECT * FROM staging.current_record"),
    ("suki_analyst", "SELECT * FROM ops.resolve_run"),
    ("suki_privacy", "UPDATE golden.customer SET full_name = NULL"),
    ("suki_privacy", DECISION),
]


@pytest.mark.parametrize(("role", "statement"), MAY)
def test_a_role_may(warehouse_url: str, role: str, statement: str) -> None:
    with connect(warehouse_url, role).connect() as connection:
        connection.execute(text(statement))  # raises if it may not; nothing is committed


@pytest.mark.parametrize(("role", "statement"), MAY_NOT)
def test_a_role_may_not(warehouse_url: str, role: str, statement: str) -> None:
    with (
        pytest.raises(WarehouseRefused, match="SQLSTATE 42501"),
        transaction(connect(warehouse_url, role), "testing") as connection,
    ):
        connection.execute(text(statement))


def test_sensitive_columns_reach_no_analyst(warehouse_url: str) -> None:
    from include.warehouse.tables import metadata

    sensitive = {c.name for t in metadata.tables.values() for c in t.columns if c.info["classification"] == "sensitive"}
    with connect(warehouse_url, "suki_analyst").connect() as connection:
        query = (
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'golden'"  # shows only what the current user may see
        )
        columns = list(connection.execute(text(query)))
    assert columns
    assert [f"{table}.{column}" for table, column in columns if column in sensitive] == []


def test_a_role_that_is_none_is_named(warehouse_url: str) -> None:
    with pytest.raises(DeclarationError, match="suki_ingest"):
        connect(warehouse_url, "suki_admin")


def test_airflows_form_of_the_url_is_understood(warehouse_url: str) -> None:
    url = warehouse_url.replace("postgresql://", "postgres://") + "?__extra__=%7B%7D"
    with connect(url, "suki_resolve").connect() as connection:
        assert connection.scalar(text("SELECT current_user")) == "suki_resolve"


READABLE = """
    SELECT
        held.relkind::text, held.relname::text, obj_description(held.oid, 'pg_class'), a.attname::text,
        col_description(held.oid, a.attnum)
    FROM pg_class AS held
    JOIN pg_namespace AS space ON space.oid = held.relnamespace
    JOIN pg_attribute AS a ON a.attrelid = held.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE space.nspname IN ('ops', 'staging', 'identity', 'golden', 'privacy', 'public')
        AND held.relkind IN ('r', 'p', 'v', 'm', 'f') AND has_column_privilege('suki_analyst', held.oid, a.attnum, 'SELECT')
"""


def test_an_analyst_reads_views_alone_and_each_says_what_it_and_its_columns_mean(shared_warehouse):
    found = shared_warehouse.query(READABLE)
    assert len({name for _, name, *_ in found}) >= 15
    assert {(kind, name) for kind, name, *_ in found if kind != "v"} == set()
    assert {name for _, name, about, _, _ in found if not about} == set()
    assert [f"{name}.{column}" for _, name, _, column, meaning in found if not meaning] == []


def test_a_function_that_an_analyst_may_ask_says_what_it_tells(shared_warehouse):
    found = shared_warehouse.query("""
        SELECT called.oid::regprocedure::text, obj_description(called.oid, 'pg_proc')
        FROM pg_proc AS called JOIN pg_namespace AS space ON space.oid = called.pronamespace
        WHERE space.nspname IN ('ops', 'staging', 'identity', 'golden', 'privacy') AND called.proretset
            AND has_function_privilege('suki_analyst', called.oid, 'EXECUTE')
    """)
    assert len(found) >= 5
    assert [name for name, about in found if not about] == []
