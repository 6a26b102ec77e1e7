"""Which pairs of records are worth comparing: the declared rules together, capped, inside regions that may be compared."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from include.matching.spec import BlockingRule, ModelSpec, PairBudget
from include.matching.table import Ints, Table, encode

Say = Callable[[str], object]
"""Takes a sentence for the log."""


@dataclass(frozen=True)
class PairSet:
    """Pairs to compare.

    Attributes:
        frame: ``a``, ``b`` (int32 row positions in the snapshot, a < b) and ``rule`` (int16 position in the declared rules).
        counts: Per rule, pairs it was the first to find and what its cap left out (``include.matching.index.RuleCount``).
        records: Rows of the snapshot.
        keyless: Records that hold nothing any rule could find another by: whatever the others say, they stay alone.
        estimated: Pairs counted before any was made: as many there can be at most, those of several rules counted for each.
    """

    frame: pd.DataFrame
    counts: list[dict[str, int | str]] = field(default_factory=list)
    records: int = 0
    keyless: int = 0
    estimated: int = 0

    def holds(self, a: Ints, b: Ints) -> npt.NDArray[np.bool_]:
        """Whether pairs of positions, in either order, are among them: of one person's known pairs, the recall of blocking."""
        size = np.int64(max(self.records, 1))
        pairs = self.frame["a"].to_numpy(dtype=np.int64) * size + self.frame["b"].to_numpy()
        low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b).astype(np.int64)
        return np.isin(low * size + high, pairs)

    def joined_by_stewards(self, record_ids: pd.Series, decisions: pd.DataFrame) -> tuple[int, int]:
        """Of the pairs of present records that stewards said are one person: how many are among these, and how many there are."""
        joined = decisions[decisions["decision"] == "must_link"]
        if joined.empty:  # all pairs are gone through for one as for many
            return 0, 0
        ids = pd.Index(record_ids.astype(str))
        a, b = (ids.get_indexer(pd.Index(joined[side].astype(str))) for side in ("record_a", "record_b"))
        here = (a >= 0) & (b >= 0)
        return int(self.holds(a[here], b[here]).sum()), int(here.sum())

    def summary(self) -> list[str]:
        """Sentences for the log: counts and rule names only."""
        each = f"{len(self.frame) / max(self.records, 1):.1f} a record"
        lines = [f"{len(self.frame):,} pairs of {self.records:,} records ({each}; at most {self.estimated:,} were estimated)"]
        if self.keyless:
            lines.append(f"{self.keyless:,} records hold nothing to match on, so each of them stays alone")
        for count in self.counts:
            left = f", {count['capped_keys']:,} keys over the cap of {count['cap']}" if count["capped_keys"] else ""
            if count["pairs"] or left:
                lines.append(f"{count['rule']}: {count['pairs']:,} pairs{left}{_lowered(count)}")
        return lines


def block(
    snapshot: pd.DataFrame | pa.Table | Table,
    spec: ModelSpec,
    comparable: frozenset[tuple[str, str]] | None = None,
    say: Say | None = None,
) -> PairSet:
    """Pairs of the snapshot's records that share an uncapped key and whose regions may be compared (None: all may).

    ``say`` is told how many there will be before any is made.
    """
    return block_table(encode(snapshot, spec), spec.blocking, comparable, spec.budget, say)


def block_table(
    table: Table,
    rules: tuple[BlockingRule, ...],
    comparable: frozenset[tuple[str, str]] | None = None,
    budget: PairBudget | None = None,
    say: Say | None = None,
) -> PairSet:
    """``block`` over an encoded snapshot."""
    if len(table) < 2:
        return PairSet(pairs_frame([], [], []), [], len(table))
    import recordlinkage

    from include.matching.index import CappedBlocks

    blocks = CappedBlocks(table, rules, may_be_compared(table.words["region"], comparable), budget, say)
    index = recordlinkage.Index(blocks).index(pd.DataFrame(index=pd.RangeIndex(len(table))))
    frame = pairs_frame(index.codes[0], index.codes[1], blocks.rule_of_pair)
    declared = {rule.rule: rule.cap for rule in rules}
    counts = [{**vars(count), "declared_cap": declared[count.rule]} for count in blocks.counts]
    return PairSet(frame, counts, len(table), blocks.keyless, blocks.estimated)


def _lowered(count: dict[str, int | str]) -> str:
    if count["cap"] == count["declared_cap"] or not count["capped_keys"]:
        return ""
    return f" (cap lowered from {count['declared_cap']}, for the rules together would have made more pairs than the budget)"


def pairs_frame(a: npt.ArrayLike, b: npt.ArrayLike, rule: npt.ArrayLike) -> pd.DataFrame:
    """Pairs in the types they are stored in."""
    return pd.DataFrame(
        {"a": np.asarray(a, dtype=np.int32), "b": np.asarray(b, dtype=np.int32), "rule": np.asarray(rule, dtype=np.int16)},
        copy=False,
    )


def may_be_compared(words: npt.NDArray[np.object_], comparable: frozenset[tuple[str, str]] | None) -> npt.NDArray[np.bool_]:
    """Which region may be compared with which, by code; the last row and column stand for a record without a region."""
    regions = [*map(str, words), None]
    if comparable is None:
        return np.ones((len(regions), len(regions)), dtype=bool)
    either = comparable | {(b, a) for a, b in comparable}
    # A record without a region is under no policy we know of, so it is compared with nobody.
    return np.array([[None not in (a, b) and ((a, b) in either or a == b) for b in regions] for a in regions], dtype=bool)
