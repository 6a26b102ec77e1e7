"""The demo runs what was not run, waits until nothing is left to do, and names what failed."""

import io
import urllib.error
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from local import demo
from local.problem import Problem
from local.services import Platform
from local.settings import Settings
from local.summary import Summary

SPAN = demo.WORLD[1]


class Airflow:
    """An Airflow whose every run has one task and ends as told."""

    def __init__(self) -> None:
        self.run_states: dict[tuple[str, str], str] = {}
        self.begun: list[tuple[str, str]] = []

    def add(self, dag_id: str, run_id: str, state: str) -> None:
        self.run_states[dag_id, run_id] = state

    def trigger(self, dag_id: str, run_id: str, start: datetime, end: datetime) -> bool:
        if (dag_id, run_id) in self.run_states:
            return False
        self.begun.append((dag_id, run_id))
        self.add(dag_id, run_id, "running")
        return True

    def runs(self, dag_id: str, states: Any = ()) -> list[dict[str, Any]]:
        now = datetime.now(UTC).isoformat()
        return [
            {"dag_id": dag, "dag_run_id": run, "state": state, "queued_at": now, "start_date": now, "end_date": now}
            for (dag, run), state in self.run_states.items()
            if dag_id in ("~", dag) and (not states or state in states)
        ]

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        return [{"task_id": "stage", "state": "failed", "try_number": 3}]

    def get(self, path: str) -> dict[str, Any]:
        raise urllib.error.HTTPError(path, 500, "busy", Message(), io.BytesIO())


@pytest.fixture
def airflow() -> Airflow:
    return Airflow()


@pytest.fixture
def platform(tmp_path: Path, airflow: Airflow, monkeypatch: pytest.MonkeyPatch) -> Platform:
    monkeypatch.setattr(Platform, "api", airflow)
    monkeypatch.setattr(Platform, "postgres", type("Server", (), {"port": 1})())
    monkeypatch.setattr(demo, "_POLL", 0.0)
    monkeypatch.setattr(demo, "records_waiting", lambda url: 0)
    return Platform(Settings.load({"SUKI_STATE": str(tmp_path / "state")}), lambda line: None)


def test_a_window_that_was_run_is_not_run_again(platform: Platform, airflow: Airflow) -> None:
    for dag_id in demo.INGESTS:
        airflow.add(dag_id, SPAN.run_id, "success")
    assert demo.sync(platform, SPAN) == {SPAN.run_id}
    assert airflow.begun == []


def test_a_run_that_failed_in_an_earlier_demo_is_run_under_a_new_name(platform: Platform, airflow: Airflow) -> None:
    airflow.add("ingest_social", SPAN.run_id, "failed")
    assert demo._begin(platform, "ingest_social", SPAN) == f"{SPAN.run_id}__2"


def test_a_run_an_interrupted_demo_left_open_is_waited_for(platform: Platform, airflow: Airflow) -> None:
    airflow.add("ingest_social", SPAN.run_id, "running")
    assert demo._begin(platform, "ingest_social", SPAN) == SPAN.run_id
    assert airflow.begun == []


def test_it_waits_for_records_that_no_run_has_taken_up_yet(
    platform: Platform, airflow: Airflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: Iterator[int] = iter([5, 5, 0, 1, 0, 0, 0])
    monkeypatch.setattr(demo, "records_waiting", lambda url: next(waiting))
    demo._Watch(platform, set()).until_quiet()
    assert list(waiting) == []


def test_records_an_earlier_run_left_behind_are_resolved(
    platform: Platform, airflow: Airflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[str] = []
    monkeypatch.setattr(demo, "_SWEEP_AFTER", 0.0)
    monkeypatch.setattr(demo, "records_waiting", lambda url: 0 if swept else 3)
    monkeypatch.setattr(airflow, "start", lambda dag_id, run_id, params: swept.append(dag_id), raising=False)
    demo._Watch(platform, set()).until_quiet()
    assert swept == [demo.RESOLVE]


def test_a_run_begun_before_the_watch_is_waited_for_and_not_doubled(
    platform: Platform, airflow: Airflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep of a platform that just started takes up what the windows staged: it needs no second one beside it."""
    long_ago, looks = "2026-11-21T00:17:00+00:00", iter(["queued", "running", "running"])

    def runs(dag_id: str) -> list[dict[str, Any]]:
        state = next(looks, "success")
        return [
            {"dag_id": demo.RESOLVE, "dag_run_id": "scheduled", "state": state, "queued_at": long_ago,
             "start_date": long_ago, "end_date": long_ago}
        ]  # fmt: skip

    swept: list[str] = []
    said: list[str] = []
    monkeypatch.setattr(airflow, "runs", runs)
    monkeypatch.setattr(airflow, "start", lambda dag_id, run_id, params: swept.append(dag_id), raising=False)
    monkeypatch.setattr(demo, "_SWEEP_AFTER", 0.0)
    monkeypatch.setattr(demo, "records_waiting", lambda url: 3 if next(looks, None) else 0)
    demo._Watch(replace(platform, say=said.append), set()).until_quiet()
    assert swept == []
    assert said == ["resolve_customers done in 0 s"]


def test_a_failed_run_names_the_task_its_log_and_its_page(platform: Platform, airflow: Airflow) -> None:
    airflow.add(demo.RESOLVE, "asset_triggered__2026-11-21T00:00:00+00:00", "failed")
    with pytest.raises(Problem, match="task stage of resolve_customers failed") as failure:
        demo.sync(platform, SPAN)
    assert "/task_id=stage/attempt=3.log" in str(failure.value)
    assert "/runs/asset_triggered__2026-11-21T00%3A00%3A00%2B00%3A00/tasks/stage" in str(failure.value)


def test_waiting_ends(platform: Platform, airflow: Airflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_RUN_PATIENCE", 0.05)
    with pytest.raises(Problem, match="Gave up"):
        demo.sync(platform, SPAN)


def test_a_broken_dag_file_is_a_sentence(platform: Platform, airflow: Airflow, monkeypatch: pytest.MonkeyPatch) -> None:
    errors = {"dags/ingest.py": "Traceback\nDeclarationError: source.yml: titel: unknown"}
    monkeypatch.setattr(airflow, "import_errors", lambda: errors, raising=False)
    with pytest.raises(Problem, match=r"dags/ingest.py: DeclarationError: source.yml: titel: unknown"):
        demo.wait_parsed(platform, {"ingest_social"})


def test_the_sample_is_written_once(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_world", lambda settings: "world one")
    platform.settings.remember("world", "world one")
    platform.settings.truth.joinpath("truth.csv").write_text("")
    assert demo.begin_sample(platform) is None


def test_the_windows_follow_one_another_without_a_gap() -> None:
    assert [span.end for span in demo.WORLD[:-1]] == [span.start for span in demo.WORLD[1:]]


def test_the_summary_adds_up_and_ends_with_the_hash() -> None:
    summary = Summary(
        sources=[("social", 1000, 1, 2, 997), ("support", 500, 0, 0, 500)],
        refused=[("social", "social/2026-08-17/leads.csv", "ends in the middle of a row")],
        resolved={"pairs": 12345, "customers": 6},
        scores={"precision": 0.9, "recall": 0.8, "F1": 0.847},
        households={"precision": 0.95, "recall": 0.5, "F1": 0.655},
        repeats={},
        content_hash="ab" * 32,
    )
    lines = summary.lines()
    assert next(line for line in lines if "all" in line.split()).split() == ["all", "1,500", "1", "2", "1,497"]
    assert "  refused whole: social/2026-08-17/leads.csv: ends in the middle of a row" in lines
    assert "  12,345 pairs, 6 customers" in lines
    assert "  households against the sample's truth: precision 0.950, recall 0.500, F1 0.655" in lines
    assert lines[-1].endswith("ab" * 32)
