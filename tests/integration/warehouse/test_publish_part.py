"""Publishing the part a run touched leaves what publishing the whole would have left, and reads and writes nothing beside it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import text

from include.golden.identity import customer_id
from include.warehouse import snapshot
from include.warehouse.errors import DoesNotAddUp
from include.warehouse.publish import Publication, publish, table_hash
from tests.integration.warehouse.conftest import Warehouse, record
from tests.integration.warehouse.stories import Story, any_partitions

pytestmark = pytest.mark.integration


def u(name: str) -> str:
    return customer_id(record(name))


@pytest.fixture
def other_warehouse(fresh_database: Callable[..., str], warehouse_template: str) -> Iterator[Warehouse]:
    from include.warehouse.engine import migrate

    url = fresh_database(warehouse_template)
    migrate(url)
    made = Warehouse(url)
    yield made
    made.close()


@pytest.fixture
def story(warehouse: Warehouse) -> Story:
    return Story(warehouse)


@pytest.fixture
def both(warehouse: Warehouse, other_warehouse: Warehouse) -> tuple[Story, Story]:
    """The same story twice: one publishes the whole, the other what was touched."""
    return Story(warehouse, born={"z": 1}), Story(other_warehouse, born={"z": 1})


def told_alike(both: tuple[Story, Story], partition: str, **more: Any) -> None:
    whole, part = both
    reports = whole.run(partition, **more), part.run(partition, only_touched=True, **more)
    assert reports[0] == reports[1]
    assert whole.warehouse.digest() == part.warehouse.digest()
    assert reports[1].content_hash == table_hash(part.warehouse.resolver)


LIFE = {
    "a new customer": "ab c de f",
    "a merge": "abc de f",
    "a merge of what was merged": "abcde f",
    "a split": "ab c de f",
    "an anchor that is deleted": "b c de f",
    "an anchor that comes back elsewhere": "b ca de f",
    "an older record that comes late": "b ca dez f",
    "a customer deleted whole": "b ca dez",
    "an id that comes back": "b ca dez f",
    "two that change places": "bd ca ez f",
    "an alias whose anchor is deleted": "bd ce z f",
    "everybody is one": "bdcezf",
    "nobody is left": "",
    "all come back": "ab c de f z",
}


def test_a_part_leaves_what_the_whole_would(both: tuple[Story, Story]) -> None:
    for partition in LIFE.values():
        told_alike(both, partition)


def test_a_changed_value_of_one_record_leaves_the_same(both: tuple[Story, Story]) -> None:
    told_alike(both, "ab c de")
    told_alike(both, "ab c de", changed={"b": "Bea"})
    told_alike(both, "ab c de", changed={"c": "Cleo", "d": "Dora"})


@pytest.mark.parametrize("seed", [1, 2])
def test_any_sequence_of_partitions_leaves_the_same(both: tuple[Story, Story], seed: int) -> None:
    for partition in any_partitions(seed, "abcdefghij", 8):
        told_alike(both, partition)


def test_what_was_not_touched_is_neither_written_nor_read(story: Story) -> None:
    story.run("ab c de f")
    before = story.warehouse.query("SELECT xmin::text, customer_id::text FROM golden.customer ORDER BY 2")
    # A row beside the touched part that is not what it was published as: whoever reads it would find out.
    spoil = "UPDATE golden.customer SET row_hash = '\\x00', record_count = 9 WHERE customer_id = :c RETURNING 1"
    story.warehouse.query(spoil, c=u("d"))
    report = story.run("abc de f", only_touched=True)
    assert report.counts["live_records"] == 6
    assert report.content_hash != table_hash(story.warehouse.resolver)
    after = story.warehouse.query("SELECT xmin::text, customer_id::text FROM golden.customer ORDER BY 2")
    assert {row for row in before if row[1] == u("f")} <= set(after)
    assert {name for _, name in before} - {name for _, name in after} == {max(u("a"), u("c"))}


def test_what_a_change_touches_is_found_through_pairs_customers_ids_and_decisions(story: Story) -> None:
    story.run("ab c de f")
    story.run("b c de f")  # b bears the id of a, who is gone
    found = snapshot.touched(story.warehouse.resolver, [record("a"), record("d")])
    assert set(found["record_id"]) == {record(name) for name in "abde"}
    with story.warehouse.engine("suki_steward").begin() as connection:
        connection.execute(
            text(
                "INSERT INTO identity.steward_decision (decision_id, record_a, record_b, decision, actor, reason)"
                " VALUES (gen_random_uuid(), :a, :b, 'must_link', 'x', 'y')"
            ),
            {"a": record("e"), "b": record("f")},
        )
    found = snapshot.touched(story.warehouse.resolver, [record("d")])
    assert set(found["record_id"]) == {record(name) for name in "def"}


def test_the_ids_at_stake_come_with_the_counts_of_their_customers(story: Story) -> None:
    story.run("ab c de f")
    story.run("abc de f")
    known = snapshot.identities(story.warehouse.resolver, [record(name) for name in "abc"])
    assert set(known.ledger["customer_id"]) == {u("a"), u("c")}
    assert known.aliases.to_numpy().tolist() == [[max(u("a"), u("c")), min(u("a"), u("c"))]]  # minted in one run: the lower lives
    assert (known.published, known.theirs) == (
        {"customers": 3, "live_records": 6, "shared_records": 5},
        {"customers": 1, "live_records": 3, "shared_records": 3},
    )
    assert known.others == {"other_customers": 2, "other_records": 3, "other_shared": 2}


def _without(frame: pd.DataFrame, column: str, value: str) -> pd.DataFrame:
    return frame[frame[column] != value]


WRONG: dict[str, Callable[[Publication], Publication]] = {
    "1 records have a customer and are not among": lambda p: replace(p, touched=_without(p.touched, "record_id", record("b"))),
    "1 marks are of records": lambda p: replace(p, touched=_without(p.touched, "record_id", record("c"))),
    "1 customers are touched, and records of theirs": lambda p: replace(p, touched=_without(p.touched, "record_id", record("b"))),
    "matching pairs lead out": lambda p: replace(p, touched=_without(p.touched, "record_id", record("b"))),
    "1 customer ids are borne by a customer who was not": lambda p: replace(
        p, aliases=pd.DataFrame([(u("f"), p.customers["customer_id"].iloc[0])], columns=["customer_id", "became"])
    ),
}


@pytest.mark.parametrize("told", WRONG)
def test_a_part_that_is_not_closed_is_refused(story: Story, told: str) -> None:
    story.run("ab c de f")
    prepared = WRONG[told](story.prepared("abc de f", only_touched=True))
    before = story.warehouse.digest()
    with pytest.raises(DoesNotAddUp, match=told):
        publish(story.warehouse.resolver, prepared)
    assert story.warehouse.digest() == before


def test_a_touched_record_that_is_live_may_not_lose_its_customer(story: Story) -> None:
    story.run("ab c de f")
    prepared = story.prepared("abc de f", only_touched=True)
    without = replace(
        prepared,
        memberships=_without(prepared.memberships, "record_id", record("c")),
        customers=prepared.customers.assign(record_count=2),
    )
    with pytest.raises(DoesNotAddUp, match="1 live records would have no customer"):
        publish(story.warehouse.resolver, without)


def test_the_first_publication_may_be_a_part(both: tuple[Story, Story]) -> None:
    whole, part = both
    part.run("ab c", only_touched=True)
    whole.run("ab c")
    assert whole.warehouse.digest() == part.warehouse.digest()


def test_a_part_follows_a_run_that_counted_less(both: tuple[Story, Story]) -> None:
    for story in both:
        story.run("ab c de")
        story.warehouse.query("UPDATE ops.resolve_run SET report = report - 'shared_records' RETURNING 1")
        assert snapshot.identities(story.warehouse.resolver, [record("a")]).published["shared_records"] == 4
    told_alike(both, "ab cde")
