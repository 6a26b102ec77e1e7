"""After a change only whose households it may alter is looked at, and households are those that looking at everybody finds."""

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from include.golden.households import RESIDENT_COLUMNS, Households, find
from include.golden.moving import SAID_COLUMNS, Reach, within_reach
from include.golden.partition import concerned
from include.golden.restless import Key, restless
from tests.unit.golden.test_households import ELSEWHERE, HOME, resident

Rows = dict[str, dict[str, Any]]
Doubts = set[tuple[str, str]]


def holdings(row: dict[str, Any]) -> set[Any]:
    home = {("home", row["house_number"], row["street_key"], row["city"])} if row["street_key"] else set()
    return home | {*row["phones"], *row["email_keys"]}


def framed(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(RESIDENT_COLUMNS))


def doubtful(doubts: Doubts) -> pd.DataFrame:
    return pd.DataFrame(sorted(doubts), columns=["customer_a", "customer_b"], dtype=object)


@dataclass
class Change:
    """The records before and after something changed, each with the pairs of customers who may be one."""

    before: Rows
    after: Rows
    doubts: tuple[Doubts, Doubts] = field(default_factory=lambda: (set(), set()))
    read: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.stood = find(framed(self.before.values()), doubtful(self.doubts[0]))
        self.live = {row["customer_id"] for row in self.after.values()}
        self.gone = {row["customer_id"] for row in self.before.values()} - self.live
        self.borne = self.stood.members[self.stood.members["customer_id"].isin(self.live)]

    def whole(self) -> Households:
        return find(framed(self.after.values()), doubtful(self.doubts[1]), self.borne)

    def records_concerned(self) -> set[str]:
        doubted = {who for pair in self.doubts[0] ^ self.doubts[1] for who in pair}
        differ = {
            record
            for record, row in (self.before | self.after).items()
            if self.before.get(record) != self.after.get(record) or row["customer_id"] in doubted
        }
        members = [
            pd.DataFrame([(row["record_id"], row["customer_id"]) for row in rows.values()], columns=["record_id", "customer_id"])
            for rows in (self.before, self.after)
        ]
        return set(concerned(pd.Index(sorted(differ), dtype=object), *members))

    def said(self, records: set[str]) -> pd.DataFrame:
        rows = []
        for record in sorted(records):
            was, now = self.before.get(record), self.after.get(record)
            versions = [row for row in (was, now) if row is not None]
            if now is None:
                versions.append(versions[0] | {"deleted": True})
            for row in versions:
                sides = {"was": was and was["customer_id"], "now": now and now["customer_id"]}
                rows.append({"deleted": False} | row | sides)
        return pd.DataFrame(rows, columns=list(SAID_COLUMNS))

    def beside_records(self, records: set[str]) -> pd.DataFrame:
        versions = [rows[one] for one in records for rows in (self.before, self.after) if one in rows]
        held = set().union(*map(holdings, versions))
        near = {row["customer_id"] for record, row in self.after.items() if record in records or holdings(row) & held}
        return self.records(frozenset(near))

    def beside(self, customers: frozenset[str]) -> pd.DataFrame:
        return self.beside_records({record for record, row in self.after.items() if row["customer_id"] in customers})

    def records(self, customers: frozenset[str]) -> pd.DataFrame:
        self.read |= customers
        return framed(row for row in self.after.values() if row["customer_id"] in customers)

    def doubtful(self, customers: frozenset[str]) -> pd.DataFrame:
        return doubtful({pair for pair in self.doubts[1] if customers.intersection(pair)})

    def _homes(self, customers: frozenset[str]) -> "pd.Series[str]":
        members = self.stood.members
        homes: pd.Series[str] = members.loc[members["customer_id"].isin(customers), "household_id"]
        return homes

    def households(self, customers: frozenset[str]) -> pd.DataFrame:
        members = self.stood.members
        return members.loc[members["household_id"].isin(self._homes(customers)), ["customer_id", "household_id"]]

    def ties(self, customers: frozenset[str]) -> pd.DataFrame:
        return self.stood.ties[self.stood.ties["household_id"].isin(self._homes(customers))]

    def holders(self, keys: Sequence[Key]) -> Iterator[tuple[int, str]]:
        """As the warehouse answers it: of what a record that is there says or said."""
        for place, (kind, *value) in enumerate(keys):
            for record, row in self.after.items():
                versions = [rows[record] for rows in (self.before, self.after) if record in rows]
                home = [(one["street_key"], one["house_number"], one["city"]) for one in versions]
                if kind == "home":
                    found = (value[0], value[1], value[3]) in home
                else:
                    found = any(value[0] in one["phones" if kind == "phone" else "email_keys"] for one in versions)
                if found:
                    yield place, row["customer_id"]

    def doubted(self) -> pd.DataFrame:
        """A pair of records for each pair of customers that is doubted now and was not before, or the other way."""
        rows = self.before | self.after
        of = {row["customer_id"]: record for everybody in (self.before, self.after) for record, row in everybody.items()}
        pairs = [(of[a], of[b]) for a, b in sorted(self.doubts[0] ^ self.doubts[1]) if a in of and b in of]
        assert {one for pair in pairs for one in pair} <= rows.keys()
        return pd.DataFrame(pairs, columns=["record_a", "record_b"], dtype=object)

    def reach(self, most: float = math.inf) -> Reach | None:
        said = self.said(self.records_concerned())
        moving = restless(said, self.doubted(), self.holders)
        said = said[said["was"].isin(moving) | said["now"].isin(moving)]
        return within_reach(moving, said, self.beside_records(set(said["record_id"])), self, most)


def told(*frames: pd.DataFrame) -> list[tuple[str, ...]]:
    return sorted(tuple(map(str, row)) for row in pd.concat(frames).to_numpy())


def stays_equal(change: Change) -> Reach:
    """What is found within reach, and what is kept beyond, are the households that looking at everybody finds."""
    reach, whole = change.reach(), change.whole()
    assert reach is not None
    taken = frozenset(change.borne["household_id"])
    found = reach.found(change.borne[change.borne["customer_id"].isin(reach.customers)], taken.intersection)
    gone = reach.customers | change.gone
    others = change.stood.members[~change.stood.members["customer_id"].isin(gone)]
    kept = change.stood.ties[~change.stood.ties["customer_a"].isin(gone) & ~change.stood.ties["customer_b"].isin(gone)]
    assert told(found.members, others) == told(whole.members)
    assert told(found.ties, kept) == told(whole.ties)
    return reach


GIVEN = ["ana", "ben", "carla", "dan", "ed"]
_SAID = {
    "home": [HOME, ELSEWHERE, ("12", "rizal street", "quezon"), (None, None, None)],
    "phones": [[], ["+63281"], ["+63282"], ["+63281", "+63282"]],
    "email_keys": [[], ["a@example.org"], ["b@example.org"]],
    "family_key": ["reyes", "cruz", "santos", None],
    "unit": ["", "Unit 4B, ", "Unit 5, "],
}


def drawn_record(data: st.DataObject, record: str, who: str) -> dict[str, Any]:
    said = {name: data.draw(st.sampled_from(values)) for name, values in _SAID.items()}
    unit, family = said.pop("unit"), said.pop("family_key")
    row = resident(who, data.draw(st.sampled_from(GIVEN)), family, **said) | {"record_id": record}
    return row | {"address_line": row["address_line"] and unit + row["address_line"]}


@settings(max_examples=60, phases=[Phase.explicit, Phase.generate])
@given(st.data())
def test_whom_a_change_cannot_reach_live_as_they_did(data: st.DataObject):
    """A few people who share nearly everything with one another: a change reaches most of them."""
    people = "abcdefghijklmn"[: data.draw(st.integers(2, 14))]
    before = {f"r{who}{n}": drawn_record(data, f"r{who}{n}", who) for who in people for n in range(data.draw(st.integers(1, 2)))}
    after = dict(before)
    for record in data.draw(st.lists(st.sampled_from(sorted(before)), min_size=1, max_size=3, unique=True)):
        said = drawn_record(data, record, data.draw(st.sampled_from(people)))
        match data.draw(st.sampled_from(["says", "moves", "goes"])):
            case "says":
                after[record] = said | {"customer_id": before[record]["customer_id"]}
            case "moves":
                after[record] = before[record] | {"customer_id": said["customer_id"]}
            case "goes":
                del after[record]
    pairs = st.tuples(st.sampled_from(people), st.sampled_from(people)).filter(lambda pair: pair[0] < pair[1])
    doubts = tuple(data.draw(st.sets(pairs, max_size=3)) for _ in "ba")
    stays_equal(Change(before, after, doubts))  # type: ignore[arg-type]


def town(dice: random.Random, people: int, houses: int, phones: int) -> Rows:
    """People of few names who share houses and phones here and there, and moved now and then."""
    rows: Rows = {}
    for number in range(people):
        who = f"c{number:03}"
        for n in range(dice.choice((1, 1, 2))):
            rows[f"r{who}{n}"] = townsman(dice, f"r{who}{n}", who, houses, phones)
    return rows


def townsman(dice: random.Random, record: str, who: str, houses: int, phones: int) -> dict[str, Any]:
    home = (str(dice.randrange(houses)), "rizal street", "makati") if dice.random() < 0.8 else (None, None, None)
    held = [f"+6328{dice.randrange(phones)}"] if dice.random() < 0.4 else []
    mail = [f"{dice.randrange(phones)}@example.org"] if dice.random() < 0.2 else []
    family = dice.choice(["reyes", "cruz", "santos", "garcia lopez", "lopez", None])
    row = resident(who, dice.choice([*GIVEN, "flor", "gil", "hana"]), family, home=home, phones=held, email_keys=mail)
    unit = dice.choice(["", "", "", "Unit 4B, ", "Unit 5, "])
    return row | {"record_id": record, "address_line": row["address_line"] and unit + row["address_line"]}


def changed_town(dice: random.Random, rows: Rows, changes: int, houses: int, phones: int) -> Rows:
    after = dict(rows)
    for record in dice.sample(sorted(rows), changes):
        match dice.choice(["says", "says", "phone", "moves", "goes", "comes"]):
            case "says":
                after[record] = townsman(dice, record, rows[record]["customer_id"], houses, phones)
            case "phone":
                after[record] = rows[record] | {"phones": [f"+6328{dice.randrange(phones)}"]}
            case "moves":
                after[record] = rows[record] | {"customer_id": dice.choice(list(rows.values()))["customer_id"]}
            case "goes":
                del after[record]
            case "comes":
                after[f"new{record}"] = townsman(dice, f"new{record}", f"d{record}", houses, phones)
    return after


@settings(max_examples=40, phases=[Phase.explicit, Phase.generate])
@given(st.integers(0, 10**9), st.integers(1, 6), st.integers(10, 60), st.integers(4, 200))
def test_in_a_town_where_one_leads_to_the_next_they_live_as_they_did(seed: int, changes: int, houses: int, phones: int):
    """More people than live together, so that what is stored is met at the border of what is looked at."""
    dice = random.Random(seed)
    before = town(dice, 80, houses, phones)
    pairs = [tuple(sorted(dice.sample(sorted({row["customer_id"] for row in before.values()}), 2))) for _ in range(40)]
    doubts = (set(pairs[:36]), set(pairs[2:]))
    stays_equal(Change(before, changed_town(dice, before, changes, houses, phones), doubts))  # type: ignore[arg-type]


def street() -> Rows:
    """Each lived where the next one lives now."""
    return {
        f"r{n:02}-{home}": resident(
            f"c{n:02}", family=f"name{n}", home=(str(n + home), "rizal street", "makati"), record_id=f"r{n:02}-{home}"
        )
        for n in range(30)
        for home in (0, 1)
    }


def test_a_change_is_followed_no_further_than_somebody_lives_otherwise_for_it():
    """Ties lead from one end of the street to the other; a new phone at its beginning alters nobody's household."""
    before = street()
    change = Change(before, before | {"r00-0": before["r00-0"] | {"phones": ["+63289"]}})
    reach = stays_equal(change)
    assert reach.customers == frozenset()
    assert len(change.read) < 6
    moved = before["r10-0"] | {"house_number": "99"}
    reach = stays_equal(Change(before, before | {"r10-0": moved}))
    assert 0 < len(reach.customers) < 12


def test_who_comes_may_part_others_who_live_together():
    family = {f"r-{who}": resident(who, family=name, home=HOME) for who, name in (("a", "reyes"), ("b", "cruz"))}
    third = {"r-c": resident("c", family="santos", home=HOME)}
    assert "a" in stays_equal(Change(family, family | third)).customers, "three names at a number, and nobody lives together"
    assert "a" in stays_equal(Change(family | third, family)).customers
    names = {"a": "ana", "b": "ben", "c": "carla", "d": "diego", "e": "elena", "f": "fidel", "g": "hugo"}
    seven = {f"r-{who}": resident(who, name, phones=["+63281"]) for who, name in names.items()}
    seventh = {"r-g": seven.pop("r-g")}
    assert "a" in stays_equal(Change(seven, seven | seventh)).customers, "more than six hold it: nobody's"
    assert "a" in stays_equal(Change(seven | seventh, seven)).customers


def test_of_who_says_something_else_that_they_share_with_nobody_nobody_is_read():
    family = {f"r-{who}": resident(who, family="reyes", home=HOME, phones=[f"+6328{who}"]) for who in "abc"}
    change = Change(family, family | {"r-a": family["r-a"] | {"phones": ["+63289"], "email_keys": ["a@example.org"]}})
    assert stays_equal(change).customers == frozenset()
    assert change.read == set()
    alone = Change(family, family | {"r-d": resident("d", family="reyes", home=ELSEWHERE)})
    assert stays_equal(alone).customers == frozenset()
    assert alone.read == set()


def test_who_may_have_said_what_is_no_longer_known_is_looked_at() -> None:
    family = {f"r-{who}": resident(who, family="reyes", home=HOME) for who in "ab"}
    change = Change(family, family | {"r-c": resident("c", family="cruz", home=ELSEWHERE)})
    said = change.said(set(change.after))
    assert restless(said, change.doubted(), change.holders) == frozenset()
    assert restless(said, change.doubted(), change.holders, frozenset({"r-a"})) == {"a"}


@pytest.mark.parametrize("of", [{"given_key": "anna"}, {"birth_date": "1990-01-01"}])
def test_who_says_something_that_alters_no_tie_is_read_and_settled(of: dict[str, Any]):
    family = {f"r-{who}": resident(who, family="reyes", home=HOME) for who in "abc"}
    assert stays_equal(Change(family, family | {"r-a": family["r-a"] | of})).customers == frozenset()


def test_a_change_that_reaches_more_than_is_followed_is_given_up_before_they_are_read():
    before = street()
    change = Change(before, before | {record: row | {"house_number": "99"} for record, row in before.items() if record < "r05"})
    reach = change.reach()
    assert reach is not None
    assert change.reach(most=len(reach.customers)) is not None
    change.read.clear()
    assert change.reach(most=4) is None
    assert len(change.read) < 10
