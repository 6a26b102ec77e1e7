"""What ran adds up, is kept once however often it is told, and holds no value."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from include.warehouse import quarantine, runs
from include.warehouse.errors import DoesNotAddUp
from tests.integration.warehouse.conftest import Warehouse, at, on, record

pytestmark = pytest.mark.integration

RUN = {"dag_id": "ingest_shop", "run_id": "r1"}
OF = {"source": "shop", "stream": "customers"}


def test_a_step_that_loses_a_row_fails_and_says_where(warehouse: Warehouse) -> None:
    with pytest.raises(
        DoesNotAddUp, match="step map took 10 rows but accounts for 9: 7 went on, 1 quarantined, 0 unchanged, 1 suppressed"
    ):
        runs.record_step(warehouse.ingest, **RUN, **OF, step="map", rows_in=10, rows_out=7, quarantined=1, suppressed=1)
    assert runs.steps_of_run(warehouse.ingest, **RUN).empty


def test_a_step_told_again_is_one_row_with_the_last_figures(warehouse: Warehouse) -> None:
    for out in (3, 2):
        runs.record_step(warehouse.ingest, **RUN, **OF, step="stage", rows_in=5, rows_out=out, unchanged=5 - out)
    steps = runs.steps_of_run(warehouse.ingest, **RUN)
    assert steps[["step", "rows_in", "rows_out", "unchanged"]].to_dict("records") == [
        {"step": "stage", "rows_in": 5, "rows_out": 2, "unchanged": 3}
    ]


@dataclass
class Result:
    expectation: str
    success: bool
    unexpected: int = 0
    level: str = "row"
    severity: str = "critical"
    reason: str = "because"
    evaluated: int = 10
    observed: str | None = None
    examples: tuple[str, ...] = ()


def test_a_gates_verdicts_replace_those_of_its_earlier_try(warehouse: Warehouse) -> None:
    for results in ([Result("a", success=True), Result("b", success=True)], [Result("b", success=False, unexpected=2)]):
        runs.record_quality(warehouse.ingest, **RUN, **OF, task_id="gate_landed", results=results, suite="landed")
    runs.record_quality(warehouse.ingest, **RUN, **OF, task_id="gate_mapped", results=[vars(Result("c", success=True))])
    found = runs.results_of_run(warehouse.resolver, **RUN)
    assert found[["task_id", "suite", "expectation", "unexpected"]].to_numpy().tolist() == [
        ["gate_landed", "landed", "b", 2], ["gate_mapped", "gate_mapped", "c", 0]
    ]  # fmt: skip
    assert len(runs.results_of_run(warehouse.resolver, **RUN, task_id="gate_mapped")) == 1


def test_drift_is_what_the_last_try_saw(warehouse: Warehouse) -> None:
    new = {"change": "added", "was": None, "now": "text", "reaction": "report"}
    for field, rows, file in (("old", 1, "f"), ("loyaltyTier", 7, "2026-08-01/customers.jsonl")):
        runs.record_drift(warehouse.ingest, **RUN, **OF, drift=[{**new, "field": field, "rows": rows, "file": file}])
    assert runs.drift_of_run(warehouse.ingest, **RUN).to_numpy().tolist() == [
        ["shop", "customers", "loyaltyTier", "added", None, "text", 7, "2026-08-01/customers.jsonl", "report"]
    ]


def test_the_summary_adds_up_over_runs(warehouse: Warehouse) -> None:
    for run_id in ("r1", "r2", "r3"):
        of = {"dag_id": "ingest_shop", "run_id": run_id, **OF}
        runs.record_step(warehouse.ingest, **of, step="extract", rows_in=10, rows_out=10)
        runs.record_step(warehouse.ingest, **of, step="gate_landed", rows_in=10, rows_out=9, quarantined=1)
        runs.record_step(warehouse.ingest, **of, step="stage", rows_in=9, rows_out=4, unchanged=5)
    summary = runs.ingest_summary(warehouse.ingest, ["r1", "r2"])
    assert summary.to_dict("records") == [
        {**OF, "extracted": 20, "quarantined": 2, "suppressed": 0, "unchanged": 10, "staged": 8}
    ]
    assert runs.ingest_summary(warehouse.ingest)["extracted"].tolist() == [30]
    latest = runs.latest_runs(warehouse.ingest, 2)
    assert latest[["run_id", "steps", "rows_in", "quarantined"]].to_numpy().tolist() == [["r3", 3, 10, 1], ["r2", 3, 10, 1]]


def set_aside() -> pd.DataFrame:
    return pd.DataFrame({
        "record_id": [record("a"), None], "file": ["f.csv", "f.csv"], "position": [3, 9], "delivered_on": [on(1), on(1)],
        "source_updated_at": pd.Series([at(1), pd.NaT], dtype="datetime64[us, UTC]"), "deleted": [False, None],
        "emails": [np.array(["a@example.org"], dtype=object), []], "raw": ['{"n": "\\u0000"}', "nul\x00"],
        "reasons": [["has_name", "has_key"], ["readable"]],
    })  # fmt: skip


def test_a_quarantined_row_is_kept_as_it_stood_and_once(warehouse: Warehouse) -> None:
    manifest_id = warehouse.land(1, []).manifest_id
    of = {**OF, "stage": "mapped", "manifest_id": manifest_id}
    for run_id in ("r1", "r2"):
        assert quarantine.put(warehouse.ingest, set_aside(), **of, run_id=run_id) == 2
    quarantine.put(warehouse.ingest, set_aside().iloc[:1], **{**of, "stage": "cleaned"}, run_id="r1")
    kept = quarantine.rows_like(warehouse.engine("suki_steward"), quarantine.Which(source="shop"))
    assert sorted(kept[["stage", "position", "reasons", "run_id"]].to_numpy().tolist()) == [
        ["cleaned", 3, ["has_name", "has_key"], "r1"],
        ["mapped", 3, ["has_name", "has_key"], "r1"], ["mapped", 9, ["readable"], "r1"],
    ]  # fmt: skip
    rows = kept[kept["stage"] == "mapped"]
    first = rows[rows["position"] == 3].iloc[0]
    assert (first["row"]["emails"], first["row"]["delivered_on"], first["row"]["deleted"]) == (
        ["a@example.org"],
        "2026-08-01",
        False,
    )
    assert "source_updated_at" not in rows[rows["position"] == 9].iloc[0]["row"]


def test_no_rows_set_aside_is_none(warehouse: Warehouse) -> None:
    assert quarantine.put(warehouse.ingest, set_aside().iloc[:0], **OF, stage="mapped", manifest_id=record("m"), run_id="r") == 0
