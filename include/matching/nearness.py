"""Why two records were compared, or never were: which blocking keys they share, and which came nearest."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from include.matching.keys import Holdings, key_holdings
from include.matching.spec import BlockingRule, ModelSpec
from include.matching.table import Table

Regions = frozenset[tuple[str, str]] | None
"""Pairs of regions that may be compared; None: all."""


@dataclass(frozen=True)
class Meeting:
    """One blocking rule and two records.

    Attributes:
        rule: Its name.
        cap: How many records may hold a key before the rule leaves it out.
        same: Parts of the key the two share.
        other: Parts both have, and differ in.
        missing: Parts that one of them lacks.
        holders: How many records hold the rarest key they share; None where they share none.
    """

    rule: str
    cap: int
    same: tuple[str, ...]
    other: tuple[str, ...]
    missing: tuple[str, ...]
    holders: int | None

    @property
    def found(self) -> bool:
        """Whether the rule brings the two together."""
        return self.holders is not None and self.holders <= self.cap


@dataclass(frozen=True)
class Nearness:
    """How near two records came to being compared.

    Attributes:
        rule: The rule that compares them; None: they are never compared.
        regions: Their two regions, where these forbid it; else empty.
        keyless: Which of the two (0, 1) have no key of any rule: nothing to be found by.
        nearest: The rules that came nearest, the best first: keys too many share, then keys with one part amiss.
    """

    rule: str | None
    regions: tuple[str, ...]
    keyless: tuple[int, ...]
    nearest: tuple[Meeting, ...]


def rules_in_force(table: Table, spec: ModelSpec) -> tuple[BlockingRule, ...]:
    """The declared rules with the caps blocking gives them: lower ones where the budget of pairs is short for these records."""
    from include.matching.index import Blocks, affordable_caps

    blocks = [Blocks.of(*key_holdings(table, rule.keys), len(table)) for rule in spec.blocking]
    caps = affordable_caps(blocks, spec.blocking, len(table), spec.budget)
    return tuple(rule.model_copy(update={"cap": cap}) for rule, cap in zip(spec.blocking, caps, strict=True))


def nearness(table: Table, rules: tuple[BlockingRule, ...], a: int, b: int, comparable: Regions, most: int = 5) -> Nearness:
    """What blocking under the ``rules_in_force`` makes of the records at two positions of an encoded snapshot."""
    holdings = cache(lambda part: key_holdings(table, (part,)))
    met = [_meeting(table, rule, a, b, holdings) for rule in rules]
    apart = _apart(table, a, b, comparable)
    found = next((meeting.rule for meeting in met if meeting.found), None) if not apart else None
    keyless = tuple(side for side, record in enumerate((a, b)) if not any(_has_key(rule, record, holdings) for rule in rules))
    near = [] if found else sorted((meeting for meeting in met if _is_near(meeting)), key=_distance)
    return Nearness(found, apart, keyless, tuple(near[:most]))


def _apart(table: Table, a: int, b: int, comparable: Regions) -> tuple[str, ...]:
    """The regions of the two, if these may not be compared; a record without one is compared with nobody."""
    if comparable is None:
        return ()
    codes, words = table.column("region"), table.words["region"]
    regions = tuple(str(words[codes[i]]) if codes[i] >= 0 else "none" for i in (a, b))
    if min(codes[a], codes[b]) >= 0 and (codes[a] == codes[b] or regions in comparable or regions[::-1] in comparable):
        return ()
    return regions


def _meeting(table: Table, rule: BlockingRule, a: int, b: int, holdings: Callable[[str], Holdings]) -> Meeting:
    same, other, missing = [], [], []
    for part in rule.keys:
        mine, theirs = _held(holdings(part), a), _held(holdings(part), b)
        if not mine or not theirs:
            missing.append(part)
        elif mine & theirs:
            same.append(part)
        else:
            other.append(part)
    holders = None
    if len(same) == len(rule.keys):  # a key is every combination of its parts, so who shares each part shares a key
        record, key = key_holdings(table, rule.keys)
        shared = np.intersect1d(key[record == a], key[record == b])
        holders = min(len(np.unique(record[key == one])) for one in shared)
    return Meeting(rule.rule, rule.cap, tuple(same), tuple(other), tuple(missing), holders)


def _held(holdings: Holdings, record: int) -> set[int]:
    return set(holdings[1][holdings[0] == record].tolist())


def _has_key(rule: BlockingRule, record: int, holdings: Callable[[str], Holdings]) -> bool:
    return all(_held(holdings(part), record) for part in rule.keys)


def _is_near(meeting: Meeting) -> bool:
    return meeting.holders is not None or (bool(meeting.same) and len(meeting.other) + len(meeting.missing) == 1)


def _distance(meeting: Meeting) -> tuple[bool, float, int, int]:
    """Keys that only their cap left out come first, the least crowded before; then one differing part before one missing."""
    crowd = meeting.holders / meeting.cap if meeting.holders is not None else 0.0
    return meeting.holders is None, crowd, len(meeting.missing), -len(meeting.same)
