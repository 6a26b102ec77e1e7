"""How well Suki resolves a labelled set: ``make evaluate DATA=<folder>`` prints one line of JSON.

``ERRORS=<file>`` writes the pairs it got wrong beside it.

The folder holds ``sources/<name>/source.yml``, the files these declare, ``truth.csv`` (source, key, entity), which matching
never sees, and perhaps ``traps.csv``; without a folder it is the sample world. docs/evaluation.md tells the rest.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.datasets import laid_out
from benchmarks.labelled import Labelled, Unfit, open_set, read_truth, require_truth
from benchmarks.matching import Resolved, Steps, resolve, say
from benchmarks.memory import Memory
from benchmarks.mistakes import mistakes, write_mistakes
from benchmarks.resolving import Records, records_of
from benchmarks.sample_world import sample_world
from benchmarks.traps import lines, read_traps, sprung
from include.errors import SukiError
from include.golden.evaluation import b_cubed, found_by_blocking, pairwise
from suki.chatter import withheld_chatter


def main(arguments: list[str]) -> int:
    """Measure the folder that is named; a mistake in it is told in a sentence."""
    try:
        data, files, errors = (Path(given) if given else None for given in (*arguments, "", "", "")[:3])
        if errors is not None and not errors.absolute().parent.is_dir():
            raise Unfit(f"{errors.absolute().parent} is no folder: the wrong pairs cannot be written there")
        with redirect_stdout(sys.stderr), withheld_chatter(), _asked(data, files) as labelled:
            figures = {"data": data.resolve().name if data else "sample world", **evaluate(labelled, errors)}
    except SukiError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(json.dumps(figures))
    return 0


@contextmanager
def _asked(data: Path | None, files: Path | None) -> Iterator[Labelled]:
    if data is None:
        with sample_world() as labelled:
            yield labelled
    else:
        with laid_out(data, *filter(None, [files])) as folder:
            yield open_set(folder)


def evaluate(labelled: Labelled, errors: Path | None = None) -> dict[str, Any]:
    """Resolve a labelled set and hold the result against its truth.

    Args:
        labelled: The set.
        errors: Where to write the pairs that came out wrong, as CSV; None: nowhere.

    Raises:
        SukiError: The set cannot be measured; the sentence says what to mend.
    """
    steps = Steps()
    with Memory() as memory:
        require_truth(labelled)
        traps = read_traps(labelled.folder)
        records = records_of(labelled, steps)
        truth = read_truth(labelled, records.known)  # before the long steps, so that a mistake in it is told at once
        resolved = resolve(records.snapshot, steps)
    if errors is not None:
        say(write_mistakes(errors, mistakes(records, resolved, truth)))
    taken = sprung(traps, records.snapshot, records.snapshot["record_id"].map(truth), resolved.clusters)
    for line in lines(taken):
        say(line)
    return {
        "sources": len(labelled.sources),
        **measure(records, resolved, truth),
        **({"traps": taken} if taken else {}),
        "seconds": {
            **{name: round(took, 2) for name, took in steps.seconds.items()},
            "all": round(sum(steps.seconds.values()), 2),
        },
        "peak_memory_mb": round(memory.peak / 1e6),
    }


def measure(records: Records, resolved: Resolved, truth: dict[str, str]) -> dict[str, Any]:
    """The figures; records of which the truth says nothing were matched with the others and are not judged."""
    ids = records.snapshot["record_id"]
    person = ids.map(truth)
    judged = person.notna().to_numpy()
    true = pd.Series(person[judged].to_numpy(), index=pd.Index(ids[judged]))
    found = pd.Series(resolved.clusters.to_numpy()[judged].astype(str), index=true.index)
    pairs, cubed = pairwise(true, found), b_cubed(true, found)
    sizes = resolved.clusters.value_counts()
    return {
        "records": len(ids),
        "judged": int(judged.sum()),
        "not_judged": int((~judged).sum()),
        "rows": records.rows,
        "entities": int(true.nunique()),
        "true_pairs": pairs.true_pairs,
        "pairwise": _rounded(precision=pairs.precision, recall=pairs.recall, f1=pairs.f1),
        "b_cubed": _rounded(precision=cubed.precision, recall=cubed.recall, f1=cubed.f1),
        "blocking_recall": round(found_by_blocking(person, resolved.pairs), 5),
        "keyless": resolved.keyless,
        "pairs_estimated": resolved.estimated,
        "pairs": len(resolved.pairs),
        "matches": int((resolved.edges["band"] == "match").sum()),
        "clusters": len(sizes),
        "largest_cluster": int(sizes.max()) if len(sizes) else 0,
    }


def _rounded(**figures: float) -> dict[str, float]:
    return {name: round(figure, 5) for name, figure in figures.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
