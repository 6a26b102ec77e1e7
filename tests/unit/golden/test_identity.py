import uuid
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.errors import Conflict
from include.golden.identity import NAMESPACE, Assignment, assign, customer_id

DAY_ONE = datetime(2026, 1, 1, tzinfo=UTC)


def u(record):
    return customer_id(record)


class Story:
    """Runs one partition after another and keeps what the warehouse would keep.

    A partition is written as words: "ab c" puts records a and b together and c alone. Records are as old as their letters.
    """

    def __init__(self, days=None):
        self.days = days or {}
        self.memberships = pd.DataFrame({"record_id": [], "customer_id": []}, dtype=object)
        self.ledger = pd.DataFrame({"customer_id": [], "anchor_record_id": []}, dtype=object)
        self.aliases = pd.DataFrame({"customer_id": [], "became": []}, dtype=object)
        self.last: Assignment | None = None

    def run(self, partition):
        groups = partition.split() if isinstance(partition, str) else partition
        rows = [
            (record, label, DAY_ONE + timedelta(days=self.days.get(record, 1000 + ord(record[-1]))))
            for label, group in enumerate(groups)
            for record in group
        ]
        clusters = pd.DataFrame(rows, columns=["record_id", "cluster", "first_source_time"])
        made = assign(clusters, self.memberships, self.ledger, self.aliases)
        self.memberships, self.aliases, self.last = made.memberships, made.aliases, made
        self.ledger = pd.concat([self.ledger, made.minted], ignore_index=True)
        return self

    @property
    def holder(self):
        return dict(zip(self.memberships["record_id"], self.memberships["customer_id"], strict=True))

    def resolve(self, published):
        return self.last.resolve(published)


def test_an_id_is_the_uuid5_of_the_anchor_record():
    assert u("a") == str(uuid.uuid5(NAMESPACE, "a"))
    assert u("a") == "f39f4396-2aac-5fe6-9e01-f32f00e29ebe", "ids once published must never change"


def test_a_new_cluster_is_named_by_its_earliest_record_then_the_lower_record_id():
    assert Story().run("ba").holder == {"a": u("a"), "b": u("a")}
    assert Story({"a": 9, "b": 1}).run("ab").holder["a"] == u("b")
    assert Story({"a": 1, "b": 1}).run("ba").holder["a"] == u("a")


def test_an_unchanged_partition_changes_nothing():
    story = Story().run("ab c")
    before = story.holder
    story.run("c ba")
    assert story.holder == before
    assert story.last.minted.empty
    assert story.last.counts == {"customers": 2, "minted": 0, "revived": 0, "merged": 0, "split": 0, "retired": 0}


def test_an_older_record_that_comes_late_does_not_rename_the_customer():
    assert Story().run("b").run("ab").holder == {"a": u("b"), "b": u("b")}


def test_on_a_merge_the_older_id_lives_on_and_the_other_resolves_to_it():
    story = Story({"a": 9, "b": 1}).run("a").run("a b").run("ab")
    assert story.holder == {"a": u("a"), "b": u("a")}  # published first, although b is the older record
    assert story.resolve(u("b")) == u("a")
    assert story.last.counts["merged"] == 1


def test_on_a_split_the_part_with_the_anchor_keeps_the_id():
    story = Story().run("abcd").run("bd ac")
    assert story.holder == {"a": u("a"), "c": u("a"), "b": u("b"), "d": u("b")}
    assert story.last.counts["split"] == 1


def test_a_merge_that_is_undone_gives_everybody_their_own_id_back():
    story = Story().run("ac bd")
    before = story.holder
    story.run("abcd").run("ac bd")
    assert story.holder == before
    assert story.aliases.empty
    assert story.last.counts["revived"] == 1


def test_an_anchor_that_changes_customers_takes_its_id_along():
    story = Story().run("ab").run("ab c").run("b ac")
    assert story.holder == {"a": u("a"), "c": u("a"), "b": u("b")}
    assert story.resolve(u("c")) == u("a")


def test_a_current_id_stands_before_an_older_retired_one():
    story = Story().run("a b c").run("ab c").run("a bc")
    assert story.holder["b"] == story.holder["c"] == u("c")
    assert story.resolve(u("b")) == u("c")


def test_a_customer_keeps_its_id_when_the_anchor_record_is_deleted():
    story = Story().run("abc").run("bc")
    assert story.holder == {"b": u("a"), "c": u("a")}
    story.run("b c")
    assert story.holder == {"b": u("a"), "c": u("c")}  # the earliest who bore it inherits


def test_an_anchor_that_comes_back_elsewhere_takes_its_id_back():
    story = Story().run("ab").run("b").run("ax b")
    assert story.holder == {"a": u("a"), "x": u("a"), "b": u("b")}


def test_a_retired_id_whose_anchor_is_deleted_follows_those_who_bore_it():
    story = Story().run("ab").run("ab cd").run("abcd").run("abd").run("ad b")
    assert story.resolve(u("c")) == u("a")


def test_a_chain_of_merges_resolves_to_its_end():
    story = Story().run("a").run("a b").run("a b cd").run("a b d").run("a bd")
    assert story.resolve(u("c")) == u("b")
    story.run("abd")
    assert story.resolve(u("c")) == story.resolve(u("b")) == u("a")


def test_of_ids_minted_in_one_run_neither_is_older_so_the_lower_lives_on():
    assert Story().run("a b").run("ab").holder["a"] == min(u("a"), u("b"))


def test_an_id_nobody_stands_for_is_gone_and_returns_with_its_record():
    story = Story().run("a b").run("b")
    assert story.resolve(u("a")) is None
    assert story.last.gone == (u("a"),)
    assert story.last.counts["retired"] == 1
    assert story.run("a b").holder["a"] == u("a")
    assert story.last.gone == ()


@pytest.mark.parametrize("older", ["a", "b"])
def test_the_ledger_is_old_by_its_minting_time_where_it_has_one(older):
    minted_at = [DAY_ONE - timedelta(days=record == older) for record in "ab"]
    ledger = pd.DataFrame({"customer_id": [u("a"), u("b")], "anchor_record_id": ["a", "b"], "minted_at": minted_at})
    previous = pd.DataFrame({"record_id": ["a", "b"], "customer_id": [u("a"), u("b")]})
    clusters = pd.DataFrame({"record_id": ["a", "b"], "cluster": [1, 1], "first_source_time": [DAY_ONE, DAY_ONE]})
    assert set(assign(clusters, previous, ledger).memberships["customer_id"]) == {u(older)}


def test_ids_may_come_as_uuids_from_the_driver():
    record = uuid.UUID(int=5)
    ledger = pd.DataFrame({"customer_id": [uuid.UUID(u(str(record)))], "anchor_record_id": [record]})
    previous = pd.DataFrame({"record_id": [record], "customer_id": [uuid.UUID(u(str(record)))]})
    clusters = pd.DataFrame({"record_id": [str(record)], "cluster": ["x"], "first_source_time": [DAY_ONE]})
    made = assign(clusters, previous, ledger)
    assert made.memberships.to_numpy().tolist() == [[str(record), u(str(record))]]
    assert made.minted.empty


def test_memberships_that_do_not_fit_the_ledger_are_a_conflict():
    story = Story().run("a")
    with pytest.raises(Conflict, match="one transaction"):
        assign(
            pd.DataFrame({"record_id": ["a"], "cluster": [0], "first_source_time": [DAY_ONE]}),
            story.memberships,
            story.ledger.iloc[:0],
        )


@pytest.mark.parametrize("doubled", ["clusters", "previous"])
def test_a_record_that_stands_twice_is_refused(doubled):
    story = Story().run("a")
    clusters = pd.DataFrame({"record_id": ["a"], "cluster": [0], "first_source_time": [DAY_ONE]})
    frames = {"clusters": clusters, "previous": story.memberships}
    frames[doubled] = pd.concat([frames[doubled]] * 2)
    with pytest.raises(ValueError, match="1 records"):
        assign(**frames, ledger=story.ledger)


def test_nothing_live_leaves_nothing_current():
    story = Story().run("a").run("")
    assert story.memberships.empty
    assert story.last.gone == (u("a"),)


# --- whatever happens -----------------------------------------------------------------------------------------------------------

RECORDS = "abcdefgh"
partitions = st.lists(st.integers(-1, 4), min_size=len(RECORDS), max_size=len(RECORDS)).map(
    lambda labels: [
        [record for record, label in zip(RECORDS, labels, strict=True) if label == group] for group in range(5) if group in labels
    ]
)  # the label -1 is a record that is not live
ages = st.fixed_dictionaries({record: st.integers(0, 5) for record in RECORDS})


@settings(max_examples=60)
@given(ages, st.lists(partitions, min_size=1, max_size=7))
def test_ids_stay_true_through_any_sequence_of_partitions(days, sequence):
    story, replayed = Story(days), Story(days)
    published = set()
    for partition in sequence:
        story.run(partition)
        holder = story.holder

        assert sorted(holder) == sorted(record for group in partition for record in group)
        assert not story.memberships["record_id"].duplicated().any()
        held = defaultdict(set)
        for record, cid in holder.items():
            held[cid].add(record)
        assert sorted(map(sorted, held.values())) == sorted(map(sorted, partition))  # one id a cluster, one cluster an id

        published |= set(held)
        assert published == set(story.ledger["customer_id"])
        assert not story.ledger["customer_id"].duplicated().any()
        for row in story.ledger.itertuples():
            assert row.customer_id == u(row.anchor_record_id)
            if row.anchor_record_id in holder:
                assert story.resolve(row.customer_id) == holder[row.anchor_record_id]
        current, retired, gone = set(held), set(story.aliases["customer_id"]), set(story.last.gone)
        assert current | retired | gone == published
        assert len(current) + len(retired) + len(gone) == len(published)
        assert set(story.aliases["became"]) <= current

        again = assign(
            pd.DataFrame([(r, c, DAY_ONE) for r, c in holder.items()], columns=["record_id", "cluster", "first_source_time"]),
            story.memberships,
            story.ledger,
            story.aliases,
        )
        pd.testing.assert_frame_equal(again.memberships, story.memberships)
        pd.testing.assert_frame_equal(again.aliases, story.aliases)
        assert again.minted.empty

        replayed.run([group[::-1] for group in partition[::-1]])
        assert replayed.holder == holder
        pd.testing.assert_frame_equal(replayed.ledger, story.ledger)
        pd.testing.assert_frame_equal(replayed.aliases, story.aliases)
