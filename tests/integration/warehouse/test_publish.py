"""Publishing is all or nothing, writes only what differs, and again is the same."""

from dataclasses import replace
from typing import Any

import pytest

from include.errors import Conflict
from include.warehouse import promotions, snapshot
from include.warehouse.engine import transaction
from include.warehouse.errors import DoesNotAddUp
from include.warehouse.publish import Publication, PublishReport, publish, table_hash, weigh
from tests.integration.warehouse.conftest import Warehouse, record, said
from tests.integration.warehouse.publications import customer_id, publication

pytestmark = pytest.mark.integration


class Shop:
    """A warehouse with live records a..e, and its publications."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.engine = warehouse.resolver
        landed = warehouse.land(1, list("abcde"))
        warehouse.stage([said(name, 1, name.upper()) for name in "abcde"], landed.manifest_id)

    def prepared(self, groups: dict[str, Any], **more: Any) -> Publication:
        return publication(self.engine, groups, **more)

    def published(self, groups: dict[str, Any], **more: Any) -> PublishReport:
        return publish(self.engine, self.prepared(groups, **more))

    def changes(self, sequence: int) -> list[tuple[Any, ...]]:
        return self.warehouse.query(
            "SELECT change, customer_id::text, fields, became::text FROM golden.customer_change"
            " WHERE sequence = :s ORDER BY change_id",
            s=sequence,
        )


@pytest.fixture
def shop(warehouse: Warehouse) -> Shop:
    return Shop(warehouse)


FIRST = {"a": "ab", "c": "c", "d": "de"}


def test_the_first_publication_fills_the_golden_table(shop: Shop) -> None:
    report = shop.published(FIRST)
    assert (report.sequence, report.fresh) == (1, True)
    assert report.counts == {
        "pairs": 2, "customers": 3, "live_records": 5, "shared_records": 4,
        "created": 3, "updated": 0, "merged": 0, "split": 0, "retired": 0, "redirected": 0,
    }  # fmt: skip
    rows = shop.warehouse.query("SELECT full_name, emails, record_count FROM golden.customer ORDER BY full_name")
    assert rows == [
        ("a", ["a@example.org", "b@example.org"], 2),
        ("c", ["c@example.org"], 1),
        ("d", ["d@example.org", "e@example.org"], 2),
    ]
    assert shop.warehouse.marks() == []
    assert dict(snapshot.crosswalk(shop.engine)[["record_id", "customer_id"]].itertuples(index=False)) == {
        record(r): customer_id(a) for a, members in FIRST.items() for r in members
    }


def test_the_content_hash_is_the_sum_of_the_row_hashes(shop: Shop) -> None:
    prepared = shop.prepared(FIRST)
    report = publish(shop.engine, prepared)
    total = sum(int.from_bytes(h, "big") for h in prepared.customers["row_hash"]) % 2**256
    assert report.content_hash == f"{total:064x}" == table_hash(shop.engine)


def test_an_empty_golden_table_hashes_to_zeros(warehouse: Warehouse) -> None:
    assert table_hash(warehouse.resolver) == "0" * 64


def test_the_same_state_again_changes_nothing_but_the_run_list(shop: Shop) -> None:
    first = shop.published(FIRST)
    before = shop.warehouse.digest()
    written = shop.warehouse.query("SELECT xmin::text, customer_id::text FROM golden.customer ORDER BY 2")
    second = shop.published(FIRST)
    after = shop.warehouse.digest()
    assert (second.content_hash, second.sequence) == (first.content_hash, 2)
    assert {name for name in after if after[name] != before[name]} == {"ops.resolve_run"}
    assert shop.warehouse.query("SELECT xmin::text, customer_id::text FROM golden.customer ORDER BY 2") == written
    assert shop.changes(2) == []


def test_publishing_one_run_twice_is_publishing_it_once(shop: Shop) -> None:
    prepared = shop.prepared(FIRST)
    first = publish(shop.engine, prepared)
    before = shop.warehouse.digest()
    again = publish(shop.engine, prepared)
    assert again == replace(first, fresh=False)
    assert shop.warehouse.digest() == before


def test_a_run_weighed_by_a_model_that_was_replaced_meanwhile_is_refused(shop: Shop) -> None:
    for model in ("m1", "m2"):
        snapshot.save_model(shop.engine, model, {})
    shop.published(FIRST)
    shop.warehouse.stage([said("a", 2, "A")])
    weighed = shop.prepared(FIRST)
    word = {"actor": "mara", "reason": "it knows more", "approved_by": None, "share": 0.0}
    assert promotions.promote(shop.engine, promotions.Promotion("promote", "once", "m2", "m1", **word))
    before = shop.warehouse.digest()
    for doing in (weigh, publish):
        with pytest.raises(Conflict, match=r"weighed by the match model m1, but m2 .* Run resolve_customers again"):
            doing(shop.engine, weighed)
    assert shop.warehouse.digest() == before
    assert publish(shop.engine, replace(weighed, model_version="m2")).fresh


def test_a_run_computed_from_an_older_state_is_refused(shop: Shop) -> None:
    stale = shop.prepared({"a": "a", "b": "b", "c": "c", "d": "d", "e": "e"})
    shop.published(FIRST)
    before = shop.warehouse.digest()
    with pytest.raises(Conflict, match="start the run again"):
        publish(shop.engine, stale)
    assert shop.warehouse.digest() == before


def test_a_changed_customer_is_updated_and_the_fields_are_named(shop: Shop) -> None:
    shop.published(FIRST)
    report = shop.published(FIRST, names={"a": "Anna"})
    assert shop.changes(2) == [("updated", customer_id("a"), ["full_name"], None)]
    assert report.counts["updated"] == 1
    history = shop.warehouse.query(
        "SELECT from_sequence, to_sequence, \"row\" ->> 'full_name' FROM golden.customer_history"
        " WHERE customer_id = :c ORDER BY 1",
        c=customer_id("a"),
    )
    assert history == [(1, 2, "a"), (2, None, "Anna")]
    kept = shop.warehouse.query(
        'SELECT from_sequence, "row" IS NULL FROM golden.customer_period WHERE customer_id = :c ORDER BY 1', c=customer_id("a")
    )
    assert kept == [(1, False), (2, True)], "what holds is in golden.customer, and kept once"


def test_a_merge_leaves_an_alias_and_a_trace(shop: Shop) -> None:
    shop.published(FIRST)
    report = shop.published({"a": "abc", "d": "de"}, aliases={"c": "a"})
    assert (report.counts["merged"], report.counts["updated"]) == (1, 1)
    assert ("merged", customer_id("c"), [], customer_id("a")) in shop.changes(2)
    assert snapshot.resolve(shop.engine, customer_id("c")) == customer_id("a")
    membership = shop.warehouse.query(
        "SELECT customer_id::text, from_sequence, to_sequence FROM identity.membership WHERE record_id = :r ORDER BY 2",
        r=record("c"),
    )
    assert membership == [(customer_id("c"), 1, 2), (customer_id("a"), 2, None)]


def test_a_split_is_told_from_a_new_customer(shop: Shop) -> None:
    shop.published(FIRST)
    landed = shop.warehouse.land(2, ["f"])
    shop.warehouse.stage([said("f", 2, "F")], landed.manifest_id)
    report = shop.published({"a": "a", "b": "b", "c": "c", "d": "de", "f": "f"})
    assert (report.counts["split"], report.counts["created"], report.counts["updated"]) == (1, 1, 1)
    assert {(change, who) for change, who, _, _ in shop.changes(2)} == {
        ("created", customer_id("f")), ("split", customer_id("b")), ("updated", customer_id("a"))
    }  # fmt: skip


def test_an_id_that_comes_back_after_a_split_is_no_alias_any_more(shop: Shop) -> None:
    shop.published(FIRST)
    shop.published({"a": "abc", "d": "de"}, aliases={"c": "a"})
    shop.published(FIRST)
    assert snapshot.aliases(shop.engine).empty
    assert snapshot.resolve(shop.engine, customer_id("c")) == customer_id("c")


def test_a_customer_whose_records_are_gone_is_retired_and_its_id_answers_nobody(shop: Shop) -> None:
    shop.published(FIRST)
    shop.warehouse.stage([said("c", 3, None)])
    report = shop.published({"a": "ab", "d": "de"})
    assert (report.counts["retired"], report.counts["live_records"]) == (1, 4)
    assert snapshot.resolve(shop.engine, customer_id("c")) is None
    assert customer_id("c") in set(snapshot.ledger(shop.engine)["customer_id"])
    assert record("c") not in set(snapshot.previous_memberships(shop.engine)["record_id"])


def test_a_mark_made_while_the_run_was_on_its_way_stays(shop: Shop) -> None:
    prepared = shop.prepared(FIRST)
    landed = shop.warehouse.land(2, ["late"])
    shop.warehouse.stage([said("late", 2, "L"), said("a", 2, "A changed"), said("e", 2, None)], landed.manifest_id)
    publish(shop.engine, prepared)  # knows nothing of it
    assert [r for r, _ in shop.warehouse.marks()] == sorted([record("late"), record("a"), record("e")])


def test_a_live_record_without_customer_stops_everything(shop: Shop) -> None:
    before = shop.warehouse.digest()
    with pytest.raises(DoesNotAddUp, match="1 live records would have no customer"):
        shop.published({"a": "ab", "c": "c", "d": "d"})
    assert shop.warehouse.digest() == before


def test_a_record_that_is_gone_may_not_keep_its_customer(shop: Shop) -> None:
    shop.warehouse.stage([said("e", 2, None)])
    with pytest.raises(DoesNotAddUp, match="1 records that are gone"):
        shop.published(FIRST)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            lambda p: replace(p, memberships=p.memberships[p.memberships["record_id"] != record("c")]),
            "1 customers have no record",
        ),
        (
            lambda p: replace(p, customers=p.customers[p.customers["full_name"] != "d"]),
            "2 records belong to a customer who is not",
        ),
        (lambda p: replace(p, customers=p.customers.assign(record_count=1)), "2 customers count other records"),
        (lambda p: replace(p, minted=p.minted.iloc[:1]), "2 customer ids are neither"),
        (lambda p: replace(p, aliases=p.minted.set_axis(["customer_id", "became"], axis=1)), "3 aliases lead"),
        (lambda p: replace(p, memberships=p.memberships.iloc[[0, 0, 1, 2, 3, 4]]), "1 records or customers stand twice"),
    ],
)
def test_a_publication_that_contradicts_itself_is_refused(shop: Shop, wrong: Any, told: str) -> None:
    before = shop.warehouse.digest()
    with pytest.raises(DoesNotAddUp, match=told):
        publish(shop.engine, wrong(shop.prepared(FIRST)))
    assert shop.warehouse.digest() == before


def test_only_the_edges_that_differ_are_written(shop: Shop) -> None:
    shop.published(FIRST)
    written = shop.warehouse.query(
        "SELECT xmin::text, record_a FROM identity.edge WHERE :d IN (record_a::text, record_b::text)", d=record("d")
    )
    shop.published({"a": "abc", "d": "de"}, aliases={"c": "a"})
    assert len(snapshot.edges(shop.engine)) == 3
    again = shop.warehouse.query(
        "SELECT xmin::text, record_a FROM identity.edge WHERE :d IN (record_a::text, record_b::text)", d=record("d")
    )
    assert written == again
    assert len(written) == 1


def test_a_publication_of_nobody_is_fine(warehouse: Warehouse) -> None:
    report = publish(warehouse.resolver, publication(warehouse.resolver, {}))
    assert (report.counts["customers"], report.content_hash) == (0, "0" * 64)


def test_publishing_inside_the_callers_transaction_is_undone_with_it(shop: Shop) -> None:
    prepared, before = shop.prepared(FIRST), shop.warehouse.digest()
    with transaction(shop.engine, "testing") as connection:
        publish(connection, prepared)
        connection.rollback()
    assert shop.warehouse.digest() == before
