"""Whole frames cleaned by the declared standard: each distinct value once, each row kept, every change on the record."""

from typing import NamedTuple

import pandas as pd

from include.cleaning.habits import Habits
from include.cleaning.rows import Rows
from include.cleaning.standards import Standards, load
from include.cleaning.steps import CLEANERS, mend
from include.cleaning.tally import FieldTally


class CleanedRows(NamedTuple):
    """A cleaned frame, and what became of its values.

    Attributes:
        frame: As many rows as came, in the same order: ``ROW_COLUMNS``, all fields of the kind, ``flags``, ``changes``.
        tally: Counts by field.
        orders: By store (None: no store), how many dates showed which order of day and month.
    """

    frame: pd.DataFrame
    tally: dict[str, FieldTally]
    orders: dict[tuple[str | None, str], int]


def clean_rows(mapped: pd.DataFrame, kind: str, habits: Habits, standards: Standards | None = None) -> CleanedRows:
    """Clean customer records or interactions.

    Args:
        mapped: Columns ``ROW_COLUMNS`` and the mapped fields of the kind.
        kind: ``customers`` or ``interactions``.
        habits: What is known of the source.
        standards: The standard to clean by; the project's own if not given.
    """
    rows = Rows(mapped, kind, habits)
    mend(rows)
    for step in (standards or load()).steps(kind):
        CLEANERS[step.cleaner].run(rows, step)
    return CleanedRows(rows.frame(), rows.tally(), dict(rows.orders))


def clean_customers(mapped: pd.DataFrame, habits: Habits) -> pd.DataFrame:
    """The cleaned frame of customer records."""
    return clean_rows(mapped, "customers", habits).frame


def clean_interactions(mapped: pd.DataFrame, habits: Habits) -> pd.DataFrame:
    """The cleaned frame of interactions; addresses and numbers mentioned in their free text join those given beside it."""
    return clean_rows(mapped, "interactions", habits).frame
