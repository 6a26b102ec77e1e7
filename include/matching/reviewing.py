"""How many questions a review threshold asks: which one fits the people there are, and what their answers say of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

import pandas as pd


@dataclass(frozen=True)
class Choice:
    """A review threshold for as many questions as people can answer.

    Attributes:
        threshold: Pairs from this weight up are asked about.
        asked: How many questions that leaves.
        waiting: How many there are from the threshold in force up.
        days: In how many days all that wait are answered.
    """

    threshold: float
    asked: int
    waiting: int
    days: int


def by_capacity(weights: Sequence[float], capacity: int, in_force: float) -> Choice:
    """The lowest review threshold, to two decimals, that leaves no more questions than can be answered in a day.

    Where all that wait can be, the threshold in force stays: what lies below it is not stored, so nobody knows how much it is.

    Args:
        weights: The weight of each question that waits.
        capacity: How many questions are answered in a day, at least one.
        in_force: The review threshold that found them.
    """
    waiting = sorted(weights, reverse=True)
    days = ceil(len(waiting) / capacity)
    if len(waiting) <= capacity:
        return Choice(in_force, len(waiting), len(waiting), days)
    threshold = (floor(round(waiting[capacity] * 100, 6)) + 1) / 100
    return Choice(threshold, sum(weight >= threshold for weight in waiting), len(waiting), days)


def by_weight(weights: Sequence[float], answers: pd.DataFrame) -> pd.DataFrame:
    """Questions and answers by whole steps of weight, the highest first: ``weight, waiting, same, different``.

    Args:
        weights: The weight of each question that waits.
        answers: ``weight, decision`` of pairs that were decided.
    """
    told = pd.DataFrame({
        "weight": [*weights, *answers["weight"].astype(float)],
        "kind": [*["waiting"] * len(weights), *answers["decision"].map({"must_link": "same", "cannot_link": "different"})],
    })  # fmt: skip
    steps = told["weight"].map(floor).astype("int64")
    counted = pd.crosstab(steps, told["kind"]).reindex(columns=["waiting", "same", "different"], fill_value=0)
    return counted.sort_index(ascending=False).reset_index().rename_axis(columns=None)
