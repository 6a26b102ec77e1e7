"""Pairs to level codes, through recordlinkage's Compare, a bounded number of pairs at a time."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pandas as pd

from include.matching.spec import ModelSpec
from include.matching.table import Ints, Table

_AT_ONCE = 2
"""Parts compared at once: most of the work is done outside the interpreter's lock, and each part takes its memory."""


class Comparer:
    """The declared comparisons over one encoded snapshot.

    ``recordlinkage.Compare(indexing_type="position")``: the frame is integer codes over a RangeIndex, so that label and position
    are one; recordlinkage 0.16 takes the argument and then looks labels up all the same, which is as cheap here.
    """

    def __init__(self, table: Table, spec: ModelSpec) -> None:
        import recordlinkage

        from include.matching.features import features

        self.table, self.spec = table, spec
        self.compare = recordlinkage.Compare(features(table, spec), indexing_type="position")

    def levels(self, a: Ints, b: Ints) -> Ints:
        """Level codes, one row a pair, one column a comparison in declared order."""
        from include.matching.index import position_index

        names = list(self.spec.comparisons)
        if len(a) == 0:
            return np.zeros((0, len(names)), dtype=np.int8)
        compared = self.compare.compute(position_index(a, b, len(self.table)), self.table.codes)
        return np.asarray(compared[names].to_numpy(dtype=np.int8))

    def in_parts(self, pairs: pd.DataFrame) -> Iterator[tuple[slice, Ints]]:
        """``levels`` of a frame of pairs, part by part; while one is used, the next is compared."""
        a, b = pairs["a"].to_numpy(), pairs["b"].to_numpy()
        parts = [slice(start, start + self.spec.pairs_at_once) for start in range(0, len(pairs), self.spec.pairs_at_once)]
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            begun: deque[tuple[slice, Future[Ints]]] = deque()
            for part in parts:
                begun.append((part, threads.submit(self.levels, a[part], b[part])))
                if len(begun) == _AT_ONCE:
                    first, found = begun.popleft()
                    yield first, found.result()
            while begun:
                first, found = begun.popleft()
                yield first, found.result()
