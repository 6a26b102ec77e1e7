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


def without_forgotten(landed: "pd.DataFrame", forgotten: frozenset[str], source: Source, stream: Stream) -> "pd.DataFrame":
    """Landed rows that may be kept; whose an unreadable row is nobody can tell, so those are."""
    from include.privacy.suppression import split_suppressed
    from include.sources import map_rows

    allowed, _ = split_suppressed(landed, forgotten)
    if not forgotten or allowed.empty or stream.kind != "interactions":
        return allowed
    mapped, _ = map_rows(allowed, source, stream)
    return allowed.loc[owned_by_others(mapped, forgotten, source, stream)]
