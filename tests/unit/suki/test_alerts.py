"""A run that fails is told of once, wherever it is declared, and an alert that cannot be sent fails nothing."""

import json
import logging
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from suki.alerts import IncidentNotifier

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


def fail(problem: BaseException | None = AirflowFailException(SENTENCE)) -> None:  # noqa: B008  # never changed
    task = SimpleNamespace(dag_id="ingest_shop", run_id="scheduled__1", task_id="gate_landed")
    IncidentNotifier()({"ti": task, "exception": problem})


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
