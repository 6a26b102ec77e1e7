"""Whoever watches years of days asks Airflow for what may have changed, and sees every day end."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from local import backfill
from local.api import Api

FIRST = datetime(2023, 1, 1, tzinfo=UTC)
DAYS = [FIRST + timedelta(days=n) for n in range(1_000)]


class Airflow(ThreadingHTTPServer):
    """Airflow's interface as far as a backfill is watched by it: two of its days run at once, and each question brings it on."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.runs = [{"logical_date": day.isoformat(), "state": "queued", "end_date": None} for day in DAYS]
        self.sent = 0
        self.clock = datetime(2026, 8, 1, tzinfo=UTC)

    def go_on(self, days: int) -> None:
        """So many days more have ended, and the next two run."""
        waiting = [run for run in self.runs if run["state"] in ("queued", "running")]
        for run in waiting[:days]:
            self.clock += timedelta(seconds=1)
            failed = run["logical_date"].startswith("2024-02-29")
            run.update(state="failed" if failed else "success", end_date=self.clock.isoformat())
        for run in waiting[days : days + 2]:
            run["state"] = "running"

    def run_again(self) -> None:
        """Somebody clears a day that had ended."""
        self.runs[0].update(state="queued", end_date=None)

    def asked(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        states, since = query.get("state"), query.get("end_date_gte", [""])[0]
        found = [
            run
            for run in self.runs
            if (states is None or run["state"] in states) and (not since or (run["end_date"] or "") >= since)
        ]
        start = int(query["offset"][0])
        page = found[start : start + int(query["limit"][0])]
        self.sent += len(page)
        return page


class Answers(BaseHTTPRequestHandler):
    server: Airflow

    def do_GET(self) -> None:
        self._say({"dag_runs": self.server.asked(parse_qs(urlsplit(self.path).query))})

    def do_POST(self) -> None:
        self._say({"access_token": "token"})

    def _say(self, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def airflow() -> Iterator[Airflow]:
    with Airflow() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class Watching:
    """What a watcher needs of a platform."""

    def __init__(self, server: Airflow) -> None:
        self.api = Api(f"http://127.0.0.1:{server.server_address[1]}", "admin", "password")
        self.said: list[str] = []

    def say(self, line: str) -> None:
        self.said.append(line)


def test_each_day_is_asked_for_when_it_may_have_changed(airflow: Airflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill.time, "sleep", lambda _: airflow.go_on(10))
    watching = Watching(airflow)
    runs = backfill._follow(watching, {"shop": DAYS})
    assert [key for key, run in runs.items() if run["state"] == "failed"] == [("shop", datetime(2024, 2, 29, tzinfo=UTC))]
    assert len(runs) == len(DAYS)
    assert watching.said[-1] == "ingest_shop: 999 of 1000 days done, 1 failed"
    assert "ingest_shop: 499 of 1000 days done, 2 running, 1 failed" in watching.said
    looked = len(watching.said)
    assert airflow.sent < 2 * len(DAYS) + 20 * looked, "whole spans were read again and again"


def test_a_day_run_again_by_hand_is_waited_for(airflow: Airflow, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = iter([*[lambda: airflow.go_on(400)] * 2, airflow.run_again, *[lambda: airflow.go_on(400)] * 9])
    monkeypatch.setattr(backfill.time, "sleep", lambda _: next(steps)())
    runs = backfill._follow(Watching(airflow), {"shop": DAYS})
    assert {run["state"] for run in runs.values()} == {"success", "failed"}
    assert datetime.fromisoformat(runs["shop", DAYS[0]]["end_date"]) > datetime(2026, 8, 1, 0, 13, tzinfo=UTC)
