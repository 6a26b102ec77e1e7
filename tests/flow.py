"""Drives Suki's operators in this process: the same steps the Dags run, on a real PostgreSQL, without a scheduler."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from airflow.sdk.exceptions import AirflowSkipException

from include.sources import discover
from suki.assets import GOLDEN_CUSTOMER, HELD_RUN, staged
from suki.operators.clean import CleanOperator
from suki.operators.cluster import ClusterOperator
from suki.operators.extract import ExtractOperator
from suki.operators.gate import GateOperator
from suki.operators.hold import HoldOperator, WeighChangeOperator
from suki.operators.households import HouseholdOperator
from suki.operators.map import MapOperator
from suki.operators.pair import PairOperator
from suki.operators.publish import PublishOperator
from suki.operators.resolution_gate import ResolutionGateOperator
from suki.operators.score import ScoreOperator
from suki.operators.stage import StageOperator
from suki.operators.survive import SurviveOperator

KEY = "11" * 32


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@contextmanager
def connections(warehouse_url: str, exports: Path, lake: Path) -> Iterator[None]:
    """Suki's four connections, by environment, as Airflow reads them."""

    def folder(path: Path) -> str:
        path.mkdir(parents=True, exist_ok=True)
        return json.dumps({"conn_type": "generic", "extra": {"path": str(path)}})

    with mock.patch.dict(
        "os.environ",
        {
            "AIRFLOW_CONN_SUKI_WAREHOUSE": warehouse_url,
            "AIRFLOW_CONN_SUKI_EXPORTS": folder(exports),
            "AIRFLOW_CONN_SUKI_LAKE": folder(lake),
            "AIRFLOW_CONN_SUKI_RECORD_KEY": json.dumps({"conn_type": "generic", "login": "1", "password": KEY}),
        },
    ):
        yield


@dataclass
class Run:
    """One Dag run: a task context that remembers what tasks told their assets."""

    dag_id: str
    run_id: str
    start: datetime | None = None
    end: datetime | None = None
    outlet_events: dict[Any, Any] = field(default_factory=dict)
    shown: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    by: str | None = None
    """Who triggered it."""

    def context(self) -> dict[str, Any]:
        return {
            "run_id": self.run_id, "params": self.params, "data_interval_start": self.start, "data_interval_end": self.end,
            "dag_run": SimpleNamespace(
                run_id=self.run_id, run_type="scheduled", run_after=self.end, start_date=self.end, triggering_user_name=self.by
            ),
            "outlet_events": self.outlet_events,
            "ti": SimpleNamespace(xcom_push=lambda key, value: self.shown.update({key: value})),
        }  # fmt: skip


def ingest(source: str, start: str, end: str, run_id: str | None = None) -> list[dict[str, Any]]:
    """One run of ``ingest_<source>`` over [start, end); returns what its last task returns."""
    run = Run(f"ingest_{source}", run_id or f"{source}__{start}__{end}", day(start), day(end))
    asset = staged(source)
    run.outlet_events[asset] = SimpleNamespace(extra=None)
    context = run.context()
    batches: list[dict[str, Any]] = step(ExtractOperator(task_id="extract", source=source), run).execute(context)
    for name, operator in (("map", MapOperator), ("clean", CleanOperator), ("stage", StageOperator)):
        gate = {"map": "gate_landed", "clean": "gate_mapped", "stage": "gate_cleaned"}[name]
        batches = step(GateOperator(task_id=gate, batches=batches), run).execute(context)
        outlets = [asset] if name == "stage" else []
        batches = step(operator(task_id=name, batches=batches, outlets=outlets), run).execute(context)
    return batches


def ingest_all(start: str, end: str, suffix: str = "") -> None:
    """Every declared source over [start, end)."""
    for source in discover():
        ingest(source, start, end, f"{source}__{start}__{end}{suffix}")


def resolve(run_id: str, shards: int = 1, *, limits: str = "") -> dict[str, Any] | None:
    """One run of ``resolve_customers``, the pairs in so many shards; None when nothing had changed, or when it was held."""
    run = Run("resolve_customers", run_id, None, day("2026-10-01"))
    run.outlet_events.update({asset: SimpleNamespace(extra=None) for asset in (GOLDEN_CUSTOMER, HELD_RUN)})
    context = run.context()
    try:
        dealt = step(PairOperator(task_id="pairs", most_shards=shards, limits=limits), run).execute(context)
    except AirflowSkipException:
        return None
    scored = [step(ScoreOperator(task_id="score", resolution=shard), run).execute(context) for shard in dealt]
    reference: dict[str, Any] = step(ClusterOperator(task_id="cluster", resolution=scored), run).execute(context)
    for operator in (
        ResolutionGateOperator(task_id="gate_clustered", suite="clustered", artefact="memberships", resolution={}),
        SurviveOperator(task_id="survive", resolution={}),
        ResolutionGateOperator(task_id="gate_golden", suite="golden", artefact="customers", resolution={}),
        WeighChangeOperator(task_id="weigh_change", resolution={}, limits=limits),
        PublishOperator(task_id="publish", resolution={}, outlets=[GOLDEN_CUSTOMER]),
        HouseholdOperator(task_id="find_households", resolution={}),
    ):
        operator.resolution = reference
        reference = step(operator, run).execute(context)
        if operator.task_id == "weigh_change" and reference["counts"].get("limits_exceeded"):
            step(HoldOperator(task_id="hold", resolution=reference, outlets=[HELD_RUN]), run).execute(context)
            return None
    return reference


def days(start: str, n: int) -> list[tuple[str, str]]:
    """The n one-day windows from ``start`` on."""
    first = day(start)
    bounds = [(first + timedelta(days=i)).date().isoformat() for i in range(n + 1)]
    return list(itertools.pairwise(bounds))


def step(operator: Any, run: Run) -> Any:
    """The operator as part of the run's Dag."""
    from airflow.sdk import DAG

    DAG(run.dag_id, schedule=None).add_task(operator)
    return operator
