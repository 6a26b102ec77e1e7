"""``python -m sample --exports DIR --truth DIR``: make the sample world."""

import argparse
import sys
import time
from pathlib import Path

from sample.rates import RatesError, load
from sample.world import make


def main(arguments: list[str] | None = None) -> int:
    """Make the world the command line asks for; its size and seed default to what rates.yml declares."""
    parser = argparse.ArgumentParser(prog="python -m sample", description="Write the sample world's exports and its truth.")
    parser.add_argument("--exports", type=Path, required=True, help="exports root to write")
    parser.add_argument("--truth", type=Path, required=True, help="folder for truth.csv and world.json, apart from the exports")
    parser.add_argument("--people", type=int, help="how many people (default: rates.yml)")
    parser.add_argument("--seed", type=int, help="same seed, same bytes (default: rates.yml)")
    parser.add_argument("--days", type=int, help="how many days of deliveries (default: rates.yml)")
    asked = parser.parse_args(arguments)
    began = time.monotonic()
    try:
        rates = load()
        world = rates.world
        people, seed, days = (own if given is None else given for given, own in
                              ((asked.people, world.people), (asked.seed, world.seed), (asked.days, world.days)))  # fmt: skip
        summary = make(rates, asked.exports, asked.truth, people, seed, days)
    except (RatesError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    records = summary["records"]
    print(f"{people:,} people, {days} days, {summary['files']} files in {time.monotonic() - began:.1f} s: {records}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
