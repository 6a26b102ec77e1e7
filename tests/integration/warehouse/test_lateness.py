"""A late source is told of once, together with all that are late by then; one that never came is no news."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from include.sources import discover
from include.warehouse import lateness
from suki.lateness import LateNotifier, NotTold, due_by, promise
from tests.integration.warehouse.conftest import Warehouse, at, on, said

pytestmark = pytest.mark.integration

OWED = {"shop": (at(3), at(3.5)), "till": (at(3), at(3.5)), "never": (at(3), at(3.5))}


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def hook(told: list[str]) -> Iterator[str]:
    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook"
    server.shutdown()
    server.server_close()


def staged(warehouse: Warehouse, source: str, day: int) -> None:
    warehouse.source = source
    landing = warehouse.land(day, [f"{source}-ann"], scope="a")
    warehouse.stage([said(f"{source}-ann", day, "Ann")], landing.manifest_id)


def test_each_late_window_is_told_of_once_with_all_others_that_are_late(warehouse: Warehouse) -> None:
    staged(warehouse, "shop", 1)
    staged(warehouse, "till", 1)
    first = lateness.claim(warehouse.ingest, OWED, certain="shop")
    assert [(row["source"], row["staged_to"]) for row in first] == [("shop", at(2)), ("till", at(2))]
    assert lateness.claim(warehouse.ingest, OWED, certain="till") == []


def test_who_is_staged_far_enough_is_not_late_and_who_never_came_is_only_by_its_own_run(warehouse: Warehouse) -> None:
    staged(warehouse, "shop", 1)
    staged(warehouse, "till", 2)
    assert [row["source"] for row in lateness.claim(warehouse.ingest, OWED, certain="shop")] == ["shop"]
    (never,) = lateness.claim(warehouse.ingest, OWED, certain="never")
    assert (never["source"], never["staged_to"]) == ("never", None)


def test_what_is_due_is_the_newest_window_whose_promise_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    source = discover()["support"]
    assert promise(source) == timedelta(hours=source.freshness_hours or 0)
    monkeypatch.setenv("AIRFLOW__SUKI__LATE_AFTER", "21600")
    for now, due in (("2026-08-10T05:59", on(9)), ("2026-08-10T06:01", on(10))):
        end, promised = due_by(source, datetime.fromisoformat(now).replace(tzinfo=UTC))
        assert (end.date(), promised - end) == (due, timedelta(hours=6))


def missed(source: str, due: datetime, state: str = "running") -> None:
    """Call the notifier as Airflow does, with the run in the words of its own API."""
    from airflow.api_fastapi.core_api.datamodels.dag_run import DAGRunResponse

    run = dict.fromkeys((*DAGRunResponse.model_fields, "run_id"))
    run |= {
        "dag_id": f"ingest_{source}", "run_id": "scheduled__1", "run_type": "scheduled", "state": state, "dag_versions": [],
        "data_interval_start": due - timedelta(days=1), "data_interval_end": due, "run_after": due,
        "dag_model": {"dag_display_name": source},
    }  # fmt: skip
    told_of = DAGRunResponse.model_validate(run).model_dump(mode="json")
    LateNotifier(source)({"dag_run": told_of, "deadline": {"id": "1", "deadline_time": None}})


@pytest.fixture
def on_duty(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, hook: str) -> str:
    """Who is told, with two sources that came for a day and no more."""
    for source in ("support", "store_pos"):
        staged(warehouse, source, 1)
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", warehouse.url)
    monkeypatch.setenv("AIRFLOW_CONN_ON_DUTY", json.dumps({"conn_type": "http", "host": hook}))
    monkeypatch.setenv("AIRFLOW__SUKI__ALERT_CONNECTIONS", "on_duty")
    monkeypatch.setenv("AIRFLOW__SUKI__LATE_AFTER", "21600")
    return hook


@pytest.mark.usefixtures("on_duty")
def test_one_message_names_all_late_sources_whom_to_ask_and_what_is_missing(told: list[str]) -> None:
    missed("support", at(3), "failed")
    assert told == [], "it was told of when it failed"
    missed("support", at(3))
    missed("support", at(3))
    ((message),) = told
    titles = [discover()[name].title for name in ("store_pos", "support")]
    assert message.startswith(f"2 sources are late: {', '.join(titles)}")
    assert "the window that ended 2026-08-03 00:00 UTC should have been staged by 2026-08-03 06:00 UTC" in message
    assert "staged up to 2026-08-02 00:00" in message
    assert discover()["support"].contact in message
    assert "dags/ingest_support/runs/scheduled__1" in message


@pytest.mark.usefixtures("on_duty")
def test_who_could_not_be_told_of_is_told_of_with_the_next(told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as away:
        away.setenv("AIRFLOW_CONN_ON_DUTY", json.dumps({"conn_type": "http", "host": "http://127.0.0.1:1"}))
        with pytest.raises(NotTold, match="no connection took the message"):
            missed("support", at(3))
    assert told == []
    missed("support", at(3))
    ((message),) = told
    assert message.startswith("2 sources are late: ")
