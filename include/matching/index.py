"""Blocking as one recordlinkage index algorithm: keys as hashes, sorted once, pairs expanded inside small blocks.

Imports recordlinkage, so it is itself imported only where pairs are made.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from recordlinkage.base import BaseIndexAlgorithm

from include.errors import DeclarationError
from include.matching.blocking import Say
from include.matching.keys import key_holdings, shared_holdings
from include.matching.letters import Hashes
from include.matching.spec import BlockingRule, PairBudget
from include.matching.table import Ints, Table, within_runs

_AT_ONCE = 8_000_000
"""Pairs found that wait to be told apart: what bounds the memory of blocking beyond the pairs themselves."""

_PAIRS_OF_SPAN = 4_000_000
"""Pairs found of a span of records, before those that several rules found are told apart."""

_MANY = 100_000
"""Pairs that are worth a second thread."""

_AT_A_TIME = 2
"""Rules whose records are sorted at a time, and spans whose pairs are made."""


@dataclass(frozen=True)
class RuleCount:
    """What one rule did.

    Attributes:
        rule: Its name.
        cap: Most records of a key that were paired: as declared, or less where the budget of pairs was short.
        estimated: Pairs its blocks hold within the declared cap, counted before any was made.
        pairs: Pairs it was the first to find.
        capped_keys: Keys left out because too many records share them.
        capped_records: Those records, once for each such key.
    """

    rule: str
    cap: int
    estimated: int
    pairs: int
    capped_keys: int
    capped_records: int


class Sized(Protocol):
    """Blocks, or what is known of their sizes."""

    def pairs_by_size(self) -> npt.NDArray[np.int64]:
        """Pairs that blocks of each size hold together."""


@dataclass(frozen=True)
class Blocks:
    """Records in blocks of one key each, block by block.

    Attributes:
        record: Records, ascending within a block.
        sizes: Records of each block, in the order they lie.
    """

    record: npt.NDArray[np.int32]
    sizes: npt.NDArray[np.int32]

    @classmethod
    def of(cls, record: Ints, key: Hashes, n: int) -> "Blocks":
        """Blocks of two records or more.

        Key and record are sorted as one number, so of the key only the high bits are left; two keys that then are one bring
        together a few records more than asked for, which comparing will tell apart.
        """
        bits = np.uint64(record_bits(n))
        packed = key >> bits << bits
        packed |= record.astype(np.uint64)
        packed.sort()
        held = packed >> bits
        same = held[1:] == held[:-1]
        packed = packed[np.r_[same, False][: len(held)] | np.r_[False, same][: len(held)]]  # most keys are held once
        packed = packed[np.r_[True, packed[1:] != packed[:-1]][: len(packed)]]
        held = packed >> bits
        starts = np.flatnonzero(np.r_[True, held[1:] != held[:-1]][: len(held)])
        sizes = np.diff(np.r_[starts, len(held)])
        record = (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int32)
        return cls(record[np.repeat(sizes > 1, sizes)], sizes[sizes > 1].astype(np.int32))

    def pairs_by_size(self) -> npt.NDArray[np.int64]:
        """Pairs that blocks of each size hold together."""
        counts = np.bincount(self.sizes).astype(np.int64)
        size = np.arange(len(counts), dtype=np.int64)
        return counts * size * (size - 1) // 2

    def within(self, cap: int) -> "Runs":
        """The records of the blocks of at most ``cap``."""
        live = self.sizes <= cap
        sizes = self.sizes[live]
        return Runs(self.record[np.repeat(live, self.sizes)], np.repeat(sizes, sizes) - 1 - within_runs(sizes).astype(np.int32))


@dataclass(frozen=True)
class Runs:
    """Records of blocks, ready to be paired.

    Attributes:
        record: Records, ascending within a block.
        after: How many records of its block come after each.
    """

    record: npt.NDArray[np.int32]
    after: npt.NDArray[np.int32]

    def pairs(self, span: tuple[int, int]) -> tuple[Ints, Ints]:
        """All pairs, the lesser first, whose lesser record lies in the span, from its first to before its end."""
        at = np.flatnonzero((self.after > 0) & (self.record >= span[0]) & (self.record < span[1]))
        after, step = self.after[at], 1
        lefts, rights = [np.zeros(0, dtype=np.int32)], [np.zeros(0, dtype=np.int32)]
        while len(at):
            lefts.append(self.record[at])
            rights.append(self.record[at + step])
            step += 1
            further = after >= step
            at, after = at[further], after[further]
        return np.concatenate(lefts), np.concatenate(rights)


def record_bits(n: int) -> int:
    """Bits beside a key that number a record, as many for few as for 16 million: who arrives changes no key."""
    return max((n - 1).bit_length(), 24)


class CappedBlocks(BaseIndexAlgorithm):  # type: ignore[misc]
    """The union of all blocking rules, each pair once, at the first rule whose uncapped key its two records share.

    recordlinkage would take the union of one index per rule, label by label; one algorithm that holds all the rules lets the pair
    stay a number until the end.
    """

    def __init__(
        self,
        table: Table,
        rules: tuple[BlockingRule, ...],
        allowed: npt.NDArray[np.bool_],
        budget: PairBudget | None = None,
        say: Say | None = None,
    ) -> None:
        super().__init__(verify_integrity=False)
        self.table, self.rules, self.allowed, self.budget = table, rules, allowed, budget
        self.rule_of_pair: npt.NDArray[np.int16] = np.zeros(0, dtype=np.int16)
        self.counts: list[RuleCount] = []
        self.keyless, self.estimated, self.say = len(table), 0, say
        there = np.unique(table.column("region"))
        self._all_allowed = bool(allowed[np.ix_(there, there)].all())

    def _dedup_index(self, df_a: pd.DataFrame) -> pd.MultiIndex:
        """Pairs of positions (a < b), sorted; ``rule_of_pair`` lies beside them."""
        n = len(df_a)
        keyed, held = np.zeros(n, dtype=bool), shared_holdings(self.table, [rule.keys for rule in self.rules])

        def of(rule: BlockingRule) -> Blocks:
            record, key = key_holdings(self.table, rule.keys, held)
            keyed[record] = True
            return Blocks.of(record, key, n)

        with ThreadPoolExecutor(_AT_A_TIME) as threads:  # numpy sorts without the lock that keeps Python to one thread
            # Begun from the last: the loosest rules are the dearest, and one begun last would be waited for alone
            blocks = list(threads.map(of, reversed(self.rules)))[::-1]
        held.clear()
        self.keyless = int(n - keyed.sum())
        caps = affordable_caps(blocks, self.rules, n, self.budget)
        kept: list[tuple[int, int, int]] = []
        for rule, block, cap in zip(self.rules, blocks, caps, strict=True):
            over = block.sizes > cap
            kept.append((_pairs_within(block, rule.cap), int(over.sum()), int(block.sizes[over].sum())))
        self.estimated = sum(_pairs_within(block, cap) for block, cap in zip(blocks, caps, strict=True))
        if self.say:
            self.say(estimate_sentence(self.estimated, n, self.budget))
        spans = _spans(self.estimated, n)
        runs = [block.within(cap) for block, cap in zip(blocks, caps, strict=True)]
        blocks.clear()

        def found_in(span: tuple[int, int]) -> tuple[Ints, Ints, Ints]:
            found = Found(n, len(self.rules))
            for number, run in enumerate(runs):
                found.add(*self._together(*run.pairs(span)), number)
            return found.pairs()

        with ThreadPoolExecutor(_AT_A_TIME) as threads:
            parts = list(threads.map(found_in, spans))
        runs.clear()
        a, b, self.rule_of_pair = (np.concatenate([part[column] for part in parts]) for column in range(3))
        firsts = np.bincount(self.rule_of_pair, minlength=len(self.rules))
        self.counts = [
            RuleCount(rule.rule, cap, estimated, int(own), keys, records)
            for rule, cap, own, (estimated, keys, records) in zip(self.rules, caps, firsts, kept, strict=True)
        ]
        return position_index(a, b, n)

    def _together(self, a: Ints, b: Ints) -> tuple[Ints, Ints]:
        """Those that may be compared."""
        if self._all_allowed:
            return a, b
        region = self.table.column("region")
        together = self.allowed[region[a], region[b]]
        return a[together], b[together]


def _spans(pairs: int, n: int) -> list[tuple[int, int]]:
    """Spans of records, by the lesser of each pair: no two spans share a pair, and each has about as many."""
    count = max(-(-pairs // _PAIRS_OF_SPAN), _AT_A_TIME if pairs > _MANY else 1)
    # Of pairs at random a share of (1 - x)^2 has its lesser record beyond a share x of the records.
    ends = np.round(n * (1.0 - np.sqrt(1.0 - np.arange(count + 1) / count))).astype(np.int64).tolist()
    return list(pairwise(ends))


class Found:
    """Pairs as they are found, one number each: both positions and, lowest, the rule."""

    def __init__(self, n: int, rules: int) -> None:
        self.of_record, self.bits = (max(n, 2) - 1).bit_length(), rules.bit_length()
        if 2 * self.of_record + self.bits > 62:
            raise ValueError(f"{n:,} records under {rules} rules are more than blocking can number")
        self.parts: list[npt.NDArray[np.int64]] = []
        self.waiting = 0

    def add(self, a: Ints, b: Ints, rule: int) -> None:
        """Take what a rule found."""
        numbers = a.astype(np.int64) << self.of_record
        numbers |= b
        numbers <<= self.bits
        numbers |= rule
        self.parts.append(numbers)
        self.waiting += len(a)
        if self.waiting > _AT_ONCE:
            self._join()

    def _join(self) -> None:
        """Each pair once, at its first rule."""
        numbers = np.concatenate([np.zeros(0, dtype=np.int64), *self.parts])
        self.parts.clear()
        numbers.sort()
        pair = numbers >> self.bits
        self.parts, self.waiting = [numbers[np.r_[True, pair[1:] != pair[:-1]][: len(pair)]]], 0

    def pairs(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int16]]:
        """Both positions and the rule of each pair, in order of the positions."""
        self._join()
        numbers = self.parts.pop()
        rule = (numbers & ((1 << self.bits) - 1)).astype(np.int16)
        numbers >>= self.bits
        b = (numbers & ((1 << self.of_record) - 1)).astype(np.int32)
        numbers >>= self.of_record
        return numbers.astype(np.int32), b, rule


def estimate_sentence(pairs: int, n: int, budget: PairBudget | None) -> str:
    """What blocking is about to make, in words."""
    said = (
        f"At most {pairs:,} pairs are about to be made, {pairs / max(n, 1):.1f} a record, one of several rules counted for each"
    )
    return said if budget is None else f"{said}; {_affordable(n, budget):,} are affordable"


def _affordable(n: int, budget: PairBudget) -> int:
    return max(int(budget.pairs_per_record * n), budget.always)


def _pairs_within(blocks: Blocks, cap: int) -> int:
    return int(blocks.pairs_by_size()[: cap + 1].sum())


def affordable_caps(
    blocks: Sequence[Sized], rules: tuple[BlockingRule, ...], n: int, budget: PairBudget | None = None
) -> list[int]:
    """The cap of each rule, lowered where the rules together would make more pairs than the budget allows.

    The pairs are counted from the sizes of the blocks, before any is made. What yields least goes first: of the pairs of a block
    of ``s`` records about one in ``s - 1`` can be one person's, so the largest blocks of all rules are left out, down to the
    budget's ``least_cap``.

    Raises:
        DeclarationError: Even then there would be far too many; names the rule that makes most of them.
    """
    caps = [rule.cap for rule in rules]
    if budget is None or not rules:
        return caps
    by_size = np.zeros((len(rules), max(caps) + 1), dtype=np.int64)
    for row, block, cap in zip(by_size, blocks, caps, strict=True):
        pairs = block.pairs_by_size()[: cap + 1]
        row[: len(pairs)] = pairs
    up_to = by_size.sum(axis=0).cumsum()
    most = _affordable(n, budget)
    highest = int(np.searchsorted(up_to, most, side="right")) - 1  # the largest size whose pairs are still affordable
    if highest < budget.least_cap < max(caps):
        at_least = by_size[:, : budget.least_cap + 1].sum(axis=1)
        if (together := int(at_least.sum())) > max(int(budget.refused_above * n), budget.always):
            worst = rules[int(at_least.argmax())]
            raise DeclarationError(
                "model.yml",
                f"blocking.{worst.rule}",
                f"the rules would make {together:,} pairs, {together / n:,.0f} a record, and more than "
                f"{budget.refused_above:,.0f} a record are refused, "
                f"even with every cap lowered to {budget.least_cap}; this rule makes most of them "
                f"({int(at_least.max()) / n:,.0f} a record), for too many records share each {' and '.join(worst.keys)}: "
                "give it another key, or raise the budget",
            )
    return [min(cap, max(highest, budget.least_cap)) for cap in caps]


def position_index(a: Ints, b: Ints, n: int) -> pd.MultiIndex:
    """Pairs of row positions as the MultiIndex recordlinkage wants, without factorising what already are codes."""
    positions = pd.RangeIndex(n)
    return pd.MultiIndex(levels=[positions, positions], codes=[a, b], names=["a", "b"], verify_integrity=False)  # type: ignore[list-item]
