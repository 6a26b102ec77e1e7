"""Suki's core: block, train, score, cluster over a cleaned snapshot."""

import sys
from contextlib import redirect_stdout
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from benchmarks.resolving import Steps, resolve
from include.matching import features, learning, load_spec  # noqa: F401 - loaded before the clock runs, as the others' are
from suki.chatter import withheld_chatter
from suki.frames import from_table


def main() -> None:
    """Resolve the snapshot; a third argument names another model table."""
    _, folder, *model = sys.argv[1:]
    snapshot = from_table(pq.read_table(Path(folder) / "snapshot.parquet"))
    steps, spec = Steps(), load_spec(*map(Path, model))
    with redirect_stdout(sys.stderr), withheld_chatter():
        resolved = resolve(snapshot, steps, spec)
    found = pd.DataFrame({"record_id": snapshot["record_id"], "cluster": resolved.clusters.astype(str)})
    found.to_parquet(Path(folder) / "suki_core.parquet")
    steps.report(pairs=len(resolved.pairs))


if __name__ == "__main__":
    main()
