"""A small maker of landings and cleaned rows, and a digest of all that the warehouse holds."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4, uuid5

import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, text

from include.customer import CUSTOMER_FIELDS, INTERACTION_FIELDS
from include.warehouse import landing, staging
from include.warehouse.engine import Bind, connect
from include.warehouse.tables import metadata

DAY = date(2026, 8, 1)
NAMESPACE = UUID(int=7)

# The lake path of the attempt that won, recorded time, and counters that a rolled back attempt uses up. Everything else must be
# the same after a kill.
_NOT_STATE = {"uri", "recorded_at", "minted_at", "from_at", "to_at", "mark_id", "change_id"}
_WHETHER = {"in_force_since"}
"""Columns whose moment is no state; whether there is one is."""


def on(day: int) -> date:
    """Day number of the test's world, from 1."""
    return DAY + timedelta(days=day - 1)


def at(day: float) -> datetime:
    """A moment in it."""
    return datetime(2026, 8, 1, tzinfo=UTC) + timedelta(days=day - 1)


def record(name: str, world: str = "") -> str:
    """The record id of a name."""
    return str(uuid5(NAMESPACE, f"{world}/{name}"))


def said(
    name: str, day: float, content: str | None, *, delivered: int | None = None, world: str = "", **more: Any
) -> dict[str, Any]:
    """One cleaned customer row; ``content`` None is a tombstone."""
    row: dict[str, Any] = {field.name: [] if field.type == "texts" else None for field in CUSTOMER_FIELDS}
    row |= {
        "record_id": record(name, world), "file": "f.csv", "position": 1, "scope": None,
        "delivered_on": on(delivered or int(day)),
        "source_updated_at": at(day), "deleted": content is None, "region": "europe", "flags": [], "changes": "[]",
        "cleaning_version": 1,
        "full_name": content,
    }  # fmt: skip
    return row | more


def met(
    name: str, day: float, status: str, customer: str | None = None, *, delivered: int | None = None, **more: Any
) -> dict[str, Any]:
    """One cleaned interaction row."""
    row: dict[str, Any] = {field.name: [] if field.type == "texts" else None for field in INTERACTION_FIELDS}
    row |= {
        "record_id": record(name), "file": "o.jsonl", "position": 1, "delivered_on": on(delivered or int(day)), "scope": None,
        "source_updated_at": at(day), "deleted": False, "region": "europe", "flags": [], "changes": "[]", "cleaning_version": 1,
        "status": status, "customer_record_id": customer and record(customer), "interaction_type": "order",
    }  # fmt: skip
    return row | more


@dataclass
class Warehouse:
    """The warehouse under test, with what a source does to it."""

    url: str
    source: str = "shop"
    stream: str = "customers"

    def engine(self, role: str = "suki_ingest") -> Engine:
        return connect(self.url, role)

    @cached_property
    def ingest(self) -> Connection:
        """One connection kept open: most tests are many small steps."""
        return self.engine("suki_ingest").connect()

    @cached_property
    def resolver(self) -> Connection:
        return self.engine("suki_resolve").connect()

    @cached_property
    def owner(self) -> Connection:
        return connect(self.url).connect().execution_options(isolation_level="AUTOCOMMIT")

    @cached_property
    def some_manifest(self) -> str:
        return self.land(1, [], world="none").manifest_id

    def close(self) -> None:
        for name in ("ingest", "resolver", "owner"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()

    def land(
        self,
        day: int,
        names: Sequence[str | None],
        *,
        mode: str = "changes",
        scope: str | None = None,
        world: str = "",
        content: str | None = None,
        secret: str = "",
        again: bool = False,
        bind: Bind | None = None,
        **changes: Any,
    ) -> landing.Landing:
        """Land one file of a day that holds these records; ``again``: as its second copy, beside the first."""
        first = f"{world}/{day}/{scope}.{mode}.csv"
        file = first.replace(".csv", ".r2.csv") if again else first
        frame = pd.DataFrame({
            "record_id": [None if n is None else record(n, world + secret) for n in names],
            "source_key": [None if n is None else f"{world}/{n}" for n in names],
            "file": file, "scope": scope,
        }, dtype=object)  # fmt: skip
        sha256 = hashlib.sha256(f"{file}{names}{content}".encode()).hexdigest()
        manifest = {
            "source": self.source, "stream": self.stream, "kind": "customers", "epoch": 1, "restarts": (),
            "window_start": at(day), "window_end": at(day + 1), "uri": f"lake/{uuid4()}", "rows": len(names), "sha256": sha256,
            "schema_fingerprint": "f", "run_id": "r", "key_id": "k", "files": True, **changes,
        }  # fmt: skip
        deliveries = [
            {"file": file, "delivered_on": on(day), "mode": mode, "scope": scope, "sha256": sha256, "rows": len(names),
             "status": "accepted", "reason": None}
        ]  # fmt: skip
        if again:
            deliveries.append({**deliveries[0], "file": first, "rows": 0, "status": "refused", "reason": "sent again"})
        return landing.commit_landing(bind or self.ingest, manifest, deliveries, iter([frame]) if names else iter([]))

    def meta(self, manifest_id: str) -> staging.BatchMeta:
        return staging.BatchMeta(self.source, self.stream, manifest_id, "contract")

    def stage(
        self, rows: Sequence[dict[str, Any]], manifest_id: str | None = None, *, chunk: int = 2, bind: Bind | None = None
    ) -> staging.StageCounts:
        """Stage rows in small chunks, under a landing without files unless one is given."""
        manifest_id = manifest_id or self.some_manifest
        chunks = (pd.DataFrame(rows[start : start + chunk]) for start in range(0, len(rows), chunk))
        return staging.stage_customers(bind or self.ingest, chunks, self.meta(manifest_id))

    def meet(self, rows: Sequence[dict[str, Any]]) -> staging.StageCounts:
        """Stage interactions."""
        return staging.stage_interactions(self.ingest, iter([pd.DataFrame(rows)]), self.meta(self.some_manifest))

    def query(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.owner.execute(text(statement), parameters)]

    def versions(self, name: str, world: str = "") -> list[tuple[Any, ...]]:
        """(from day, to day, name or None if deleted), in order."""
        rows = self.query(
            "SELECT source_time, confirmed_at, CASE WHEN NOT deleted THEN full_name END FROM staging.record_version"
            " WHERE record_id = :r ORDER BY source_time, confirmed_on, NOT deleted, content_hash",
            r=record(name, world),
        )
        return [((a - at(1)).total_seconds() / 86400 + 1, (b - at(1)).total_seconds() / 86400 + 1, c) for a, b, c in rows]

    def current(self, name: str, world: str = "") -> str | None:
        rows = self.query("SELECT full_name FROM staging.current_record WHERE record_id = :r", r=record(name, world))
        return rows[0][0] if rows else None

    def marks(self) -> list[tuple[Any, ...]]:
        return self.query("SELECT record_id::text, reason FROM staging.dirty_record ORDER BY mark_id")

    def digest(self, renamed: Mapping[str, str] | None = None) -> dict[str, str]:
        """A hash of every table's state, whatever the clock and the counters of rolled back attempts.

        Args:
            renamed: Ids made by chance, and what they are told as.
        """
        found = {}
        for table in metadata.tables.values():
            told = (f'"{c.name}"' + " IS NOT NULL" * (c.name in _WHETHER) for c in table.columns if c.name not in _NOT_STATE)
            columns = ", ".join(told)
            rows = self.query(f"SELECT {columns} FROM {table.schema}.{table.name}")
            lines = [repr(row) for row in rows]
            for given, told in (renamed or {}).items():
                lines = [line.replace(given, told) for line in lines]
            lines.sort()
            found[str(table)] = f"{len(lines)} rows, {hashlib.sha256(chr(10).join(lines).encode()).hexdigest()}"
        return found


@pytest.fixture
def warehouse(fresh_warehouse_url: str) -> Iterator[Warehouse]:
    """An empty warehouse of the test's own."""
    made = Warehouse(fresh_warehouse_url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared_warehouse(warehouse_url: str) -> Iterator[Warehouse]:
    """One warehouse for a module whose tests use records of their own."""
    made = Warehouse(warehouse_url)
    yield made
    made.close()
