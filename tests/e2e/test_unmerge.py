"""A steward's split and merge, carried out by the resolve Dag on a live scheduler, and undone again by the next run of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from local.demo import RESOLVE
from tests.e2e.conftest import Synced
from tests.e2e.driver import Suki, wait

pytestmark = [pytest.mark.e2e, pytest.mark.long]

_TWO_RECORDS = """
SELECT c.customer_id::text, array_agg(r.record_id::text ORDER BY r.record_id)
  FROM golden.customer c JOIN golden.crosswalk x USING (customer_id)
  JOIN staging.current_record r ON r.record_id = x.record_id
 WHERE c.record_count = 2 AND r.emails IS NOT NULL
   AND EXISTS (SELECT 1 FROM golden.customer_interaction i WHERE i.customer_record_id = x.record_id)
 GROUP BY 1 HAVING count(*) = 2
 ORDER BY count(DISTINCT r.email_consent) DESC, count(r.email_consent) DESC, 1 LIMIT 1"""
"""A customer of two records who both did something; rather one of whom each record answered to e-mail, and otherwise."""
_ANSWERED = """
SELECT c.customer_id::text, c.record_count FROM golden.customer c JOIN golden.v_consent v USING (customer_id)
 WHERE c.region = 'europe' AND v.channel = 'email' AND v.state = %s AND c.customer_id::text <> %s
   AND EXISTS (SELECT 1 FROM golden.customer_interaction i WHERE i.customer_id = c.customer_id)
 ORDER BY c.record_count, 1 LIMIT 1"""
"""A customer who answered so to e-mail and did something."""
_PICTURE = (
    "golden.customer", "golden.crosswalk", "golden.proof", "golden.v_consent", "golden.customer_interaction", "identity.edge",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What the change feed tells of a customer."""

    change: str
    became: str | None
    split_from: tuple[str, ...]
    gained: frozenset[str]
    lost: frozenset[str]


@dataclass(frozen=True)
class Seen:
    """What stands after a run of the resolve Dag; all by customer, of those whom the chapter is about."""

    states: dict[str, str]
    sequence: int
    picture: dict[str, str]
    golden: str
    whose: dict[str, str]
    """Record > customer."""
    values: dict[str, tuple[int, frozenset[str], frozenset[str]]]
    """Records, e-mail addresses, sources."""
    interactions: dict[str, int]
    consent: dict[str, str]
    history: dict[str, list[tuple[int, int | None, Any]]]
    """From which publication to which it was believed, and what."""
    feed: dict[str, Told]
    """What was published since the look before."""


@dataclass(frozen=True)
class Unmerged:
    """Before, with both decisions carried out, and with both withdrawn."""

    whole: str
    """The customer who is split."""
    parts: tuple[str, str]
    """The records of it; the second is split off."""
    granted: str
    refused: str
    """The two customers who are merged."""
    before: Seen
    carried: Seen
    undone: Seen
    resolved: dict[str, str]
    """What ``suki resolve`` says, with both carried out, of ids that came or went."""


@contextmanager
def paused(suki: Suki) -> Iterator[None]:
    """The hourly sweep may come at any moment: of two decisions it takes both or none."""
    suki.platform.api.call("PATCH", f"/dags/{RESOLVE}", {"is_paused": True})
    try:
        suki.until_quiet()
        yield
    finally:
        suki.platform.api.call("PATCH", f"/dags/{RESOLVE}", {"is_paused": False})


def resolved(suki: Suki, run_id: str) -> dict[str, str]:
    """Have the Dag run; returns the tasks' states of the run that published, which is the sweep's where that came first."""
    suki.platform.api.start(RESOLVE, run_id, {})
    wait(lambda: suki.state(RESOLVE, run_id) in ("success", "failed"), f"{run_id} to end")
    assert suki.state(RESOLVE, run_id) == "success"
    suki.until_quiet()
    ((published,),) = suki.ask("SELECT run_id FROM ops.resolve_run WHERE status = 'published' ORDER BY sequence DESC LIMIT 1")
    return {name: task["state"] for name, task in suki.tasks(RESOLVE, published).items()}


def look(suki: Suki, customers: list[str], records: list[str], states: dict[str, str], since: int) -> Seen:
    whose = dict(
        suki.ask("SELECT record_id::text, customer_id::text FROM golden.crosswalk WHERE record_id::text = ANY(%s)", records)
    )
    about = sorted({*customers, *whose.values()})
    digest = "SELECT md5(string_agg(row, ',' ORDER BY row)) FROM (SELECT to_jsonb(t)::text AS row FROM {} t) r"
    values = suki.ask(
        "SELECT customer_id::text, record_count, emails, sources FROM golden.customer WHERE customer_id::text = ANY(%s)", about
    )
    interactions = suki.ask(
        "SELECT customer_id::text, count(*) FROM golden.customer_interaction WHERE customer_id::text = ANY(%s) GROUP BY 1", about
    )
    consent = suki.ask(
        "SELECT customer_id::text, state FROM golden.v_consent WHERE channel = 'email' AND customer_id::text = ANY(%s)", about
    )
    history: dict[str, list[tuple[int, int | None, Any]]] = {}
    for customer, start, end, row in suki.ask(
        'SELECT customer_id::text, from_sequence, to_sequence, "row" FROM golden.customer_history'
        " WHERE customer_id::text = ANY(%s) ORDER BY 2", about,
    ):  # fmt: skip
        history.setdefault(customer, []).append((start, end, row))
    feed = suki.ask(
        "SELECT customer_id::text, change, became::text, split_from::text[], gained::text[], lost::text[]"
        " FROM golden.customer_change WHERE sequence > %s", since,
    )  # fmt: skip
    return Seen(
        states=states,
        sequence=suki.ask("SELECT max(sequence) FROM ops.resolve_run WHERE status = 'published'")[0][0],
        picture={table: str(suki.ask(digest.format(table))[0][0]) for table in _PICTURE},
        golden=suki.golden(),
        whose=whose,
        values={customer: (n, frozenset(emails or ()), frozenset(sources)) for customer, n, emails, sources in values},
        interactions=dict(interactions),
        consent=dict(consent),
        history=history,
        feed={
            customer: Told(change, became, tuple(split or ()), frozenset(gained or ()), frozenset(lost or ()))
            for customer, change, became, split, gained, lost in feed
        },
    )


def decided(suki: Suki, *words: str) -> str:
    """Say it, as a steward does; returns the ruling's id."""
    said = suki.command(*words, "--actor", "Ana", "--reason", "rang them up")
    assert said.returncode == 0, said.stderr
    return re.findall(r"(?:Split|Merge) (\S+): \d+ decision", said.stdout)[0]


@pytest.fixture(scope="module")
def unmerged(suki: Suki, synced: Synced) -> Unmerged:
    """Both decisions in one run, both withdrawn in the next."""
    suki.until_quiet()  # no run of a chapter before this one is about
    ((whole, (first, second)),) = suki.ask(_TWO_RECORDS)
    granted, refused = (suki.ask(_ANSWERED, state, whole)[0][0] for state in ("granted", "refused"))
    customers = [whole, granted, refused]
    held = "SELECT record_id::text FROM golden.crosswalk WHERE customer_id::text = ANY(%s)"
    records = [record for (record,) in suki.ask(held, customers)]
    mark = suki.ask("SELECT max(sequence) FROM ops.resolve_run")[0][0]
    before = look(suki, customers, records, {}, mark)

    with paused(suki):
        rulings = [decided(suki, "split", whole, second), decided(suki, "merge", granted, refused)]
    carried = look(suki, customers, records, resolved(suki, "carried_out"), before.sequence)
    told = {one: suki.command("resolve", one).stdout for one in {*customers, *carried.whose.values()}}
    with paused(suki):
        for ruling in rulings:
            said = suki.command("withdraw", ruling, "--actor", "Ana", "--reason", "it was another")
            assert said.returncode == 0, said.stderr
    about = [*customers, *carried.whose.values()]
    undone = look(suki, about, records, resolved(suki, "undone"), carried.sequence)
    return Unmerged(whole, (first, second), granted, refused, before, carried, undone, told)


def test_a_run_of_the_dag_carries_them_out_and_the_next_one_undoes_them(unmerged: Unmerged):
    for seen in (unmerged.carried, unmerged.undone):
        assert seen.states["publish"] == seen.states["find_households"] == "success"
        assert seen.states["hold"] == "skipped"
    assert unmerged.before.sequence + 1 == unmerged.carried.sequence == unmerged.undone.sequence - 1


def test_a_split_gives_each_record_a_customer_with_its_own_values_interactions_and_consent(suki: Suki, unmerged: Unmerged):
    was, now = unmerged.before, unmerged.carried
    holders = [now.whose[record] for record in unmerged.parts]
    assert unmerged.whole in holders
    assert len(set(holders)) == 2
    of_record = "SELECT emails, source, email_consent FROM staging.current_record WHERE record_id::text = %s"
    acts = "SELECT count(*) FROM staging.interaction WHERE customer_record_id::text = %s AND NOT deleted"
    said = {True: "granted", False: "refused"}
    for record, holder in zip(unmerged.parts, holders, strict=True):
        ((emails, source, consent),) = suki.ask(of_record, record)
        assert now.values[holder] == (1, frozenset(emails), frozenset({source}))
        assert now.interactions[holder] == suki.ask(acts, record)[0][0] > 0
        assert consent is None or now.consent[holder] == said[consent]
    assert sum(now.interactions[holder] for holder in holders) == was.interactions[unmerged.whole]


def test_a_merge_gives_one_customer_what_both_had_and_the_most_restrictive_consent(unmerged: Unmerged):
    was, now, pair = unmerged.before, unmerged.carried, (unmerged.granted, unmerged.refused)
    (one,) = {now.whose[record] for record, holder in was.whose.items() if holder in pair}
    assert one in pair
    (gone,) = {*pair} - {one}
    assert gone not in now.values
    records, emails, sources = now.values[one]
    assert records == sum(was.values[each][0] for each in pair)
    assert emails == was.values[pair[0]][1] | was.values[pair[1]][1]
    assert sources == was.values[pair[0]][2] | was.values[pair[1]][2]
    assert now.interactions[one] == sum(was.interactions[each] for each in pair)
    assert [was.consent[each] for each in pair] == ["granted", "refused"]
    assert now.consent[one] == "refused"
    assert f"{gone} is {one} now" in unmerged.resolved[gone]


def test_the_change_feed_tells_both_ways_in_ids_alone(unmerged: Unmerged):
    was, now = unmerged.before, unmerged.carried
    (left,) = {now.whose[record] for record in unmerged.parts} - {unmerged.whole}
    (one,) = {now.whose[record] for record, holder in was.whose.items() if holder in (unmerged.granted, unmerged.refused)}
    (gone,) = {unmerged.granted, unmerged.refused} - {one}
    moved = frozenset(record for record in unmerged.parts if now.whose[record] == left)
    theirs = frozenset(record for record, holder in was.whose.items() if holder == gone)
    assert now.feed == {
        left: Told("split", None, (unmerged.whole,), moved, frozenset()),
        unmerged.whole: Told("updated", None, (), frozenset(), moved),
        gone: Told("merged", one, (), frozenset(), theirs),
        one: Told("updated", None, (), theirs, frozenset()),
    }
    assert unmerged.undone.feed == {
        left: Told("merged", unmerged.whole, (), frozenset(), moved),
        unmerged.whole: Told("updated", None, (), moved, frozenset()),
        gone: Told("split", None, (one,), theirs, frozenset()),
        one: Told("updated", None, (), frozenset(), theirs),
    }


def test_undone_everything_is_as_before(unmerged: Unmerged):
    was, now = unmerged.before, unmerged.undone
    assert unmerged.carried.golden != was.golden == now.golden
    assert {table for table in _PICTURE if was.picture[table] != now.picture[table]} == set()
    assert now.whose == was.whose
    for then, after in ((was.values, now.values), (was.interactions, now.interactions), (was.consent, now.consent)):
        assert after == then


def test_the_history_says_what_was_believed_in_between(unmerged: Unmerged):
    was, now, split, back = unmerged.before, unmerged.undone, unmerged.carried.sequence, unmerged.undone.sequence
    (left,) = {unmerged.carried.whose[record] for record in unmerged.parts} - {unmerged.whole}
    for customer in (unmerged.whole, unmerged.granted, unmerged.refused):
        *older, (start, end, row) = was.history[customer]
        assert end is None
        stayed = customer in unmerged.carried.values
        between = [row for begin, until, row in now.history[customer] if (begin, until) == (split, back)]
        assert len(between) == (1 if stayed else 0)
        assert now.history[customer] == [
            *older, (start, split, row), *((split, back, other) for other in between), (back, None, row)
        ]  # fmt: skip
        assert row not in between
    assert [(begin, until) for begin, until, _ in now.history[left]] == [(split, back)]
