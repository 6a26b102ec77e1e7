"""In which order a store writes day and month: what its dates show, and which of them nobody can tell.

12/05/1990 is two days. It is read by the order the source declares, else by the habit learned of the store, else by the custom
of a country that is stated; else it stays ambiguous. Learning looks at the dates that can only be read one way.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from include.cleaning.habits import DateOrder

_DATE = re.compile(r"\D{0,12}?(\d{1,2})\s*[./\-\s]\s*(\d{1,2})\s*[./\-\s]\s*(\d{4}|\d{2})(?!\d)")

Shown = Literal["day_first", "month_first", "either"]

LEAST_DATES = 30
"""Dates that can only be read one way, below which nothing is learned: a dozen exceptions are found in any export."""

LEAST_SHARE = 0.98
"""Share of them that must agree; the rest are slips."""


def shown_by(text: str) -> Shown | None:
    """What an all-numeric date with the year behind shows of its order; None where it shows nothing."""
    match = _DATE.match(text)
    if not match:
        return None
    first, second = int(match[1]), int(match[2])
    if 12 < first <= 31 and 0 < second <= 12 and len(match[3]) == 4:
        return "day_first"
    if 12 < second <= 31 and 0 < first <= 12 and len(match[3]) == 4:
        return "month_first"
    return "either" if 0 < first <= 12 and 0 < second <= 12 and first != second else None


@dataclass(frozen=True)
class LearnedOrder:
    """A habit, with what it was learned from.

    Attributes:
        order: ``DMY`` or ``MDY``.
        evidence: Dates seen, by what they showed.
    """

    order: DateOrder
    evidence: Mapping[str, int]


def learn(evidence: Mapping[str, int]) -> LearnedOrder | None:
    """The order that the dates of a store show, None where they are too few or too divided."""
    day, month = evidence.get("day_first", 0), evidence.get("month_first", 0)
    if day + month < LEAST_DATES or max(day, month) < LEAST_SHARE * (day + month):
        return None
    return LearnedOrder("DMY" if day > month else "MDY", dict(evidence))
