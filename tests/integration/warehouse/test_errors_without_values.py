"""No value of a row leaves the database in an error, and the error says whether trying again helps."""

import socket
import traceback

import pytest
from sqlalchemy import text

from include.errors import SourceUnavailable
from include.warehouse.engine import connect, transaction
from include.warehouse.errors import WarehouseRefused, WarehouseUnavailable

pytestmark = pytest.mark.integration

TWICE = (
    "INSERT INTO staging.record (record_id, source, epoch, stream, source_key, key_id)"
    " SELECT gen_random_uuid(), 's', 1, 'c', :v, 'k' FROM generate_series(1, 2)"
)
SECRET = "jane.doe@example.org"


def run(url: str, statement: str) -> None:
    with transaction(connect(url), "storing a record") as connection:
        connection.execute(text(statement), {"v": SECRET} if ":v" in statement else {})


def everything_told_of(problem: BaseException | None) -> str:
    told = []
    while problem is not None:
        told += traceback.format_exception(problem)
        told += [repr(problem), str(vars(problem))]
        problem = problem.__cause__ or problem.__context__
    return "\n".join(told)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT CAST(:v AS uuid)",
        TWICE,
        "INSERT INTO staging.record (source_key) VALUES (:v)",
        "SELECT CAST(:v AS jsonb)",
        f"DO $$ BEGIN RAISE EXCEPTION '{SECRET}' USING ERRCODE = '42501'; END $$",
        f"""DO $$ BEGIN EXECUTE 'SELECT * FROM "{SECRET}"'; END $$""",
    ],
    ids=["wrong type", "unique", "not null", "json", "a trigger's own words", "a trigger's statement"],
)
def test_the_row_is_not_quoted(warehouse_url: str, statement: str) -> None:
    with pytest.raises(WarehouseRefused, match="while storing a record") as raised:
        run(warehouse_url, statement)
    assert SECRET not in everything_told_of(raised.value)


def test_the_broken_rule_is_named(warehouse_url: str) -> None:
    with pytest.raises(WarehouseRefused, match="table record, rule ix_record_source_epoch_stream_source_key"):
        run(warehouse_url, TWICE)


def test_an_unreachable_warehouse_may_be_tried_again() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        url = f"postgresql://somebody:secret@127.0.0.1:{taken.getsockname()[1]}/warehouse"
        with pytest.raises(SourceUnavailable, match=r"cannot be reached while storing a record: .*127\.0\.0\.1") as raised:
            run(url, "SELECT 1")
    assert "secret" not in str(raised.value)


def test_a_lock_not_got_in_time_may_be_tried_again(warehouse_url: str) -> None:
    holder = connect(warehouse_url)
    with holder.begin() as held:
        held.execute(text("LOCK TABLE staging.record"))
        with pytest.raises(WarehouseUnavailable, match="55P03"):
            run(warehouse_url, "SET LOCAL lock_timeout = '50ms'; LOCK TABLE staging.record")
