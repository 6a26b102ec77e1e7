"""Suki's core: block, train, score, cluster over a cleaned snapshot."""

import sys
from contextlib import redirect_stdout
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from benchmarks.resolving import Steps, resolve
from include.matching import ModelSpec, features, learning, load_spec  # noqa: F401 - loaded before the clock runs, as the others' are
from suki.chatter import withheld_chatter
from suki.frames import from_table


def run(system: str, spec: ModelSpec) -> None:
    """Resolve the snapshot of the folder given on the command line."""
    folder = Path(sys.argv[2])
    snapshot = from_table(pq.read_table(folder / "snapshot.parquet"))
    steps = Steps()
    with redirect_stdout(sys.stderr), withheld_chatter():
        resolved = resolve(snapshot, steps, spec)
    found = pd.DataFrame({"record_id": snapshot["record_id"], "cluster": resolved.clusters.astype(str)})
    found.to_parquet(folder / f"{system}.parquet")
    steps.report(pairs=len(resolved.pairs))


if __name__ == "__main__":
    run("suki_core", load_spec(*map(Path, sys.argv[3:])))  # a third argument names another model table
