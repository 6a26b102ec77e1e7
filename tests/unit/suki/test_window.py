from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from include.errors import DeclarationError
from suki.window import window_of


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def context(**given):
    run = SimpleNamespace(run_type="manual", run_after=day("2026-09-30T05:12"))
    return {"params": {}, "dag_run": run, **given}


def test_a_scheduled_run_covers_its_data_interval():
    window = window_of(context(data_interval_start=day("2026-09-28"), data_interval_end=day("2026-09-29")))
    assert (window.start, window.end) == (day("2026-09-28"), day("2026-09-29"))


def test_a_schedule_in_the_night_takes_the_day_before():
    window = window_of(context(data_interval_start=day("2026-09-28T02:00"), data_interval_end=day("2026-09-29T02:00")))
    assert (window.start, window.end) == (day("2026-09-28"), day("2026-09-29"))


def test_named_days_win_over_the_data_interval():
    window = window_of(
        context(
            params={"window_start": "2026-08-01", "window_end": "2026-09-28"},
            data_interval_start=day("2026-09-28"),
            data_interval_end=day("2026-09-29"),
        )
    )
    assert (window.start, window.end) == (day("2026-08-01"), day("2026-09-28"))


def test_a_run_without_interval_covers_the_last_whole_day():
    window = window_of(context(data_interval_start=None, data_interval_end=None))
    assert (window.start, window.end) == (day("2026-09-29"), day("2026-09-30"))


def test_an_empty_interval_counts_as_none():
    moment = day("2026-09-30")
    window = window_of(context(data_interval_start=moment, data_interval_end=moment))
    assert (window.start, window.end) == (day("2026-09-29"), day("2026-09-30"))


def test_a_backfilled_day_is_its_data_interval():
    run = SimpleNamespace(run_type="backfill", run_after=day("2026-08-08"))
    window = window_of(context(dag_run=run, data_interval_start=day("2026-08-07"), data_interval_end=day("2026-08-08")))
    assert (window.start, window.end) == (day("2026-08-07"), day("2026-08-08"))


def test_a_bulk_window_in_a_backfill_is_refused_for_each_of_its_days_would_load_it_whole():
    params = {"window_start": "2026-08-01", "window_end": "2026-09-01"}
    with pytest.raises(DeclarationError, match="leave both empty in a backfill"):
        window_of(context(params=params, dag_run=SimpleNamespace(run_type="backfill", run_after=day("2026-08-08"))))


@pytest.mark.parametrize(
    "params",
    [
        {"window_start": "2026-08-01"},
        {"window_start": "2026-08-02", "window_end": "2026-08-01"},
        {"window_start": "yesterday", "window_end": "2026-08-01"},
    ],
)
def test_half_or_senseless_windows_are_refused_with_a_sentence(params):
    with pytest.raises(DeclarationError, match="window_start"):
        window_of(context(params=params))


def test_what_was_typed_is_not_quoted():
    with pytest.raises(DeclarationError, match="are no two dates") as caught:
        window_of(context(params={"window_start": "jane.doe@example.org", "window_end": "2026-08-01"}))
    assert "jane" not in str(caught.value)
