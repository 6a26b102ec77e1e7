"""How a customer's records hang together, where it would break first, and what was kept apart from it.

Every pair inside a group is weighed here, as clustering does, also those that blocking never brought together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

import numpy as np
import pandas as pd

from include.matching.comparing import Comparer
from include.matching.explaining import Weighed, weighed
from include.matching.nearness import Nearness, Regions, nearness, rules_in_force
from include.matching.scoring import InnerJudge, Judge
from include.matching.spec import BlockingRule, ModelSpec
from include.matching.table import Ints, encode, scaled
from include.matching.weights import Weights

Pair = tuple[str, str]
"""Two record ids, the lesser first."""

Decisions = Mapping[Pair, str]
"""Pair > ``must_link`` or ``cannot_link``, of the steward decisions in force."""


def pair(one: str, other: str) -> Pair:
    """Two record ids in order."""
    return (one, other) if one < other else (other, one)


@dataclass(frozen=True)
class Tie:
    """One pair, weighed.

    Attributes:
        records: The two.
        weight: log2 odds.
        counts: What clustering counts it for: bounded, and next to nothing where the two have nothing to compare.
        vetoed: Whether they contradict each other.
        decided: What a steward decided of them, if anything.
    """

    records: Pair
    weight: float
    counts: float
    vetoed: bool
    decided: str | None = None


@dataclass(frozen=True)
class Cohesion:
    """How one customer's records hang together.

    Attributes:
        pairs: How many pairs they make.
        mean: What these count for on average; two groups are joined while theirs is above ``Clustering.merge_above``.
        links: A strongest way to connect all records, one link less than records; a steward's must-link before all others, then
            the heaviest first.
        weakest: The last of the links.
        side: The smaller side if the weakest link were cut.
        across: The mean between the two sides.
        contradictions: Pairs that contradict each other and are in one customer all the same.
    """

    pairs: int
    mean: float
    links: tuple[Tie, ...]
    weakest: Tie
    side: tuple[str, ...]
    across: float
    contradictions: tuple[Tie, ...]


@dataclass(frozen=True)
class Apart:
    """Two groups of records that are two customers.

    Attributes:
        best: The heaviest pair between them.
        mean: What the pairs between them count for on average.
        decided: Pairs a steward said are two people.
        contradictions: Pairs that contradict each other.
    """

    best: Tie
    mean: float
    decided: tuple[Pair, ...]
    contradictions: tuple[Tie, ...]


class Scales:
    """A snapshot ready for weighing any two of its records; encoding it is what takes the time, so it waits until asked.

    How common a value is counts over all records, so the whole snapshot is read even for one pair.
    """

    def __init__(self, snapshot: pd.DataFrame, spec: ModelSpec, weights: Weights) -> None:
        self.snapshot, self.spec, self.weights = snapshot, spec, weights
        self.judge = Judge(spec, weights)
        self.place = pd.Index(snapshot["record_id"].astype(str))

    @cached_property
    def compare(self) -> Comparer:
        """The declared comparisons over the encoded snapshot."""
        return Comparer(scaled(encode(self.snapshot, self.spec), self.weights.repeats), self.spec)

    @cached_property
    def rules(self) -> tuple[BlockingRule, ...]:
        """The blocking rules with the caps they have on this snapshot."""
        return rules_in_force(self.compare.table, self.spec)

    def weigh(self, pairs: Sequence[Pair]) -> list[Weighed]:
        """Pairs explained as they stand in the snapshot, whether or not blocking finds them."""
        patterns = self._levels(pairs)
        weights = self.judge.judge(patterns).weight.tolist()
        lines = (self.judge.evidence(pattern) for pattern in patterns)
        return [
            weighed({name: [level, part] for name, level, part in said}, weight, self.spec, reliable=self.weights.reliable)
            for said, weight in zip(lines, weights, strict=True)
        ]

    def ties(self, pairs: Iterable[Pair], decisions: Decisions) -> list[Tie]:
        """Pairs weighed as clustering weighs them."""
        wanted = list(pairs)
        levels, rules = self._levels(wanted), self.spec.clustering
        judged = self.judge.judge(levels)
        counts = np.clip(InnerJudge(self.spec, self.weights).judge(levels).weight, rules.floor, rules.ceiling)
        told = zip(wanted, judged.weight.tolist(), counts.tolist(), judged.vetoed.tolist(), strict=True)
        return [Tie(one, weight, count, vetoed, decisions.get(one)) for one, weight, count, vetoed in told]

    def nearness(self, one: str, other: str, comparable: Regions) -> Nearness:
        """What blocking makes of two records."""
        a, b = self._positions([one, other])
        return nearness(self.compare.table, self.rules, int(a), int(b), comparable)

    def _levels(self, pairs: Sequence[Pair]) -> Ints:
        a, b = (self._positions([one[side] for one in pairs]) for side in (0, 1))
        return self.compare.levels(a, b)

    def _positions(self, records: Sequence[str]) -> Ints:
        positions = self.place.get_indexer(pd.Index(records, dtype=object))
        if (positions < 0).any():
            raise KeyError("a record is not in the snapshot")
        return positions


def hang_together(scales: Scales, records: Sequence[str], decisions: Decisions) -> Cohesion:
    """How the records of one customer, two at least, hang together."""
    ties = scales.ties(combinations(sorted(records), 2), decisions)
    links = spanning(records, ties)
    side = _smaller_side(records, links)
    across = [tie.counts for tie in ties if (tie.records[0] in side) != (tie.records[1] in side)]
    return Cohesion(
        pairs=len(ties),
        mean=float(np.mean([tie.counts for tie in ties])),
        links=links,
        weakest=links[-1],
        side=tuple(sorted(side)),
        across=float(np.mean(across)),
        contradictions=tuple(tie for tie in ties if tie.vetoed or tie.decided == "cannot_link"),
    )


def held_apart(scales: Scales, records: Sequence[str], others: Sequence[str], decisions: Decisions) -> Apart:
    """What stands between two customers."""
    ties = scales.ties((pair(one, other) for one, other in product(records, others)), decisions)
    return Apart(
        best=max(ties, key=lambda tie: (tie.weight, tie.records)),
        mean=float(np.mean([tie.counts for tie in ties])),
        decided=tuple(tie.records for tie in ties if tie.decided == "cannot_link"),
        contradictions=tuple(tie for tie in ties if tie.vetoed),
    )


def spanning(records: Sequence[str], ties: Iterable[Tie]) -> tuple[Tie, ...]:
    """A heaviest tree over the records (Kruskal): links in the order in which they connect them, must-links first."""
    group = {record: record for record in records}

    def root(record: str) -> str:
        while group[record] != record:
            group[record] = group[group[record]]
            record = group[record]
        return record

    links = []
    for tie in sorted(ties, key=lambda tie: (tie.decided != "must_link", -tie.weight, tie.records)):
        one, other = (root(record) for record in tie.records)
        if one != other:
            group[other] = one
            links.append(tie)
    return tuple(links)


def through(links: Iterable[Tie], one: str, other: str) -> list[Tie]:
    """The way from one record to another along spanning links; empty if there is none."""
    beside: dict[str, list[tuple[str, Tie]]] = {}
    for tie in links:
        for here, there in (tie.records, tie.records[::-1]):
            beside.setdefault(here, []).append((there, tie))
    ways: dict[str, list[Tie]] = {one: []}
    waiting = [one]
    for here in waiting:
        for there, tie in beside.get(here, []):
            if there not in ways:
                ways[there] = [*ways[here], tie]
                waiting.append(there)
    return ways.get(other, [])


def _smaller_side(records: Sequence[str], links: Sequence[Tie]) -> frozenset[str]:
    one, other = links[-1].records
    kept = links[:-1]
    side = frozenset(record for record in records if record == one or through(kept, one, record))
    rest = frozenset(records) - side
    return min(side, rest, key=lambda part: (len(part), one not in part, other not in part))
