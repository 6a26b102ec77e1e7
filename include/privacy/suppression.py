"""Who asked to be forgotten does not come back: the check that stands between landing and mapping."""

import pandas as pd


def split_suppressed(frame: pd.DataFrame, tokens: frozenset[str]) -> tuple[pd.DataFrame, int]:
    """Rows that may go on, and how many may not.

    Args:
        frame: Any frame with a ``record_id`` column.
        tokens: Suppressed tokens as text, see ``privacy.suppression``.
    """
    if not tokens or frame.empty:
        return frame, 0
    suppressed = frame["record_id"].map(str).isin(tokens)
    return frame[~suppressed], int(suppressed.sum())
