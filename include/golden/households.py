"""Find customers who live together, from what their records say of home, name, phone and mailbox.

A household is of customers, not of records, and always of different people: two customers who may be one person are no couple.
Nothing here is learned. Each tie between two customers is one of few kinds, each with what it is worth (``WORTH``), so that a
household can be told in words: who shares what with whom.

Pure: no clock, no randomness, no database.
"""

import hashlib
import math
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import count, islice
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np
import pandas as pd
from rapidfuzz.distance import JaroWinkler

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


@dataclass(frozen=True)
class Part:
    """Customers whose households are found while those of all others stay.

    Attributes:
        customers: Who they are: nobody outside of them has a tie to one of them.
        taken: Which of some household ids somebody bears.
    """

    customers: frozenset[str]
    taken: Callable[[list[str]], frozenset[str]]


Beside = Callable[[frozenset[str]], pd.DataFrame]
"""Residents: all records of some customers, and of everybody who holds a home, phone or mailbox with one of them."""

Fellows = Callable[[frozenset[str]], frozenset[str]]
"""Everybody in the households that some customers live in until now."""


def within_reach(
    changed: frozenset[str],
    beside: pd.DataFrame,
    beside_of: Beside,
    fellows_of: Fellows,
    most: float = math.inf,
    comparable: frozenset[tuple[str, str]] | None = None,
) -> frozenset[str] | None:
    """Everybody whose household may be another one now that some customers are not what they were.

    Those are the customers themselves; pairs of others who share what one of them holds or held, for whether a pair lives
    together hangs on how many share it; and from there on whoever lived with one of them or has a tie to one now.

    Args:
        changed: Ids of the customers who say something else, gained or lost a record, are new, or are none any more.
        beside: ``RESIDENT_COLUMNS`` of them, and of everybody who holds a home, phone or mailbox that they hold or ever held.
        beside_of: Reads the same of others, of what they hold.
        fellows_of: Reads who lives with some.
        most: How many are followed before it is given up. Where people move a lot, one tie leads to the next through half the
            customers, and looking at everybody is less work than following them.
        comparable: Ordered pairs of regions whose records may be held side by side; None: all.

    Returns:
        Ids; None if they are more than ``most``.
    """
    others = _sharing(beside, changed)
    near = pd.concat([beside, beside_of(others)], ignore_index=True).drop_duplicates("record_id", ignore_index=True)
    reached = fresh = changed | others
    while fresh:
        if len(reached) > most:
            return None
        fresh = (_tied(near, fresh, comparable) | fellows_of(fresh)) - reached
        reached |= fresh
        near = beside_of(fresh)
    return reached


def _sharing(residents: pd.DataFrame, customers: frozenset[str]) -> frozenset[str]:
    """Of all others, who shares a home, phone or mailbox with one more of them."""
    people = _People(residents[~residents["customer_id"].isin(customers)])
    homes = people.homes[["customer", "key"]].drop_duplicates()
    numbers = [
        held[held.groupby("key")["customer"].transform("size") <= Limits().holders]  # what more of them hold never tied two
        for held in map(people.holdings, ("phones", "email_keys"))
    ]
    shared = [held.loc[held["key"].duplicated(keep=False), "customer"].to_numpy(dtype=np.int64) for held in (homes, *numbers)]
    return frozenset(people.ids[np.unique(np.concatenate(shared))])


def _tied(residents: pd.DataFrame, customers: frozenset[str], comparable: frozenset[tuple[str, str]] | None) -> frozenset[str]:
    """Whoever may have a tie to one of some customers, of the residents beside them."""
    people = _People(residents)
    ties = _ties(people, None, comparable, Limits())
    ends = ties[["a", "b"]].to_numpy(dtype=np.int64)
    mine = pd.Series(people.ids).isin(customers).to_numpy(dtype=bool)
    return frozenset(people.ids[ends[mine[ends].any(axis=1)].ravel()])


def found_by(comparable: frozenset[tuple[str, str]] | None) -> str:
    """sha256 of the code and of what regions may be held side by side: what other means found must be found anew."""
    regions = "all" if comparable is None else repr(sorted(comparable))
    code = b"".join(Path(__file__).with_name(f"{name}.py").read_bytes() for name in ("households", "repeat_registrations"))
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
    part: Part | None = None,
) -> Households:
    """The households of all customers, each with its id and the ties that hold it together.

    Args:
        residents: ``RESIDENT_COLUMNS`` of every current record.
        doubtful: ``customer_a, customer_b``: customers who may be one person, as a pair waiting for a steward says.
        previous: ``customer_id, household_id`` as they hold until now, by the customers' current ids.
        comparable: Ordered pairs of regions whose records may be held side by side; None: all.
        limits: Other limits than the project's own.
        part: Only the households of some customers are wanted; ``previous`` is of those, and ``residents`` of them and of whoever
            holds a home, phone or mailbox with one of them.
    """
    limits = limits or Limits()
    people = _People(residents)
    ties = _ties(people, doubtful, comparable, limits)
    if part is not None:
        among = np.flatnonzero(pd.Series(people.ids).isin(part.customers))
        ties = ties[ties["a"].isin(among) & ties["b"].isin(among)].reset_index(drop=True)
    grouped = _groups(ties, people, limits)
    ids = _ids(grouped, people, previous, part)
    household = {customer: ids[group] for customer, group in grouped.items()}
    names = people.ids
    within = [grouped.get(a, -1) == grouped.get(b, -2) for a, b in zip(ties["a"], ties["b"], strict=True)]
    inside = ties[np.array(within, dtype=bool)]
    told = pd.DataFrame(
        {
            "customer_a": names[inside["a"]],
            "customer_b": names[inside["b"]],
            "household_id": [household[a] for a in inside["a"]],
            "evidence": inside["evidence"].to_numpy(),
            "worth": inside["worth"].to_numpy(dtype=float),
        },
        columns=list(TIE_COLUMNS),
    )
    sides = [told[[side, "worth"]].set_axis(["customer_id", "worth"], axis=1) for side in ("customer_a", "customer_b")]
    best = pd.concat(sides).groupby("customer_id")["worth"].max()
    living = sorted(household, key=lambda customer: names[customer])
    members = pd.DataFrame(
        {
            "customer_id": pd.Series([names[customer] for customer in living], dtype=object),
            "household_id": pd.Series([household[customer] for customer in living], dtype=object),
            "worth": [float(best[names[customer]]) for customer in living],
        }
    )
    return Households(members, told.sort_values(["customer_a", "customer_b"], ignore_index=True))


class _People:
    """All customers by number, and what their records say, each record under its customer's number."""

    def __init__(self, residents: pd.DataFrame) -> None:
        code, ids = pd.factorize(residents["customer_id"].map(str), sort=True)
        self.ids = np.asarray(ids, dtype=object)
        self.frame = residents.assign(customer=code)

    def said(self, name: str, customers: Collection[int]) -> dict[int, frozenset[str]]:
        """Customer > everything the records of some customers say of a field."""
        held = self.frame.loc[self.frame["customer"].isin(customers), ["customer", name]].dropna()
        held = held[held[name] != ""].drop_duplicates()
        return _gathered(held["customer"], held[name])

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


def _gathered(customers: Iterable[int], values: Iterable[str]) -> dict[int, frozenset[str]]:
    """Customer > all their values."""
    gathered: defaultdict[int, set[str]] = defaultdict(set)
    for customer, value in zip(customers, values, strict=True):
        gathered[customer].add(value)
    return {customer: frozenset(held) for customer, held in gathered.items()}


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


def _ties(
    people: _People, doubtful: pd.DataFrame | None, comparable: frozenset[tuple[str, str]] | None, limits: Limits
) -> pd.DataFrame:
    """``a, b, evidence, worth``: every pair of customers, a < b, whom something worth telling ties together."""
    homes = people.homes
    shared = _shared_homes(homes, limits)
    phone = _pairs(people.holdings("phones"), limits.holders).assign(phone=True)
    mailbox = _pairs(people.holdings("email_keys"), limits.holders).assign(mailbox=True)
    both = shared.merge(phone, on=["a", "b"], how="outer").merge(mailbox, on=["a", "b"], how="outer")
    for name in ("home", "door", "elsewhere", "phone", "mailbox"):
        both[name] = both[name].eq(True)
    concerned = {*both["a"], *both["b"]}
    if comparable is not None:
        regions = people.said("region", concerned)
        allowed = [
            all((x, y) in comparable for x in regions[a] for y in regions[b]) for a, b in zip(both["a"], both["b"], strict=True)
        ]
        both = both[np.array(allowed, dtype=bool)]
    a, b = both["a"].to_numpy(), both["b"].to_numpy()
    doubts = set() if doubtful is None else _numbers(people, doubtful)
    family, named = people.said("family_key", concerned), _Named(people, concerned)
    both["family_name"] = [_one_family(family.get(i), family.get(j)) for i, j in zip(a, b, strict=True)]
    both["two"] = [named.two_people(i, j, doubted=(i, j) in doubts) for i, j in zip(a, b, strict=True)]
    both["few_names"] = _few_names(both, homes, limits)
    housed = set(homes["customer"])
    apart = [not home and i in housed and j in housed for home, i, j in zip(both["home"], a, b, strict=True)]
    both = both[both["two"] & ~np.array(apart, dtype=bool) & ~both["elsewhere"]]
    evidence, worth = [], []
    for row in zip(*(both[name] for name in _KINDS), strict=True):
        said = [kind for kind, holds in zip(_KINDS, row, strict=True) if holds]
        worth.append(max((value for kinds, value in WORTH.items() if set(kinds) <= set(said)), default=0.0))
        evidence.append(said)
    both = both.assign(evidence=pd.Series(evidence, index=both.index, dtype=object), worth=np.array(worth, dtype=float))
    return both.loc[both["worth"] > 0, ["a", "b", "evidence", "worth"]].reset_index(drop=True)


_KINDS = ("home", "door", "phone", "mailbox", "family_name", "few_names")


def _pairs(holdings: pd.DataFrame, most: int) -> pd.DataFrame:
    """``a, b``: customers who share a key that no more than so many hold, each pair once, a < b."""
    size = holdings.groupby("key")["customer"].transform("size")
    few = holdings[(size > 1) & (size <= most)]
    joined = few.merge(few, on="key")
    joined = joined[joined["customer_x"] < joined["customer_y"]]
    return joined[["customer_x", "customer_y"]].set_axis(["a", "b"], axis=1).drop_duplicates(ignore_index=True)


def _shared_homes(homes: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """``a, b, home, door, elsewhere``: who shares a house, who of them names the same unit there, and who different ones."""
    housed = homes[["customer", "key"]].drop_duplicates()
    size = housed.groupby("key")["customer"].transform("size")
    few = housed[(size > 1) & (size <= limits.people_at_a_house)]
    joined = few.merge(few, on="key")
    joined = joined[joined["customer_x"] < joined["customer_y"]]
    units: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
    named = homes[homes["unit"].ne("") & homes["key"].isin(few["key"])]
    for customer, key, unit in zip(named["customer"], named["key"], named["unit"], strict=True):
        units[customer, key].add(unit)
    sides = [
        [units.get(of, set()) for of in zip(joined[side], joined["key"], strict=True)] for side in ("customer_x", "customer_y")
    ]
    same = np.array([bool(x & y) for x, y in zip(*sides, strict=True)], dtype=bool)
    other = np.array([bool(x) and bool(y) for x, y in zip(*sides, strict=True)], dtype=bool) & ~same
    flats = homes[homes["unit"].ne("") & homes["key"].isin(housed.loc[size > limits.people_at_a_house, "key"])]
    flats = flats.assign(key=flats["key"] + "\0" + flats["unit"])
    neighbours = _pairs(flats[["customer", "key"]].drop_duplicates(), limits.people_at_a_house)
    at = pd.DataFrame({"a": joined["customer_x"], "b": joined["customer_y"], "home": ~other, "door": same, "elsewhere": other})
    behind = neighbours.assign(home=True, door=True, elsewhere=False)
    found = pd.concat([at, behind]).groupby(["a", "b"], as_index=False).max()
    return found.assign(elsewhere=found["elsewhere"] & ~found["home"])


def _numbers(people: _People, pairs: pd.DataFrame) -> set[tuple[int, int]]:
    number = {name: i for i, name in enumerate(people.ids)}
    known = zip(pairs["customer_a"].map(str).map(number), pairs["customer_b"].map(str).map(number), strict=True)
    return {(int(min(a, b)), int(max(a, b))) for a, b in known if a == a and b == b}  # noqa: PLR0124 - NaN: no customer any more


def _one_family(some: frozenset[str] | None, others: frozenset[str] | None) -> bool:
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

    def __init__(self, people: _People, customers: Collection[int]) -> None:
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


def _few_names(both: pd.DataFrame, homes: pd.DataFrame, limits: Limits) -> list[bool]:
    """Whether so few family names are known at a pair's house that it is hardly a block of flats."""
    at_home = both[both["home"]]
    kin = {(a, b) for a, b, same in zip(at_home["a"], at_home["b"], at_home["family_name"], strict=True) if same}
    concerned = homes[["customer", "key"]].drop_duplicates()
    size = concerned.groupby("key")["customer"].transform("size")
    concerned = concerned[(size > 1) & (size <= limits.people_at_a_house)]
    quiet: set[tuple[int, int]] = set()
    loud: set[tuple[int, int]] = set()
    for _, living in concerned.groupby("key")["customer"]:
        here = sorted(living)
        pairs = [(a, b) for i, a in enumerate(here) for b in here[i + 1 :]]
        few = len(set(_joined(here, [pair for pair in pairs if pair in kin]).values())) <= limits.names_at_a_house
        (quiet if few else loud).update(pairs)
    return [(a, b) in quiet and (a, b) not in loud for a, b in zip(both["a"], both["b"], strict=True)]


def _joined(nodes: Iterable[int], links: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Node > the least node of its group."""
    group = {node: node for node in nodes}
    for a, b in links:
        low, high = sorted((group[a], group[b]))
        group = {node: low if of == high else of for node, of in group.items()}
    return group


# --- groups and their ids -------------------------------------------------------------------------------------------------------


def _groups(ties: pd.DataFrame, people: _People, limits: Limits) -> dict[int, int]:
    """Customer > the number of their household, of all who have one.

    The strongest ties join first. Two groups do not join where the whole would be larger than the limit, or where a member of one
    and a member of the other are tied by nothing and live at different houses: a household has one home.
    """
    homes = people.homes
    concerned = homes[homes["customer"].isin({*ties["a"], *ties["b"]})]
    houses = _gathered(concerned["customer"], concerned["key"])
    tied = set(zip(ties["a"], ties["b"], strict=True))
    group: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    strongest = ties.assign(first=people.ids[ties["a"]], second=people.ids[ties["b"]])
    strongest = strongest.sort_values(["worth", "first", "second"], ascending=[False, True, True])
    for a, b in zip(strongest["a"], strongest["b"], strict=True):
        for one in (a, b):
            members.setdefault(group.setdefault(one, one), [one])
        here, there = group[a], group[b]
        some, others = members[here], members[there]
        if here == there or len(some) + len(others) > limits.largest:
            continue
        if any(
            (min(x, y), max(x, y)) not in tied and x in houses and y in houses and not houses[x] & houses[y]
            for x in some
            for y in others
        ):
            continue
        group.update(dict.fromkeys(others, here))
        some.extend(members.pop(there))
    return {customer: of for customer, of in group.items() if len(members[of]) > 1}


def _ids(grouped: dict[int, int], people: _People, previous: pd.DataFrame | None, part: Part | None) -> dict[int, str]:
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
    taken = given | set(bore.values())
    if part is not None and new:
        taken |= part.taken([minted for group in new for minted in _mintable(people.ids[earliest[group]])])
    for group in new:
        ids[group] = _unused(people.ids[earliest[group]], taken)
        taken.add(ids[group])
    return ids


def _unused(customer: Any, taken: set[str]) -> str:
    """The id minted of a customer; where they left a household that keeps that id, the next one of theirs."""
    return next(minted for minted in _minted(customer) if minted not in taken)


def _mintable(customer: Any) -> list[str]:
    """The ids that a household whose earliest member is this customer may be given when it is new, in order."""
    return list(islice(_minted(customer), _MINTABLE))


def _minted(customer: Any) -> Iterator[str]:
    yield household_id(customer)
    yield from (household_id(f"{customer}/{again}") for again in count(2))
