"""Whose households a change alters: it is followed as far as somebody lives with others for it, and no further.

Ties and groups are those of ``include.golden.households``. Groups are made by taking the strongest ties first, so a household
comes out as it did as long as its ties, and where its members live, are what they were and nobody from outside joins it. Of the
customers a change may concern all ties are looked at anew, and then everything is grouped again at the border: they, and the
households they are tied to now, made of the ties those were stored with. Where one of these comes out otherwise, its members
are looked at in turn; where all come out as they are stored, everybody beyond lives as before.

Pure: no clock, no randomness; what is stored is asked for through ``Near``.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Protocol

import pandas as pd

from include.golden.households import Households, Limits, People, Taken, gathered, groups, joined, one_family, ties_of, told

SAID_COLUMNS = (
    "record_id", "was", "now", "deleted", "region", "given_key", "family_key", "name_suffix", "birth_date", "address_line",
    "house_number", "street_key", "city", "postcode", "phones", "email_keys",
)  # fmt: skip
"""What records ever said, a row a version: ``was`` and ``now`` are the customers before and after, None where there is none."""

_OF_HOME = ["region", "family_key", "address_line", "house_number", "street_key", "city", "postcode"]
"""What others' ties at a house hang on, of whoever else lives there."""

Evidence = tuple[str, ...]
Pair = tuple[str, str]


class Near(Protocol):
    """What is known around some customers; residents are ``RESIDENT_COLUMNS`` of all records of whom they are about."""

    def beside(self, customers: frozenset[str]) -> pd.DataFrame:
        """Residents: some customers, and everybody who holds a home, phone or mailbox with one of them."""
        ...

    def records(self, customers: frozenset[str]) -> pd.DataFrame:
        """Residents: some customers alone."""
        ...

    def doubtful(self, customers: frozenset[str]) -> pd.DataFrame:
        """``customer_a, customer_b``: of some customers, who may be one person with another."""
        ...

    def households(self, customers: frozenset[str]) -> pd.DataFrame:
        """``customer_id, household_id`` of everybody in the households that some live in until now."""
        ...

    def ties(self, customers: frozenset[str]) -> pd.DataFrame:
        """``customer_a, customer_b, evidence, worth`` inside the households that some live in until now."""
        ...


@dataclass(frozen=True)
class Reach:
    """The part of all customers whose households a change alters, or might.

    Attributes:
        customers: Who they are: whoever lived with one of them until now is one too, and so is whoever does from now on.
        residents: ``RESIDENT_COLUMNS`` of their records.
        ties: What each two of them share, and its worth.
    """

    customers: frozenset[str]
    residents: pd.DataFrame
    ties: Mapping[Pair, tuple[Evidence, float]]

    def found(self, previous: pd.DataFrame, taken: Taken, limits: Limits | None = None) -> Households:
        """Their households now.

        Args:
            previous: ``customer_id, household_id`` of theirs until now.
            taken: Which of some household ids somebody bears.
            limits: Other limits than the project's own.
        """
        people = People(self.residents)
        number = {name: code for code, name in enumerate(people.ids)}
        rows = [(number[a], number[b], list(evidence), worth) for (a, b), (evidence, worth) in sorted(self.ties.items())]
        ties = pd.DataFrame(
            {
                "a": pd.Series([row[0] for row in rows], dtype="int64"),
                "b": pd.Series([row[1] for row in rows], dtype="int64"),
                "evidence": pd.Series([row[2] for row in rows], dtype=object),
                "worth": pd.Series([row[3] for row in rows], dtype=float),
            }
        )
        return told(people, ties, previous, limits or Limits(), taken)


def within_reach(
    changed: frozenset[str],
    said: pd.DataFrame,
    beside: pd.DataFrame,
    near: Near,
    most: float = math.inf,
    comparable: frozenset[Pair] | None = None,
    limits: Limits | None = None,
) -> Reach | None:
    """Everybody whose household may be another one now that some customers are not what they were.

    Args:
        changed: Ids of the customers who say something else, gained or lost a record, are new, or are none any more.
        said: ``SAID_COLUMNS`` of all their records, as they are and as they were.
        beside: Residents: they, and everybody who holds a home, phone or mailbox that they hold or ever held.
        near: What is known of others.
        most: How many are followed before it is given up: from some number on looking at everybody is less work.
        comparable: Ordered pairs of regions whose records may be held side by side; None: all.
        limits: Other limits than the project's own.

    Returns:
        Who it is; None if they are more than ``most``.
    """
    limits = limits or Limits()
    border = _Border(near, comparable, limits)
    moved = _moved(said, changed, _OF_HOME)
    border.look_at(changed, beside)
    stirred = _stirred(said, beside, changed, moved, comparable, limits) - changed
    if len(changed | stirred) > most:
        return None
    border.look_at(stirred, near.beside(stirred))
    fresh = border.unsettled(changed | stirred, moved)
    reached: frozenset[str] = frozenset()
    while fresh:
        reached |= fresh
        if len(reached) > most:
            return None
        if unknown := fresh - border.known:
            border.look_at(unknown, near.beside(unknown))
        fresh = border.upset(fresh, reached)
    return border.reach(reached)


class _Border:
    """Customers whose ties are known anew, and what is stored of whom they are tied to.

    Attributes:
        known: Customers of whom all ties are known as they are now.
    """

    def __init__(self, near: Near, comparable: frozenset[Pair] | None, limits: Limits) -> None:
        self.known: frozenset[str] = frozenset()
        self._near, self._comparable, self._limits = near, comparable, limits
        self._ties: dict[Pair, tuple[Evidence, float]] = {}
        self._linked: defaultdict[str, set[str]] = defaultdict(set)
        self._houses: dict[str, frozenset[str]] = {}
        self._household: dict[str, str] = {}
        self._members: defaultdict[str, set[str]] = defaultdict(set)
        self._stored: frozenset[str] = frozenset()

    def look_at(self, customers: frozenset[str], beside: pd.DataFrame) -> None:
        """Find all ties that some customers have now."""
        self.known |= customers
        if beside.empty:
            return
        people = People(beside)
        of = [code for code, name in enumerate(people.ids) if name in customers]
        ties = ties_of(people, self._near.doubtful(customers), self._comparable, self._limits, of)
        for a, b, evidence, worth in zip(ties["a"], ties["b"], ties["evidence"], ties["worth"], strict=True):
            self._tie(people.ids[a], people.ids[b], evidence, worth)
        self._at(people, {*of, *ties["a"], *ties["b"]})

    def unsettled(self, customers: frozenset[str], moved: frozenset[str]) -> frozenset[str]:
        """Of some customers, whose households must be made anew, and whoever lived with one of these.

        Settled is who has the ties to the household that are stored, no others, and no other home: then nothing that held before
        can come out otherwise. A tie that is gone and did not join two tells nothing: it was refused.
        """
        self._read(customers)
        stored = self._near.ties(customers)
        ends = zip(stored["customer_a"], stored["customer_b"], stored["evidence"], stored["worth"], strict=True)
        before: defaultdict[str, dict[Pair, tuple[Evidence, float]]] = defaultdict(dict)
        for a, b, evidence, worth in ends:
            for one in (a, b):
                before[one][a, b] = (tuple(evidence), worth)
        found = set()
        for one in customers:
            now = {pair: self._ties[pair] for other in self._linked.get(one, ()) for pair in [_pair(one, other)]}
            alone = not now and one not in self._household
            if not alone and (one in moved or now != before.get(one, {})):
                found.add(one)
        return self._fellows(found)

    def upset(self, fresh: frozenset[str], reached: frozenset[str]) -> frozenset[str]:
        """Who does not live as stored for some who are looked at, and whoever lived with one of these.

        Args:
            fresh: Customers who came to be looked at.
            reached: All who are looked at, and whose ties are all known.
        """
        self._read(frozenset(other for one in fresh for other in self._linked.get(one, ())) - reached)
        there = self._connected(fresh)
        pairs = {_pair(one, other) for one in there for other in self._linked.get(one, ())}
        group = groups({pair: self._ties[pair][1] for pair in pairs}, self._houses, self._limits)
        living: defaultdict[str, set[str]] = defaultdict(set)
        for one, of in group.items():
            living[of].add(one)
        otherwise = [
            one
            for one in there - reached
            if (living[group[one]] if one in group else {one}) != self._members.get(self._household.get(one, ""), {one})
        ]
        return self._fellows(otherwise) - reached

    def reach(self, reached: frozenset[str]) -> Reach:
        """What some customers' households are made of."""
        ties = {pair: tie for pair, tie in self._ties.items() if pair[0] in reached and pair[1] in reached}
        return Reach(reached, self._near.records(reached), ties)

    def _tie(self, a: str, b: str, evidence: Iterable[str], worth: float) -> None:
        self._ties[a, b] = (tuple(evidence), float(worth))
        self._linked[a].add(b)
        self._linked[b].add(a)

    def _at(self, people: People, customers: Collection[int]) -> None:
        self._houses.update({people.ids[one]: houses for one, houses in people.houses(customers).items()})

    def _read(self, customers: frozenset[str]) -> None:
        """Read the stored households of some customers, what holds them together, and where their members live."""
        if not (unread := customers - self._stored):
            return
        found = self._near.households(unread)
        for one, household in zip(found["customer_id"], found["household_id"], strict=True):
            self._household[one] = household
            self._members[household].add(one)
        self._stored |= unread.union(found["customer_id"])
        fellows = unread.union(found["customer_id"]) - self.known
        if not fellows:
            return
        stored = self._near.ties(fellows)
        for a, b, evidence, worth in zip(
            stored["customer_a"], stored["customer_b"], stored["evidence"], stored["worth"], strict=True
        ):
            if a not in self.known and b not in self.known:
                self._tie(a, b, evidence, worth)
        people = People(self._near.records(fellows))
        self._at(people, range(len(people.ids)))

    def _fellows(self, customers: Iterable[str]) -> frozenset[str]:
        """Some customers, and whoever lives with one of them until now."""
        found = set(customers)
        for one in customers:
            found |= self._members.get(self._household.get(one, ""), set())
        return frozenset(found)

    def _connected(self, customers: Iterable[str]) -> set[str]:
        """Whoever is tied to some customers, over whatever others."""
        found = set(customers)
        ways = list(found)
        while ways:
            for other in self._linked.get(ways.pop(), ()):
                if other not in found:
                    found.add(other)
                    ways.append(other)
        return found


def _pair(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def _moved(said: pd.DataFrame, changed: frozenset[str], columns: list[str]) -> frozenset[str]:
    """Of the customers who are not what they were, who may say other things now than before of some of it.

    Only who has the records they had, each of which never said anything else, does not for sure.
    """
    told_once = said.assign(phones=said["phones"].map(tuple), email_keys=said["email_keys"].map(tuple))
    told_once = told_once[["record_id", "was", "now", "deleted", *columns]]
    ways = told_once.fillna("").drop_duplicates()
    several = ways["record_id"].duplicated(keep=False) | ways["deleted"].eq(True) | ways["was"].ne(ways["now"])
    doubtful = ways[several]
    concerned = {*doubtful["was"], *doubtful["now"]}
    return frozenset(one for one in changed if one in concerned) | (changed - {*said["now"].dropna()})


def _stirred(
    said: pd.DataFrame,
    beside: pd.DataFrame,
    changed: frozenset[str],
    moved: frozenset[str],
    comparable: frozenset[Pair] | None,
    limits: Limits,
) -> frozenset[str]:
    """Of all others, who may have another tie with one another: it hangs on how many share a home, phone or mailbox.

    Of what somebody held who came, left or says otherwise of it, it is known who else holds it, and who may have held it before.
    Where that cannot make a difference the others' ties are what they were.
    """
    found: set[str] = set()
    for name in ("phones", "email_keys"):
        of = _moved(said, changed, [name])
        others, came = People(beside[~beside["customer_id"].isin(of)]), _Came.of(said, of)
        held = others.holdings(name)
        holders, more = held.groupby("key")["customer"].size(), came.most(came.holdings(name))
        few = holders.reindex(more.index).dropna()
        tipping = few[(few > 1) & (few <= limits.holders) & (few + more.reindex(few.index) > limits.holders)].index
        found.update(others.ids[held.loc[held["key"].isin(tipping), "customer"].unique()])
    others, came = People(beside[~beside["customer_id"].isin(moved)]), _Came.of(said, moved)
    return frozenset(found | _at_houses(others, came, comparable, limits))


@dataclass(frozen=True)
class _Came:
    """Customers as they were and as they are, who hold otherwise than before: each is a customer of its own here."""

    frame: pd.DataFrame

    @classmethod
    def of(cls, said: pd.DataFrame, customers: frozenset[str]) -> "_Came":
        """What the records of some customers ever said, of the customers they were and of those they are."""
        sides = []
        for side in ("was", "now"):
            some = said[(said["was"].isin(customers) | said["now"].isin(customers)) & said[side].notna()]
            sides.append(some.assign(customer_id=f"{side} " + some[side].astype(str)))
        return cls(pd.concat(sides, ignore_index=True))

    def holdings(self, name: str) -> pd.DataFrame:
        """``customer_id, key``."""
        held = pd.DataFrame({"customer_id": self.frame["customer_id"].to_numpy(), "key": self.frame[name].to_numpy()})
        return held.explode("key").dropna().drop_duplicates(ignore_index=True)

    def homes(self) -> pd.DataFrame:
        """``customer_id, key``."""
        people = People(self.frame)
        return people.homes[["customer", "key"]].drop_duplicates().assign(customer_id=lambda held: people.ids[held["customer"]])

    @staticmethod
    def most(held: pd.DataFrame) -> "pd.Series[int]":
        """Key > the most of them who can have held it at one time."""
        then = held["customer_id"].str.startswith("was ")
        counted = [held[side].groupby("key")["customer_id"].nunique() for side in (then, ~then)]
        most: pd.Series[int] = pd.concat(counted, axis=1).max(axis=1)
        return most


def _at_houses(others: People, came: _Came, comparable: frozenset[Pair] | None, limits: Limits) -> set[str]:
    """Of all others, who shares a house where their ties may be other ones now."""
    if came.frame.empty or not len(others.ids):
        return set()
    houses, found = _Houses(others, came, comparable, limits), set[int]()
    for key, people in houses.people.items():
        few, all_of_them = len(people), len(people) + houses.most[key]
        if few > limits.people_at_a_house:
            continue  # a block of flats before and now: its units are looked at below
        if few > 1 and (all_of_them > limits.people_at_a_house or houses.names_may_differ(key)):
            found.update(people)
    for (key, _), behind in houses.units.items():
        if 1 < len(behind) <= limits.people_at_a_house < len(behind) + houses.most[key]:
            found.update(behind)
    return {others.ids[one] for one in found}


class _Houses:
    """The houses of those who came or left, and all others there.

    Attributes:
        people: House > the others.
        units: House and unit > the others behind that door.
        most: House > how many of those who came or left can have been there at one time.
    """

    def __init__(self, others: People, came: _Came, comparable: frozenset[Pair] | None, limits: Limits) -> None:
        held = came.homes()
        self._came = gathered(held["key"].tolist(), held["customer_id"].tolist())
        self.most = {str(key): int(count) for key, count in came.most(held).items()}
        living = others.homes[others.homes["key"].isin(self._came)]
        self.people = gathered(living["key"].tolist(), living["customer"].tolist())
        named = living[living["unit"] != ""]
        self.units = gathered(zip(named["key"], named["unit"], strict=True), named["customer"].tolist())
        self._named = gathered(zip(named["customer"], named["key"], strict=True), named["unit"].tolist())
        concerned = set(living["customer"])
        self._families, self._regions = others.said("family_key", concerned), others.said("region", concerned)
        theirs = came.frame[came.frame["family_key"].fillna("") != ""]
        self._names = gathered(theirs["customer_id"].tolist(), theirs["family_key"].tolist())
        self._comparable, self._most_names = comparable, limits.names_at_a_house

    def names_may_differ(self, key: str) -> bool:
        """Whether few family names may have been known there and many are now, or the other way."""
        people = sorted(self.people[key])
        pairs = list(combinations(people, 2))
        apart = len(set(joined(people, [pair for pair in pairs if self._one_name(*pair, key)]).values()))
        if apart + self.most[key] <= self._most_names:
            return False
        links = [(a, b) for a, b in pairs if one_family(self._families.get(a), self._families.get(b))]
        for one in self._came[key]:  # whoever came may be of two families, and make one of them
            links += pairwise(other for other in people if one_family(self._names.get(one), self._families.get(other)))
        return len(set(joined(people, links).values())) <= self._most_names

    def _one_name(self, one: int, other: int, key: str) -> bool:
        units, others = self._named.get((one, key)), self._named.get((other, key))
        if units and others and not units & others:
            return False
        regions = self._regions[one], self._regions[other]
        if self._comparable is not None and not all((x, y) in self._comparable for x in regions[0] for y in regions[1]):
            return False
        return one_family(self._families.get(one), self._families.get(other))
