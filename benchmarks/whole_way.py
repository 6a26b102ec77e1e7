"""The whole way of the data: from files a source delivered to published customers, for a first load and for a day's change.

A source of invented customers with three interactions each exports to files. The operators of an ingest run and of a resolve run
take them through a lake and a PostgreSQL of the benchmark's own, each step in a process of its own. What Airflow adds (its own
start-up, and the pause between tasks) is left out: ``make bench-daily`` measures that on the sample world.
"""

import argparse
import csv
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from benchmarks.customers import mapped_frames
from benchmarks.matching import say
from benchmarks.measured import Cost, Measured, measuring, show
from include.sources import discovery
from include.warehouse.engine import migrate
from local.progress import Progress
from local.services import Platform
from local.settings import PROJECT, Settings
from suki.listeners.warm_start import warm_start
from tests import flow

FIRST_LOAD, DAY, MEMORY = 20 * 60, 90, 3_000
"""Seconds for a first load of a million with three interactions each, and for ten thousand changes on it; MB of memory."""

_SOURCE, _LOGIN, _PER_RECORD = "shop", "suki_app", 3
_LOADED, _NEXT = date(2026, 8, 3), date(2026, 8, 4)
_ONE = (
    "full_name", "given_name", "family_name", "company_name", "birth_date", "gender", "language", "address_line", "city",
    "subdivision", "postcode", "country", "first_seen_at", "note",
)  # fmt: skip
_MANY = ("emails", "phones", "loyalty_ids")
_CHANGED, _COME = 0.7, 0.2
"""Share of a change that is records told otherwise, and records that are new; the rest are gone."""


def main() -> int:
    """Load, change, print; 1 if a million takes longer than it may."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whole_way", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="records of the first load (default: 1,000,000)")
    parser.add_argument("--changed", type=int, help="records of the day (default: a hundredth of the first load)")
    asked = parser.parse_args()
    changed = asked.changed or asked.records // 100
    settings = Settings.load({**os.environ, "SUKI_STATE": str(PROJECT / ".suki-bench-daily")})
    platform = Platform(settings, Progress())
    platform.start_postgres()
    warm_start()
    try:
        platform.postgres.drop_database("whole_way")
        platform.postgres.ensure_database("whole_way", _LOGIN, "template0")
        url = platform.postgres.url("whole_way", _LOGIN, settings.secret(_LOGIN))
        migrate(url)
        with tempfile.TemporaryDirectory(dir=settings.state) as folder:
            runs = list(_runs(platform, url, Path(folder), asked.records, changed))
    finally:
        platform.reset()
    for title, run in runs:
        show(title, run)
    first, day = (run.whole for _, run in runs)
    print(f"\n{'':28}{'took':>10}{'aim':>10}   of a million records and ten thousand changes")
    for what, found, aim in _held(first, day):
        print(f"{what:28}{found:10,.0f}{aim:10,}")
    million = asked.records >= 1_000_000
    return int(million and any(found > aim for _, found, aim in _held(first, day)))


def _held(first: Cost, day: Cost) -> list[tuple[str, float, int]]:
    return [
        ("seconds of the first load", first.wall, FIRST_LOAD),
        ("seconds of the day", day.wall, DAY),
        ("MB of the largest step", max(first.peak, day.peak), MEMORY),
    ]


def _runs(platform: Platform, url: str, folder: Path, records: int, changed: int) -> Iterator[tuple[str, Measured]]:
    declared, exports = folder / "sources", folder / "exports"
    _declare(declared / _SOURCE)
    _export(exports, _LOADED, _told(records, seed=1), records * _PER_RECORD)
    _export(exports, _NEXT, _change(changed), changed)
    with mock.patch.object(discovery, "HERE", declared), flow.connections(url, exports, folder / "lake"):
        for day, title in (
            (_LOADED, f"{records:,} records, {records * _PER_RECORD:,} interactions"),
            (_NEXT, f"{changed:,} changes"),
        ):
            say(title)
            with measuring(platform.postgres) as found:
                flow.ingest(_SOURCE, day.isoformat(), (day + timedelta(days=1)).isoformat())
                resolved = flow.resolve(f"resolve {day}")
            assert resolved is not None
            found.counts = dict(resolved["counts"])
            yield title, found
            with platform.postgres.superuser("whole_way") as connection:
                connection.execute("VACUUM ANALYZE")


def _declare(folder: Path) -> None:
    folder.mkdir(parents=True)
    common = {"format": "csv", "key": "id", "updated_at": "at"}
    customers = common | {
        "kind": "customers", "files": [{"pattern": "{date:%Y-%m-%d}/customers.csv"}],
        "deleted": {"path": "gone", "equals": "yes"},
        "map": {name: name for name in (*_ONE, *_MANY)},
    }  # fmt: skip
    orders = common | {
        "kind": "interactions", "files": [{"pattern": "{date:%Y-%m-%d}/orders.csv"}], "customer_stream": "customers",
        "constants": {"interaction_type": "order", "channel": "web", "currency": "PHP"},
        "map": {"customer_key": "customer", "occurred_at": "at", "amount": "amount"},
    }  # fmt: skip
    source = {
        "title": "Shop", "description": "Invented customers.", "owner": "benchmark", "contact": "nobody", "purpose": "contract",
        "trust": {"default": 0.5}, "streams": {"customers": customers, "orders": orders},
    }  # fmt: skip
    (folder / "source.yml").write_text(yaml.safe_dump(source, sort_keys=False), encoding="utf-8")


def _told(records: int, seed: int) -> Iterator[dict[str, Any]]:
    """Customers as the source exports them."""
    for frame in mapped_frames(records, seed):
        for row in frame.to_dict("records"):
            one = {name: row[name] for name in _ONE} | {name: next(iter(row[name]), None) for name in _MANY}
            yield {"id": row["record_id"][-14:], "at": "2026-08-03T01:00:00Z", "gone": "", **one}


def _change(count: int) -> Iterator[dict[str, Any]]:
    """A day's file: some of the first customers with another number, mailbox or home, new ones, and some that are gone."""
    changed, come = int(count * _CHANGED), int(count * _COME)
    anew = (("phones",), ("emails",), ("address_line", "city", "subdivision", "postcode", "country"))
    for n, (old, fresh) in enumerate(zip(_told(count, seed=1), _told(count, seed=2), strict=True)):
        now = {"at": "2026-08-04T01:00:00Z"}
        if n < changed:
            yield old | now | {name: fresh[name] for name in anew[n % len(anew)]}
        elif n < changed + come:
            yield fresh | now | {"id": f"new{fresh['id']}"}
        else:
            yield old | now | {"gone": "yes"}


def _export(exports: Path, day: date, customers: Iterable[dict[str, Any]], orders: int) -> None:
    """The source's two files of a day; orders go round among its customers."""
    folder = exports / _SOURCE / day.isoformat()
    folder.mkdir(parents=True)
    ids: list[str] = []
    rows = iter(customers)
    with (folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["id", "at", "gone", *_ONE, *_MANY])
        writer.writeheader()
        while chunk := list(islice(rows, 10_000)):
            writer.writerows(chunk)
            ids += [row["id"] for row in chunk if not row["gone"]]
    with (folder / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        plain = csv.writer(file)
        plain.writerow(["id", "at", "customer", "amount"])
        plain.writerows((f"{day:%d}-{n}", f"{day}T01:00:00Z", ids[n % len(ids)], f"{n % 300}.50") for n in range(orders))


if __name__ == "__main__":
    sys.exit(main())
