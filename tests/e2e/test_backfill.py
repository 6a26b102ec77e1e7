"""A month of days that passed, begun in the UI's form by a real browser: it ends where one bulk window ends."""

import pytest

from local.demo import RESOLVE
from tests.e2e import browser
from tests.e2e.conftest import BESIDE, MONTH, POISONED, Month, backfilled
from tests.e2e.driver import Suki

pytestmark = [pytest.mark.e2e, pytest.mark.long]

DAYS = [f"{span.start:%Y-%m-%d}" for span in MONTH]
BAD = f"{POISONED.start:%Y-%m-%d}"


def test_the_form_runs_every_day_of_the_month_newest_first(month: Month):
    assert sorted(month.order) == DAYS
    assert month.order[0] == DAYS[-1]
    assert month.order[-1] == DAYS[0]


@browser.needed
def test_the_banner_pauses_a_backfill_and_goes_on(month: Month):
    assert month.paused == [True, False]


def test_a_poisoned_day_fails_alone_and_names_its_file(month: Month):
    assert {day for day, state in month.states.items() if state != "success"} == {BAD}
    assert month.states[BAD] == "failed"
    print(month.why)
    assert month.why.startswith("extract: ")
    assert f"social/{BAD}/engagement.json" in month.why


def test_a_second_backfill_of_the_source_is_refused_with_a_sentence(month: Month):
    assert month.refused.returncode == 1
    assert f"is under way already ({DAYS[0]} to {DAYS[-1]})" in month.refused.stderr
    assert "Traceback" not in month.refused.stderr


def test_after_the_file_is_sent_again_only_the_failed_day_is_run(suki: Suki, month: Month):
    print(month.mended.stdout)
    assert month.mended.returncode == 0, month.mended.stderr
    assert "1 day to run" in month.mended.stdout
    assert "1 day success" in month.mended.stdout
    assert {day: run["state"] for day, run in backfilled(suki).items()} == dict.fromkeys(DAYS, "success")
    assert {day for day, tries in month.tried.items() if tries > 1} <= {BAD}


def test_a_month_in_any_order_and_beside_other_runs_stages_what_one_bulk_window_stages(suki: Suki, month: Month):
    assert month.staged == month.in_one_window
    beside = [f"beside__{span.start:%Y-%m-%d}" for span in BESIDE]
    assert {suki.state("ingest_social", run_id) for run_id in beside} == {"success"}
    twice = "SELECT window_start, stream, count(*) FROM ops.manifest WHERE source = 'social' GROUP BY 1, 2 HAVING count(*) > 1"
    assert suki.ask(twice) == [], "a day that two runs took has landed twice"


def test_a_month_of_days_becomes_a_handful_of_resolve_runs(suki: Suki, month: Month):
    print(len(month.resolve_runs), "resolve runs,", month.published, "published")
    assert 1 <= month.published <= 3
    assert len(month.resolve_runs) <= 6
    assert {run["state"] for run in month.resolve_runs} == {"success"}
    assert suki.ask("SELECT count(*) FROM staging.dirty_record") == [(0,)]
    assert {suki.tasks(RESOLVE, run["dag_run_id"])["wait_for_ingest"]["state"] for run in month.resolve_runs} == {"success"}
