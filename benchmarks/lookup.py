"""How long one lookup takes once warm: cleaned, found among all records, weighed, answered.

The base is as many invented records as asked for, cleaned as a delivery would be. What is read of the few records that share
a key with the asked one comes from memory here; from a warehouse it is one query by primary key, and is not in the figures.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.customers import mapped_frames
from include.cleaning.chunks import clean_chunks
from include.cleaning.frames import clean_customers
from include.cleaning.habits import Habits
from include.lookup import ASKABLE, answer
from include.matching import encode, load_spec, train
from include.matching.lookup import Standing
from include.matching.register import Register
from include.privacy.regions import comparable, region_of
from suki.looking_up import cleaned

_TRAINED_ON = 100_000
_WARM = 20


def main() -> int:
    """Make the base, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="how many the base has")
    parser.add_argument("--asks", type=int, default=300, help="how many lookups are timed")
    chosen = parser.parse_args()
    records, asked = _base(chosen.records, chosen.asks + _WARM)
    spec = load_spec()
    weights = train(records.iloc[:_TRAINED_ON].reset_index(drop=True), spec)
    began = perf_counter()
    standing = Standing(Register.of_table(encode(records, spec), spec), spec, weights, comparable())
    say(f"{len(records):,} records made ready in {perf_counter() - began:.1f} s")
    place = pd.Index(records["record_id"])
    read_rows: list[int] = []

    def read(ids: pd.Index) -> pd.DataFrame:
        rows = records.iloc[np.sort(place.get_indexer(ids))].reset_index(drop=True)
        read_rows.append(len(rows))
        return rows

    wall, cpu, verdicts = [], [], {"known": 0, "possible": 0, "new": 0}
    for person in asked:
        begin, work = perf_counter(), os.times()
        likely = standing.likely(cleaned(person), read)
        matching = [one for one in likely if one.band == "match"]
        told = answer(
            [one.record_id for one in matching[:1]], len(likely) - len(matching), standing.because(likely[0]) if matching else []
        )
        done = os.times()
        wall.append(perf_counter() - begin)
        cpu.append(done.user + done.system - work.user - work.system)
        verdicts[told.verdict] += 1
    for name, seconds in (("wall", wall[_WARM:]), ("CPU", cpu[_WARM:])):
        p50, p95, worst = (1000 * float(np.percentile(seconds, share)) for share in (50, 95, 100))
        say(f"{name:4}  p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   longest {worst:6.1f} ms")
    say(f"{np.mean(read_rows):.1f} records read a lookup; " + ", ".join(f"{n} {verdict}" for verdict, n in verdicts.items()))
    return 0


def _base(size: int, asks: int) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    """Cleaned records, and people to ask for: half of them other records of people in the base, half strangers."""
    frames: list[pd.DataFrame] = []
    people: list[dict[str, object]] = []
    for mapped in mapped_frames(size, seed=1):
        known = mapped[mapped["record_id"].str.endswith("01")]  # somebody's second record is asked for, not kept
        people += [_person(row) for row in known.head(max(asks // 2 - len(people), 0)).to_dict("records")]
        kept = mapped.drop(index=known.head(asks // 2).index)
        part = pd.concat(clean_chunks([kept], partial(clean_customers, habits=Habits()), os.cpu_count() or 1))
        frames.append(part.assign(region=region_of(part["country"], None), source="base", stream="base"))
    strangers = next(mapped_frames(asks, seed=2))
    people += [_person(row) for row in strangers.to_dict("records")][: asks - len(people)]
    chosen = [person for person in people if person]
    order = np.random.default_rng(1).permutation(len(chosen))
    records = pd.concat(frames, ignore_index=True).sort_values("record_id", ignore_index=True)
    return records, [chosen[i] for i in order]


def _person(row: Mapping[Any, object]) -> dict[str, object]:
    return {name: row[name] for name in ASKABLE if name in row and isinstance(row[name], (str, list)) and row[name]}


def say(line: str) -> None:
    """A line at once."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
