"""A run that fails is told of once, wherever it is declared, and an alert that cannot be sent fails nothing."""

import json
import logging
import socketserver
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from airflow.sdk.exceptions import AirflowFailException

from include.warehouse.errors import WarehouseUnavailable
from suki import incidents
from suki.alerts import IncidentNotifier
from suki.operators.base import TaskFailed, plain_errors

SENTENCE = "Gate landed for shop.customers is closed {{ 7 * 7 }}\n  Sent anew: airflow dags trigger ingest_shop --conf '{}'"


@pytest.fixture
def told() -> list[Any]:
    return []


@pytest.fixture
def hook(told: list[Any]) -> Iterator[str]:
    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200 if self.path == "/hook" else 500)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    yield from served(HTTPServer(("127.0.0.1", 0), Hook))


@pytest.fixture
def mailbox(told: list[Any]) -> Iterator[str]:
    class Mail(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                word = line.split()[0].upper() if line.split() else b""
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    body = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        body += part
                    told.append(message_from_bytes(body))
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 well\r\n")
                if word == b"QUIT":
                    return

    yield from served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail))


def served(server: Any) -> Iterator[str]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield str(server.server_address[1])
    server.shutdown()
    server.server_close()


def declare(monkeypatch: pytest.MonkeyPatch, **connections: dict[str, Any]) -> None:
    for name, connection in connections.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(connection))
    monkeypatch.setenv("AIRFLOW__SUKI__ALERT_CONNECTIONS", ", ".join(connections))


def fail(problem: BaseException | None = AirflowFailException(SENTENCE), dag_id: str = "ingest_shop") -> None:  # noqa: B008  # never changed
    task = SimpleNamespace(dag_id=dag_id, run_id="scheduled__1", task_id="gate_landed")
    IncidentNotifier()({"ti": task, "exception": problem})


def down(doing: str = "staging") -> BaseException:
    with pytest.raises(TaskFailed) as failed, plain_errors():
        raise WarehouseUnavailable(f"The warehouse cannot be reached while {doing}.")
    return failed.value


def test_a_webhook_is_told_the_sentence_as_it_is_and_where_the_report_lies(monkeypatch, told, hook):
    declare(monkeypatch, alerts={"conn_type": "http", "host": f"http://127.0.0.1:{hook}/hook"})
    fail()
    ((message),) = told
    assert message["text"].startswith(f"ingest_shop failed at gate_landed\n{SENTENCE}")
    assert "suki/quality/run?dag_id=ingest_shop&run_id=scheduled__1&task_id=gate_landed" in message["text"]


def test_mail_is_sent_to_whom_the_connection_says(monkeypatch, told, mailbox):
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "suki@example.org", "to": "data@example.org"}
    declare(monkeypatch, post={"conn_type": "smtp", "host": "127.0.0.1", "port": int(mailbox), "extra": extra})
    fail()
    ((mail),) = told
    assert (mail["Subject"], mail["To"]) == ("ingest_shop failed at gate_landed", "data@example.org")


def test_one_that_cannot_be_reached_keeps_no_other_from_being_told(monkeypatch, told, hook, caplog):
    declare(
        monkeypatch, dead={"conn_type": "http", "host": f"http://127.0.0.1:{hook}/other"}, wrong={"conn_type": "ftp"},
        alerts={"conn_type": "http", "host": f"http://127.0.0.1:{hook}/hook"},
    )  # fmt: skip
    with caplog.at_level(logging.INFO, "suki.alerts"):
        fail()
    assert len(told) == 2
    assert "Not told by connection dead" in caplog.text
    assert "connection wrong: conn_type: 'ftp' takes no alerts. Valid: http, smtp" in caplog.text
    assert "Told by connection alerts" in caplog.text


def test_without_a_connection_the_log_has_it(monkeypatch, caplog):
    monkeypatch.delenv("AIRFLOW__SUKI__ALERT_CONNECTIONS", raising=False)
    with caplog.at_level(logging.INFO, "suki.alerts"):
        fail()
    assert "ingest_shop failed at gate_landed. Gate landed" in caplog.text


def test_of_an_error_that_may_quote_a_row_only_the_kind_is_told(monkeypatch, told, hook):
    declare(monkeypatch, alerts={"conn_type": "http", "host": f"http://127.0.0.1:{hook}/hook"})
    fail(ValueError("jane@example.com"))
    assert "ValueError: its log says more" in told[0]["text"]
    assert "jane" not in told[0]["text"]


def test_a_task_whose_process_was_lost_is_told_of_too(monkeypatch, told, hook):
    declare(monkeypatch, alerts={"conn_type": "http", "host": f"http://127.0.0.1:{hook}/hook"})
    fail(None)
    assert "Its process was lost" in told[0]["text"]


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Any:
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_LAKE", json.dumps({"conn_type": "generic", "extra": {"path": str(tmp_path / "lake")}}))
    monkeypatch.setattr(incidents, "GATHERED", timedelta(seconds=0.5))
    return tmp_path / "lake"


def all_noted(lake: Path, failures: int) -> None:
    """Wait as who tells does, however slow the machine is, until every failure has left its note."""
    for _ in range(400):
        if len(list(lake.glob("incidents/*/[fm]*.json"))) >= failures:
            return
        threading.Event().wait(0.05)
    raise AssertionError("not all that failed were noted")


def test_who_failed_before_the_one_that_tells_by_another_machines_clock_is_told_of(monkeypatch, told, hook, lake):
    """Its moment is earlier, as its clock is behind; its note says whose incident it is of."""
    declare(monkeypatch, alerts={"conn_type": "http", "host": f"http://127.0.0.1:{hook}/hook"})

    def behind(_: float) -> None:
        ((first),) = lake.glob("incidents/*/first-*.json")
        key = first.stem.split("-")[2]
        note = first.parent / f"more-20200101T000000.000000-0000aaaa-of-{key}.json"
        note.write_text(json.dumps(["ingest_till", "scheduled__1", "clean"]))

    monkeypatch.setattr(incidents.time, "sleep", behind)
    fail(down(), "ingest_shop")
    assert "ingest_till at clean, run scheduled__1" in told[0]["text"]


def test_notes_of_an_incident_long_over_are_removed(monkeypatch, told, hook, lake):
    declare(monkeypatch, alerts={"conn_type": "http", "host": f"http://127.0.0.1:{hook}/hook"})
    monkeypatch.setattr(incidents, "OVER", timedelta(0))
    monkeypatch.setattr(incidents, "KEPT", timedelta(0))
    fail(down(), "ingest_shop")
    threading.Event().wait(1.1)
    fail(down(), "ingest_till")
    assert {json.loads(path.read_text())[0] for path in lake.glob("incidents/*/first-*.json")} == {"ingest_till"}


def test_what_is_down_for_all_is_told_once_with_all_that_failed_of_it(monkeypatch, told, hook, lake, caplog):
    declare(monkeypatch, alerts={"conn_type": "http", "host": f"http://127.0.0.1:{hook}/hook"})
    dags = [f"ingest_{name}" for name in ("erp", "shop", "support", "till")]
    monkeypatch.setattr(incidents.time, "sleep", lambda _: all_noted(lake, len(dags)))
    with ThreadPoolExecutor(4) as at_once:
        list(at_once.map(lambda dag_id: fail(down(dag_id), dag_id), dags))
    ((message),) = told
    assert message["text"].startswith("4 tasks failed of one cause: the warehouse\nThe warehouse cannot be reached while ingest_")
    assert all(f"{dag_id} at gate_landed, run scheduled__1" in message["text"] for dag_id in dags)
    with caplog.at_level(logging.INFO, "suki.alerts"):
        fail(down(), "ingest_late")
    assert "ingest_late failed at gate_landed. The warehouse cannot be reached" in caplog.text
    assert len(told) == 1, "one incident, one message"
    fail(dag_id="ingest_other")
    assert len(told) == 2, "what fails of something else is told by itself"
    monkeypatch.setattr(incidents, "OVER", timedelta(0))
    monkeypatch.setattr(incidents.time, "sleep", Mock())
    threading.Event().wait(1.1)
    fail(down(), "ingest_next")
    assert told[2]["text"].startswith("ingest_next failed at gate_landed"), "a cause that comes back is another incident"


def test_who_was_killed_before_it_told_keeps_nobody_from_telling(monkeypatch, told, hook, lake):
    declare(monkeypatch, alerts={"conn_type": "http", "host": f"http://127.0.0.1:{hook}/hook"})
    monkeypatch.setattr(incidents, "GATHERED", timedelta(seconds=0.2))
    with monkeypatch.context() as killed:
        killed.setattr(incidents.time, "sleep", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            fail(down(), "ingest_killed")
    threading.Event().wait(0.5)
    fail(down(), "ingest_shop")
    assert [message["text"].split(" ")[0] for message in told] == ["ingest_shop"]


def test_where_nobody_can_be_found_each_is_told_of(monkeypatch, told, hook, lake, tmp_path):
    declare(monkeypatch, alerts={"conn_type": "http", "host": f"http://127.0.0.1:{hook}/hook"})
    lake.write_text("no folder")
    for dag_id in ("ingest_shop", "ingest_till"):
        fail(down(), dag_id)
    assert len(told) == 2
