"""Rows of people who asked to be forgotten: their own records, and what tells of them in interactions."""

from typing import TYPE_CHECKING

from include.sources import Source, Stream
from suki.ownership import customer_record_ids

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection


def forgotten_tokens(warehouse: "Connection") -> frozenset[str]:
    """The suppression list."""
    from include.warehouse import snapshot

    return snapshot.suppressed_tokens(warehouse)


def owned_by_others(interactions: "pd.DataFrame", forgotten: frozenset[str], source: Source, stream: Stream) -> list[bool]:
    """For each mapped interaction whether it is nobody's who is forgotten: what they bought or wrote tells of them as well."""
    return [owner not in forgotten for owner in customer_record_ids(interactions, source, stream)]


def owners(rows: "pd.DataFrame", stage: str, source: Source, stream: Stream) -> list[str | None] | None:
    """Whose interactions rows of a stage are, by record id; None throughout where they are none, or nobody can tell.

    Args:
        rows: The rows as they stood when they were stopped.
        stage: Which that was: ``landed`` rows are mapped to be told.
        source: Whose they are.
        stream: Which of its streams.
    """
    from include.sources import map_rows

    if stream.kind != "interactions" or rows.empty:
        return None
    return customer_record_ids(map_rows(rows, source, stream)[0] if stage == "landed" else rows, source, stream)


def without_forgotten(landed: "pd.DataFrame", forgotten: frozenset[str], source: Source, stream: Stream) -> "pd.DataFrame":
    """Landed rows that may be kept; whose an unreadable row is nobody can tell, so those are."""
    from include.privacy.suppression import split_suppressed

    allowed, _ = split_suppressed(landed, forgotten)
    theirs = owners(allowed, "landed", source, stream) if forgotten else None
    return allowed if theirs is None else allowed.loc[[owner not in forgotten for owner in theirs]]
