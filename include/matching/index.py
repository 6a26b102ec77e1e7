"""Blocking as one recordlinkage index algorithm: keys as hashes, sorted once, pairs expanded inside small blocks.

Imports recordlinkage, so it is itself imported only where pairs are made.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from recordlinkage.base import BaseIndexAlgorithm

from include.matching.keys import key_holdings
from include.matching.spec import BlockingRule
from include.matching.table import Ints, Table


@dataclass(frozen=True)
class RuleCount:
    """What one rule did: pairs only it was first to find, and keys (with their records) left out because too many shared them."""

    rule: str
    pairs: int
    capped_keys: int
    capped_records: int


class CappedBlocks(BaseIndexAlgorithm):  # type: ignore[misc]
    """The union of all blocking rules, each pair once, at the first rule whose uncapped key its two records share.

    recordlinkage would take the union of one index per rule, label by label; one algorithm that holds all the rules lets the pair
    stay a number until the end (measured at 1M records: 0.3 s a rule against 1.2 to 1.7 s for its ``Block``).
    """

    def __init__(self, table: Table, rules: tuple[BlockingRule, ...], allowed: npt.NDArray[np.bool_]) -> None:
        super().__init__(verify_integrity=False)
        self.table, self.rules, self.allowed = table, rules, allowed
        self.rule_of_pair: npt.NDArray[np.int16] = np.zeros(0, dtype=np.int16)
        self.counts: list[RuleCount] = []

    def _dedup_index(self, df_a: pd.DataFrame) -> pd.MultiIndex:
        """Pairs of positions (a < b), sorted; ``rule_of_pair`` lies beside them."""
        n = len(df_a)
        region = self.table.column("region")
        found, capped = [], []
        for rule in self.rules:
            record, key = key_holdings(self.table, rule.keys)
            a, b, keys_left_out, records_left_out = expand(record, key, rule.cap)
            together = self.allowed[region[a], region[b]]
            found.append(np.unique(a[together].astype(np.int64) * n + b[together]))
            capped.append((keys_left_out, records_left_out))
        pairs, first = np.unique(np.concatenate(found), return_index=True)
        rule_at = np.repeat(np.arange(len(found), dtype=np.int16), [len(part) for part in found])
        self.rule_of_pair = rule_at[first]
        firsts = np.bincount(self.rule_of_pair, minlength=len(self.rules))
        self.counts = [
            RuleCount(rule.rule, int(own), keys, records)
            for rule, own, (keys, records) in zip(self.rules, firsts, capped, strict=True)
        ]
        return position_index(pairs // n, pairs % n, n)


def position_index(a: Ints, b: Ints, n: int) -> pd.MultiIndex:
    """Pairs of row positions as the MultiIndex recordlinkage wants, without factorising what already are codes."""
    positions = pd.RangeIndex(n)
    return pd.MultiIndex(levels=[positions, positions], codes=[a, b], names=["a", "b"], verify_integrity=False)  # type: ignore[list-item]


def expand(record: Ints, key: Ints, cap: int) -> tuple[Ints, Ints, int, int]:
    """All pairs of records that share a key held by at most ``cap`` of them; keys and records left out are counted."""
    order = np.lexsort((record, key))
    record, key = record[order], key[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, dtype=np.int64)
    sizes = np.diff(np.r_[starts, len(key)])
    over = sizes > cap
    live = np.repeat(~over & (sizes > 1), sizes)
    left = np.repeat(starts + sizes, sizes)[live]  # where each record's block ends
    at = np.flatnonzero(live)
    lefts, rights = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    step = 1
    while len(at := at[inside := at + step < left]):
        left = left[inside]
        lefts.append(record[at])
        rights.append(record[at + step])
        step += 1
    return np.concatenate(lefts), np.concatenate(rights), int(over.sum()), int(sizes[over].sum())
