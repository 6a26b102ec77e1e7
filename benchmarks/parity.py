"""Whether resolving day by day ends where resolving at once does: the sample world, up to 60 daily runs beside one bulk run.

The core's own functions, without a warehouse: what arrived by a day is cleaned and is what there is on that day; each day only
the records that changed are resolved, by one pinned match model, and held against all records resolved at once.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import pandas as pd

from benchmarks.labelled import Labelled
from benchmarks.matching import Steps
from benchmarks.resolving import current, versions_of
from benchmarks.standing import Standing, at_once, differences
from include.matching import encode, load_spec, train
from include.privacy.regions import comparable
from include.sources import Source, discover
from sample.rates import load
from sample.world import make

_LINE = "{:12}{:>9}{:>9}{:>8}{:>9}{:>9}{:>7}   {}"
_SAID = ("source_time", "first_source_time")


def main(arguments: list[str] | None = None) -> int:
    """Print the comparison; 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parity", description="Daily runs against one bulk run.")
    parser.add_argument("--people", type=int, default=400, help="people of the sample world (default: 400)")
    parser.add_argument("--days", type=int, default=60, help="daily runs (default: 60)")
    parser.add_argument("--every", type=int, default=10, help="hold every so many days against a bulk run (default: 10)")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="suki-parity-") as folder:
        versions = _versions(Path(folder), asked.people, asked.seed, asked.days)
    return compare(versions, asked.days, asked.every)


def compare(versions: pd.DataFrame, days: int, every: int) -> int:
    """Resolve day by day, and hold it against all at once; returns 1 if anything differs."""
    spec, arrived = load_spec(), sorted(versions["delivered_on"].unique())
    first, daily = arrived[: max(len(arrived) - days, 1)], arrived[max(len(arrived) - days, 1) :]
    rows = _as_of(versions, first[-1])
    weights = train(encode(rows, spec), spec)
    standing = Standing(spec, weights, rows, comparable())
    print(f"{len(rows):,} records to begin with; then {len(daily)} days by the model {weights.version[:12]}\n")
    print(
        _LINE.format(
            "day", "records", "changed", "read", "pairs", "touched", "s", "edges and records that differ from a bulk run"
        )
    )
    total, wrong, begun = 0, 0, time.perf_counter()
    for number, day in enumerate(daily, start=1):
        now = _as_of(versions, day)
        marked = _changed(standing.rows, now)
        started = time.perf_counter()
        took = standing.resolve(now, marked)
        seconds, said = time.perf_counter() - started, ""
        total += took["pairs"]
        if number % every == 0 or number == len(daily):
            bulk = at_once(now, spec, weights, None, comparable())
            apart = differences(standing, bulk)
            wrong += sum(apart.values())
            said = f"{apart['edges']} and {apart['records']} (the bulk run weighed {bulk.pairs:,} pairs)"
        told = (f"{count:,}" for count in (len(now), len(marked), took["rows_read"], took["pairs"], took["touched"]))
        print(_LINE.format(str(day), *told, f"{seconds:.2f}", said), flush=True)
    print(f"\n{len(daily)} daily runs weighed {total:,} pairs in {time.perf_counter() - begun:.0f} s. Differences: {wrong}")
    return 1 if wrong else 0


def _versions(folder: Path, people: int, seed: int, days: int) -> pd.DataFrame:
    """All that the sample world's sources say of customers, cleaned."""
    make(load(), folder / "exports", folder / "truth", people=people, seed=seed, days=days + 1)
    sources = {name: _repeating(source) for name, source in discover().items()}
    labelled = Labelled(folder, sources, {name: folder / "exports" / name for name in sources})
    with redirect_stderr(StringIO()):
        return versions_of(labelled, Steps())[0]


def _repeating(source: Source) -> Source:
    """A file of the sample world may hold a key twice, and then the last one counts."""
    streams = {name: stream.model_copy(update={"repeats": True}) for name, stream in source.streams.items()}
    return source.model_copy(update={"streams": streams})


def _as_of(versions: pd.DataFrame, day: object) -> pd.DataFrame:
    """The records as they stand once a day's deliveries are in."""
    return current(versions[versions["delivered_on"] <= day], {})


def _changed(before: pd.DataFrame, now: pd.DataFrame) -> pd.Index:
    """Records that came, went, or are said otherwise."""
    texts = [
        frame.drop(columns=list(_SAID)).astype(str).agg("|".join, axis=1).set_axis(frame["record_id"]) for frame in (before, now)
    ]
    both = pd.concat(texts, axis=1, keys=["before", "now"])
    return pd.Index(list(_differing(both)), dtype=object)


def _differing(both: pd.DataFrame) -> Iterator[str]:
    for record_id, one, other in both.itertuples():
        if one != other:
            yield record_id


if __name__ == "__main__":
    sys.exit(main())
