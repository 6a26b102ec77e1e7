"""What somebody asks `make backfill` for is understood, or refused in a sentence that says what would be."""

import re
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pendulum
import pytest
from airflow.timetables.base import TimeRestriction
from airflow.timetables.interval import CronDataIntervalTimetable

from local.backfill import WORDS, Request, backfill
from local.problem import Problem
from local.services import Platform
from local.settings import PROJECT, Settings

DECLARED = ("online_sales", "social")
MONTH = ("FROM=2026-08-01", "TO=2026-08-31")


def parse(*words: str) -> Request:
    return Request.parse(words, DECLARED)


def test_both_ends_are_part_of_the_span_and_every_source_is_meant():
    request = parse(*MONTH)
    assert (request.first, request.last, request.sources) == (date(2026, 8, 1), date(2026, 8, 31), DECLARED)
    assert request.body("social") == {
        "dag_id": "ingest_social", "from_date": "2026-08-01T00:00:00Z", "to_date": "2026-08-31T23:59:59Z",
        "run_backwards": False, "reprocess_behavior": "none", "max_active_runs": 2, "dag_run_conf": {},
    }  # fmt: skip


@pytest.mark.parametrize("schedule", ["0 0 * * *", "0 2 * * *", "30 23 * * *"])
def test_whatever_hour_the_schedule_has_both_ends_are_run(schedule: str):
    body = parse("FROM=2026-08-01", "TO=2026-08-03").body("social")
    timetable = CronDataIntervalTimetable(schedule, timezone="UTC")
    span = TimeRestriction(pendulum.parse(body["from_date"]), pendulum.parse(body["to_date"]), catchup=True)
    days, run = [], None
    while run := timetable.next_dagrun_info_v2(last_dagrun_info=run, restriction=span):
        days.append(f"{run.logical_date:%Y-%m-%d}")
    assert days == ["2026-08-01", "2026-08-02", "2026-08-03"]


def test_every_word_reaches_airflow():
    request = parse(*MONTH, "SOURCE=social", "AGAIN=yes", "AT_ONCE=4", "REVERSE=yes")
    assert request.sources == ("social",)
    body = request.body("social")
    assert (body["run_backwards"], body["reprocess_behavior"], body["max_active_runs"]) == (True, "completed", 4)


def test_what_landed_is_run_again_for_days_that_ran():
    body = parse(*MONTH, "FROM_LANDING=show").body("social")
    assert (body["reprocess_behavior"], body["dag_run_conf"]) == ("completed", {"from_landing": True, "preview": True})
    taken = parse(*MONTH, "FROM_LANDING=take")
    assert taken.body("social")["dag_run_conf"] == {"from_landing": True, "preview": False}
    assert "FROM_LANDING=take" in taken.command()
    with pytest.raises(Problem, match="show"):
        parse(*MONTH, "FROM_LANDING=yes")


def test_words_left_empty_are_not_given():
    assert parse(*MONTH, "SOURCE=", "AGAIN=", "AT_ONCE=", "REVERSE=") == parse(*MONTH)


def test_the_command_for_the_failed_days_asks_for_the_same_span():
    command = parse(*MONTH, "SOURCE=social").command(AGAIN="failed")
    assert command == "make backfill FROM=2026-08-01 TO=2026-08-31 SOURCE=social AGAIN=failed"
    assert parse(*command.split()[2:]).again == "failed"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "FROM and TO must be given"),
        (("FROM=2026-08-01",), "TO must be given"),
        (("FROM=1.8.2026", "TO=2026-08-31"), "FROM is '1.8.2026', and a day is written as 2026-08-01"),
        (("FROM=2026-08-01", "TO=2026-08-32"), "TO is '2026-08-32'"),
        (("FROM=2026-08-31", "TO=2026-08-01"), "TO is 2026-08-01, and FROM is 2026-08-31: the last day lies before the first"),
        ((*MONTH, "SOURCE=socal"), "there is no source socal. Valid: online_sales, social"),
        ((*MONTH, "AGAIN=always"), "AGAIN is 'always'. Valid: none, failed, completed, yes"),
        ((*MONTH, "AT_ONCE=0"), "AT_ONCE is '0', and must be a number from 1"),
        ((*MONTH, "DRY=maybe"), "DRY is 'maybe'. Valid: yes, no"),
        ((*MONTH, "SOUCRE=social"), "Unknown: SOUCRE. Valid: FROM, TO, SOURCE"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_could(words: tuple[str, ...], told: str):
    with pytest.raises(Problem, match=re.escape(told)):
        parse(*words)


def test_a_day_that_is_not_over_is_refused():
    today = datetime.now(UTC).date()
    with pytest.raises(Problem, match=f"the last day that is over .* is {today - timedelta(days=1)}"):
        parse("FROM=2026-08-01", f"TO={today}")


def test_make_passes_every_word_on():
    told = subprocess.run(["make", "-n", "backfill"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert {name for name in WORDS if f"'{name}='" in told} == set(WORDS)


def test_without_a_platform_it_says_how_to_start_one(tmp_path: Path):
    platform = Platform(Settings.load({"SUKI_STATE": str(tmp_path / "state")}))
    with pytest.raises(Problem, match=r"The platform is not up.*make up"):
        backfill(platform, parse(*MONTH))
