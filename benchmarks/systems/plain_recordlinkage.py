"""recordlinkage as its documentation uses it: Index, Compare and ECMClassifier with their defaults, on what Suki cleaned.

Names and streets by Jaro-Winkler, the rest exact; pairs that share an e-mail, a phone, a birth date, a postcode or both names;
then the links' connected components.
"""

import sys
import warnings
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import recordlinkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from benchmarks.systems.process import Stopwatch
from suki.frames import from_table

ALIKE = ("given_key", "family_key", "name", "street_key", "city")
EXACT = ("birth_date", "postcode", "house_number", "email", "phone")
BLOCKS = (["email"], ["phone"], ["birth_date"], ["postcode"], ["given_key", "family_key"], ["name"])


def main() -> None:
    """Resolve the snapshot."""
    folder = Path(sys.argv[2])
    snapshot = from_table(pq.read_table(folder / "snapshot.parquet"))
    watch = Stopwatch()
    warnings.simplefilter("ignore")
    recordlinkage.logging.set_verbosity(recordlinkage.logging.ERROR)
    labels = resolve(snapshot, watch)
    pd.DataFrame({"record_id": snapshot["record_id"], "cluster": labels.astype(str)}).to_parquet(
        folder / "plain_recordlinkage.parquet"
    )
    watch.report()


def resolve(snapshot: pd.DataFrame, watch: Stopwatch) -> "pd.Series[int]":
    """Cluster number of each record."""
    with watch.of("prepare"):
        frame = _flat(snapshot)
        index = recordlinkage.Index()
        for block in BLOCKS:
            if set(block) <= set(frame):
                index.block(block)
    with watch.of("index"):
        pairs = index.index(frame)
    with watch.of("compare"):
        compare = recordlinkage.Compare()
        for field in frame:
            if field in ALIKE:
                compare.string(field, field, method="jarowinkler", label=field)
            else:
                compare.exact(field, field, label=field)
        features = compare.compute(pairs, frame)
    with watch.of("classify"):
        links = recordlinkage.ECMClassifier(binarize=0.85).fit_predict(features)
    with watch.of("cluster"):
        a, b = links.get_level_values(0), links.get_level_values(1)
        graph = coo_matrix(([1] * len(a), (a, b)), shape=(len(frame), len(frame)))
        return pd.Series(connected_components(graph, directed=False)[1])


def _flat(snapshot: pd.DataFrame) -> pd.DataFrame:
    """One text a field: the first of several."""
    frame = snapshot.reindex(columns=["given_key", "family_key", "birth_date", "postcode", "house_number", "street_key", "city"])
    named = snapshot["given_key"].notna() | snapshot["family_key"].notna()
    frame["name"] = snapshot["company_name"].fillna(snapshot["full_name"]).mask(named)
    frame["email"] = [held[0] if len(held) else None for held in snapshot["email_keys"]]
    frame["phone"] = [held[0] if len(held) else None for held in snapshot["phones"]]
    return frame.dropna(axis="columns", how="all").reset_index(drop=True)


if __name__ == "__main__":
    main()
