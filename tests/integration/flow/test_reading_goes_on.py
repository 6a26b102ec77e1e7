"""An attempt that is killed in the middle of a window is gone on with by the next: what was given is not asked for again."""

import json
import os
import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from airflow.sdk.exceptions import TaskDeferred
from sqlalchemy import Engine, event

from include.sources import discovery
from include.sources.readers import api_bulk, sql, sql_copy
from suki import kept_reading, reading
from suki.kept_reading import KeptReading
from suki.operators.base import TaskFailed
from suki.operators.extract import ExtractOperator
from tests.api_servers.running import Server
from tests.api_servers.serving import LOGIN, SECRET
from tests.integration.flow.world import World
from tests.unit.sources.factory import declare, stream

pytestmark = pytest.mark.integration

DAY, NEXT_DAY, RUN = "2026-08-03", "2026-08-04", "the run"
USERS = {
    "path": "/api/v2/incremental/users/cursor.json", "params": {"per_page": 4}, "records": "users",
    "since": {"param": "start_time", "form": "unix"},
    "pages": {"by": "cursor", "param": "cursor", "next": "after_cursor", "last": "end_of_stream"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def each_page_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_reading, "_AT_LEAST", 0.0)


@pytest.fixture
def desk(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    users = stream(request=USERS, files=..., format=..., updated_at="updated_at")
    monkeypatch.setattr(discovery, "HERE", declare(tmp_path / "sources", {"connection": "suki_desk"}, "desk", users=users).parent)
    with Server("zendesk", tmp_path) as server:
        login = {"conn_type": "http", "host": server.url, "login": LOGIN, "password": SECRET}
        monkeypatch.setenv("AIRFLOW_CONN_SUKI_DESK", json.dumps(login))
        yield server


@pytest.fixture
def shop(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    shutil.copytree(discovery.HERE / "shopify", tmp_path / "sources" / "shopify")
    declared = tmp_path / "sources" / "shopify" / "source.yml"
    declared.write_text(declared.read_text(encoding="utf-8").replace("enabled: false", "enabled: true"), encoding="utf-8")
    monkeypatch.setattr(discovery, "HERE", tmp_path / "sources")
    monkeypatch.setattr(api_bulk, "_ROWS_AT_ONCE", 3)
    with Server("shopify", tmp_path) as server:
        headers = {"X-Shopify-Access-Token": SECRET}
        login = {"conn_type": "http", "host": server.url, "extra": {"headers": headers}}
        monkeypatch.setenv("AIRFLOW_CONN_SUKI_SHOPIFY", json.dumps(login))
        yield server


def killed(world: World, source: str, keeps: int) -> None:
    """An attempt in a process of its own that is killed the moment it has kept so many places."""
    if pid := os.fork():
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status), "it ended before it was killed"
        return
    keep, done = KeptReading._keep, []

    def kept(reading: KeptReading, *given: Any) -> None:
        keep(reading, *given)
        done.append(True)
        if len(done) == keeps:
            os.kill(os.getpid(), signal.SIGKILL)

    KeptReading._keep = kept  # type: ignore[method-assign]
    try:
        world.ingest(source, DAY, NEXT_DAY, until="extract", run_id=RUN)
    finally:
        os._exit(1)


def whole(world: World, source: str, name: str) -> list[tuple[int, str]]:
    rows = world.landed_rows(source, name)
    return list(zip(rows["position"], rows["raw"], strict=True))


def kept_files(world: World) -> list[Path]:
    return [path for path in (world.lake / "reading").rglob("*") if path.is_file()]


def pages_asked(desk: Server) -> list[str]:
    return [json.dumps(one["query"], sort_keys=True) for one in desk.asked]


def test_pages_that_were_given_are_not_asked_for_again(world: World, desk: Server) -> None:
    killed(world, "desk", keeps=3)
    assert kept_files(world)
    assert not [path for path in kept_files(world) if SECRET in path.read_text()]
    (batch,) = world.ingest("desk", DAY, NEXT_DAY, until="extract", run_id=RUN)
    assert batch["rows"] == 36
    asked = pages_asked(desk)
    assert len(set(asked)) == 12, "48 users since ever, four a page"
    assert len(asked) <= 13, "none of them twice but the one that was under way"
    assert Counter(asked).keys() - Counter(asked[-9:]).keys() == {*asked[:3]}, "the attempt that went on began behind the third"
    resumed = whole(world, "desk", "users")
    assert kept_files(world) == [], "what landed needs no keeping"
    (fresh,) = world.ingest("desk", DAY, NEXT_DAY, until="extract", run_id="another run")
    assert fresh["uri"] == batch["uri"], "the same content as that of one undisturbed attempt"
    assert [position for position, _ in resumed] == list(range(1, 37))
    assert Counter(pages_asked(desk)[len(asked) :]) == Counter(set(asked)), "another run asks for itself"


def test_what_a_run_kept_that_gave_up_long_ago_is_removed_by_the_next(
    world: World, desk: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(world, "desk", keeps=2)
    world.ingest("desk", DAY, NEXT_DAY, until="extract", run_id="another run")
    assert kept_files(world), "it may yet be tried again"
    monkeypatch.setattr(kept_reading, "_LONGEST_KEPT", 0.0)
    world.ingest("desk", DAY, NEXT_DAY, until="extract", run_id="another run")
    assert kept_files(world) == []


def test_a_place_the_service_no_longer_knows_is_forgotten(world: World, desk: Server) -> None:
    killed(world, "desk", keeps=2)
    desk.fails({"status": 400, "body": '{"error": "InvalidPaginationParameter"}'})
    (batch,) = world.ingest("desk", DAY, NEXT_DAY, until="extract", run_id=RUN)
    assert batch["rows"] == 36
    assert len(set(pages_asked(desk))) == 12
    assert len(desk.asked) - (2 + 1 + 12) in (0, 1), "one was under way when it was killed"


def test_a_service_that_is_down_for_long_costs_nothing_that_was_read(world: World, desk: Server) -> None:
    killed(world, "desk", keeps=3)
    desk.fails({"status": 429, "headers": {"Retry-After": "3600"}})
    with pytest.raises(TaskFailed, match="asks to be left alone"):
        world.ingest("desk", DAY, NEXT_DAY, until="extract", run_id=RUN)
    world.ingest("desk", DAY, NEXT_DAY, until="extract", run_id=RUN)
    assert len(desk.asked) - (3 + 1 + 9) in (0, 1), "one was under way when it was killed"


def test_a_table_is_gone_on_with_behind_its_last_row(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = {"name": "people", "key": "id", "mode": "snapshot"}
    people = stream(table=table, files=..., format=...)
    monkeypatch.setattr(discovery, "HERE", declare(tmp_path / "sources", {"connection": "suki_erp"}, "erp", people=people).parent)
    file = tmp_path / "erp.db"
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE people (id TEXT, name TEXT)")
        made.executemany("INSERT INTO people VALUES (?, ?)", [(f"K{n:03}", f"Person {n}") for n in range(50)])
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_ERP", json.dumps({"conn_type": "sqlite", "host": str(file)}))
    monkeypatch.setattr(sql, "_ROWS_AT_ONCE", 10)
    killed(world, "erp", keeps=2)
    asked: list[Any] = []
    listen = lambda _c, _cursor, statement, parameters, *_: asked.append((statement, parameters))  # noqa: E731
    event.listen(Engine, "before_cursor_execute", listen)
    try:
        (batch,) = world.ingest("erp", DAY, NEXT_DAY, until="extract", run_id=RUN)
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    assert batch["rows"] == 50
    assert [raw for _, raw in whole(world, "erp", "people")] == [
        json.dumps({"id": f"K{n:03}", "name": f"Person {n}"}, sort_keys=True) for n in range(50)
    ]
    assert [parameters for statement, parameters in asked if "FROM people" in statement] == [("K019",)]


def test_a_table_that_is_copied_is_gone_on_with_behind_its_last_row(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_database_url: str
) -> None:
    people = stream(table={"name": "people", "key": "id", "mode": "snapshot"}, files=..., format=...)
    monkeypatch.setattr(discovery, "HERE", declare(tmp_path / "sources", {"connection": "suki_erp"}, "erp", people=people).parent)
    with psycopg.connect(empty_database_url.replace("+psycopg", "")) as made:
        made.execute(
            "CREATE TABLE people AS SELECT 'K' || n AS id, nullif('Person ' || n, 'Person 115') AS name, n / 8.0::float8 AS n"
            " FROM generate_series(100, 149) n"
        )
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_ERP", empty_database_url.replace("postgresql+psycopg", "postgresql"))
    monkeypatch.setattr(sql_copy, "_ROWS_AT_ONCE", 10)
    killed(world, "erp", keeps=2)
    assert {path.suffix for path in kept_files(world)} == {".arrow", ".json"}
    asked: list[Any] = []
    tables = sql_copy.tables
    monkeypatch.setattr(sql_copy, "tables", lambda *given: (asked.append(len(table)) or table for table in tables(*given)))
    (batch,) = world.ingest("erp", DAY, NEXT_DAY, until="extract", run_id=RUN)
    assert (batch["rows"], asked) == (50, [10, 10, 10])
    resumed = whole(world, "erp", "people")
    (fresh,) = world.ingest("erp", DAY, NEXT_DAY, until="extract", run_id="another run")
    assert fresh["uri"] == batch["uri"], "the same content as that of one undisturbed attempt"
    monkeypatch.setattr(sql_copy, "is_same", lambda *_: False)
    (through_a_cursor,) = world.ingest("erp", DAY, NEXT_DAY, until="extract", run_id="a third")
    assert through_a_cursor["uri"] == batch["uri"], "and as a cursor gives it"
    assert [position for position, _ in resumed] == list(range(1, 51))


def bulk_requests(shop: Server) -> dict[str, int]:
    bodies = [request["body"] for request in shop.asked]
    return {
        "begun": sum("bulkOperationRunQuery" in body for body in bodies),
        "looked": sum("... on BulkOperation" in body for body in bodies),
        "fetched": sum(request["path"].startswith("/bulk/") for request in shop.asked),
    }


def test_an_operation_that_was_begun_is_not_begun_again_and_the_rest_of_its_file_is_fetched(world: World, shop: Server) -> None:
    killed(world, "shopify", keeps=1)
    assert bulk_requests(shop)["begun"] == 1
    killed(world, "shopify", keeps=1)
    assert bulk_requests(shop) == {"begun": 1, "looked": 2, "fetched": 1}
    batches = world.ingest("shopify", DAY, NEXT_DAY, until="extract", run_id=RUN)
    assert {batch["stream"]: batch["rows"] for batch in batches} == {"customers": 3, "orders": 3}
    assert bulk_requests(shop)["begun"] == 2, "one of each stream"
    parts = [request["range"] for request in shop.asked if request["path"] == "/bulk/1.jsonl"]
    assert parts[0] is None
    assert parts[1].startswith("bytes=")
    assert parts[1] != "bytes=0-"
    again = world.ingest("shopify", DAY, NEXT_DAY, until="extract", run_id="another run")
    assert [batch["uri"] for batch in again] == [batch["uri"] for batch in batches]


def test_while_the_shop_works_the_task_holds_no_workers_place(
    world: World, shop: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_LONGEST_STAY", 0.0)
    shop.fails({"looks": 3})
    run = world.run_of("shopify", DAY, NEXT_DAY, RUN)
    called: list[str] = []

    for _ in range(10):
        operator = ExtractOperator(task_id="extract", source="shopify")
        with world.connected():
            try:
                batches = operator.go_on(run.context(), event="now") if called else world.step(operator, run)
                break
            except TaskDeferred as deferred:
                called.append(deferred.method_name)
    assert {batch["stream"]: batch["rows"] for batch in batches} == {"customers": 3, "orders": 3}
    assert called == ["go_on"] * 4, "two looks of each of two operations found it running"
    assert bulk_requests(shop)["begun"] == 2
    assert kept_files(world) == []
