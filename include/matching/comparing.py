"""Pairs to level codes, a bounded number of pairs at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import pandas as pd

from include.matching.spec import ModelSpec
from include.matching.table import Ints, Table

_AT_ONCE = 2
"""Parts compared at once: most of the work is done outside the interpreter's lock, and each part takes its memory."""

Part = TypeVar("Part")
Made = TypeVar("Made")

Choose = Callable[[Ints, Ints], Ints]
"""Positions of pairs to the places of some of them."""


class Comparer:
    """The declared comparisons over one encoded snapshot.

    They are recordlinkage's features, but fed here by position: its ``Compare`` looks each record up by its label, once a feature
    and side, whatever its ``indexing_type`` says, and that was a fifth of the whole.
    """

    def __init__(self, table: Table, spec: ModelSpec) -> None:
        from include.matching.features import features

        self.table, self.spec = table, spec
        self.features = features(table, spec)
        self.columns = {column for feature in self.features for column in feature.columns}
        self.empty = {column for column in self.columns if table.is_empty(column)}

    def levels(self, a: Ints, b: Ints, *, backwards: bool = False) -> Ints:
        """Level codes, one row a pair, one column a comparison in declared order.

        Two threads of which one goes ``backwards`` through the comparisons read two vocabularies at once, where else one would
        wait for the other.
        """
        names = list(self.spec.comparisons)
        found = np.zeros((len(a), len(names)), dtype=np.int8)
        if len(a) == 0:
            return found
        nothing = np.full(len(a), -1, dtype=np.int32)
        left, right = dict.fromkeys(self.empty, nothing), dict.fromkeys(self.empty, nothing)
        a, b = a.astype(np.intp, copy=False), b.astype(np.intp, copy=False)  # once, or every look-up does it again
        for name in self.columns - self.empty:
            left[name], right[name] = (self.table.column(name).take(at) for at in (a, b))
        for feature in reversed(self.features) if backwards else self.features:
            codes = feature.compare([left[column] for column in feature.columns], [right[column] for column in feature.columns])
            labels, columns = ([feature.label], [codes]) if isinstance(codes, np.ndarray) else (feature.label, codes)
            for label, column in zip(labels, columns, strict=True):
                found[:, names.index(label)] = column
        return found

    def in_parts(self, pairs: pd.DataFrame, choose: Choose | None = None) -> Iterator[tuple[Ints, Ints]]:
        """Places of a frame's pairs and their ``levels``, part by part; while one is used, the next are compared.

        Args:
            pairs: ``a`` and ``b``, positions.
            choose: Which of them are to be compared; None: all.
        """
        a, b = pairs["a"].to_numpy(), pairs["b"].to_numpy()

        def compared(start: int) -> tuple[Ints, Ints]:
            part = slice(start, start + self.spec.pairs_at_once)
            x, y = a[part], b[part]
            chosen = choose(x, y) if choose else np.arange(len(x))
            return chosen + start, self.levels(x[chosen], y[chosen], backwards=start // self.spec.pairs_at_once % 2 == 1)

        return side_by_side(compared, range(0, len(pairs), self.spec.pairs_at_once))


def side_by_side(make: Callable[[Part], Made], parts: Iterable[Part]) -> Iterator[Made]:
    """What is made of each part, in order; while one is used, the next are made."""
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        begun: deque[Future[Made]] = deque()
        for part in parts:
            begun.append(threads.submit(make, part))
            if len(begun) > _AT_ONCE:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
