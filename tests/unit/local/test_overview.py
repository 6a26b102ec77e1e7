"""`make status` ends with the one thing to do next."""

from pathlib import Path

import pytest

from local.overview import next_step
from local.postgres import last_trouble

URL = "http://127.0.0.1:8080"
GOOD = {"dag_id": "ingest_social", "dag_run_id": "scheduled__2026-08-05T00:00:00+00:00", "state": "success"}


def step(
    *,
    stopped: tuple[str, ...] = (),
    newest: dict[str, dict[str, str]] | None = None,
    errors=(),
    well: bool = True,
    outdated: bool = False,
) -> str:
    runs = {"ingest_social": GOOD} if newest is None else newest
    return next_step(stopped, 5, runs, errors, URL, well=well, outdated=outdated)


@pytest.mark.parametrize(
    ("situation", "says"),
    [
        (
            {"stopped": ("postgres", "api-server", "scheduler", "dag-processor", "triggerer"), "well": False},
            "make up starts everything",
        ),
        ({"stopped": ("scheduler",), "well": False}, "make logs NAME=scheduler"),
        ({"well": False}, "bin/suki doctor"),
        ({"outdated": True, "newest": {"ingest_social": {**GOOD, "state": "failed"}}}, "make down && make up"),
        ({"errors": ("dags/ingest.py",)}, "dags/ingest.py"),
        ({"newest": {}}, "make demo"),
        ({"newest": {"resolve_customers": {**GOOD, "dag_id": "resolve_customers"}}}, "make demo"),
        ({}, "nothing"),
    ],
)
def test_what_stands_in_the_way_is_named_with_what_to_do(situation: dict, says: str) -> None:
    assert says in step(**situation)


def test_a_failed_run_is_shown_by_its_address() -> None:
    failed = {**GOOD, "state": "failed"}
    address = f"{URL}/dags/ingest_social/runs/scheduled__2026-08-05T00%3A00%3A00%2B00%3A00"
    assert address in step(newest={"ingest_social": failed, "ingest_support": {**GOOD, "dag_id": "ingest_support"}})


ROUTINE = """\
 ____ a banner
2026-11-22T02:39:44Z [info     ] request finished [http.access]
2026-11-22 02:39:13 UTC [1] LOG:  ready
2026-11-22T02:39:44Z [warning  ] x is deprecated [py.warnings]
"""
TROUBLE = """\
2026-11-22T02:40:00Z [error    ] a task died
Traceback (most recent call last):
  File "a.py", line 1, in <module>
2026-11-22 02:40:13 UTC [1] FATAL:  no room
"""


def test_the_logs_tell_what_is_no_routine(tmp_path: Path) -> None:
    log = tmp_path / "scheduler.log"
    log.write_text(ROUTINE)
    assert last_trouble(log) == "    nothing but routine"
    log.write_text(ROUTINE + TROUBLE + ROUTINE.partition("\n")[2])
    assert last_trouble(log).splitlines() == [f"    {line}" for line in TROUBLE.splitlines()]
