"""What golden values cost: survivorship and publication of all customers at once, and of those whom a change touches.

Invented records, two a customer, are cleaned once and repeated under ids, addresses and numbers of their own; who is whose is
given. Survivorship works on the frame as resolve hands it over, publication on a PostgreSQL of the benchmark's own.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar
from uuid import UUID, uuid4

import numpy as np
import pandas as pd
from sqlalchemy import text

from benchmarks.customers import mapped_frames
from benchmarks.database import cpu_seconds
from benchmarks.matching import say
from benchmarks.memory import Memory
from include.cleaning.frames import clean_customers
from include.cleaning.habits import Habits
from include.golden.content_hash import row_hashes
from include.golden.identity import customer_id
from include.golden.survivorship import survive
from include.warehouse import snapshot
from include.warehouse.engine import connect, migrate, transaction
from include.warehouse.publish import Publication, publish
from local.postgres import Server
from local.progress import Progress
from local.services import Platform
from local.settings import PROJECT, Settings

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
    record_id, source_time, confirmed_at, content_hash, delivered_on, confirmed_on, repeated_at, repeated_on, cleaning_version,
    confirmed_by, repeated_by, source, stream, deleted, region, purpose, manifest_id
)
SELECT
    record_id, '2026-08-01', '2026-08-01', 'h', '2026-08-01', '2026-08-01', '{}', '{}', 1, 1, '{}', source, stream, false,
    'europe', 'contract', '00000000-0000-0000-0000-000000000000'
FROM staging.record
"""


def main() -> int:
    """Make the records and the warehouse, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.golden", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="records, two a customer (default: 1,000,000)")
    parser.add_argument("--changed", type=int, default=10_000, help="records of the change (default: 10,000)")
    asked = parser.parse_args()
    settings = Settings.load({**os.environ, "SUKI_STATE": str(PROJECT / ".suki-bench-golden")})
    platform = Platform(settings, Progress())
    platform.start_postgres()
    try:
        server = platform.postgres
        url = _warehouse(server, settings.secret(_LOGIN), asked.records)
        records = records_of(asked.records)
        say(f"{asked.records:,} records of {records['customer_id'].nunique():,} customers lie ready")
        _Measured(server, url).all_of(records, asked.changed)
        server.drop_database("golden")
    finally:
        platform.stop()
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


def records_of(count: int) -> pd.DataFrame:
    """A snapshot of so many records, two a customer."""
    cleaned = pd.concat([clean_customers(frame, Habits()) for frame in mapped_frames(min(_BASE, count))], ignore_index=True)
    parts = []
    for start in range(0, count, len(cleaned)):
        part = cleaned.iloc[: count - start].copy()
        ids = np.arange(start, start + len(part))
        part["record_id"] = [str(UUID(int=int(n))) for n in ids]
        part["customer_id"] = [customer_id(str(UUID(int=int(n - n % 2)))) for n in ids]
        part["source"] = np.where(ids % 2 == 0, "shop", "till")
        for name in ("emails", "email_keys"):
            part[name] = [[f"{start}{value}" for value in values] for values in part[name]]
        part["phones"] = [[f"{value}{start}" for value in values] for values in part["phones"]]
        parts.append(part)
    records = pd.concat(parts, ignore_index=True)
    records["source_time"] = records["first_source_time"] = pd.Timestamp("2026-08-01", tz="UTC")
    return records.assign(region="europe")


class _Measured:
    """Times a step with the work of this process, of the database, and the most memory this process held."""

    def __init__(self, server: Server, url: str) -> None:
        self.server, self.url = server, url

    def all_of(self, records: pd.DataFrame, changed: int) -> None:
        """Everything at once, then a change."""
        engine = connect(self.url, "suki_resolve")
        parts = self.step("survivorship of all", partial(_survived, records))
        report = self.step("publication of all", partial(publish, engine, _publication(records, *parts)))
        del parts
        touched = records[records["customer_id"].isin(records["customer_id"].iloc[: 2 * changed : 2])].copy()
        touched.loc[touched.index % 2 == 0, "phones"] = pd.Series([["+4915110000000"]] * (len(touched) // 2), touched.index[::2])
        with transaction(connect(self.url, "suki_ingest"), "marking") as connection:
            query = "INSERT INTO staging.dirty_record (record_id, reason) SELECT unnest(CAST(:ids AS uuid[])), 'changed'"
            connection.execute(text(query), {"ids": touched["record_id"].iloc[::2].tolist()})
        parts = self.step(f"survivorship of {changed:,} changed", partial(_survived, touched))
        change = replace(
            _publication(touched, *parts),
            base_resolve_id=report.resolve_id, marks=snapshot.claim_dirty(engine)[["mark_id"]], touched=touched[["record_id"]],
            minted=pd.DataFrame(columns=["customer_id", "anchor_record_id"]),
        )  # fmt: skip
        told = self.step(f"publication of {changed:,} changed", partial(publish, engine, change))
        say(f"{told.counts['updated']:,} of {told.counts['customers']:,} customers updated")

    def step(self, name: str, work: Callable[[], Found]) -> Found:
        """Carry it out and say what it took."""
        began, process, database = time.perf_counter(), time.process_time(), cpu_seconds(self.server)
        with Memory() as memory:
            found = work()
        say(
            f"{name:34}{time.perf_counter() - began:8.1f} s{time.process_time() - process:8.1f} s of CPU"
            f"{cpu_seconds(self.server) - database:8.1f} s of the database's{memory.peak / 1e6:8,.0f} MB"
        )
        return found


def _survived(records: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    customers, proofs = survive(records, _TRUST)
    customers["row_hash"] = row_hashes(customers)
    return customers, proofs


def _publication(records: pd.DataFrame, customers: pd.DataFrame, proofs: pd.DataFrame) -> Publication:
    anchors = records.iloc[::2]
    edges: dict[str, Any] = {
        "record_a": anchors["record_id"].to_numpy(), "record_b": records["record_id"].iloc[1::2].to_numpy(), "weight": 9.5,
        "probability": 0.99, "band": "match", "rule": "email", "evidence": "{}", "model_version": "m1",
    }  # fmt: skip
    return Publication(
        resolve_id=str(uuid4()), base_resolve_id=None, run_id="benchmark", model_version="m1", counts={},
        marks=pd.DataFrame({"mark_id": []}, dtype="int64"), customers=customers, proofs=proofs,
        memberships=records[["record_id", "customer_id"]],
        minted=anchors[["customer_id", "record_id"]].rename(columns={"record_id": "anchor_record_id"}),
        aliases=pd.DataFrame(columns=["customer_id", "became"]), edges=pd.DataFrame(edges),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
