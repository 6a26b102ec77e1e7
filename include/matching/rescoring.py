"""Weighing the pairs a change made: the records at their ends, and how common values are among all."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from include.matching.frequencies import Frequencies
from include.matching.scoring import score
from include.matching.spec import ModelSpec
from include.matching.table import encode
from include.matching.weights import Weights


def ends(pairs: pd.DataFrame) -> pd.Index:
    """The records at the ends of pairs."""
    both: npt.NDArray[np.object_] = pairs[["record_a", "record_b"]].to_numpy(dtype=object)
    return pd.Index(pd.unique(both.ravel()), dtype=object)


def score_among(
    rows: pd.DataFrame | pa.Table, pairs: pd.DataFrame, frequencies: Frequencies, spec: ModelSpec, weights: Weights
) -> pd.DataFrame:
    """Edges among pairs of records; a pair of which one is no longer there is none.

    Args:
        rows: The records at their ends, in order of the record ids.
        pairs: ``record_a``, ``record_b``, ``rule``.
        frequencies: How common values are among all records.
        spec: The declared model.
        weights: The match model.
    """
    table = encode(rows, spec, frequencies)
    ids = pd.Index(table.record_id)
    a, b = (ids.get_indexer(pd.Index(pairs[side].astype(object))) for side in ("record_a", "record_b"))
    there = (a >= 0) & (b >= 0)
    placed = pd.DataFrame({"a": a[there], "b": b[there], "rule": pairs["rule"].to_numpy()[there]})
    return score(table, placed, spec, weights)
