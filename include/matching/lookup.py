"""One record against all there are, before it is created: whom it would match, weighed as a resolve run would weigh it.

What is known of all records is a register of hashes and counts; of the few that share a blocking key with the asked record,
the content is read. The counts are those there would be with the asked record among the others, so a weight is the one that
a run after its creation gives the pair.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.matching.blocking import may_be_compared
from include.matching.change import Read
from include.matching.comparing import Comparer
from include.matching.explaining import loudest, weighed
from include.matching.frequencies import Counted
from include.matching.holdings import NOT_KNOWN, Holdings, Part, Tallies
from include.matching.letters import Hashes
from include.matching.register import BARE, COUNTED, Register, keys_of, values_of
from include.matching.scoring import Judge
from include.matching.spec import ModelSpec
from include.matching.table import MATCHED_COLUMNS, SET_COLUMNS, Ints, Table, encode, nobodys_are, scaled
from include.matching.weights import Weights

ASKED = "ffffffff-ffff-8fff-bfff-ffffffffffff"
"""Record id of the asked record: nobody's, and behind every other."""

Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Likely:
    """A record that may be the asked person's.

    Attributes:
        record_id: Which.
        weight: log2 odds, as a resolve run would store it.
        band: ``match`` or ``review``.
        levels: Level codes, comparison by comparison.
    """

    record_id: str
    weight: float
    band: str
    levels: Ints


@dataclass(frozen=True)
class Standing:
    """All records as they stand, ready to be looked among.

    Attributes:
        register: Keys and counts of all records.
        spec: The declared model.
        weights: The match model in force.
        comparable: Ordered pairs of regions whose records may be compared; None: all.
    """

    register: Register
    spec: ModelSpec
    weights: Weights
    comparable: frozenset[tuple[str, str]] | None = None

    @cached_property
    def caps(self) -> list[int]:
        """How many records may hold a key, rule by rule."""
        return self.register.caps(self.spec)

    @cached_property
    def holdings(self) -> Mapping[str, Holdings]:
        """Who holds which key of each rule; what is retired of them is looked up once, for it takes going over all of them."""
        return {rule.rule: self.register.of_rule(rule.rule) for rule in self.spec.blocking}

    @cached_property
    def tallies(self) -> Mapping[str, Tallies]:
        """How common each value of a counted column is, without the asked record."""
        return {column: self.register.of_column(column).tallies() for column in COUNTED if column not in BARE.values()}

    @cached_property
    def judge(self) -> Judge:
        """The match model, ready to judge."""
        return Judge(self.spec, self.weights)

    def likely(self, asked: pd.DataFrame, read: Read) -> list[Likely]:
        """The records in the match and review bands, the weightiest first.

        Args:
            asked: The asked record, cleaned, as the one row of a snapshot.
            read: Reads some of the records that are there.
        """
        asked = asked.assign(record_id=ASKED)
        alone = encode(asked, self.spec, self.register)
        counts = _AmongAll(self, values_of(alone, len(self.register.live)))
        if self._turns(counts):
            alone = encode(asked, self.spec, counts)
        numbers = self._sharing(alone, asked["region"].iloc[0])
        rows = read(pd.Index(self.register.record_id[numbers], dtype=object))
        if rows.empty:
            return []
        matched = [name for name in rows.columns if name in MATCHED_COLUMNS]
        both = pd.concat([rows[matched], asked.reindex(columns=matched)], ignore_index=True)
        table = scaled(encode(both, self.spec, counts), self.weights.repeats)
        others = np.arange(len(rows))
        levels = Comparer(table, self.spec).levels(others, np.full(len(rows), len(rows)))
        judged = self.judge.judge(levels)
        match = (judged.weight >= self.spec.thresholds.match) & ~judged.vetoed
        found = [
            Likely(str(rows["record_id"].iloc[i]), float(judged.weight[i]), "match" if match[i] else "review", levels[i])
            for i in np.flatnonzero(judged.weight >= self.spec.thresholds.review)
        ]
        return sorted(found, key=lambda one: (one.band, -one.weight, one.record_id))

    def because(self, likely: Likely, most: int = 3) -> list[str]:
        """What speaks most for one of them, the loudest first, as ``email exact``: comparisons and levels, no values."""
        evidence = {name: [level, weight] for name, level, weight in self.judge.evidence(likely.levels)}
        return loudest(weighed(evidence, likely.weight, self.spec, reliable=self.weights.reliable), most)

    def _turns(self, counts: "_AmongAll") -> bool:
        """Whether an item of the asked record is nobody's once this record holds it too, or somebody's again."""
        for column in SET_COLUMNS:
            items = np.unique(counts.held[column].key)
            if not len(items):
                continue
            was, becomes = (nobodys_are(held.of(column, items), self.spec.nobodys) for held in (self.register, counts))
            if (was != becomes).any():
                return True
        return False

    def _sharing(self, asked: Table, region: object) -> Numbers:
        """Who shares a key with the asked record that few enough hold."""
        held = keys_of(asked, self.spec, 0)
        found: list[Numbers] = [np.zeros(0, dtype=np.int32)]
        for rule, cap in zip(self.spec.blocking, self.caps, strict=True):
            keys = np.unique(held[rule.rule].key)
            if len(keys):
                there = self.holdings[rule.rule]
                found.append(there.holders(keys[there.counts(keys) < cap])[1])  # with the asked record at most the cap
        numbers = np.unique(np.concatenate(found))
        regions = np.array([*self.register.region[numbers], region], dtype=object)
        of, words = pd.factorize(regions, use_na_sentinel=True)
        allowed = may_be_compared(words, self.comparable)[of[:-1], of[-1]]
        return np.asarray(numbers[allowed])


@dataclass(frozen=True)
class _AmongAll:
    """How common values are among all records and the asked one."""

    standing: Standing
    held: Mapping[str, Part]

    def of(self, column: str, hashes: Hashes) -> Counted:
        """Counts of some values of a column."""
        before, own = self.standing.tallies[column].of(hashes), self.held[column]
        there = self.standing.register.of_column(column)
        persons, records = before.persons.copy(), before.records.copy()
        for place in np.flatnonzero(np.isin(hashes, own.key)):
            apart = own.apart_of(hashes[place])
            persons[place] += apart != NOT_KNOWN and not there.is_told(hashes[place], apart)
            records[place] += 1
        return Counted(persons, records)
