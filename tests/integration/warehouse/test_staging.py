"""What a source said is kept as runs of equal content, whatever the order it is told in."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.warehouse import landing
from tests.integration.warehouse.conftest import Warehouse, at, met, on, record, said

pytestmark = pytest.mark.integration


def test_a_word_repeated_is_one_version_from_first_to_last(shared_warehouse: Warehouse) -> None:
    counts = shared_warehouse.stage([said("repeated", day, "Ann") for day in (1, 2, 3)])
    assert (counts.staged, counts.unchanged) == (1, 2)
    assert shared_warehouse.versions("repeated") == [(1, 3, "Ann")]


def test_daily_snapshots_of_an_unchanged_record_add_no_rows(shared_warehouse: Warehouse) -> None:
    for day in range(1, 6):
        counts = shared_warehouse.stage([said("steady", day, "Bea")])
        assert (counts.staged, counts.unchanged) == ((1, 0) if day == 1 else (0, 1))
    assert shared_warehouse.versions("steady") == [(1, 5, "Bea")]


def repeated(warehouse: Warehouse, name: str) -> list[tuple[Any, ...]]:
    return warehouse.query(
        "SELECT repeated_on, repeated_for FROM staging.record_version WHERE record_id = :r ORDER BY source_time", r=record(name)
    )


def test_days_in_a_row_take_the_room_of_one(shared_warehouse: Warehouse) -> None:
    for day in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11):
        shared_warehouse.stage([said("in a row", day, "Bea")])
    assert repeated(shared_warehouse, "in a row") == [([on(2), on(8)], [5, 3])]
    assert shared_warehouse.versions("in a row") == [(1, 11, "Bea")]


def test_a_word_that_arrives_late_splits_days_in_a_row_where_it_stands(shared_warehouse: Warehouse) -> None:
    for day in range(1, 10):
        shared_warehouse.stage([said("split row", day, "Bea")])
    shared_warehouse.stage([said("split row", 4.5, "Bo", delivered=10)])
    assert shared_warehouse.versions("split row") == [(1, 4, "Bea"), (4.5, 4.5, "Bo"), (5, 9, "Bea")]
    assert repeated(shared_warehouse, "split row") == [([on(2)], [2]), ([], []), ([on(6)], [3])]


def test_one_day_of_many_read_again_by_a_later_cleaning_is_that_day_alone(shared_warehouse: Warehouse) -> None:
    for day in range(1, 10):
        shared_warehouse.stage(read_by(1, said("read row", day, "Anna")))
    shared_warehouse.stage(read_by(2, said("read row", 5, "Ana")))
    assert shared_warehouse.versions("read row") == [(1, 4, "Anna"), (5, 5, "Ana"), (6, 9, "Anna")]
    shared_warehouse.stage(read_by(2, *(said("read row", day, "Anna") for day in (2, 3))))
    assert shared_warehouse.versions("read row") == [(1, 4, "Anna"), (5, 5, "Ana"), (6, 9, "Anna")]
    assert shared_warehouse.query(
        "SELECT repeated_for, repeated_by FROM staging.record_version WHERE record_id = :r ORDER BY source_time LIMIT 1",
        r=record("read row"),
    ) == [([2], [2])]


def test_a_change_back_is_a_version_again(shared_warehouse: Warehouse) -> None:
    shared_warehouse.stage([said("wavers", day, name) for day, name in ((1, "Cleo"), (2, "Clio"), (3, "Cleo"))])
    assert shared_warehouse.versions("wavers") == [(1, 1, "Cleo"), (2, 2, "Clio"), (3, 3, "Cleo")]


def test_a_word_that_arrives_late_takes_its_place_in_time(shared_warehouse: Warehouse) -> None:
    shared_warehouse.stage([said("late", day, "Dora") for day in (1, 2, 4, 5)])
    counts = shared_warehouse.stage([said("late", 3, "Dara", delivered=6)])
    assert shared_warehouse.versions("late") == [(1, 2, "Dora"), (3, 3, "Dara"), (4, 5, "Dora")]
    assert (counts.staged, counts.unchanged) == (1, 0)
    assert shared_warehouse.current("late") == "Dora"


def test_an_earlier_beginning_moves_the_version_back(shared_warehouse: Warehouse) -> None:
    shared_warehouse.stage([said("back", 4, "Eve")])
    counts = shared_warehouse.stage([said("back", 2, "Eve", delivered=5)])
    assert shared_warehouse.versions("back") == [(2, 4, "Eve")]
    assert (counts.staged, counts.dirty) == (1, 1)  # the time it is known since counts in survivorship


def test_of_two_words_for_one_moment_the_later_delivery_holds(shared_warehouse: Warehouse) -> None:
    for name, order in (("tie-1", (1, -1)), ("tie-2", (-1, 1))):
        rows = [said(name, 1, "Fay", delivered=2), said(name, 1, "Faye", delivered=3)]
        for row in rows[:: order[0]]:
            shared_warehouse.stage([row])
        assert shared_warehouse.current(name) == "Faye"


def test_a_word_delivered_a_third_time_outweighs_the_correction_between(shared_warehouse: Warehouse) -> None:
    shared_warehouse.stage([said("thrice", 1, name, delivered=day) for day, name in ((1, "Gia"), (2, "Gea"), (3, "Gia"))])
    assert shared_warehouse.current("thrice") == "Gia"
    assert shared_warehouse.stage([said("thrice", 1, "Gea", delivered=2)]).staged == 0
    assert shared_warehouse.current("thrice") == "Gia"


def test_a_delete_is_a_version_and_a_return_is_another(shared_warehouse: Warehouse) -> None:
    shared_warehouse.stage([said("gone", 1, "Hal")])
    assert shared_warehouse.stage([said("gone", 2, None, full_name="still sent")]).deleted == 1
    assert shared_warehouse.current("gone") is None
    shared_warehouse.stage([said("gone", 3, "Hal")])
    assert shared_warehouse.versions("gone") == [(1, 1, "Hal"), (2, 2, None), (3, 3, "Hal")]


def test_a_tombstone_keeps_no_content(shared_warehouse: Warehouse) -> None:
    shared_warehouse.stage([said("silent", 1, None, full_name="still sent", emails=["a@example.org"], changes='[{"old": "x"}]')])
    rows = shared_warehouse.query(
        "SELECT full_name, emails, changes, flags FROM staging.record_version WHERE record_id = :r", r=record("silent")
    )
    assert rows == [(None, None, None, None)]


def test_flags_and_changes_are_no_content(shared_warehouse: Warehouse) -> None:
    shared_warehouse.stage([said("flagged", 1, "Ida", flags=["phones:placeholder"])])
    assert shared_warehouse.stage([said("flagged", 2, "Ida", flags=[], changes='[{"rule": "r"}]')]).staged == 0


def test_dirty_is_only_what_changed_now(warehouse: Warehouse) -> None:
    def marked(*rows: dict[str, Any]) -> list[str]:
        before = len(warehouse.marks())
        counts = warehouse.stage(rows)
        new = warehouse.marks()[before:]
        assert counts.dirty == len(new)
        return [reason for _, reason in new]

    assert marked(said("j", 2, "Jo")) == ["new"]
    assert marked(said("j", 2, "Jo")) == []
    assert marked(said("j", 3, "Jo")) == []
    assert marked(said("j", 1, "Joe", delivered=4)) == []  # history, not the current version
    assert marked(said("j", 4, "Joan"), said("j", 5, "Joanna")) == ["changed"]
    assert marked(said("j", 6, None)) == ["deleted"]
    assert marked(said("j", 7, None)) == []
    assert marked(said("j", 8, "Joanna")) == ["returned"]
    assert marked(said("k", 1, None)) == []  # gone before it was ever seen


def test_odd_characters_stop_nobody(shared_warehouse: Warehouse) -> None:
    shared_warehouse.stage(
        [said("odd", 1, "nul\x00 and \ud800 half", note="a\x00b", changes='[{"old": "\\u0000", "new": "\\ud800"}]')]
    )
    assert shared_warehouse.current("odd") == "nul\ufffd and \ufffd half"


def test_every_type_of_field_comes_back_as_it_went_in(shared_warehouse: Warehouse) -> None:
    given = {
        "emails": ['quote"d@example.org', "b{,}\\@example.org"], "birth_date": "--05-17", "email_consent": False,
        "email_consent_at": at(1.5), "sms_consent": None, "note": "tab\t new\nline \\N",
    }  # fmt: skip
    shared_warehouse.stage([said("typed", 1, "Kim", **given)])
    row = shared_warehouse.query(
        f"SELECT {', '.join(given)} FROM staging.current_record WHERE record_id = :r", r=record("typed")
    )[0]
    assert dict(zip(given, row, strict=True)) == given


def test_an_empty_batch_is_fine(shared_warehouse: Warehouse) -> None:
    counts = shared_warehouse.stage([])
    assert (counts.rows_in, counts.staged, counts.unchanged) == (0, 0, 0)


# --- absence from a full snapshot ------------------------------------------------------------------


def snapshot(
    warehouse: Warehouse, day: int, names: list[str], scope: str = "MNL01", mode: str = "snapshot", **more: Any
) -> tuple[Any, Any]:
    landed = warehouse.land(day, names, mode=mode, scope=scope, **more)
    rows = [said(name, day, f"{name} of the shop", scope=scope, **more) for name in names]
    return landed.manifest_id, rows


def test_what_a_snapshot_lacks_is_deleted_as_of_its_date(warehouse: Warehouse) -> None:
    for day, names in ((1, ["l", "m"]), (2, ["l"]), (3, ["l"])):
        manifest_id, rows = snapshot(warehouse, day, names)
        counts = warehouse.stage(rows, manifest_id)
        assert counts.deleted == (1 if day == 2 else 0)
        assert counts.staged + counts.unchanged == counts.rows_in == len(names)
    assert warehouse.versions("m") == [(1, 1, "m of the shop"), (2, 2, None)]
    assert warehouse.current("l") == "l of the shop"
    assert warehouse.marks()[-1] == (record("m"), "deleted")


def test_a_snapshot_speaks_of_its_own_scope_alone(warehouse: Warehouse) -> None:
    for day, names, scope in ((1, ["n"], "MNL01"), (2, ["o"], "TYO01")):
        manifest_id, rows = snapshot(warehouse, day, names, scope)
        assert warehouse.stage(rows, manifest_id).deleted == 0


def test_changes_prove_no_absence(warehouse: Warehouse) -> None:
    for day, names in ((1, ["p"]), (2, ["q"])):
        manifest_id, rows = snapshot(warehouse, day, names, mode="changes")
        assert warehouse.stage(rows, manifest_id).deleted == 0


def test_a_row_set_aside_by_a_gate_has_not_left(warehouse: Warehouse) -> None:
    manifest_id, rows = snapshot(warehouse, 1, ["r"])
    warehouse.stage(rows, manifest_id)
    manifest_id, _ = snapshot(warehouse, 2, ["r"])
    assert warehouse.stage([], manifest_id).deleted == 0


def test_who_is_in_the_next_snapshot_again_is_there_though_their_word_is_old(warehouse: Warehouse) -> None:
    """One export was short: by the source's own clock nothing ever happened to the record it lacked."""
    for day, names in ((2, ["m", "o"]), (3, ["m"]), (4, ["m", "o"])):
        landed = warehouse.land(day, names, mode="snapshot", scope="MNL01")
        counts = warehouse.stage([said(name, 1, name, delivered=day, scope="MNL01") for name in names], landed.manifest_id)
        assert warehouse.current("o") == (None if day == 3 else "o")
    assert counts.dirty == 1
    assert warehouse.versions("o") == [(1, 1, "o")]


def test_an_old_word_among_changes_brings_nobody_back(warehouse: Warehouse) -> None:
    for day, names, mode in ((2, ["m", "o"], "snapshot"), (3, ["m"], "snapshot"), (4, ["o"], "changes")):
        landed = warehouse.land(day, names, mode=mode, scope="MNL01")
        warehouse.stage([said(name, 1, name, delivered=day, scope="MNL01") for name in names], landed.manifest_id)
    assert warehouse.current("o") is None


def test_a_snapshot_with_an_unreadable_row_proves_no_absence(warehouse: Warehouse) -> None:
    manifest_id, rows = snapshot(warehouse, 1, ["s", "t"])
    warehouse.stage(rows, manifest_id)
    landed = warehouse.land(2, ["s", None], mode="snapshot", scope="MNL01")  # the unreadable one may well be t
    assert warehouse.stage([said("s", 2, "s of the shop")], landed.manifest_id).deleted == 0


def test_a_snapshot_that_no_gate_let_through_proves_no_absence(warehouse: Warehouse) -> None:
    manifest_id, rows = snapshot(warehouse, 1, ["u"])
    snapshot(warehouse, 2, [])  # landed, never staged
    assert warehouse.stage(rows, manifest_id).deleted == 0
    assert warehouse.current("u") == "u of the shop"


def test_a_customer_who_moved_to_another_store_is_there(warehouse: Warehouse) -> None:
    manifest_id, rows = snapshot(warehouse, 1, ["v"], "MNL01")
    warehouse.stage(rows, manifest_id)
    manifest_id, rows = snapshot(warehouse, 2, ["v"], "TYO01")
    warehouse.stage(rows, manifest_id)
    manifest_id, rows = snapshot(warehouse, 2, [], "MNL01")
    assert warehouse.stage(rows, manifest_id).deleted == 0


def test_a_record_that_arrives_after_the_snapshot_that_lacks_it_is_deleted_too(warehouse: Warehouse) -> None:
    manifest_id, rows = snapshot(warehouse, 5, ["w"])
    warehouse.stage(rows, manifest_id)
    manifest_id, rows = snapshot(warehouse, 2, ["x"])  # staged late
    counts = warehouse.stage(rows, manifest_id)
    assert warehouse.versions("x") == [(2, 2, "x of the shop"), (5, 5, None)]
    assert (counts.staged, counts.deleted, counts.dirty) == (1, 1, 0)


def test_a_late_file_of_the_day_takes_the_tombstone_back(warehouse: Warehouse) -> None:
    for day, names in ((1, ["y"]), (2, [])):
        manifest_id, rows = snapshot(warehouse, day, names)
        warehouse.stage(rows, manifest_id)
    assert warehouse.current("y") is None
    manifest_id, rows = snapshot(warehouse, 2, ["y"], mode="changes")
    warehouse.stage(rows, manifest_id)
    assert warehouse.versions("y") == [(1, 2, "y of the shop")]


def test_who_has_left_is_gone_however_late_their_last_word_is_dated(warehouse: Warehouse) -> None:
    """In New York the evening of a day is the next one, and clocks run ahead."""
    for day, names in ((1, ["l", "z"]), (2, ["l"]), (3, ["l"])):
        landed = warehouse.land(day, names, mode="snapshot", scope="MNL01")
        rows = [said(name, 2.5 if name == "z" else day, name, delivered=day, scope="MNL01") for name in names]
        assert warehouse.stage(rows, landed.manifest_id).deleted == (1 if day == 2 else 0)
    assert warehouse.current("z") is None
    assert warehouse.versions("z") == [(2.5, 2.5, "z"), (2.5, 2.5, None)]
    landed = warehouse.land(4, ["l", "z"], mode="snapshot", scope="MNL01")
    warehouse.stage([said("z", 4, "z is back", scope="MNL01"), said("l", 4, "l", scope="MNL01")], landed.manifest_id)
    assert warehouse.versions("z") == [(2.5, 2.5, "z"), (2.5, 2.5, None), (4, 4, "z is back")]


def test_a_word_dated_late_does_not_outweigh_a_later_delivery_that_dates_the_record_earlier(warehouse: Warehouse) -> None:
    for day, dated, mode in ((1, 3.5, "snapshot"), (2, None, "snapshot"), (3, 3.0, "changes")):
        landed = warehouse.land(day, ["z"] if dated else [], mode=mode, scope="MNL01")
        warehouse.stage([said("z", dated, "z", delivered=day, scope="MNL01")] if dated else [], landed.manifest_id)
    assert warehouse.current("z") == "z"


_File = tuple[int, str, str, str | list[str | None], bool]
"""A file: its day, store, mode, the records it holds, and whether it was sent again."""


def taken(warehouse: Warehouse, *files: _File, set_aside: str = "") -> None:
    """Land and stage files in which the source's own clock dates everybody by the first day."""
    for day, scope, mode, names, again in files:
        landed = warehouse.land(day, [*names], mode=mode, scope=scope, again=again)
        rows = [said(name, 1, name, delivered=day, scope=scope) for name in names if name and name not in set_aside]
        warehouse.stage(rows, landed.manifest_id)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_who_moved_to_another_store_is_there_whichever_file_comes_first(warehouse: Warehouse, order: tuple[int, ...]) -> None:
    """By the source's own clock nothing happened to them that day."""
    files = [(1, "MNL01", "snapshot", "mo", False), (2, "MNL01", "snapshot", "m", False), (2, "TYO01", "snapshot", "o", False)]
    taken(warehouse, *(files[number] for number in order))
    assert warehouse.versions("o") == [(1, 1, "o")]


def test_a_late_file_of_the_day_proves_presence_though_a_gate_set_its_row_aside(warehouse: Warehouse) -> None:
    taken(warehouse, (1, "MNL01", "snapshot", "mo", False), (2, "MNL01", "snapshot", "m", False))
    assert warehouse.current("o") is None
    taken(warehouse, (2, "TYO01", "snapshot", "o", False), set_aside="o")
    assert warehouse.current("o") == "o"


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_who_moved_by_a_file_that_was_sent_again_without_them_has_left(warehouse: Warehouse, order: tuple[int, ...]) -> None:
    files = [
        (1, "MNL01", "snapshot", "mo", False), (2, "MNL01", "snapshot", "m", False),
        (2, "TYO01", "snapshot", "no", False), (2, "TYO01", "snapshot", "n", True),
    ]  # fmt: skip
    taken(warehouse, *(files[number] for number in order))
    assert [warehouse.current(name) for name in "mno"] == ["m", "n", None]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_snapshot_that_was_sent_again_without_a_record_does_not_bring_it_back(
    warehouse: Warehouse, order: tuple[int, ...]
) -> None:
    files = [
        (2, "MNL01", "snapshot", "mo", False), (3, "MNL01", "snapshot", "m", False),
        (4, "MNL01", "snapshot", "mo", False), (4, "MNL01", "snapshot", "m", True),
    ]  # fmt: skip
    taken(warehouse, *(files[number] for number in order))
    assert [warehouse.current(name) for name in "mo"] == ["m", None]


def test_a_snapshot_that_no_gate_let_through_brings_nobody_back(warehouse: Warehouse) -> None:
    taken(warehouse, (2, "MNL01", "snapshot", "mo", False), (3, "MNL01", "snapshot", "m", False))
    warehouse.land(4, [*"mo"], mode="snapshot", scope="MNL01")  # landed, never staged
    taken(warehouse, (5, "MNL01", "changes", "o", False))
    assert warehouse.current("o") is None


# --- a file sent again ---------------------------------------------------------------------------------


def sent_again(warehouse: Warehouse, day: int, names: list[str], *, world: str = "", mode: str = "snapshot") -> tuple[Any, Any]:
    """The day's file once more, as a second copy that takes the place of the first."""
    landed = warehouse.land(day, names, mode=mode, scope="MNL01", world=world, again=True)
    return landed.manifest_id, [said(name, day, f"{name} of the shop", scope="MNL01", world=world) for name in names]


def test_who_is_only_in_the_first_copy_of_a_directory_has_left(warehouse: Warehouse) -> None:
    for landed in (snapshot(warehouse, 1, ["l", "m"]), snapshot(warehouse, 2, ["l", "m"])):
        warehouse.stage(landed[1], landed[0])
    manifest_id, rows = sent_again(warehouse, 2, ["l"])
    assert warehouse.stage(rows, manifest_id).deleted == 1
    assert warehouse.versions("m") == [(1, 1, "m of the shop"), (2, 2, None)]
    assert warehouse.versions("l") == [(1, 2, "l of the shop")]
    assert warehouse.marks()[-1] == (record("m"), "deleted")
    assert warehouse.stage(rows, manifest_id).deleted == 0


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_who_was_only_in_the_first_copy_was_never_there_whatever_their_clock_says(
    warehouse: Warehouse, order: tuple[int, ...]
) -> None:
    """Their word is dated before the day of the file, and the next snapshot lacks them too."""
    files = [(2, "MNL01", "snapshot", "mo", False), (2, "MNL01", "snapshot", "m", True), (3, "MNL01", "snapshot", "m", False)]
    taken(warehouse, *(files[number] for number in order))
    assert warehouse.versions("m") == [(1, 1, "m")]
    assert warehouse.versions("o") == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_copy_that_is_not_complete_takes_back_what_the_silence_of_the_first_said(
    warehouse: Warehouse, order: tuple[int, ...]
) -> None:
    """Its unreadable row may be theirs."""
    files: list[_File] = [
        (1, "MNL01", "snapshot", "mo", False), (2, "MNL01", "snapshot", "m", False), (2, "MNL01", "snapshot", ["m", None], True),
    ]  # fmt: skip
    taken(warehouse, *(files[number] for number in order))
    assert warehouse.versions("o") == [(1, 1, "o")]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_who_was_gone_by_a_first_copy_alone_is_gone_by_the_next_directory_that_lacks_them(
    warehouse: Warehouse, order: tuple[int, ...]
) -> None:
    files: list[_File] = [
        (1, "MNL01", "snapshot", "mo", False), (2, "MNL01", "snapshot", "m", False), (2, "MNL01", "snapshot", ["m", None], True),
        (3, "MNL01", "snapshot", "m", False),
    ]  # fmt: skip
    taken(warehouse, *(files[number] for number in order))
    assert warehouse.versions("o") == [(1, 1, "o"), (3, 3, None)]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_what_another_store_said_by_its_silence_stands_whatever_became_of_a_copy(
    warehouse: Warehouse, order: tuple[int, ...]
) -> None:
    files: list[_File] = [
        (1, "TYO01", "snapshot", "no", False), (2, "TYO01", "snapshot", "n", False),
        (2, "MNL01", "snapshot", "m", False), (2, "MNL01", "snapshot", ["m", None], True),
    ]  # fmt: skip
    taken(warehouse, *(files[number] for number in order))
    assert warehouse.versions("o") == [(1, 1, "o"), (2, 2, None)]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_whom_an_earlier_file_of_another_store_told_of_is_not_gone_with_a_first_copy(
    warehouse: Warehouse, order: tuple[int, ...]
) -> None:
    """That store's next directory is yet to come; the one that held them by mistake says nothing of them any more."""
    files = [
        (1, "TYO01", "snapshot", "o", False), (2, "MNL01", "snapshot", "mo", False), (2, "MNL01", "snapshot", "m", True),
        (3, "MNL01", "snapshot", "m", False),
    ]  # fmt: skip
    taken(warehouse, *(files[number] for number in order))
    assert warehouse.current("o") == "o"


def test_who_never_was_in_any_standing_file_was_never_there(warehouse: Warehouse) -> None:
    manifest_id, rows = snapshot(warehouse, 2, ["l", "m"])
    warehouse.stage(rows, manifest_id)
    manifest_id, rows = sent_again(warehouse, 2, ["l"])
    warehouse.stage(rows, manifest_id)
    assert warehouse.versions("m") == []
    assert warehouse.marks()[-1] == (record("m"), "deleted")


def test_who_is_in_another_file_of_the_day_is_there_whatever_the_copy_lacks(warehouse: Warehouse) -> None:
    for scope in ("MNL01", "TYO01"):
        manifest_id, rows = snapshot(warehouse, 2, ["n"], scope)
        warehouse.stage(rows, manifest_id)
    manifest_id, rows = sent_again(warehouse, 2, [])
    warehouse.stage(rows, manifest_id)
    assert warehouse.current("n") == "n of the shop"


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (1, 2, 1), (2, 1, 2), (1, 2, 2, 1)])
def test_whom_only_the_first_copy_of_a_replaced_file_holds_is_withdrawn(warehouse: Warehouse, order: tuple[int, ...]) -> None:
    """Whichever of the two is staged first, and when either is run again."""
    warehouse.stage(*reversed(snapshot(warehouse, 1, ["a", "gone"])))
    landings = {}
    for copy, held in ((1, ["a", "gone", "never"]), (2, ["a"])):
        landed = warehouse.land(2, held, mode="snapshot", scope="MNL01", content=f"copy {copy}")
        rows = [said(name, 2, f"{name} of copy {copy}", scope="MNL01") for name in held]
        for row in rows:
            row["source_updated_at"] += timedelta(microseconds=copy - 1)  # as mapping dates what replaced another
        landings[copy] = (rows, landed.manifest_id)
    assert landing.copies_of(warehouse.ingest, [landings[copy][1] for copy in (1, 2)]) == {
        landings[2][1]: {"/2/MNL01.snapshot.csv": 1}
    }
    for copy in order:
        warehouse.stage(*landings[copy])
    assert [warehouse.current(name) for name in ("a", "gone", "never")] == ["a of copy 2", None, None]
    before = warehouse.digest()
    assert [warehouse.stage(*landings[copy]).dirty for copy in (2, 1)] == [0, 0]
    assert warehouse.digest() == before


# --- any order, any batches, again -----------------------------------------------------------------

_WORDS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(1, 5), st.sampled_from(["Ann", "Anna", None]), st.integers(1, 3)),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=_WORDS, data=st.data())
def test_what_is_known_does_not_depend_on_order_or_batches(shared_warehouse: Warehouse, words: list[Any], data: Any) -> None:
    known = []
    for order in (words, data.draw(st.permutations(words), label="order")):
        world = str(uuid4())
        cuts = sorted(data.draw(st.sets(st.integers(1, len(order)), max_size=3), label="cuts"))
        for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True):
            rows = [
                said(name, day, content, delivered=delivered, world=world) for name, day, content, delivered in order[start:end]
            ]
            counts = shared_warehouse.stage(rows)
            assert counts.staged + counts.unchanged == counts.rows_in
        known.append([(shared_warehouse.current(name, world), shared_warehouse.versions(name, world)) for name in "ab"])
        again = shared_warehouse.stage([said(n, day, c, delivered=d, world=world) for n, day, c, d in order])
        assert (again.staged, again.dirty) == (0, 0)
        assert [shared_warehouse.versions(name, world) for name in "ab"] == [versions for _, versions in known[-1]]
    assert known[0] == known[1]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(st.tuples(st.sets(st.sampled_from("abc")), st.sampled_from(["snapshot", "changes"])), min_size=2, max_size=4),
    data=st.data(),
)
def test_snapshots_in_any_order_leave_the_same_records_alive(shared_warehouse: Warehouse, days: list[Any], data: Any) -> None:
    views, histories = [], []
    numbered = list(enumerate(days, 1))
    for order in (numbered, data.draw(st.permutations(numbered), label="order")):
        world = str(uuid4())
        source = replace(shared_warehouse, source=world)
        source.__dict__.update({name: getattr(shared_warehouse, name) for name in ("ingest", "owner")})
        for day, (names, mode) in order:
            manifest_id, rows = snapshot(source, day, sorted(names), mode=mode, world=world)
            source.stage(rows, manifest_id)
        views.append([source.current(name, world) for name in "abc"])
        histories.append([[(since, content) for since, _, content in source.versions(name, world)] for name in "abc"])
    alive = {}
    for day, (names, mode) in numbered:
        if mode == "snapshot":
            alive = {}
        alive |= dict.fromkeys(names, day)
    assert views[0] == views[1] == [f"{name} of the shop" if name in alive else None for name in "abc"]
    assert histories[0] == histories[1]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from("ab"), st.integers(-4, 4), max_size=2),
            st.sampled_from(["snapshot", "snapshot", "changes"]),
        ),
        min_size=2,
        max_size=5,
    ),
    data=st.data(),
)
def test_snapshots_of_words_dated_otherwise_say_the_same_in_any_order(
    shared_warehouse: Warehouse, days: list[Any], data: Any
) -> None:
    """Each record is dated up to two days before or after its delivery, in half days."""
    histories = []
    numbered = list(enumerate(days, 1))
    for order in (numbered, data.draw(st.permutations(numbered), label="order")):
        world = str(uuid4())
        source = replace(shared_warehouse, source=world)
        source.__dict__.update({name: getattr(shared_warehouse, name) for name in ("ingest", "owner")})
        landings = []
        for day, (ahead, mode) in order:
            landed = source.land(day, sorted(ahead), mode=mode, scope="MNL01", world=world)
            rows = [said(n, day + half / 2, n, delivered=day, world=world, scope="MNL01") for n, half in ahead.items()]
            landings.append((rows, landed.manifest_id))
            source.stage(*landings[-1])
        histories.append([[(since, content) for since, _, content in source.versions(name, world)] for name in "ab"])
        assert [source.stage(*landed).dirty for landed in landings] == [0] * len(days)
    assert histories[0] == histories[1]
    alive: set[str] = set()
    for _, (ahead, mode) in numbered:
        alive = set(ahead) if mode == "snapshot" else alive | set(ahead)
    if all(mode == "snapshot" for _, mode in days):
        assert {name for name in "ab" if source.current(name, world)} == alive


_DATED = st.one_of(st.tuples(st.just("before"), st.integers(0, 8)), st.tuples(st.just("at"), st.integers(0, 8)))
"""When the source's own clock says a word was said: so many half days before its delivery, or before the first of all."""


def by_its_clock(row: dict[str, Any], dated: dict[str, tuple[str, int]]) -> dict[str, Any]:
    how, halves = dated[row["full_name"][0]]
    moment = row["source_updated_at"] - timedelta(days=halves / 2) if how == "before" else at(1 - halves / 2)
    return row | {"source_updated_at": moment}


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(st.tuples(st.sets(st.sampled_from("abc")), st.sampled_from(["snapshot", "changes"])), min_size=2, max_size=4),
    copy=st.sets(st.sampled_from("abc")),
    data=st.data(),
)
def test_a_copy_sent_again_leaves_what_it_would_have_left_alone(
    shared_warehouse: Warehouse, days: list[Any], copy: set[str], data: Any
) -> None:
    """The first copy may have been staged before it, between the others, or after it."""
    which = data.draw(st.integers(1, len(days)), label="day sent again")
    mode = days[which - 1][1]
    dated = data.draw(st.fixed_dictionaries(dict.fromkeys("abc", _DATED)), label="dates of the words")
    views = []
    for first_copy_too in (False, True):
        world = str(uuid4())
        source = replace(shared_warehouse, source=world)
        source.__dict__.update({name: getattr(shared_warehouse, name) for name in ("ingest", "owner")})
        landings = [snapshot(source, day, sorted(names), mode=how, world=world) for day, (names, how) in enumerate(days, 1)]
        second = sent_again(source, which, sorted(copy), world=world, mode=mode)
        if first_copy_too:
            landings = data.draw(st.permutations([*landings, second]), label="order")
        else:
            landings[which - 1] = second
        for manifest_id, rows in landings:
            source.stage([by_its_clock(row, dated) for row in rows], manifest_id)
        # A moment may stay at which only the first copy repeated an earlier file's word. Who is there, and since when, is equal.
        views.append(
            [(source.current(name, world), [(since, told) for since, _, told in source.versions(name, world)]) for name in "abc"]
        )
    assert views[0] == views[1]


def test_the_delivery_of_first_and_last_word_are_known(shared_warehouse: Warehouse) -> None:
    shared_warehouse.stage([said("days", 1, "Zoe", delivered=2), said("days", 4, "Zoe", delivered=5)])
    rows = shared_warehouse.query(
        "SELECT delivered_on, confirmed_on FROM staging.record_version WHERE record_id = :r", r=record("days")
    )
    assert rows == [(on(2), on(5))]


# --- a changed cleaner reads the same word again ---------------------------------------------------------------------------


def read_by(version: int, *words: dict[str, Any]) -> list[dict[str, Any]]:
    return [word | {"cleaning_version": version} for word in words]


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (2, 2, 1), (1, 2, 1)])
@pytest.mark.parametrize(("old", "new"), [("Anna", "Bea"), ("Bea", "Anna")])  # whichever of the two hashes is the larger
def test_the_later_cleanings_reading_of_a_word_stands_in_any_order(
    shared_warehouse: Warehouse, order: tuple[int, ...], old: str, new: str
) -> None:
    name = f"read again {order} {old}"
    for version in order:
        shared_warehouse.stage(read_by(version, said(name, 3, old if version == 1 else new)))
    assert shared_warehouse.versions(name) == [(3, 3, new)]


def test_history_read_again_is_not_interleaved_with_its_old_reading(shared_warehouse: Warehouse) -> None:
    days = range(1, 6)
    shared_warehouse.stage(read_by(1, *(said("snapshots", day, "Anna") for day in days)))
    for day in (4, 2, 5, 1, 3):
        counts = shared_warehouse.stage(read_by(2, said("snapshots", day, "Ana")))
    assert shared_warehouse.versions("snapshots") == [(1, 5, "Ana")]
    assert counts.rows_in == counts.staged + counts.unchanged


def test_a_record_of_which_no_version_tells_any_more_what_it_said_is_taken_back(warehouse: Warehouse) -> None:
    """Who looks for what was said before a change finds it among the versions, unless the mark says otherwise."""
    warehouse.stage(read_by(1, said("told again", 1, "Anna")))
    warehouse.query("DELETE FROM staging.dirty_record RETURNING 1")  # a run took it in
    warehouse.stage(read_by(2, said("told again", 1, "Ana")))
    assert [reason for _, reason in warehouse.marks()] == ["taken back"]
    warehouse.stage(read_by(2, said("told again", 2, "Bea")))
    assert warehouse.marks()[-1][1] == "changed"


def test_what_is_lost_while_a_change_waits_for_its_run_is_marked(warehouse: Warehouse) -> None:
    warehouse.stage(read_by(1, said("waits", 1, "Anna"), said("waits", 2, "Bea")))
    warehouse.stage(read_by(2, said("waits", 1, "Ana")))
    assert warehouse.current("waits") == "Bea"
    assert [reason for _, reason in warehouse.marks()] == ["new", "taken back"]
    warehouse.query("DELETE FROM staging.dirty_record RETURNING 1")
    warehouse.stage(read_by(3, said("waits", 1, "Anne")))
    assert warehouse.marks() == [], "no run is yet to come that has not seen it as it is"


def test_only_the_days_that_were_read_again_change(shared_warehouse: Warehouse) -> None:
    shared_warehouse.stage(read_by(1, *(said("a day", day, "Anna") for day in (1, 2, 3, 4))))
    shared_warehouse.stage(read_by(2, said("a day", 2, "Ana")))
    assert shared_warehouse.versions("a day") == [(1, 1, "Anna"), (2, 2, "Ana"), (3, 4, "Anna")]
    shared_warehouse.stage(read_by(1, said("a day", 2, "Anna")))  # a worker that still runs the old code wakes up
    assert shared_warehouse.versions("a day") == [(1, 1, "Anna"), (2, 2, "Ana"), (3, 4, "Anna")]


def test_a_later_delivery_outweighs_a_later_cleaning_of_an_earlier_one(shared_warehouse: Warehouse) -> None:
    shared_warehouse.stage(read_by(1, said("corrected", 1, "Anna", delivered=2), said("corrected", 1, "Bea", delivered=3)))
    shared_warehouse.stage(read_by(2, said("corrected", 1, "Ana", delivered=2)))
    assert shared_warehouse.current("corrected") == "Bea"


def test_equal_content_read_again_makes_no_version_but_its_flags_and_changes_count(shared_warehouse: Warehouse) -> None:
    shared_warehouse.stage(read_by(1, said("reflagged", 1, "Ana", flags=[])))
    before = len(shared_warehouse.marks())
    entries = '[{"rule": "lossy"}]'
    counts = shared_warehouse.stage(read_by(2, said("reflagged", 1, "Ana", flags=["full_name:lossy"], changes=entries)))
    assert (counts.staged, counts.unchanged) == (0, 1)
    stored = shared_warehouse.query(
        "SELECT flags, changes, cleaning_version, confirmed_by FROM staging.record_version WHERE record_id = :r",
        r=record("reflagged"),
    )
    assert stored == [(["full_name:lossy"], [{"rule": "lossy"}], 2, 2)]
    assert len(shared_warehouse.marks()) == before + 1  # survivorship trusts flagged values less
    assert shared_warehouse.stage(read_by(2, said("reflagged", 1, "Ana", flags=["full_name:lossy"]))).dirty == 0


def test_an_interaction_is_what_the_later_cleaning_read(shared_warehouse: Warehouse) -> None:
    for version, status in ((1, "paid"), (2, "open"), (1, "paid"), (2, "open")):
        shared_warehouse.meet(read_by(version, met("read again", 1, status, changes=f'[{{"rule": "{status}"}}]')))
    assert shared_warehouse.query(
        "SELECT status, cleaning_version, changes FROM staging.interaction WHERE record_id = :r", r=record("read again")
    ) == [("open", 2, [{"rule": "open"}])]
