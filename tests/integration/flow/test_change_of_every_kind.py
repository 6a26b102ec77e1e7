"""What changes at a source ends as it is declared to end: through the real steps, on a real PostgreSQL, in any order."""

import shutil
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from tests.integration.flow.club import DAYS, VISITS, Club, member, on, the_day
from tests.integration.flow.world import unbalanced

pytestmark = pytest.mark.integration


def test_words_that_arrive_late_or_correct_an_earlier_time_change_what_held_then_and_not_what_holds_now(club: Club) -> None:
    club.send(0, member(1, "Ana First", on(0)))
    club.send(1, member(1, "Ana Late", on(1)))
    club.send(2, member(1, "Ana Now", on(2)))
    club.send(3, member(1, "Ana Corrected", on(0, 12)))
    club.sync(0, 2, 1, 3)
    assert club.current() == {"1": "Ana Now"}
    held = club.world.query("SELECT full_name FROM staging.record_version ORDER BY source_time")
    assert [name for (name,) in held] == ["Ana First", "Ana Corrected", "Ana Late", "Ana Now"]


def test_a_delivery_twice_stages_nothing_and_a_day_sent_again_takes_the_place_of_the_first(club: Club) -> None:
    club.send(0, member(1, "Ana", on(0)), member(2, "Ben", on(0)))
    club.sync(0)
    club.send(1, member(1, "Ana", on(0)), member(2, "Ben", on(0)))
    assert club.sync(0)[0]["staged"] == 0
    assert club.sync(1)[0]["staged"] == 0, "the same rows under another day"
    club.send(2, member(1, "Anna", on(2)), member(3, "Cid", on(2)))
    club.sync(2)
    club.send(2, member(1, "Anne", on(2)), file="members.r2.jsonl")
    club.sync(2)
    assert club.current() == {"1": "Anne", "2": "Ben"}, "Cid was only in the copy that counts no more"
    assert unbalanced(club.world) == []


def replaced(club: Club, told: str, *more: dict[str, Any], day: int = 0) -> None:
    """A day's file of eight members and their visits, under the name it always has; no clock says which copy a word is of."""
    club.send(day, *[member(key, f"Ana {told}{key}") for key in range(1, 9)], *more)
    club.send(day, *[{"id": key, "at": on(0), "member": key, "what": told} for key in range(1, 9)], file="visits.jsonl")
    club.sync(day)


def told_of(club: Club) -> tuple[dict[str, str], list[tuple[Any, ...]]]:
    return club.current(), club.world.query("SELECT status, count(*) FROM staging.interaction GROUP BY 1 ORDER BY 1")


@pytest.fixture
def clockless(club: Club) -> Club:
    visits = {**VISITS, "map": {**VISITS["map"], "status": "what"}}
    club.declare(visits=visits, updated_at=None)
    return club


def as_told(word: str) -> tuple[dict[str, str], list[tuple[Any, ...]]]:
    return {str(key): f"Ana {word}{key}" for key in range(1, 9)}, [(word, 8)]


def test_a_file_replaced_under_its_own_name_says_what_the_later_one_says(clockless: Club) -> None:
    replaced(clockless, "Old", member(99, "Ben Gone"))
    replaced(clockless, "New")
    assert told_of(clockless) == as_told("New")
    assert clockless.sync(0)[0]["staged"] == 0
    assert told_of(clockless) == as_told("New")
    assert unbalanced(clockless.world) == []


def test_of_a_moment_that_the_sources_own_clock_gives_both_copies_the_later_one_tells_and_later_days_tell_on(club: Club) -> None:
    """Its clock stands still: the words of a moment differ, by the copy of a day's file and by the day."""
    expected = {}
    for day, told in ((0, "Old"), (0, "New"), (1, "Later"), (0, "Newest")):
        club.send(day, *[member(key, f"Ana {told}{key}", on(0)) for key in range(1, 9)])
        club.sync(day)
        expected = {str(key): f"Ana {'Later' if told == 'Newest' else told}{key}" for key in range(1, 9)}
        assert club.current() == expected
    club.sync(0, from_landing=True)
    assert club.current() == expected


def test_replayed_from_landing_a_replaced_file_counts_once_and_as_it_was_last(clockless: Club) -> None:
    replaced(clockless, "Old", member(99, "Ben Gone"))
    replaced(clockless, "New")
    shutil.rmtree(clockless.world.exports / "club")
    assert clockless.sync(0, from_landing=True)[0]["staged"] == 0
    assert told_of(clockless) == as_told("New")
    assert unbalanced(clockless.world) == []


def test_a_file_put_back_as_it_was_is_the_later_word_again(clockless: Club) -> None:
    for told in ("One", "Two", "One", "Two", "Six"):
        replaced(clockless, told)
        assert told_of(clockless) == as_told(told)


def test_a_file_replaced_after_days_changes_what_its_day_said_and_no_later_one(clockless: Club) -> None:
    replaced(clockless, "Old", member(99, "Ben Gone"))
    clockless.send(1, member(1, "Ana Later"))
    clockless.sync(1)
    replaced(clockless, "New")
    members, visits = as_told("New")
    assert told_of(clockless) == ({**members, "1": "Ana Later"}, visits)


def test_a_bulk_window_over_days_that_were_replaced_changes_nothing(clockless: Club) -> None:
    replaced(clockless, "Old", member(99, "Ben Gone"))
    replaced(clockless, "New")
    replaced(clockless, "Now", day=1)
    clockless.world.ingest("club", DAYS[0], DAYS[2])
    assert told_of(clockless) == as_told("Now")
    clockless.sync(0, from_landing=True)
    assert told_of(clockless) == as_told("Now")


def test_deletes_are_versions_by_flag_and_by_absence_and_a_later_word_brings_back(club: Club) -> None:
    club.send(0, member(1, "Ana", on(0)), member(2, "Ben", on(0)), member(3, "Cid", on(0)), file="members.full.jsonl")
    club.send(1, member(1, "Ana", on(1), gone=True))
    club.send(2, member(1, "Ana", on(1), gone=True), member(3, "Cid", on(0)), file="members.full.jsonl")
    club.sync(2, 0, 1)
    assert club.current() == {"3": "Cid"}, "Ana by the flag, Ben by absence"
    club.send(3, member(1, "Ana", on(3)))
    club.sync(3)
    assert club.current() == {"1": "Ana", "3": "Cid"}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_a_source_that_restarts_its_ids_makes_other_records_and_takes_no_earlier_one_for_gone(
    club: Club, order: tuple[int, ...]
) -> None:
    club.declare({"restarts": [the_day(1)]}, visits=True)
    club.send(0, member(17, "Ana Old", on(0)), member(18, "Ben Old", on(0)), file="members.full.jsonl")
    club.send(0, {"id": 1, "at": on(0), "member": 17}, file="visits.jsonl")
    club.send(1, member(17, "Zoe New", on(1)), file="members.full.jsonl")
    club.send(1, {"id": 1, "at": on(1), "member": 17}, file="visits.jsonl")
    club.send(2, member(19, "Yan New", on(2)), file="members.full.jsonl")
    club.sync(*order)
    assert club.current() == {"17": "Ana Old", "18": "Ben Old", "19/2": "Yan New"}, "in the new numbering 17 has left"
    assert club.world.query(
        "SELECT whose.epoch, count(*) FROM staging.interaction JOIN staging.record AS whose"
        " ON whose.record_id = customer_record_id GROUP BY 1 ORDER BY 1"
    ) == [(1, 1), (2, 1)]


def test_a_bulk_window_across_a_restart_gives_what_its_days_give(club: Club) -> None:
    club.declare({"restarts": [the_day(1)]})
    club.send(0, member(17, "Ana Old", on(0)))
    club.send(1, member(17, "Zoe New", on(1)))
    club.world.ingest("club", DAYS[0], DAYS[2])
    assert club.current() == {"17": "Ana Old", "17/2": "Zoe New"}


def test_a_record_from_the_future_is_flagged_or_set_aside_as_declared_and_does_not_win_for_ever(club: Club) -> None:
    club.send(0, member(1, "Ana Future", "2031-01-01T00:00:00Z"))
    club.send(1, member(1, "Ana", on(1)), member(2, "Ben", on(1)))
    club.sync(0, 1)
    assert club.current() == {"1": "Ana", "2": "Ben"}
    flagged = club.world.query("SELECT full_name FROM staging.record_version WHERE 'source_updated_at:clock_ahead' = ANY (flags)")
    assert flagged == [("Ana Future",)]
    club.declare(clock_ahead={"tolerance_hours": 24, "beyond": "quarantine"})
    club.send(2, member(1, "Ana Tomorrow", on(3)), member(2, "Ben Two", on(2)))
    club.sync(2)
    assert club.current() == {"1": "Ana", "2": "Ben Two"}
    assert [(stage, position, reasons) for stage, _, position, reasons in club.world.quarantine()] == [
        ("mapped", 1, ["has_clock"])
    ]
    assert unbalanced(club.world) == []


def test_changes_of_the_schema_are_shown_on_the_run_and_refused_where_that_is_declared(club: Club) -> None:
    many = [member(n, f"Ana {n}", on(0), phone=f"0917 555 {n:04}") for n in range(1, 31)]
    club.declare(map={"full_name": "name", "emails": "mail", "phones": "phone"})
    club.send(0, *many)
    club.sync(0)
    club.send(1, *({**row, "tier": "gold"} for row in many))
    club.send(2, *({"id": row["id"], "at": on(2), "mail": row["mail"], "full_name": row["name"]} for row in many))
    club.send(3, *({**row, "mail": {"home": row["mail"]}} for row in many))
    club.sync(1, 2)
    assert club.world.query("SELECT run_id, field, change, was, now, rows FROM ops.drift ORDER BY 1, 2") == [
        ("club 2", "tier", "added", None, "text", 30),
        ("club 3", "full_name", "renamed", "name", "text", 30),
        ("club 3", "phone", "removed", "text", None, 30),
    ]
    club.declare(map={"full_name": "name", "emails": "mail", "phones": "phone"}, schema_changes={"renamed": "refuse"})
    with pytest.raises(AirflowFailException, match=r"The fields of club\.members changed.*'mail\.home' is new"):
        club.sync(3)
    assert club.world.steps("club 4").keys() >= {("map", "members")}
    assert ("stage", "members") not in club.world.steps("club 4")
