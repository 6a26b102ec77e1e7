"""Bounds learned from what a stream brought before: robust, so that a bad day in the history does not widen them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median
from typing import Literal

from include.quality.declared import Expectation, Learned

_TO_DEVIATION = 1.4826
"""A median absolute deviation times this is the standard deviation, were the figures normally distributed."""

History = Mapping[str, Sequence[float]]
"""Measure > its figures on earlier days of the same weekday, the latest first."""

LEARNED_TYPE = "expect_column_values_to_be_between"


@dataclass(frozen=True)
class Bounds:
    """Between what a figure usually lies.

    Attributes:
        usual: The median.
        low: The least that is still usual; None: that side is not judged.
        high: The most.
        days: Earlier days it was learned from.
    """

    usual: float
    low: float | None
    high: float | None
    days: int


def learned_bounds(learned: Learned, unit: Literal["count", "share"], history: Sequence[float], rows: int) -> Bounds | None:
    """The bounds of a measure.

    Args:
        learned: As declared.
        unit: Whether it counts or is a share.
        history: Its figures on earlier days, the latest first.
        rows: Rows of the batch that is judged: what chance makes of a share follows from it.

    Returns:
        None if there are too few earlier days.
    """
    days = list(history)[: learned.most]
    if len(days) < learned.least:
        return None
    usual = median(days)
    spread = _TO_DEVIATION * median(abs(day - usual) for day in days)
    chance = sqrt(usual) if unit == "count" else sqrt(max(usual * (1 - usual), 0.0) / max(rows, 1))
    always = learned.tolerance * usual if unit == "count" else learned.tolerance
    far = max(learned.spread * max(spread, chance), always)
    return Bounds(
        usual,
        None if learned.side == "above" else usual - far,
        None if learned.side == "below" else usual + far,
        len(days),
    )


def bounded(expectation: Expectation, bounds: Bounds) -> Expectation:
    """The expectation with its bounds put in, so that it is judged like any other."""
    sides = {"min_value": bounds.low, "max_value": bounds.high}
    given = {name: value for name, value in sides.items() if value is not None}
    return expectation.model_copy(update={"kwargs": {**expectation.kwargs, **given}})
