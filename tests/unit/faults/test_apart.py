"""The processes that ``make faults`` strikes and feeds run beside one another."""

import time
from functools import partial
from pathlib import Path

from tests.faults.apart import apart, at_once

PATIENCE = 60.0


def test_a_long_job_holds_back_none_but_itself(tmp_path: Path) -> None:
    """The first ends only after the third has begun, which with two at once begins when the second has ended."""
    begun = tmp_path / "third has begun"

    def first() -> bool:
        deadline = time.monotonic() + PATIENCE
        while not begun.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        return begun.exists()

    jobs = {"first": first, "second": lambda: None, "third": begun.touch}
    for name in jobs:
        (tmp_path / name).mkdir()
    ran = dict(at_once(((name, partial(apart, job, tmp_path / name)) for name, job in jobs.items()), most=2))
    assert list(ran) != list(jobs), "they end in another order than they began in"
    assert ran["first"].result is True
    assert {one.died for one in ran.values()} == {""}


def test_a_job_that_dies_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    def dies() -> None:
        raise SystemExit

    jobs = {"dies": dies, "lives": lambda: 1}
    for name in jobs:
        (tmp_path / name).mkdir()
    ran = dict(at_once(((name, partial(apart, job, tmp_path / name)) for name, job in jobs.items()), most=2))
    assert ran["dies"].died.startswith("the process ended")
    assert ran["lives"].result == 1
