"""Whether resolving day by day ends where resolving at once does: the sample world, up to 60 daily runs beside one bulk run.

The core's own functions, without a warehouse: what arrived by a day is cleaned and is what there is on that day; each day only
the records that changed are resolved, by one pinned match model, and held against all records resolved at once. Two histories of
the same data end in the same partition, and every id answers the same; the days once more in their order end in the same ids.
"""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import redirect_stderr
from io import StringIO

import pandas as pd

from benchmarks.matching import Steps
from benchmarks.naming import Named, partition_differences, resolve_differences
from benchmarks.resolving import current, versions_of
from benchmarks.sample_world import sample_world
from benchmarks.standing import Standing, at_once, differences
from include.matching import encode, load_spec, train
from include.privacy.regions import comparable
from suki.chatter import withheld_chatter

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
    with withheld_chatter():
        return compare(_versions(asked.people, asked.seed, asked.days), asked.days, asked.every)


def compare(versions: pd.DataFrame, days: int, every: int) -> int:
    """Resolve day by day, and hold it against all at once; returns 1 if anything differs."""
    arrived = sorted(versions["delivered_on"].unique())
    first, daily = arrived[max(len(arrived) - days, 1) - 1], arrived[max(len(arrived) - days, 1) :]
    history = _History(versions, first)
    weights = history.standing.weights
    print(f"{len(history.standing.rows):,} records to begin with; then {len(daily)} days by the model {weights.version[:12]}\n")
    print(_LINE.format("day", "records", "changed", "read", "pairs", "touched", "s", "what differs from a bulk run"))
    total, wrong, begun = 0, 0, time.perf_counter()
    for number, day in enumerate(daily, start=1):
        started = time.perf_counter()
        took = history.next(day)
        seconds, said = time.perf_counter() - started, ""
        total += took["pairs"]
        if number % every == 0 or number == len(daily):
            apart, pairs = history.held_against_bulk()
            wrong += sum(apart.values())
            said = ", ".join(f"{count:,} {what}" for what, count in apart.items()) + f" (the bulk run weighed {pairs:,} pairs)"
        told = (f"{took[name]:,}" for name in ("records", "marked", "rows_read", "pairs", "touched"))
        print(_LINE.format(str(day), *told, f"{seconds:.2f}", said), flush=True)
    print(f"\n{len(daily)} daily runs weighed {total:,} pairs in {time.perf_counter() - begun:.0f} s. Differences: {wrong:,}")
    again = _again(versions, first, daily)
    ids = sum(one != other for one, other in zip(history.named.as_written(), again.named.as_written(), strict=True))
    model = "the same" if again.standing.weights == weights else "ANOTHER"
    print(
        f"The same days again in their order: the model is {model}; of memberships, ledger ({len(again.named.ledger):,} ids) and"
        f" aliases ({len(again.named.aliases):,}) {ids or 'none'} differ."
    )
    return int(bool(wrong or ids or again.standing.weights != weights))


class _History:
    """Days resolved one after another, and the ids they gave."""

    def __init__(self, versions: pd.DataFrame, first: object) -> None:
        spec, rows = load_spec(), _as_of(versions, first)
        self.versions, self.named = versions, Named()
        self.standing = Standing(spec, train(encode(rows, spec), spec), rows, comparable())
        self.named.take(rows, self.standing.members)

    def next(self, day: object) -> dict[str, int]:
        """Resolve what a day brought; returns what it took."""
        now = _as_of(self.versions, day)
        marked = _changed(self.standing.rows, now)
        took = self.standing.resolve(now, marked)
        self.named.take(now, self.standing.members)
        return {**took, "records": len(now), "marked": len(marked)}

    def held_against_bulk(self) -> tuple[dict[str, int], int]:
        """What differs from all records resolved at once, as if they had come in one delivery; and the pairs that took."""
        of, bulk_ids = self.standing, Named()
        bulk = at_once(of.rows, of.spec, of.weights, None, of.comparable)
        bulk_ids.take(of.rows, bulk.members)
        apart = {
            "edges": differences(of, bulk)["edges"],
            "records in another customer": partition_differences(self.named, bulk_ids),
            "ids that answer otherwise": resolve_differences(self.named, bulk_ids),
        }
        return apart, bulk.pairs


def _again(versions: pd.DataFrame, first: object, daily: Iterable[object]) -> _History:
    history = _History(versions, first)
    for day in daily:
        history.next(day)
    return history


def _versions(people: int, seed: int, days: int) -> pd.DataFrame:
    """All that the sample world's sources say of customers, cleaned."""
    with redirect_stderr(StringIO()), sample_world(people, seed, days + 1) as labelled:
        return versions_of(labelled, Steps())[0]


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
