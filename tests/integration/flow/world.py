"""A small company for tests of the whole flow: exports, lake and warehouse of its own, and the real operators on them."""

import json
import os
import pickle
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pandas as pd
from airflow.sdk import ObjectStoragePath

from include.sources import discover
from suki.assets import GOLDEN_CUSTOMER, staged
from suki.lake import Lake
from suki.operators.base import SukiOperator
from suki.operators.clean import CleanOperator
from suki.operators.extract import ExtractOperator
from suki.operators.gate import GateOperator
from suki.operators.map import MapOperator
from suki.operators.stage import StageOperator
from tests import flow
from tests.integration.warehouse.conftest import Warehouse

DAY, NEXT_DAY, THIRD_DAY, FOURTH_DAY = "2026-08-03", "2026-08-04", "2026-08-05", "2026-08-06"

INGEST: Mapping[str, Callable[..., Any]] = {
    "gate_landed": GateOperator, "map": MapOperator, "gate_mapped": GateOperator, "clean": CleanOperator,
    "gate_cleaned": GateOperator, "stage": StageOperator,
}  # fmt: skip
"""The steps of an ingest run after extract, as the Dag factory chains them (plugins/suki/ingest.py)."""


@dataclass
class World:
    """Where everything lies, and what a test does there.

    ``returned`` remembers what every step of it handed to the next: (task id, the value that went to XCom).
    """

    url: str
    exports: Path
    lake: Path
    returned: list[tuple[str, Any]] = field(default_factory=list)

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Airflow's connections lead here, and what steps return is remembered."""
        execute = SukiOperator.execute

        def remembering(operator: SukiOperator, context: Any) -> Any:
            result = execute(operator, context)
            self.returned.append((operator.task_id, result))
            return result

        with flow.connections(self.url, self.exports, self.lake), mock.patch.object(SukiOperator, "execute", remembering):
            yield

    def ingest(
        self, source: str, start: str, end: str, *, until: str = "stage", run_id: str | None = None, **params: Any
    ) -> list[dict[str, Any]]:
        """A run of ``ingest_<source>`` up to a step; returns what that step returned."""
        run = self.run_of(source, start, end, run_id)
        run.params.update(params)
        with self.connected():
            batches = self.step(ExtractOperator(task_id="extract", source=source), run)
            for task_id in [] if until == "extract" else list(INGEST)[: list(INGEST).index(until) + 1]:
                batches = self.step(self.operator(source, task_id, batches), run)
        return batches

    def ingest_all(self, *windows: tuple[str, str], suffix: str = "", sources: Sequence[str] = ()) -> None:
        """Every source, or some, over some windows, one after the other; the sources at once, in processes forked from this one
        as LocalExecutor forks its workers."""
        outcomes = at_once({name: partial(self._ingest_windows, name, windows, suffix) for name in sources or discover()})
        for returned in outcomes.values():
            self.returned += returned

    def _ingest_windows(self, source: str, windows: Sequence[tuple[str, str]], suffix: str) -> list[tuple[str, Any]]:
        self.returned = []
        for start, end in windows:
            self.ingest(source, start, end, run_id=f"{source}__{start}__{end}{suffix}")
        return self.returned

    def operator(self, source: str, task_id: str, batches: list[dict[str, Any]]) -> Any:
        """A step of an ingest run after extract."""
        return INGEST[task_id](task_id=task_id, batches=batches, outlets=[staged(source)] if task_id == "stage" else [])

    @staticmethod
    def run_of(source: str, start: str, end: str, run_id: str | None = None) -> flow.Run:
        """The run with its window."""
        run = flow.Run(f"ingest_{source}", run_id or f"{source}__{start}__{end}", flow.day(start), flow.day(end))
        run.outlet_events[staged(source)] = SimpleNamespace(extra=None)
        return run

    @staticmethod
    def step(operator: Any, run: flow.Run) -> Any:
        """Execute an operator as part of the run's Dag."""
        return flow.step(operator, run).execute(run.context())

    def resolve(self, run_id: str, shards: int = 1) -> dict[str, Any] | None:
        """A run of ``resolve_customers`` with the pairs in so many shards; None when nothing had changed."""
        with self.connected():
            return flow.resolve(run_id, shards)

    def publish_step(self, run_id: str) -> tuple[Any, flow.Run]:
        """A resolve run up to its last gate: its publish step, ready to execute, and the run."""
        prepared: list[tuple[Any, flow.Run]] = []
        step = flow.step

        def stop_at_publish(operator: Any, run: flow.Run) -> Any:
            if operator.task_id == "find_households":
                return SimpleNamespace(execute=lambda _: None)
            if operator.task_id != "publish":
                return step(operator, run)
            prepared.append((step(operator, run), run))
            return SimpleNamespace(execute=lambda _: None)

        with self.connected(), mock.patch.object(flow, "step", stop_at_publish):
            flow.resolve(run_id)
        prepared[0][1].outlet_events.setdefault(GOLDEN_CUSTOMER, SimpleNamespace(extra=None))
        return prepared[0]

    def landed_rows(self, source: str, stream: str) -> pd.DataFrame:
        """Every row of the landings that the manifest knows."""
        lake = Lake(ObjectStoragePath(f"file://{self.lake}"))
        uris = self.query(
            "SELECT uri FROM ops.manifest WHERE source = :source AND stream = :stream", source=source, stream=stream
        )
        frames = [frame for (uri,) in uris for frame in lake.reading(uri)]
        return pd.concat(frames) if frames else pd.DataFrame()

    def query(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a query, on a connection that is closed again: a database somebody is connected to cannot be copied."""
        warehouse = Warehouse(self.url)
        try:
            return warehouse.query(statement, **parameters)
        finally:
            warehouse.close()

    def execute(self, statement: str, **parameters: Any) -> None:
        """A statement by the owner."""
        self.query(f"{statement} RETURNING 1", **parameters)

    def digest(self) -> dict[str, str]:
        """State of every table, see the warehouse's own tests."""
        warehouse = Warehouse(self.url)
        try:
            return warehouse.digest()
        finally:
            warehouse.close()

    def digest_of(self, *tables: str, without: Sequence[str]) -> dict[str, str]:
        """A hash of some tables, without some of their columns and without recorded time."""
        columns = " - ".join(["to_jsonb(t)", "'recorded_at'", *(f"'{name}'" for name in without)])
        return {
            table: str(
                self.query(
                    f"SELECT md5(string_agg(row, ',' ORDER BY row)) FROM (SELECT ({columns})::text AS row FROM {table} t) r"
                )
            )
            for table in tables
        }

    def golden_hash(self) -> str:
        """Content hash of the golden table as the last publication stored it."""
        ((found,),) = self.query("SELECT content_hash FROM ops.resolve_run ORDER BY sequence DESC LIMIT 1")
        return str(found)

    def steps(self, run_id: str | None = None) -> dict[tuple[str, str], dict[str, int]]:
        """(step, stream) to its counts, of one run or of the only one there was."""
        rows = self.query(
            "SELECT step, stream, rows_in, rows_out, quarantined, unchanged, suppressed FROM ops.step_count"
            " WHERE CAST(:run_id AS text) IS NULL OR run_id = :run_id",
            run_id=run_id,
        )
        names = ("rows_in", "rows_out", "quarantined", "unchanged", "suppressed")
        return {(step, stream): dict(zip(names, counts, strict=True)) for step, stream, *counts in rows}

    def quarantine(self) -> list[tuple[str, str, int, list[str]]]:
        """Stage, file, line and reasons of every row set aside."""
        found = self.query("SELECT stage, file, position, reasons FROM staging.quarantine ORDER BY stage, file, position")
        return [(stage, file, position, list(reasons)) for stage, file, position, reasons in found]


def at_once(jobs: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """Run each job in a forked process of its own; their results, or an error that shows the first failure."""
    with tempfile.TemporaryDirectory() as folder:
        children = {name: _forked(job, Path(folder) / name) for name, job in jobs.items()}
        statuses = {name: os.waitpid(pid, 0)[1] for name, pid in children.items()}
        outcomes = {name: pickle.loads((Path(folder) / name).read_bytes()) for name, status in statuses.items() if status == 0}
    failed = [name for name in jobs if name not in outcomes]
    assert not failed, f"{', '.join(failed)} failed; its error stands in the captured output"
    return outcomes


def _forked(job: Callable[[], Any], result: Path) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    if pid := os.fork():
        return pid
    status = 1
    try:
        result.write_bytes(pickle.dumps(job()))
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def unbalanced(world: World) -> list[tuple[Any, ...]]:
    """Steps that lose or invent rows: those whose own sum is wrong, and those that take in what the step before did not give out.

    The operators check the first themselves; here the whole chain is followed, from the files to staging.
    """
    wrong = world.query(
        "SELECT run_id, step, source, stream FROM ops.step_count"
        " WHERE rows_in <> rows_out + quarantined + unchanged + suppressed OR least(rows_in, rows_out) < 0"
    )
    chain = ["extract", *INGEST]
    for before, after in pairwise(chain):
        wrong += world.query(
            "SELECT a.run_id, b.step, b.source, b.stream FROM ops.step_count a"
            " LEFT JOIN ops.step_count b ON (b.run_id, b.source, b.stream, b.step) = (a.run_id, a.source, a.stream, :after)"
            " WHERE a.step = :before AND b.rows_in IS DISTINCT FROM a.rows_out",
            before=before, after=after,
        )  # fmt: skip
    return wrong


# --- deliveries of the online shop, made by hand ---


def shopper(number: int, **changes: Any) -> dict[str, Any]:
    """A customer as the online shop exports one."""
    return {
        "id": f"gid://shopify/Customer/{number}", "firstName": f"Name{number}", "lastName": f"Family{number}",
        "email": f"shopper{number}@example.org", "phone": None, "locale": "en", "createdAt": "2025-11-20T09:14:03Z",
        "updatedAt": "2026-08-02T18:40:00Z", "note": None, "tags": [],
        "defaultAddress": {"address1": f"{number} Main Street", "city": "Makati", "zip": "1200", "countryCodeV2": "PH"},
    } | changes  # fmt: skip


def order(number: int, customer: int | None, **changes: Any) -> dict[str, Any]:
    """An order as the online shop exports one."""
    return {
        "id": f"gid://shopify/Order/{number}", "name": f"#{number}", "createdAt": "2026-08-02T11:20:00Z",
        "updatedAt": "2026-08-02T18:40:00Z", "displayFinancialStatus": "PAID",
        "totalPriceSet": {"shopMoney": {"amount": "12.50", "currencyCode": "USD"}},
        "customer": customer and {"id": f"gid://shopify/Customer/{customer}"}, "sourceName": "web",
    } | changes  # fmt: skip


def deliver(
    exports: Path,
    day: str = DAY,
    customers: Sequence[dict[str, Any] | str] = (),
    orders: Sequence[dict[str, Any] | str] = (),
    *,
    copy: str = "",
) -> None:
    """Write the shop's two files of a day; a text stands for a line as it is, and ``copy`` for a file sent again (``.r2``)."""
    folder = exports / "online_sales" / day
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("customers", customers), ("orders", orders)):
        lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
        (folder / f"{name}{copy}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def shop_file(exports: Path, name: str, day: str = DAY) -> Path:
    """One of the shop's files."""
    return exports / "online_sales" / day / name
