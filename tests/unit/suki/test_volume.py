"""A run is held against what its source declares of a day: of as many days as it reads."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from include.batch import Window
from include.sources.declaration import Volume
from suki.volume import volume_of

DAY, WEEK = Window.parse("2026-08-03", "2026-08-04"), Window.parse("2026-08-03", "2026-08-10")


def stream(*, files: bool = True, all_of_now: bool = False, **volume: int) -> Any:
    return SimpleNamespace(files=("x",) if files else (), all_of_now=all_of_now, volume=Volume(**volume) if volume else None)


def source(expires: date | None = None) -> Any:
    return SimpleNamespace(admission=SimpleNamespace(expires=expires) if expires else None)


def test_nothing_declared_is_nothing_demanded():
    assert volume_of(source(), stream(), DAY, None) is None


@pytest.mark.parametrize(("window", "bounds"), [(DAY, (10, 20)), (WEEK, (70, 140))], ids=["a day", "a week"])
def test_a_window_may_bring_what_its_days_may(window: Window, bounds: tuple[int, int]):
    assert volume_of(source(), stream(least=10, most=20), window, None) == bounds


def test_the_first_reading_of_a_table_brings_everything_and_is_not_held_against_a_day():
    assert volume_of(source(), stream(files=False, most=20), DAY, None) is None


def test_a_run_that_catches_up_may_bring_the_days_nobody_read():
    read_to = datetime(2026, 8, 1, tzinfo=UTC)
    assert volume_of(source(), stream(files=False, most=20), DAY, read_to) == (0, 60)


def test_a_table_read_whole_is_as_large_after_a_week_as_after_a_day():
    read_to = datetime(2026, 8, 3, tzinfo=UTC)
    assert volume_of(source(), stream(files=False, all_of_now=True, least=10, most=20), WEEK, read_to) == (10, 20)


def test_a_list_that_has_expired_may_be_of_nobody():
    assert volume_of(source(date(2026, 8, 2)), stream(least=10, most=20), DAY, None) == (0, 20)
