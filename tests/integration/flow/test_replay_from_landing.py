"""Any window runs again from what landed, by today's rules: shown before, and without asking the source."""

import shutil

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from tests.integration.flow.club import DAYS, Club, member, on
from tests.integration.flow.world import unbalanced

pytestmark = pytest.mark.integration

MENDED = {"full_name": "name", "emails": {"first_of": ["mail", "e_mail"]}, "phones": "phone"}


@pytest.fixture
def mended(club: Club) -> Club:
    """Two days staged by a mapping that was wrong, which is mended; the source has thrown its files away."""
    club.declare(ignore=["phone", "e_mail"])
    club.send(
        0,
        member(1, "Ana", on(0), phone="0917 555 0101"),
        member(2, "Ben", on(0)),
        member(3, "", on(0), mail=None, e_mail="c@clubmail.com"),
    )
    club.send(1, member(1, "Ana B", on(1), phone="0917 555 0101"))
    club.sync(0, 1)
    assert [why for *_, why in club.world.quarantine()] == [["says_something"]]
    shutil.rmtree(club.world.exports / "club")
    club.declare(map=MENDED)
    return club


def differences(club: Club) -> list[tuple[object, ...]]:
    return club.world.query(
        "SELECT preview, (report->>'rows')::int, (report->>'changed')::int, (report->>'unheard')::int, report->'fields',"
        " (report->>'newly_quarantined')::int, (report->>'released')::int FROM ops.replay_difference ORDER BY recorded_at"
    )


def test_a_preview_says_what_would_change_and_changes_nothing(mended: Club) -> None:
    before = mended.world.digest_of("staging.record_version", "staging.quarantine", "staging.quarantine_event", without=())
    with pytest.raises(AirflowSkipException):
        mended.sync(0, from_landing=True, preview=True)
    assert (
        mended.world.digest_of("staging.record_version", "staging.quarantine", "staging.quarantine_event", without=()) == before
    )
    assert differences(mended) == [(True, 3, 1, 1, {"phones": {"filled": 1}}, 0, 1)]
    assert unbalanced(mended.world) == []


def test_taken_it_is_as_if_it_had_been_read_so_at_first_and_released_rows_leave_the_quarantine(mended: Club) -> None:
    mended.sync(1, 0, from_landing=True)
    assert mended.current() == {"1": "Ana B", "2": "Ben", "3": None}
    held = mended.world.query(
        "SELECT phones, emails FROM staging.current_record JOIN staging.record USING (record_id) ORDER BY source_key"
    )
    assert held == [(["+639175550101"], ["m1@clubmail.com"]), ([], ["m2@clubmail.com"]), ([], ["c@clubmail.com"])]
    assert mended.world.query("SELECT state FROM staging.quarantine_now") == [("replayed",)]
    assert [row[4:] for row in differences(mended)] == [({"phones": {"filled": 1}}, 0, 0), ({"phones": {"filled": 1}}, 0, 1)]
    assert unbalanced(mended.world) == []
    assert mended.sync(0, from_landing=True)[0]["staged"] == 0, "twice is once"


def test_a_day_of_a_bulk_window_is_taken_alone(club: Club) -> None:
    club.declare(ignore=["phone"])
    for day in (0, 1):
        club.send(day, member(1, "Ana", on(day), phone="0917 555 0101"), member(2 + day, "Ben", on(day), phone="0917 555 0102"))
    club.world.ingest("club", DAYS[0], DAYS[2])
    club.declare(map=MENDED)
    club.sync(1, from_landing=True)
    assert [row[:2] for row in differences(club)] == [(False, 2)]


def test_rows_refused_today_are_told_and_keep_what_was_staged_of_them(mended: Club) -> None:
    mended.declare(map=MENDED, clock_ahead={"tolerance_hours": 0, "beyond": "quarantine"})
    mended.sync(0, from_landing=True)
    (found,) = differences(mended)
    assert found[5:] == (2, 0), "Ana and Ben are refused now, the third still is"
    assert mended.current() == {"1": "Ana B", "2": "Ben"}
    assert len(mended.world.quarantine()) == 3


def test_a_preview_of_what_the_source_has_is_none(club: Club) -> None:
    with pytest.raises(AirflowFailException, match="preview: goes with from_landing"):
        club.sync(0, preview=True)
