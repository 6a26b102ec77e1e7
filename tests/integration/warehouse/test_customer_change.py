"""The change feed alone gives back who is current, who answers to an id, which record is whose; a copy kept so hashes alike."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest

from include.golden.content_hash import row_hashes, total
from include.golden.fields import GOLDEN_COLUMNS
from include.golden.identity import customer_id
from include.warehouse import snapshot
from include.warehouse.tables import GOLDEN_FIELDS
from tests.integration.warehouse.conftest import Warehouse, record
from tests.integration.warehouse.stories import Story, any_partitions

pytestmark = pytest.mark.integration

SOME_LIVES = [
    "ab c de f", "abc de f", "abcde f", "ab c de f", "b c de f", "b ca de f", "b ca dez f", "b ca dez", "b ca dez f",
    "bd ca ez f", "bd ce z f", "bdcezf", "", "ab c de f z",
]  # fmt: skip


@dataclass
class Replica:
    """What a consumer makes of the feed, row by row; it knows nothing else."""

    current: set[str] = field(default_factory=set)
    answers: dict[str, str | None] = field(default_factory=dict)
    crosswalk: dict[str, str] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def take(self, row: Any) -> None:
        if row.change in ("created", "split"):
            self.current.add(row.customer_id)
            self.answers[row.customer_id] = row.customer_id
        elif row.change in ("merged", "retired"):
            self.current.discard(row.customer_id)
        if row.change in ("merged", "retired", "redirected"):
            self.answers[row.customer_id] = row.became
        for one in row.lost:
            if self.crosswalk.get(one) == row.customer_id:  # another may have gained it in the same run, and been told of first
                del self.crosswalk[one]
        self.crosswalk |= dict.fromkeys(row.gained, row.customer_id)
        self.changed.add(row.customer_id)


def feed(warehouse: Warehouse, after: int = 0) -> list[Any]:
    columns = (
        "change_id, sequence, customer_id::text, change, fields, became::text, split_from::text[], gained::text[], lost::text[]"
    )
    rows = warehouse.query(f"SELECT {columns} FROM golden.v_change WHERE change_id > :after ORDER BY change_id", after=after)
    names = ["change_id", "sequence", "customer_id", "change", "fields", "became", "split_from", "gained", "lost"]
    return list(pd.DataFrame(rows, columns=names, dtype=object).itertuples())


@pytest.fixture
def story(warehouse: Warehouse) -> Story:
    return Story(warehouse, born={"z": 1})


@pytest.mark.parametrize("partitions", [SOME_LIVES, any_partitions(5, "abcdefghij", 10)], ids=["lives", "by lot"])
def test_ids_and_crosswalk_are_rebuilt_from_the_feed_alone(story: Story, partitions: list[str]) -> None:
    replica, read = Replica(), 0
    for number, partition in enumerate(partitions):
        story.run(partition, only_touched=number % 2 == 1)
        for row in feed(story.warehouse, read):
            replica.take(row)
            read = row.change_id
        resolver = story.warehouse.resolver
        assert replica.crosswalk == dict(snapshot.crosswalk(resolver)[["record_id", "customer_id"]].to_numpy().tolist())
        assert replica.current == set(replica.crosswalk.values())
        known = story.warehouse.query("SELECT published_id::text, customer_id::text FROM golden.v_customer_id")
        assert replica.answers == dict(known)


def test_a_copy_kept_by_the_feed_has_the_golden_tables_hash(story: Story) -> None:
    copy: dict[str, Any] = {}
    for number, partition in enumerate(SOME_LIVES[:9]):
        report = story.run(partition, changed={"b": f"Bea {number}"} if "b" in partition else {})
        for row in [row for row in feed(story.warehouse) if row.sequence == report.sequence]:
            copy.pop(row.customer_id, None)
            if row.change in ("created", "split", "updated"):
                copy[row.customer_id] = fetched(story.warehouse, row.customer_id)
        frame = pd.DataFrame(list(copy.values()), columns=list(GOLDEN_COLUMNS))
        assert total(row_hashes(frame)) == report.content_hash


def fetched(warehouse: Warehouse, one: str) -> tuple[Any, ...]:
    names = ", ".join(["customer_id::text", *(f.name for f in GOLDEN_FIELDS), "region", "sources", "record_count"])
    return warehouse.query(f"SELECT {names} FROM golden.customer WHERE customer_id = :c", c=one)[0]


def test_a_split_names_whom_it_split_from_and_the_records_that_moved(story: Story) -> None:
    story.run("ab c")
    story.run("a b c")
    told = {(row.change, row.customer_id): row for row in feed(story.warehouse) if row.sequence == 2}
    split = told["split", u("b")]
    assert (split.split_from, split.gained, split.lost) == ([u("a")], [record("b")], [])
    assert told["updated", u("a")].lost == [record("b")]
    assert "emails" in told["updated", u("a")].fields


def test_two_customers_that_only_exchange_records_alike_are_told_of_without_fields(story: Story) -> None:
    story.run("ab cd", changed=dict.fromkeys("abcd", "same"))
    story.run("ad cb")
    told = [row for row in feed(story.warehouse) if row.sequence == 2]
    assert [(row.change, row.fields) for row in told] == [("updated", []), ("updated", [])]
    assert story.warehouse.query("SELECT count(*) FROM golden.customer_history WHERE to_sequence IS NOT NULL") == [(0,)]


def test_an_id_that_was_merged_is_redirected_when_its_holder_moves_on(story: Story) -> None:
    story.run("a")
    story.run("a b")
    story.run("ab")
    story.run("ab c")
    story.run("a cb")
    told = {row.customer_id: (row.change, row.became) for row in feed(story.warehouse) if row.sequence == 5}
    assert told[u("b")] == ("redirected", u("c"))


def u(name: str) -> str:
    return customer_id(record(name))
