"""Find customers who live together, from what their records say of home, name, phone and mailbox.

A household is of customers, not of records, and always of different people: two customers who may be one person are no couple.
Nothing here is learned. Each tie between two customers is one of few kinds, each with what it is worth (``WORTH``), so that a
household can be told in words: who shares what with whom.

Pure: no clock, no randomness, no database.
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import count, islice
from pathlib import Path
from typing import Any, TypeVar
from unicodedata import normalize

import numpy as np
import pandas as pd
from rapidfuzz.distance import JaroWinkler

from include.heap import give_back

NAMESPACE = uuid.UUID("5f0f6a53-0d0c-5b0e-8f6b-8c1f6d6a7f21")
"""Of all household ids. Changing it would mint other ids for the same households: never change it."""

RESIDENT_COLUMNS = (
    "record_id", "customer_id", "region", "first_source_time", "given_key", "family_key", "name_suffix", "birth_date",
    "address_line", "house_number", "street_key", "city", "postcode", "phones", "email_keys",
)  # fmt: skip
"""What finding households reads of every current record."""

_MINTABLE = 9
"""Ids minted of one customer that others may bear, after households were left behind; no more of them are looked for."""

TIE_COLUMNS = ("customer_a", "customer_b", "household_id", "evidence", "worth")
"""Columns of a frame of ties."""

WORTH: dict[tuple[str, ...], float] = {
    ("home", "phone"): 0.97,
    ("home", "mailbox"): 0.97,
    ("home", "family_name"): 0.95,
    ("door",): 0.90,
    ("phone", "family_name"): 0.85,
    ("mailbox", "family_name"): 0.85,
    ("home", "few_names"): 0.70,
}
"""What a tie is worth by what two customers share: a judgement, no probability. Whatever is not here is no tie.

``home``: street, number and place. ``door``: a home of which both name the same unit. ``few_names``: so few family names are
known at that number that it is hardly a block of flats. ``phone``, ``mailbox``: one that few customers hold. Neither is a tie
without a home or a name beside it: numbers are given up and go to strangers.
"""


@dataclass(frozen=True)
class Limits:
    """Where sharing stops to mean living together.

    Attributes:
        names_at_a_house: Customers of different family names share a home only where no more names than these are known there.
        people_at_a_house: Where more customers live at one number it is a block of flats, or no home at all: only a shared unit
            counts there, or a home beside a shared phone or mailbox.
        holders: How many customers may hold a phone or mailbox before it is nobody's: the shop's own, a company's.
        largest: How many customers may make one household.
    """

    names_at_a_house: int = 2
    people_at_a_house: int = 8
    holders: int = 6
    largest: int = 10


@dataclass(frozen=True)
class Households:
    """The households of all customers.

    Attributes:
        members: ``customer_id, household_id, worth``: everybody who lives in one; ``worth`` is that of the best tie to another.
        ties: ``TIE_COLUMNS``: every tie inside a household, ``customer_a < customer_b``; ``evidence`` is a list of names.
    """

    members: pd.DataFrame
    ties: pd.DataFrame


Taken = Callable[[list[str]], frozenset[str]]
"""Which of some household ids somebody bears."""


def found_by(comparable: frozenset[tuple[str, str]] | None) -> str:
    """sha256 of the code and of what regions may be held side by side: what other means found must be found anew."""
    regions = "all" if comparable is None else repr(sorted(comparable))
    names = ("households", "moving", "repeat_registrations", "restless")
    code = b"".join(Path(__file__).with_name(f"{name}.py").read_bytes() for name in names)
    return hashlib.sha256(code + regions.encode()).hexdigest()


def household_id(customer_id: str) -> str:
    """The id that is minted for a household whose earliest member is ``customer_id``."""
    return str(uuid.uuid5(NAMESPACE, str(customer_id)))


def find(
    residents: pd.DataFrame,
    doubtful: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    comparable: frozenset[tuple[str, str]] | None = None,
    limits: Limits | None = None,
) -> Households:
    """The households of all customers, each with its id and the ties that hold it together.

    Args:
        residents: ``RESIDENT_COLUMNS`` of every current record.
        doubtful: ``customer_a, customer_b``: customers who may be one person, as a pair waiting for a steward says.
        previous: ``customer_id, household_id`` as they hold until now, by the customers' current ids.
        comparable: Ordered pairs of regions whose records may be held side by side; None: all.
        limits: Other limits than the project's own.
    """
    limits, people = limits or Limits(), People(residents)
    ties = ties_of(people, doubtful, comparable, limits)
    give_back()  # of all pairs that share something few are ties
    return told(people, ties, previous, limits)


def told(
    people: "People", ties: pd.DataFrame, previous: pd.DataFrame | None, limits: Limits, taken: Taken | None = None
) -> Households:
    """The households that ties make, each with its id.

    Args:
        people: Everybody whom the ties tie; all records of theirs.
        ties: All ties among them.
        previous: ``customer_id, household_id`` as they hold until now.
        limits: How large a household may be.
        taken: Where others have households beside these; what a household was minted for may be theirs.
    """
    houses = people.houses({*ties["a"], *ties["b"]})
    ends = zip(ties["a"].tolist(), ties["b"].tolist(), ties["worth"].tolist(), strict=True)
    grouped = groups({(a, b): worth for a, b, worth in ends}, houses, limits)
    ids = _ids(grouped, people, previous, taken)
    household = {customer: ids[group] for customer, group in grouped.items()}
    names = people.ids
    within = [grouped.get(a, -1) == grouped.get(b, -2) for a, b in zip(ties["a"], ties["b"], strict=True)]
    inside = ties[np.array(within, dtype=bool)]
    found = pd.DataFrame(
        {
            "customer_a": names[inside["a"]],
            "customer_b": names[inside["b"]],
            "household_id": [household[a] for a in inside["a"]],
            "evidence": inside["evidence"].to_numpy(),
            "worth": inside["worth"].to_numpy(dtype=float),
        },
        columns=list(TIE_COLUMNS),
    )
    sides = [found[[side, "worth"]].set_axis(["customer_id", "worth"], axis=1) for side in ("customer_a", "customer_b")]
    best = pd.concat(sides).groupby("customer_id")["worth"].max()
    living = sorted(household, key=lambda customer: names[customer])
    members = pd.DataFrame(
        {
            "customer_id": pd.Series([names[customer] for customer in living], dtype=object),
            "household_id": pd.Series([household[customer] for customer in living], dtype=object),
            "worth": [float(best[names[customer]]) for customer in living],
        }
    )
    return Households(members, found.sort_values(["customer_a", "customer_b"], ignore_index=True))


class People:
    """All customers by number, and what their records say, each record under its customer's number."""

    def __init__(self, residents: pd.DataFrame) -> None:
        code, ids = pd.factorize(residents["customer_id"].map(str), sort=True)
        self.ids = np.asarray(ids, dtype=object)
        columns = {name: residents[name] for name in residents.columns}
        self.frame = pd.DataFrame({**columns, "customer": code}, copy=False)  # the columns are shared, not copied

    def said(self, name: str, customers: Collection[int]) -> dict[int, frozenset[str]]:
        """Customer > everything the records of some customers say of a field."""
        held = self.frame.loc[self.frame["customer"].isin(customers), ["customer", name]].dropna()
        held = held[held[name] != ""].drop_duplicates()
        return gathered(held["customer"], held[name])

    def houses(self, customers: Collection[int]) -> dict[int, frozenset[str]]:
        """Customer > the houses they were ever at, of some customers, as far as any is known."""
        concerned = self.homes[self.homes["customer"].isin(customers)]
        return gathered(concerned["customer"], concerned["key"])

    def first_known(self, customers: Iterable[int]) -> dict[int, tuple[int, str]]:
        """Customer > when the earliest of their records was first seen, and that record's id: what orders them by age."""
        some = self.frame[self.frame["customer"].isin(list(customers))]
        moments = pd.to_datetime(some["first_source_time"], utc=True).astype("int64")
        first: dict[int, tuple[int, str]] = {}
        for customer, moment, record in zip(some["customer"], moments, some["record_id"].map(str), strict=True):
            first[customer] = min(first.get(customer, (moment, record)), (moment, record))
        return first

    def holdings(self, name: str) -> pd.DataFrame:
        """``customer, key``: who holds which value of a set field."""
        held = pd.DataFrame({"customer": self.frame["customer"].to_numpy(), "key": self.frame[name].to_numpy()})
        return held.explode("key").dropna().drop_duplicates(ignore_index=True)

    @cached_property
    def homes(self) -> pd.DataFrame:
        """``customer, key, unit``: who was ever at which house, and the unit named there, a text of numbers; empty where none is.

        A house is number, street and postcode, and again number, street and city: one record gives the one, the next the other.
        Units are read where more than one customer was.
        """
        frame = self.frame
        known = frame["house_number"].fillna("").ne("") & frame["street_key"].fillna("").ne("")
        at = frame[known]
        parts = []
        for kind in ("postcode", "city"):
            said = at[kind].fillna("").ne("")
            keys = at["house_number"] + "\0" + at["street_key"] + "\0" + kind + "\0" + at[kind].fillna("").str.casefold()
            whole = {"customer": at["customer"], "key": keys, "line": at["address_line"], "number": at["house_number"]}
            parts.append(pd.DataFrame(whole)[said])
        held = pd.concat(parts, ignore_index=True).drop_duplicates(ignore_index=True)
        shared = held["key"].isin(_shared(held[["customer", "key"]].drop_duplicates()))
        units = np.full(len(held), "", dtype=object)
        there = held[shared]
        units[shared] = [_unit(line, number) for line, number in zip(there["line"], there["number"], strict=True)]
        return held[["customer", "key"]].assign(unit=units).drop_duplicates(ignore_index=True)


def _shared(holdings: pd.DataFrame) -> "pd.Series[str]":
    """The keys of which each of several customers holds one."""
    keys: pd.Series[str] = holdings.loc[holdings["key"].duplicated(), "key"].drop_duplicates()
    return keys


Key = TypeVar("Key")
Value = TypeVar("Value")


def gathered(keys: Iterable[Key], values: Iterable[Value]) -> dict[Key, frozenset[Value]]:
    """Customer, or whatever holds values > all of them.

    Most hold one, and who hold the same one share it: of a million customers a set each would be most of the memory there is.
    """
    one: dict[Key, Value] = {}
    several: dict[Key, set[Value]] = {}
    for key, value in zip(keys, values, strict=True):
        if one.setdefault(key, value) != value:
            several.setdefault(key, {one[key]}).add(value)
    alone = {value: frozenset((value,)) for value in one.values()}
    return {key: frozenset(several[key]) if key in several else alone[value] for key, value in one.items()}


@cache
def _unit(line: object, number: object) -> str:
    """What of an address is numbered beside the house: the flat, the floor. Only numbers count, words for them are many."""
    if not isinstance(line, str):
        return ""
    house = set(_numbered(str(number)))
    return " ".join(sorted({word for word in _numbered(line) if word not in house and not house & set(_digits(word))}))


def _numbered(text: str) -> Iterator[str]:
    """The words of a text that hold a digit, in one script and case."""
    plain = "".join(char if char.isalnum() else " " for char in normalize("NFKC", text).casefold())
    for word in plain.split():
        if any(char.isdecimal() for char in word):
            yield "".join(str(int(char)) if char.isdecimal() else char for char in word)


def _digits(word: str) -> Sequence[str]:
    return "".join(char if char.isdecimal() else " " for char in word).split()


# --- ties -----------------------------------------------------------------------------------------------------------------------


def ties_of(
    people: People,
    doubtful: pd.DataFrame | None,
    comparable: frozenset[tuple[str, str]] | None,
    limits: Limits,
    of: Collection[int] | None = None,
) -> pd.DataFrame:
    """``a, b, evidence, worth``: every pair of customers, a < b, whom something worth telling ties together.

    Args:
        people: Customers.
        doubtful: ``customer_a, customer_b``: customers who may be one person.
        comparable: Ordered pairs of regions whose records may be held side by side; None: all.
        limits: Where sharing stops to mean living together.
        of: Only the ties of some are wanted; ``people`` are those and whoever holds a home, phone or mailbox with one of them.
    """
    held = people.homes, people.holdings("phones"), people.holdings("email_keys")
    homes, phones, mailboxes = held if of is None else [some[some["key"].isin(_keys(some, of))] for some in held]
    at_houses, behind = _shared_homes(homes, limits)
    phone = _pairs(phones, limits.holders).assign(phone=True)
    mailbox = _pairs(mailboxes, limits.holders).assign(mailbox=True)
    both = _together(at_houses, behind).merge(phone, on=_ENDS, how="outer").merge(mailbox, on=_ENDS, how="outer")
    for name in ("home", "door", "elsewhere", "phone", "mailbox"):
        both[name] = both[name].eq(True)
    concerned = {*both["a"], *both["b"]}
    if comparable is not None:
        regions = people.said("region", concerned)
        allowed = [
            all((x, y) in comparable for x in regions[a] for y in regions[b]) for a, b in zip(both["a"], both["b"], strict=True)
        ]
        both = both[np.array(allowed, dtype=bool)]
    family = people.said("family_key", concerned)
    both["family_name"] = [one_family(family.get(i), family.get(j)) for i, j in zip(both["a"], both["b"], strict=True)]
    both["few_names"] = _few_names(both, at_houses, limits)
    housed = people.homes["customer"].unique()
    apart = ~both["home"] & both["a"].isin(housed) & both["b"].isin(housed)
    both = both[~apart & ~both["elsewhere"]]
    if of is not None:
        both = both[both["a"].isin(of) | both["b"].isin(of)]
    doubts = set() if doubtful is None else _numbers(people, doubtful)
    named = _Named(people, {*both["a"], *both["b"]})
    two = [named.two_people(i, j, doubted=(i, j) in doubts) for i, j in zip(both["a"], both["b"], strict=True)]
    both = both[np.array(two, dtype=bool)]
    evidence, worth = [], []
    for row in zip(*(both[name] for name in _KINDS), strict=True):
        said = [kind for kind, holds in zip(_KINDS, row, strict=True) if holds]
        worth.append(max((value for kinds, value in WORTH.items() if set(kinds) <= set(said)), default=0.0))
        evidence.append(said)
    both = both.assign(evidence=pd.Series(evidence, index=both.index, dtype=object), worth=np.array(worth, dtype=float))
    return both.loc[both["worth"] > 0, ["a", "b", "evidence", "worth"]].reset_index(drop=True)


_ENDS = ["a", "b"]
_KINDS = ("home", "door", "phone", "mailbox", "family_name", "few_names")


def _keys(holdings: pd.DataFrame, of: Collection[int]) -> "pd.Series[str]":
    """What some of the holders hold."""
    keys: pd.Series[str] = holdings.loc[holdings["customer"].isin(of), "key"]
    return keys


def _pairs(holdings: pd.DataFrame, most: int) -> pd.DataFrame:
    """``a, b``: customers who share a key that no more than so many hold, each pair once, a < b."""
    size = holdings.groupby("key")["customer"].transform("size")
    few = holdings[(size > 1) & (size <= most)]
    joined = few.merge(few, on="key")
    joined = joined[joined["customer_x"] < joined["customer_y"]]
    return joined[["customer_x", "customer_y"]].set_axis(["a", "b"], axis=1).drop_duplicates(ignore_index=True)


def _shared_homes(homes: pd.DataFrame, limits: Limits) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who shares a house: ``a, b, key, door, elsewhere`` where few live, and ``a, b`` of the same unit where many do.

    ``door``: who of them names the same unit there; ``elsewhere``: who different ones.
    """
    housed = homes[["customer", "key"]].drop_duplicates()
    size = housed.groupby("key")["customer"].transform("size")
    few = housed[(size > 1) & (size <= limits.people_at_a_house)]
    joined = few.merge(few, on="key")
    joined = joined[joined["customer_x"] < joined["customer_y"]]
    units: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
    named = homes[homes["unit"].ne("") & homes["key"].isin(few["key"])]
    for customer, key, unit in zip(named["customer"], named["key"], named["unit"], strict=True):
        units[customer, key].add(unit)
    nothing: set[str] = set()  # one for all: most homes have no unit
    sides = [
        [units.get(of, nothing) for of in zip(joined[side], joined["key"], strict=True)] for side in ("customer_x", "customer_y")
    ]
    same = np.array([bool(x & y) for x, y in zip(*sides, strict=True)], dtype=bool)
    other = np.array([bool(x) and bool(y) for x, y in zip(*sides, strict=True)], dtype=bool) & ~same
    flats = homes[homes["unit"].ne("") & homes["key"].isin(housed.loc[size > limits.people_at_a_house, "key"])]
    flats = flats.assign(key=flats["key"] + "\0" + flats["unit"])
    neighbours = _pairs(flats[["customer", "key"]].drop_duplicates(), limits.people_at_a_house)
    at = joined.set_axis(["a", "key", "b"], axis=1)[["a", "b", "key"]].assign(door=same, elsewhere=other)
    return at, neighbours


def _together(at_houses: pd.DataFrame, behind: pd.DataFrame) -> pd.DataFrame:
    """``a, b, home, door, elsewhere``: what two share of all the houses they share."""
    at = at_houses[[*_ENDS, "door", "elsewhere"]].assign(home=~at_houses["elsewhere"])
    found = pd.concat([at, behind.assign(home=True, door=True, elsewhere=False)]).groupby(_ENDS, as_index=False).max()
    return found.assign(elsewhere=found["elsewhere"] & ~found["home"])


def _numbers(people: People, pairs: pd.DataFrame) -> set[tuple[int, int]]:
    number = {name: i for i, name in enumerate(people.ids)}
    known = zip(pairs["customer_a"].map(str).map(number), pairs["customer_b"].map(str).map(number), strict=True)
    return {(int(min(a, b)), int(max(a, b))) for a, b in known if a == a and b == b}  # noqa: PLR0124 - NaN: no customer any more


def one_family(some: frozenset[str] | None, others: frozenset[str] | None) -> bool:
    """Whether two customers bear one family name: the same, one word of a double one, or its other gender's form."""
    if not some or not others:
        return False
    words, other_words = ({word for name in names for word in name.split() if len(word) > 1} for names in (some, others))
    return bool(words & other_words) or any(_alike(x, y) for x in words for y in other_words)


@cache
def _alike(one: str, other: str) -> bool:
    """Kowalski and Kowalska, or a slip: long, and the same but for an end or a letter."""
    return min(len(one), len(other)) > 4 and JaroWinkler.similarity(one, other) >= 0.92


class _Named:
    """What tells two customers apart as people."""

    def __init__(self, people: People, customers: Collection[int]) -> None:
        self._born = people.said("birth_date", customers)
        self._suffix = people.said("name_suffix", customers)
        self._given = people.said("given_key", customers)

    def two_people(self, a: int, b: int, *, doubted: bool) -> bool:
        """Whether two customers are two people for sure: born on different days, or of different given names or generations."""
        born, other_born = (_whole_days(self._born.get(one)) for one in (a, b))
        if born and other_born and not born & other_born:
            return True
        suffix, other_suffix = self._suffix.get(a), self._suffix.get(b)
        if suffix and other_suffix and not suffix & other_suffix:
            return True
        given, other_given = self._given.get(a), self._given.get(b)
        if doubted or not given or not other_given:
            return False
        return not any(_one_name(x, y) for x in given for y in other_given)


def _whole_days(dates: frozenset[str] | None) -> frozenset[str]:
    return frozenset(day for day in dates or () if len(day) == 10)


@cache
def _one_name(one: str, other: str) -> bool:
    """Whether two given names may be one: a word in common, an initial, a short form, a slip."""
    words, others = one.split(), other.split()
    if set(words) & set(others):
        return True
    return any(x.startswith(y) or y.startswith(x) or JaroWinkler.similarity(x, y) >= 0.88 for x in words for y in others)


def _few_names(both: pd.DataFrame, at_houses: pd.DataFrame, limits: Limits) -> "pd.Series[bool]":
    """Whether so few family names are known at a pair's houses that none of them is likely to be a block of flats."""
    named = at_houses.merge(both[[*_ENDS, "family_name"]], on=_ENDS, how="left")
    kin = named[named["family_name"].eq(True) & ~named["elsewhere"]]
    names = _names_at(kin, at_houses)
    many = at_houses["key"].map(names).to_numpy() > limits.names_at_a_house
    loud = pd.MultiIndex.from_frame(at_houses.loc[many, _ENDS])
    quiet = pd.MultiIndex.from_frame(at_houses[_ENDS])
    pairs = pd.MultiIndex.from_frame(both[_ENDS])
    return pd.Series(pairs.isin(quiet) & ~pairs.isin(loud), index=both.index)


def _names_at(kin: pd.DataFrame, at_houses: pd.DataFrame) -> dict[str, int]:
    """House > how many families are known there, of the houses that two or more share.

    Args:
        kin: ``a, b, key``: who is of one family with whom.
        at_houses: ``a, b, key``: every two people of a house.
    """
    ends = pd.concat([at_houses[["key", side]].set_axis(["key", "customer"], axis=1) for side in _ENDS]).drop_duplicates()
    found = {str(key): int(count) for key, count in ends["key"].value_counts().items()}
    related: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for key, a, b in zip(kin["key"], kin["a"], kin["b"], strict=True):
        related[key].append((a, b))
    for key, links in related.items():
        people = {one for link in links for one in link}
        found[key] -= len(people) - len(set(joined(people, links).values()))
    return found


def joined(nodes: Iterable[int], links: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Node > the least node of its group."""
    group = {node: node for node in nodes}
    for a, b in links:
        low, high = sorted((group[a], group[b]))
        group = {node: low if of == high else of for node, of in group.items()}
    return group


# --- groups and their ids -------------------------------------------------------------------------------------------------------


Node = TypeVar("Node", int, str)


def groups(ties: Mapping[tuple[Node, Node], float], houses: Mapping[Node, frozenset[str]], limits: Limits) -> dict[Node, Node]:
    """Customer > one of their household, of all who have one.

    The strongest ties join first, and of equal ones those of the least ids. Two groups do not join where the whole would be
    larger than the limit, or where a member of one and a member of the other are tied by nothing and live at different houses: a
    household has one home.

    Args:
        ties: What ties are worth; each of two customers, the lesser first.
        houses: Where customers live, as far as it is known.
        limits: How large a household may be.
    """
    group: dict[Node, Node] = {}
    members: dict[Node, list[Node]] = {}
    for _, a, b in sorted((-worth, a, b) for (a, b), worth in ties.items()):
        for one in (a, b):
            members.setdefault(group.setdefault(one, one), [one])
        here, there = group[a], group[b]
        some, others = members[here], members[there]
        if here == there or len(some) + len(others) > limits.largest:
            continue
        if any(
            x in houses and y in houses and not houses[x] & houses[y] and ((x, y) if x < y else (y, x)) not in ties
            for x in some
            for y in others
        ):
            continue
        group.update(dict.fromkeys(others, here))
        some.extend(members.pop(there))
    return {customer: of for customer, of in group.items() if len(members[of]) > 1}


def _ids(grouped: dict[int, int], people: People, previous: pd.DataFrame | None, taken: Taken | None) -> dict[int, str]:
    """The id of every household: the one most of its members bore, else one minted of its earliest member."""
    members: defaultdict[int, list[int]] = defaultdict(list)
    for customer, group in grouped.items():
        members[group].append(customer)
    first = people.first_known(grouped)
    earliest = {group: min(living, key=lambda customer: first[customer]) for group, living in members.items()}
    bore = {} if previous is None else dict(zip(previous["customer_id"].map(str), previous["household_id"].map(str), strict=True))
    claims: defaultdict[tuple[str, int], int] = defaultdict(int)
    for customer, group in grouped.items():
        if (old := bore.get(people.ids[customer])) is not None:
            claims[old, group] += 1
    ids: dict[int, str] = {}
    given: set[str] = set()
    for (old, group), _ in sorted(claims.items(), key=lambda claim: (-claim[1], first[earliest[claim[0][1]]], claim[0][0])):
        if group not in ids and old not in given:
            ids[group] = old
            given.add(old)
    new = sorted(members.keys() - ids.keys(), key=lambda group: first[earliest[group]])
    borne = given | set(bore.values())
    if taken is not None and new:
        borne |= taken([minted for group in new for minted in _mintable(people.ids[earliest[group]])])
    for group in new:
        ids[group] = _unused(people.ids[earliest[group]], borne)
        borne.add(ids[group])
    return ids


def _unused(customer: Any, taken: Collection[str]) -> str:
    """The id minted of a customer; where they left a household that keeps that id, the next one of theirs."""
    return next(minted for minted in _minted(customer) if minted not in taken)


def _mintable(customer: Any) -> list[str]:
    """The ids that a household whose earliest member is this customer may be given when it is new, in order."""
    return list(islice(_minted(customer), _MINTABLE))


def _minted(customer: Any) -> Iterator[str]:
    yield household_id(customer)
    yield from (household_id(f"{customer}/{again}") for again in count(2))
