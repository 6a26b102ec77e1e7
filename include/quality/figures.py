"""How good one delivery is, by store and field: counted while its rows stream by, and held against earlier days.

Every figure is a number of good ones among a whole, as in the weekly audit, so that those of fields, stores and runs add up to
one another. Names and counts, no values.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from include.customer import FIELDS
from include.quality.bounds import learned_bounds
from include.quality.declared import Learned
from include.quality.lens import filled

DIMENSIONS = {
    "volume": "of the delivery's rows, the store's",
    "completeness": "of the rows, those that hold something in a field",
    "validity": "of what is held, what nothing makes doubtful",
    "uniqueness": "of the rows, those that tell of a record which their file tells of once",
    "timeliness": "of the window's days, those on which the store delivered",
    "consistency": "of what is said of customers who are known, what is what we believe; of interactions, those whose customer is"
    " known and that were before they were delivered",
}
"""Dimension > what a figure is a share of. Consistency is counted when the rows are staged."""

_USUAL = Learned(tolerance=0.2, least=4)
"""A share by store and field is told when it is off by a fifth of all rows, and by more than it used to move."""

_VOLUME = Learned(tolerance=0.7, least=4)

_LEAST_WHOLE = 20
"""A share of fewer is not judged: it says nothing."""

Key = tuple[str, str, str]
"""Store (empty: the stream has none), dimension, field."""

Earlier = Mapping[Key, Sequence[tuple[float, float]]]
"""By key, good and whole on earlier days of the weekday, the latest first."""


@dataclass
class Figures:
    """The figures of one stream's delivery.

    Attributes:
        kind: ``customers`` or ``interactions``.
        doubtful: Flags, as ``field:flag``, that make a value doubtful.
        days: Days of its window.
    """

    kind: str
    doubtful: frozenset[str]
    days: int
    _good: dict[Key, float] = field(default_factory=lambda: defaultdict(float))
    _whole: dict[Key, float] = field(default_factory=lambda: defaultdict(float))
    _days_of: dict[str, set[date]] = field(default_factory=lambda: defaultdict(set))
    _told: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def add(self, cleaned: pd.DataFrame) -> None:
        """Take in one chunk of cleaned rows."""
        for scope, rows in cleaned.groupby(cleaned["scope"].fillna("").astype(str), sort=False):
            store = str(scope)
            self._count(store, rows)
            self._days_of[store].update(rows["delivered_on"].dropna().unique().tolist())
            self._told[store].append(np.asarray(pd.util.hash_pandas_object(rows[["record_id", "file"]].astype(str), index=False)))

    def _count(self, store: str, rows: pd.DataFrame) -> None:
        self._whole[store, "volume", "rows"] += len(rows)
        flags = rows["flags"].explode().dropna()
        bad = flags[flags.isin(self.doubtful)]
        fields = bad.str.partition(":")[0].groupby(level=0).unique().explode() if len(bad) else bad
        doubts = fields.value_counts()
        for one in FIELDS[self.kind]:
            if one.origin != "mapped":
                continue
            held = int(filled(rows[one.name]).sum())
            self._good[store, "completeness", one.name] += held
            self._whole[store, "completeness", one.name] += len(rows)
            self._good[store, "validity", one.name] += held - min(held, int(doubts.get(one.name, 0)))
            self._whole[store, "validity", one.name] += held

    def rows(self) -> list[dict[str, Any]]:
        """Rows of ``ops.run_figure`` without whose they are: ``scope, dimension, field, good, whole``."""
        everything = sum(self._whole[store, "volume", "rows"] for store in self._told)
        good, whole = dict(self._good), dict(self._whole)
        for store, parts in self._told.items():
            hashes = np.concatenate(parts)
            once = np.unique(hashes, return_counts=True)[1]
            good[store, "volume", "rows"], whole[store, "volume", "rows"] = len(hashes), everything
            good[store, "uniqueness", "record"], whole[store, "uniqueness", "record"] = int((once == 1).sum()), len(hashes)
            good[store, "timeliness", "days"], whole[store, "timeliness", "days"] = len(self._days_of[store]), self.days
        return [
            {"scope": scope, "dimension": dimension, "field": name, "good": good.get((scope, dimension, name), 0), "whole": of}
            for (scope, dimension, name), of in sorted(whole.items())
            if of
        ]


def unusual(rows: Sequence[Mapping[str, Any]], earlier: Earlier) -> list[str]:
    """What is unlike earlier days of the weekday, as sentences; a store that sent nothing among them.

    Args:
        rows: Of one stream, as ``Figures.rows`` gives them.
        earlier: The same of earlier days.
    """
    now = {(row["scope"], row["dimension"], row["field"]): (row["good"], row["whole"]) for row in rows}
    told = []
    for key, past in sorted(earlier.items()):
        scope, dimension, name = key
        of = f"store {scope}" if scope else "all rows"
        good, whole = now.get(key, (0.0, 0.0))
        if dimension == "volume":
            bounds = learned_bounds(_VOLUME, "count", [good for good, _ in past], 0)
            if bounds and bounds.usual >= _LEAST_WHOLE and not (bounds.low or 0) <= good <= (bounds.high or good):
                told.append(f"{of}: {good:,.0f} rows, usually {bounds.usual:,.0f}")
        elif dimension != "timeliness" and whole >= _LEAST_WHOLE:
            shares = [good / whole for good, whole in past if whole >= _LEAST_WHOLE]
            bounds = learned_bounds(_USUAL, "share", shares, int(whole))
            if bounds and not (bounds.low or 0) <= good / whole <= (1.0 if bounds.high is None else bounds.high):
                told.append(f"{of}: {dimension} of {name} {good / whole:.0%}, usually {bounds.usual:.0%}")
    return told


def by_store(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, dict[str, float | None], float]]:
    """``(store, dimension > share, rows)``, over all fields."""
    stores: dict[str, dict[str, list[float]]] = defaultdict(lambda: {name: [0.0, 0.0] for name in DIMENSIONS})
    for row in rows:
        sums = stores[row["scope"]][row["dimension"]]
        sums[0] += row["good"]
        sums[1] += row["whole"]
    return [
        (store, {name: good / whole if whole else None for name, (good, whole) in sums.items()}, sums["volume"][0])
        for store, sums in sorted(stores.items())
    ]
