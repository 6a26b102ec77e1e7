"""What golden values cost: survivorship and publication of all customers at once, and of those whom a change touches.

Invented records, two a customer, are cleaned once and repeated under ids, addresses and numbers of their own; who is whose is
given. The steps read what a resolve run leaves in the lake, as in a run, and write to a PostgreSQL of the benchmark's own.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from uuid import UUID, uuid4

import numpy as np
import pandas as pd
import pyarrow as pa
from airflow.sdk import ObjectStoragePath
from sqlalchemy import text

from benchmarks.customers import mapped_frames
from benchmarks.database import cpu_seconds
from benchmarks.matching import say
from benchmarks.memory import Memory
from include import heap
from include.cleaning.frames import clean_customers
from include.cleaning.habits import Habits
from include.golden.identity import customer_id
from include.warehouse import snapshot
from include.warehouse.engine import connect, migrate, transaction
from include.warehouse.publish import Publication, publish, weigh
from local.postgres import Server
from local.progress import Progress
from local.services import Platform
from local.settings import PROJECT, Settings
from suki.lake import FrameWriter, Lake
from suki.surviving import Judge, survived

_BASE = 20_000
"""Records that are drawn and cleaned; the others repeat them."""
_LOGIN = "suki_app"
_TRUST = {"shop": {"default": 0.7}, "till": {"default": 0.5}}
Found = TypeVar("Found")

_FILL = """
INSERT INTO staging.record (record_id, source, epoch, stream, source_key, key_id)
SELECT lpad(to_hex(n), 32, '0')::uuid, CASE n % 2 WHEN 0 THEN 'shop' ELSE 'till' END, 1, 'customers', n::text, 'k'
FROM generate_series(0, :records - 1) AS n;
INSERT INTO staging.record_version (
    record_id, source_time, confirmed_at, content_hash, delivered_on, confirmed_on, repeated_at, repeated_on, repeated_for,
    cleaning_version, confirmed_by, repeated_by, source, stream, deleted, region, purpose, manifest_id
)
SELECT
    record_id, '2026-08-01', '2026-08-01', 'h', '2026-08-01', '2026-08-01', '{}', '{}', '{}', 1, 1, '{}', source, stream, false,
    'europe', 'contract', '00000000-0000-0000-0000-000000000000'
FROM staging.record
"""


def main() -> int:
    """Make the records and the warehouse, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.golden", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="records, two a customer (default: 1,000,000)")
    parser.add_argument("--changed", type=int, default=10_000, help="records of the change (default: 10,000)")
    asked = parser.parse_args()
    heap.settle_for_a_task()  # as every step does
    settings = Settings.load({**os.environ, "SUKI_STATE": str(PROJECT / ".suki-bench-golden")})
    platform = Platform(settings, Progress())
    platform.start_postgres()
    try:
        server = platform.postgres
        url = _warehouse(server, settings.secret(_LOGIN), asked.records)
        with TemporaryDirectory() as folder:
            lake = Lake(ObjectStoragePath(f"file://{folder}"))
            run = _Run(lake, asked.records, changed=False)
            change = _Run(lake, 2 * asked.changed, changed=True)
            say(f"{asked.records:,} records of {asked.records // 2:,} customers lie ready")
            _Measured(server, url).all_of(run, change)
    finally:
        platform.reset()
    return 0


def _warehouse(server: Server, password: str, records: int) -> str:
    server.drop_database("golden")
    server.ensure_database("golden", _LOGIN)
    url = server.url("golden", _LOGIN, password)
    migrate(url)
    with connect(url).begin() as connection:
        for part in _FILL.split(";"):
            connection.execute(text(part), {"records": records} if ":records" in part else {})
    with server.superuser("golden") as connection:
        connection.execute("VACUUM ANALYZE")
    return url


def blocks_of(count: int) -> Iterator[pd.DataFrame]:
    """So many records, two a customer, some at a time."""
    cleaned = pd.concat([clean_customers(frame, Habits()) for frame in mapped_frames(min(_BASE, count))], ignore_index=True)
    for start in range(0, count, len(cleaned)):
        part = cleaned.iloc[: count - start].copy()
        ids = np.arange(start, start + len(part))
        part["record_id"] = [str(UUID(int=int(n))) for n in ids]
        part["customer_id"] = [customer_id(str(UUID(int=int(n - n % 2)))) for n in ids]
        part["source"] = np.where(ids % 2 == 0, "shop", "till")
        for name in ("emails", "email_keys"):
            part[name] = [[f"{start}{value}" for value in values] for values in part[name]]
        part["phones"] = [[f"{value}{start}" for value in values] for values in part["phones"]]
        part["source_time"] = part["first_source_time"] = pd.Timestamp("2026-08-01", tz="UTC")
        yield part.assign(region="europe")


def _changed(records: pd.DataFrame) -> pd.DataFrame:
    """The same, in which every customer's first record has another number."""
    phones = [["+4915110000000"] if n % 2 == 0 else held for n, held in enumerate(records["phones"])]
    return records.assign(phones=pd.Series(phones, index=records.index, dtype=object))


class _Measured:
    """Times a step with the work of this process and its workers, of the database, and the most memory these processes held."""

    def __init__(self, server: Server, url: str) -> None:
        self.server, self.url = server, url

    def all_of(self, run: "_Run", change: "_Run") -> None:
        """Everything at once, then a change."""
        engine = connect(self.url, "suki_resolve")
        began = time.perf_counter()
        self.step("survivorship of all", run.survive)
        self.step("weighing of all", lambda: weigh(engine, run.publication()))
        before_publishing = time.perf_counter()
        report = self.step("publication of all", lambda: publish(engine, run.publication()))
        say(f"{'':34}{time.perf_counter() - began:8.1f} s in all, of which {before_publishing - began:.1f} s before publication")
        with transaction(connect(self.url, "suki_ingest"), "marking") as connection:
            query = "INSERT INTO staging.dirty_record (record_id, reason) SELECT unnest(CAST(:ids AS uuid[])), 'changed'"
            connection.execute(text(query), {"ids": change.marked})
        name = f"{len(change.marked):,} changed"
        self.step(f"survivorship of {name}", change.survive)
        marks = snapshot.claim_dirty(engine)[["mark_id"]]
        self.step(f"weighing of {name}", lambda: weigh(engine, change.publication(report.resolve_id, marks)))
        told = self.step(f"publication of {name}", lambda: publish(engine, change.publication(report.resolve_id, marks)))
        say(f"{told.counts['updated']:,} of {told.counts['customers']:,} customers updated")
        say(f"content hash {told.content_hash}")

    def step(self, name: str, work: Callable[[], Found]) -> Found:
        """Carry it out and say what it took."""
        began, process, database = time.perf_counter(), _own_cpu(), cpu_seconds(self.server)
        with Memory() as memory:
            found = work()
        say(
            f"{name:34}{time.perf_counter() - began:8.1f} s{_own_cpu() - process:8.1f} s of CPU"
            f"{cpu_seconds(self.server) - database:8.1f} s of the database's{memory.peak / 1e6:8,.0f} MB"
        )
        return found


def _own_cpu() -> float:
    return sum(os.times()[:4])  # workers that ended included


class _Run:
    """What a resolve run leaves in the lake before records survive, and what is published of it."""

    def __init__(self, lake: Lake, records: int, *, changed: bool) -> None:
        self.lake, self.changed = lake, changed
        self.resolve_id = str(uuid4())
        # In a process of its own: what cleaning keeps loaded is no part of what the steps hold.
        with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
            self.uris, self.marked = pool.submit(_put, lake, records, self.resolve_id, changed=changed).result()

    def survive(self) -> None:
        """The step itself."""
        found = survived(
            self.lake, self.uris["snapshot"], self.uris["memberships"], Judge(None, _TRUST, (), ()), "resolve", self.resolve_id
        )
        self.uris |= found.artefacts

    def publication(self, base: str | None = None, marks: pd.DataFrame | None = None) -> Publication:
        """What is published: frames one by one."""
        read: dict[str, Any] = {
            name: self.lake.blocks(self.uris[name]) for name in ("customers", "proofs", "memberships", "edges")
        }
        nobody = pd.DataFrame(columns=["customer_id", "anchor_record_id"])
        return Publication(
            resolve_id=self.resolve_id, base_resolve_id=base, run_id="benchmark", model_version="m1", counts={},
            marks=pd.DataFrame({"mark_id": []}, dtype="int64") if marks is None else marks,
            minted=nobody if self.changed else self.lake.blocks(self.uris["minted"]),
            aliases=pd.DataFrame(columns=["customer_id", "became"]),
            touched=self.lake.get(self.uris["memberships"])[["record_id"]] if self.changed else None, **read,
        )  # fmt: skip


def _put(lake: Lake, records: int, resolve_id: str, *, changed: bool) -> tuple[dict[str, str], list[str]]:
    """Write the files of a run; where they lie, and whom a change marks."""
    marked: list[str] = []
    with ExitStack() as files:
        writers: dict[str, FrameWriter] = {}
        for block in blocks_of(records):
            told = _changed(block) if changed else block
            marked += told["record_id"].iloc[::2].tolist() if changed else []
            for name, frame in _parts_of(told).items():
                table = pa.Table.from_pandas(frame, preserve_index=False)
                if name not in writers:
                    writers[name] = files.enter_context(lake.writing(table.schema, "resolve", resolve_id, name))
                writers[name].append(table.cast(writers[name].schema))
        uris = {name: writer.uri for name, writer in writers.items()}
    return uris, marked


def _parts_of(records: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The files of a run that tell of some records."""
    anchors = records.iloc[::2]
    edges: dict[str, Any] = {
        "record_a": anchors["record_id"].to_numpy(), "record_b": records["record_id"].iloc[1::2].to_numpy(), "weight": 9.5,
        "probability": 0.99, "band": "match", "rule": "email", "evidence": "{}", "model_version": "m1",
    }  # fmt: skip
    return {
        "snapshot": records.assign(stream="customers", scope=None, mentioned_email_keys=None)[list(snapshot.SNAPSHOT_COLUMNS)],
        "memberships": records[["record_id", "customer_id"]],
        "minted": anchors[["customer_id", "record_id"]].rename(columns={"record_id": "anchor_record_id"}),
        "edges": pd.DataFrame(edges),
    }


if __name__ == "__main__":
    sys.exit(main())
