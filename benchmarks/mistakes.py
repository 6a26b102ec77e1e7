"""Which pairs a labelled set's resolution got wrong: what to look at when a figure is low."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.matching import Resolved
from benchmarks.resolving import Records

COLUMNS = ("mistake", "weight", "compared_by", "evidence", "source_a", "key_a", "source_b", "key_b", "entity_a", "entity_b")
LISTED = 20_000
"""Of each kind of mistake at most so many are listed: one cluster of a thousand strangers alone makes half a million."""

_Places = npt.NDArray[np.int64]


def mistakes(records: Records, resolved: Resolved, truth: dict[str, str]) -> pd.DataFrame:
    """Pairs that were joined though they are two persons, and pairs of one person that were missed, the heaviest first.

    Args:
        records: The set's records.
        resolved: What matching made of them.
        truth: Entity by record id, of the records whose entity is known.

    Returns:
        The columns ``COLUMNS``. ``weight`` (log2 odds) and ``evidence`` (comparison, level, weight) stand where the pair reached
        the review band; ``compared_by`` is the blocking rule that found it, ``below review`` where it was compared and fell
        through, ``never compared`` where no rule found it.
    """
    ids = records.snapshot["record_id"].astype(str).to_numpy()
    person = pd.Series(ids).map(truth)
    judged = np.flatnonzero(person.notna().to_numpy())
    entity, cluster = person.to_numpy()[judged], resolved.clusters.to_numpy()[judged]
    kinds = {"joined": _pairs(cluster, entity), "missed": _pairs(entity, cluster)}
    keys = {record: key for key, record in records.known.items() if record is not None}
    frames = [_told(kind, judged[a], judged[b], ids, resolved) for kind, (a, b) in kinds.items()]
    found = pd.concat(frames, ignore_index=True)
    for side in ("a", "b"):
        named = [keys.get(record, ("", "")) for record in found[f"record_{side}"]]
        found[f"source_{side}"], found[f"key_{side}"] = [source for source, _ in named], [key for _, key in named]
        found[f"entity_{side}"] = found[f"record_{side}"].map(truth)
    return found[list(COLUMNS)]


def write_mistakes(file: Path, found: pd.DataFrame) -> str:
    """Write them as CSV; returns a sentence that counts them."""
    found.to_csv(file, index=False)
    counts = found["mistake"].value_counts()
    return ", ".join(f"{counts.get(kind, 0):,} pairs {kind}" for kind in ("joined", "missed")) + f": {file}"


def _pairs(together: npt.NDArray[Any], apart: npt.NDArray[Any]) -> tuple[_Places, _Places]:
    """Places that share the first label and differ in the second; once ``LISTED`` is reached no more groups are opened."""
    groups = pd.Series(np.arange(len(together))).groupby(pd.factorize(together)[0]).indices
    left, right, count = list[_Places](), list[_Places](), 0
    for members in groups.values():
        if len(members) < 2 or count >= LISTED:
            continue
        i, j = np.triu_indices(len(members), 1)
        wrong = apart[members[i]] != apart[members[j]]
        left.append(members[i[wrong]])
        right.append(members[j[wrong]])
        count += int(wrong.sum())
    if not left:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    return np.concatenate(left).astype(np.int64), np.concatenate(right).astype(np.int64)


def _told(kind: str, a: _Places, b: _Places, ids: npt.NDArray[np.object_], resolved: Resolved) -> pd.DataFrame:
    low, high = np.minimum(a, b), np.maximum(a, b)
    first, second = ids[low].astype(str), ids[high].astype(str)
    swap = first > second  # an edge has its lower id first
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    pairs = pd.DataFrame({"mistake": kind, "low": low, "high": high, "record_a": first, "record_b": second})
    edges = resolved.edges[["record_a", "record_b", "weight", "rule", "evidence"]]
    compared = resolved.pairs[["a", "b"]].rename(columns={"a": "low", "b": "high"}).assign(compared=True)
    found = pairs.merge(edges, on=["record_a", "record_b"], how="left").merge(compared, on=["low", "high"], how="left")
    unscored = np.where(found["compared"].notna(), "below review", "never compared")
    found["compared_by"] = found["rule"].fillna(pd.Series(unscored, index=found.index))
    found["evidence"] = found["evidence"].map(_words, na_action="ignore")
    return found.sort_values(["weight", "record_a", "record_b"], ascending=[False, True, True], na_position="last").head(LISTED)


def _words(evidence: str) -> str:
    lines = json.loads(evidence).items()
    return "; ".join(f"{comparison} {level} {weight:+.1f}" for comparison, (level, weight) in lines)
