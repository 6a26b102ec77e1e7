"""Suki's core: block, train, score, cluster over a cleaned snapshot."""

import sys
from contextlib import redirect_stdout
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.matching import Steps, resolve
from include import heap
from include.matching import MATCHED_COLUMNS, ModelSpec, features, learning, load_spec  # noqa: F401 - loaded before the clock runs, as the others' are
from suki.chatter import withheld_chatter


def run(system: str, spec: ModelSpec) -> None:
    """Resolve the snapshot of the folder given on the command line."""
    folder = Path(sys.argv[2])
    heap.settle_for_a_task()  # as in a task
    steps, file = Steps(), folder / "snapshot.parquet"
    with redirect_stdout(sys.stderr), withheld_chatter():
        # In Arrow, as the others have it, and let go of once it is encoded
        resolved = resolve(pq.read_table(file, columns=list(MATCHED_COLUMNS)), steps, spec)
    clusters = pa.array(resolved.clusters.astype(str))
    pq.write_table(pq.read_table(file, columns=["record_id"]).append_column("cluster", clusters), folder / f"{system}.parquet")
    steps.report(pairs=len(resolved.pairs))


if __name__ == "__main__":
    run("suki_core", load_spec(*map(Path, sys.argv[3:])))  # a third argument names another model table
