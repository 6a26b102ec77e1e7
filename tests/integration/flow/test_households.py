"""Who lives together and who registered again is found after publishing, against the truth of a sample world."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from include.golden.households import find
from include.golden.repeat_registrations import score
from include.privacy.regions import comparable
from include.warehouse import households
from include.warehouse.bulk import as_hash, statement, sum_of_hashes
from local import summary
from suki import connections
from tests.integration.flow.world import World

pytestmark = pytest.mark.integration

TABLES = ("golden.household", "golden.household_member", "golden.household_tie", "golden.repeat_registration")


def test_households_and_repeat_registrations_are_those_of_the_sample(synced: World, sample_truth: Path) -> None:
    told = summary.summarise(synced.url, sample_truth, [])
    assert told.households["precision"] >= 0.9
    assert told.households["recall"] >= 0.4  # a third of the people who live together never told anybody where
    assert told.repeats["precision"] >= 0.9
    assert told.repeats["recall"] >= 0.5


def test_what_did_not_change_stands_since_the_publication_that_found_it(synced: World) -> None:
    ((first, last),) = synced.query("SELECT min(since_sequence), max(since_sequence) FROM golden.household_member")
    assert (first, last) == (1, 2)


def test_every_member_has_a_tie_and_every_household_its_members(synced: World) -> None:
    assert synced.query("SELECT count(*) FROM golden.household")[0][0] > 5
    alone = synced.query(
        "SELECT customer_id FROM golden.household_member AS m WHERE NOT EXISTS (SELECT FROM golden.household_tie AS t"
        " WHERE t.household_id = m.household_id AND m.customer_id IN (t.customer_a, t.customer_b))"
    )
    miscounted = synced.query(
        "SELECT household_id FROM golden.household FULL JOIN"
        " (SELECT household_id, count(*) AS n FROM golden.household_member GROUP BY household_id) AS held USING (household_id)"
        " WHERE members IS DISTINCT FROM n"
    )
    assert (alone, miscounted) == ([], [])


def test_a_customer_who_moves_away_leaves_the_household(synced: World, copy_of: Callable[[World], World]) -> None:
    world = copy_of(synced)
    before = dict(world.query("SELECT customer_id::text, household_id::text FROM golden.household_member"))
    ((leaver, household),) = world.query(
        "SELECT min(customer_id::text), household_id::text FROM golden.household_member GROUP BY household_id"
        " HAVING count(*) = 2 ORDER BY 2 LIMIT 1"
    )
    world.query(
        "UPDATE staging.record_version AS said SET house_number = '1', street_key = 'elsewhere', address_line = '1 Elsewhere',"
        " phones = '{}', email_keys = '{}' FROM golden.crosswalk AS placed WHERE placed.record_id = said.record_id"
        " AND placed.customer_id = :c RETURNING 1",
        c=leaver,
    )
    world.execute(
        "INSERT INTO staging.dirty_record (record_id, reason)"
        " SELECT record_id, 'test' FROM golden.crosswalk WHERE customer_id = :c",
        c=leaver,
    )
    world.resolve("after the move")
    after = dict(world.query("SELECT customer_id::text, household_id::text FROM golden.household_member"))
    assert household not in after.values()
    gone = {customer for customer, home in before.items() if home == household}
    assert {customer: home for customer, home in after.items() if customer not in gone} == {
        customer: home for customer, home in before.items() if customer not in gone
    }


def test_who_lived_with_somebody_that_is_gone_lives_with_nobody(synced: World, copy_of: Callable[[World], World]) -> None:
    world = copy_of(synced)
    ((gone, left, household),) = world.query(
        "SELECT min(customer_id::text), max(customer_id::text), household_id::text FROM golden.household_member"
        " GROUP BY household_id HAVING count(*) = 2 ORDER BY 3 LIMIT 1"
    )
    records = "(SELECT record_id FROM golden.crosswalk WHERE customer_id = :c)"
    marked = f"INSERT INTO staging.dirty_record (record_id, reason) SELECT record_id, 'test' FROM {records} AS theirs"
    world.execute(marked, c=gone)
    world.execute(f"UPDATE staging.record_version SET deleted = true WHERE record_id IN {records}", c=gone)
    world.resolve("after the deletion")
    assert world.query("SELECT count(*) FROM golden.customer WHERE customer_id = :c", c=gone) == [(0,)]
    assert world.query("SELECT count(*) FROM golden.household_member WHERE customer_id = :c", c=left) == [(0,)]
    assert world.query("SELECT count(*) FROM golden.household WHERE household_id = :h", h=household) == [(0,)]


_MOVED = """
INSERT INTO staging.record_version
SELECT (jsonb_populate_record(own, jsonb_build_object(
    'phones', other.phones, 'address_line', other.address_line, 'house_number', other.house_number,
    'street_key', other.street_key, 'city', other.city, 'postcode', other.postcode, 'source_time', '2026-09-01T00:00:00Z',
    'confirmed_at', '2026-09-01T00:00:00Z', 'confirmed_on', '2026-09-01'
))).*, CAST('{}' AS integer[])
FROM (SELECT *, row_number() OVER (ORDER BY record_id) AS number FROM staging.current_record) AS numbered
JOIN staging.current_record AS own ON own.record_id = numbered.record_id
JOIN (SELECT *, row_number() OVER (ORDER BY record_id) AS number FROM staging.current_record) AS beside
    ON beside.number = numbered.number + :apart
JOIN staging.current_record AS other ON other.record_id = beside.record_id
WHERE numbered.number % :every = 0
RETURNING record_id::text
"""


_ORDERED = """
UPDATE staging.interaction
SET occurred_at = occurred_at - make_interval(days => :every), details = coalesce(details, '{}') || '{"promotions": ["AGAIN"]}'
WHERE
    interaction_type IN ('order', 'receipt')
    AND customer_record_id IN (
        SELECT record_id FROM golden.crosswalk JOIN golden.repeat_registration USING (customer_id, source)
        WHERE ascii(right(customer_id::text, 1)) % 3 = :apart % 3
    )
"""


_MARKED = """
INSERT INTO staging.order_mark (customer_record_id)
SELECT customer_record_id FROM staging.interaction WHERE customer_record_id IS NOT NULL
"""


def stored(world: World) -> list[list[tuple[Any, ...]]]:
    columns = {"household_member": "customer_id::text, household_id::text, worth",
               "household_tie": "customer_a::text, customer_b::text, household_id::text, evidence, worth",
               "repeat_registration": "customer_id::text, source, accounts, score, evidence::text"}  # fmt: skip
    return [sorted(world.query(f"SELECT {names} FROM golden.{table}")) for table, names in columns.items()]


def found_whole(world: World) -> list[list[tuple[Any, ...]]]:
    with world.connected(), connections.warehouse("suki_resolve", "reading") as warehouse:
        living, accounts = households.read(warehouse), households.read_accounts(warehouse)
    found = find(living.residents, living.doubtful, living.previous, comparable())
    moments = accounts.held["first_seen_at"].fillna(accounts.held["first_source_time"])
    repeats = score(accounts.held.assign(registered_at=moments), accounts.first_orders)
    repeats = repeats[["customer_id", "source", "accounts", "score", "evidence"]]
    ((evidence,),) = world.query(
        "SELECT array_agg(told::text ORDER BY n) FROM jsonb_array_elements(CAST(:all AS jsonb)) WITH ORDINALITY AS one (told, n)",
        all=json.dumps(repeats["evidence"].tolist()),
    )
    frames = (found.members, found.ties, repeats.assign(evidence=evidence))
    return [sorted(tuple(row) for row in frame.to_numpy()) for frame in frames]


def hashed_whole(world: World) -> str:
    with world.connected(), connections.warehouse("suki_resolve", "reading") as warehouse:
        return as_hash(sum_of_hashes(warehouse, statement("household_hashes", tied="true", resident="true", again="true")))


def test_after_a_change_the_households_are_those_that_reading_everybody_finds(
    synced: World, copy_of: Callable[[World], World]
) -> None:
    """Some records say another's home and phone, some accounts ordered otherwise; only who is near them is read."""
    assert stored(synced) == found_whole(synced), "the second run of this world found only what was near its days"
    seen = [stored(synced)]
    for apart, every in ((1, 60), (7, 45), (2, 20)):
        world = copy_of(synced)
        moved = [record for (record,) in world.query(_MOVED, apart=apart, every=every)]
        world.execute(_ORDERED, apart=apart, every=every)
        world.execute(_MARKED)
        world.execute(
            "INSERT INTO staging.dirty_record (record_id, reason) SELECT unnest(CAST(:ids AS uuid[])), 'test'", ids=moved
        )
        reference = world.resolve("moved")
        assert reference is not None
        ((records,),) = world.query("SELECT count(*) FROM golden.crosswalk")
        assert reference["counts"]["residents_read"] < records, "a part was read"
        assert stored(world) == found_whole(world)
        assert world.query("SELECT count(*) FROM staging.order_mark") == [(0,)], "they were looked at"
        ((content_hash,),) = world.query("SELECT content_hash FROM ops.household_run ORDER BY recorded_at DESC LIMIT 1")
        assert content_hash == hashed_whole(world), "it is reckoned from the one before"
        seen.append(stored(world))
    for of in zip(*seen, strict=True):
        assert of.count(of[0]) < len(of), "somebody moved in or out, or ordered"
