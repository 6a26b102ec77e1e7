"""The batch in a few figures, gathered while its rows stream by, so that no batch has to fit into memory to be judged.

What counts (shares, extremes) is added up. What compares rows with one another (duplicates, groups) keeps 64-bit hashes, eight
bytes a row: 8 MB for a million rows. Two different values of a batch of a million share a hash with a chance of 3 in 100 million.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.quality.declared import Measure, MixedGroups, ValueShare
from include.quality.frames import TEXTS
from include.quality.lens import each_text, filled, instants

Figure = int | float | pd.Timestamp | None
Hashes = npt.NDArray[np.uint64]


class _Gatherer(Protocol):
    def add(self, rows: pd.DataFrame) -> None:
        """Take in the judged view of one chunk."""

    def value(self) -> Figure:
        """The figure over everything taken in; None if there was nothing."""


class Profile:
    """Measures of one batch.

    Args:
        measures: As declared.
        facts: What the caller brought.
    """

    def __init__(self, measures: Mapping[str, Measure], facts: Mapping[str, Any]) -> None:
        self._measures = measures
        self._facts = facts
        self._hashes: dict[tuple[tuple[str, ...], str | None], _Values] = {}
        self._gatherers = {name: g for name, m in measures.items() if (g := self._gatherer(m)) is not None}
        self.rows = 0

    def add(self, rows: pd.DataFrame) -> None:
        """Take in the judged view of one chunk."""
        self.rows += len(rows)
        for values in self._hashes.values():
            values.add(rows)
        for gatherer in self._gatherers.values():
            if not isinstance(gatherer, _OfValues):
                gatherer.add(rows)

    def figures(self, built_in: Mapping[str, Figure]) -> dict[str, Figure]:
        """All figures by measure name, the built-in ones first."""
        figures: dict[str, Figure] = dict(built_in)
        for name, measure in self._measures.items():
            figures[name] = self._figure(name, measure, figures) if self._size(measure) >= measure.least_rows else None
        return figures

    def _size(self, measure: Measure) -> int:
        """Rows, or of what it counts once different ones."""
        return len(self._values((measure.once_per,)).counts()) if measure.once_per else self.rows

    def _figure(self, name: str, measure: Measure, known: Mapping[str, Figure]) -> Figure:
        if measure.fact:
            return self._facts[measure.fact]  # type: ignore[no-any-return]
        if measure.measures:
            first, second = (known[part] for part in measure.measures)
            if not isinstance(first, int | float) or not isinstance(second, int | float):
                return None
            if measure.difference:
                return first - second
            if measure.sum:
                return first + second
            return first / second if second else None
        return self._gatherers[name].value()

    def _gatherer(self, measure: Measure) -> _Gatherer | None:
        for form, columns in _OF_VALUES.items():
            declared = getattr(measure, form)
            if declared is not None:
                key = (declared,) if isinstance(declared, str) else tuple(declared)
                if measure.once_per:
                    self._values((measure.once_per,))
                return _OfValues(self._values(key, measure.once_per), columns)
        if measure.null_share:
            return _NullShare(measure.null_share)
        if counted := measure.value_share or measure.value_rows:
            return _ValueRows(counted, share=measure.value_share is not None)
        if measure.mixed_groups:
            return _MixedGroups(measure.mixed_groups, self._facts[measure.mixed_groups.allowed])
        if measure.earliest or measure.latest:
            return _Extreme(measure.earliest or measure.latest or "", latest=measure.latest is not None)
        return None

    def _values(self, columns: tuple[str, ...], once_per: str | None = None) -> "_Values":
        return self._hashes.setdefault((columns, once_per), _Values(columns, once_per))


class _NullShare:
    def __init__(self, column: str) -> None:
        self._column, self._nulls, self._rows = column, 0, 0

    def add(self, rows: pd.DataFrame) -> None:
        self._nulls += int((~filled(rows[self._column])).sum())
        self._rows += len(rows)

    def value(self) -> Figure:
        return self._nulls / self._rows if self._rows else None


class _ValueRows:
    def __init__(self, declared: ValueShare, *, share: bool) -> None:
        self._column, self._values, self._share = declared.column, list(declared.values), share
        self._hits, self._rows = 0, 0

    def add(self, rows: pd.DataFrame) -> None:
        self._hits += int(rows[self._column].isin(self._values).sum())
        self._rows += len(rows)

    def value(self) -> Figure:
        if not self._rows:
            return None
        return self._hits / self._rows if self._share else self._hits


class _Extreme:
    def __init__(self, column: str, *, latest: bool) -> None:
        self._column, self._latest = column, latest
        self._found: pd.Timestamp | None = None

    def add(self, rows: pd.DataFrame) -> None:
        column = instants(rows[self._column]).dropna()
        if len(column):
            here = column.max() if self._latest else column.min()
            known = [here] if self._found is None else [here, self._found]
            self._found = max(known) if self._latest else min(known)

    def value(self) -> Figure:
        return self._found


class _Values:
    """Hashes of the values of some columns, for the rows in which all of them hold something (of lists: each text).

    Args:
        columns: Their names.
        once_per: A column for each of whose values a value counts once; else a value counts with every row.
    """

    def __init__(self, columns: tuple[str, ...], once_per: str | None) -> None:
        self._columns, self._once_per = columns, once_per
        self._parts: list[Hashes] = []
        self._whose: list[Hashes] = []
        self.rows = 0

    def add(self, rows: pd.DataFrame) -> None:
        values = each_text(rows[self._columns[0]]).to_frame() if self._columns[0] in TEXTS else rows[list(self._columns)]
        self.rows += len(values)
        if self._once_per:
            whose = "once per"  # a column of frames of ours has no blank in its name
            values = values.assign(**{whose: rows[self._once_per].reindex(values.index)})
            values = values[values.notna().all(axis=1)]
            self._whose.append(_hash(values, (whose,)))
        self._parts.append(_hash(values, self._columns))

    def counts(self) -> npt.NDArray[np.int64]:
        """How often each different value occurs."""
        everything = _laid_together(self._parts)
        self._parts = [everything]
        if self._once_per:
            whose = _laid_together(self._whose)
            self._whose = [whose]
            everything = everything[np.unique(everything ^ (whose * _SPREAD), return_index=True)[1]]
        return np.unique(everything, return_counts=True)[1]


class _OfValues:
    """A figure over how often values occur; several measures of the same columns share their hashes."""

    def __init__(self, values: _Values, figure: Callable[[npt.NDArray[np.int64], int], Figure]) -> None:
        self._values, self._figure = values, figure

    def add(self, rows: pd.DataFrame) -> None:
        self._values.add(rows)

    def value(self) -> Figure:
        counts = self._values.counts()
        return self._figure(counts, self._values.rows) if len(counts) else None


_OF_VALUES: dict[str, Callable[[npt.NDArray[np.int64], int], Figure]] = {
    "duplicates": lambda counts, _: int(counts.sum() - len(counts)),
    "duplicate_share": lambda counts, rows: float((counts.sum() - len(counts)) / rows),
    "distinct": lambda counts, _: len(counts),
    "largest_group": lambda counts, _: int(counts.max()),
    "largest_share": lambda counts, _: float(counts.max() / counts.sum()),
    "rows_per_value": lambda counts, _: float(counts.mean()),
    "shared_share": lambda counts, _: float(counts[counts > 1].sum() / counts.sum()),
    "shared_rows": lambda counts, _: int(counts[counts > 1].sum()),
}
"""Measure form to its figure, from how often each different value occurs and the number of rows."""


class _MixedGroups:
    """Groups with two values not allowed together. Keeps each group's different values, which are few."""

    def __init__(self, declared: MixedGroups, allowed: frozenset[tuple[str, str]]) -> None:
        self._declared, self._allowed = declared, allowed
        self._codes: dict[str, int] = {}
        self._pairs: list[pd.DataFrame] = []

    def add(self, rows: pd.DataFrame) -> None:
        both = rows.loc[rows[self._declared.group].notna() & rows[self._declared.by].notna()]
        codes = both[self._declared.by].astype(str).map(lambda value: self._codes.setdefault(value, len(self._codes)))
        pairs = pd.DataFrame({"group": _hash(both, (self._declared.group,)), "by": codes.to_numpy(dtype=np.int32)})
        self._pairs.append(pairs.drop_duplicates())

    def value(self) -> Figure:
        if not self._pairs:
            return None
        pairs = pd.concat(self._pairs).drop_duplicates()
        mixed = pairs[pairs["group"].duplicated(keep=False)]
        names = {code: value for value, code in self._codes.items()}
        together: dict[int, list[str]] = defaultdict(list)
        for group, code in zip(mixed["group"], mixed["by"], strict=True):
            together[group].append(names[code])
        return sum(not self._may_meet(values) for values in together.values())

    def _may_meet(self, values: list[str]) -> bool:
        return all((a, b) in self._allowed or (b, a) in self._allowed for i, a in enumerate(values) for b in values[i + 1 :])


_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""So that the hashes of a value and of whose it is do not cancel each other out where both are of the same text."""


def _laid_together(parts: list[Hashes]) -> Hashes:
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def _hash(rows: pd.DataFrame, columns: tuple[str, ...]) -> Hashes:
    """One hash a row over the values as text, so that a number means the same in every chunk; rows with a null are left out."""
    full = rows.loc[rows[list(columns)].notna().all(axis=1), list(columns)]
    hashes = pd.util.hash_pandas_object(full.astype(str), index=False)
    return np.asarray(hashes, dtype=np.uint64)
