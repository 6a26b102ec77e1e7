"""Pairs to level codes, a bounded number of pairs at a time."""

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

    They are recordlinkage's features, but fed here by position: its ``Compare`` looks each record up by its label, once a feature
    and side, whatever its ``indexing_type`` says, and that was a fifth of the whole.
    """

    def __init__(self, table: Table, spec: ModelSpec) -> None:
        from include.matching.features import features

        self.table, self.spec = table, spec
        self.features = features(table, spec)

    def levels(self, a: Ints, b: Ints) -> Ints:
        """Level codes, one row a pair, one column a comparison in declared order."""
        names = list(self.spec.comparisons)
        found = np.zeros((len(a), len(names)), dtype=np.int8)
        if len(a) == 0:
            return found
        read = {column for feature in self.features for column in feature.columns}
        left = {column: self.table.column(column)[a] for column in read}
        right = {column: self.table.column(column)[b] for column in read}
        for feature in self.features:
            codes = feature.compare([left[column] for column in feature.columns], [right[column] for column in feature.columns])
            labels, columns = ([feature.label], [codes]) if isinstance(codes, np.ndarray) else (feature.label, codes)
            for label, column in zip(labels, columns, strict=True):
                found[:, names.index(label)] = column
        return found

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
