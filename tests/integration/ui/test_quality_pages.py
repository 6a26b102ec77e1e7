"""The quality pages in Airflow's own API server: behind its sign-in, on a real warehouse, and clear when there is none."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import insert

from include.golden.partition import PartitionChange
from include.warehouse.engine import connect
from include.warehouse.models import keep_candidate
from include.warehouse.tables import audit_figure, cleaning, drift, field_profile, field_quality, quality_result, step_count

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
RUN = {"dag_id": "ingest_store_pos", "run_id": "scheduled__1"}
OF = {"source": "store_pos", "stream": "customers"}
WHEN = datetime(2026, 9, 29, 4, tzinfo=UTC)


def result(expectation: str, **more: object) -> dict[str, object]:
    row = {"task_id": "gate_landed", "suite": "landed", "expectation": expectation, "level": "row", "severity": "critical"}
    row |= {"reason": "Why it matters", "success": True, "evaluated": 100, "unexpected": 0, "observed": "0 of 100 rows"}
    return {**RUN, **OF, **row, "recorded_at": WHEN, **more}


@pytest.fixture(scope="module")
def answers(warehouse_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict:
    with connect(warehouse_url, "suki_ingest").begin() as warehouse:
        closed = {"success": False, "unexpected": 31, "observed": "31 of 100 rows; first: store_pos/x.csv:4; closes the gate"}
        warehouse.execute(insert(quality_result), [result("readable", **closed), result("has_key")])
        warehouse.execute(insert(quality_result), [result("has_clock", task_id="gate_mapped", suite="mapped_customers")])
        warehouse.execute(insert(quality_result), [result("secret_rule", dag_id="somebody_elses_dag")])
        warehouse.execute(
            insert(step_count), [{**RUN, **OF, "step": "gate_landed", "rows_in": 100, "rows_out": 69, "quarantined": 31}]
        )
        of_city = {**RUN, **OF, "field": "city", "rows": 100}
        shape = {
            "filled": 80,
            "distinct_values": 9,
            "shortest": 4,
            "longest": 12,
            "outliers": 0,
            "patterns": {"Aa": 70, "other": 10},
        }
        earlier = {"compared_runs": 3, "filled_before": 0.9, "drift": 0.5, "drifted": True}
        warehouse.execute(insert(field_profile), [{**of_city, **shape, **earlier, "manifest_id": UUID(int=1)}])
        counts = {
            "delivered": 80,
            "kept": 50,
            "repaired": 20,
            "flagged": 4,
            "emptied": 6,
            "derived": 0,
            "inferred": 5,
            "doubtful": 4,
        }
        warehouse.execute(insert(field_quality), [{**of_city, **counts, "cleaning_version": 1}])
        standard = {"standards_version": 7, "standards_owner": "customer-data", "cleaners": "c", "declaration": "d"}
        warehouse.execute(insert(cleaning), [{"source": "store_pos", "cleaning_version": 1, **standard}])
        good = {"as_of": WHEN, "dimension": "completeness", "source": "shop", "scope": "MNL01", "field": "emails"}
        # The pages read as suki_ingest; audits are kept by suki_resolve.
        with connect(warehouse_url, "suki_resolve").begin() as resolver:
            resolver.execute(insert(audit_figure), [{**RUN, **good, "good": 90, "whole": 100}])
        warehouse.execute(insert(drift), [{**RUN, **OF, "field": "loyaltyTier", "rows": 3, "first_file": "store_pos/x.csv"}])
    none = {"decided": 0, "right": 0, "must_link": {}, "cannot_link": {}}
    keep_candidate(
        connect(warehouse_url, "suki_resolve"), **RUN, version="c" * 64, artefact={}, in_force="f" * 64, base_resolve_id=None,
        report={
            "sentences": ["3 customers would merge."], "not_learned": [],
            "bands": [{"rule": "phone tail", "now": "review", "then": "match", "pairs": 1234}],
            "customers": PartitionChange(4, 2, 5, 7, (("id-1", "id-2", "id-3"),), ()).to_json(5),
            "weights": [{"comparison": "birth_date", "level": "one_part", "now": None, "then": -1.25}],
            "labels": {"now": none, "then": {**none, "decided": 1, "must_link": {"never compared": 1}}},
        },
    )  # fmt: skip
    home = tmp_path_factory.mktemp("airflow")
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps({"viewer": "of this test alone", "admin": "another"}))
    settings = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,viewer:viewer",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "VIEWER_PASSWORD": "of this test alone",
        "AIRFLOW__API_AUTH__JWT_SECRET": "of this test alone, long enough for the signature it makes",
        "AIRFLOW__API__SECRET_KEY": "of this test alone",
        "AIRFLOW_CONN_SUKI_WAREHOUSE": warehouse_url.replace("postgresql+psycopg", "postgresql"),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}",
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    script = Path(__file__).with_name("api_server.py")
    done = subprocess.run(
        [sys.executable, script], env=clean | settings, cwd=home, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_nobody_reads_a_report_without_signing_in(answers):
    assert set(answers["anonymous"].values()) == {401}


def test_the_latest_runs_are_those_of_the_dags_one_may_see(answers):
    assert answers["latest"]["status"] == 200
    assert "scheduled__1" in answers["latest"]["text"]
    assert "1 of the latest 1 runs" in answers["latest"]["text"]
    assert "somebody_elses_dag" not in answers["latest"]["text"]


def test_a_run_shows_its_gates_counts_and_drift(answers):
    assert answers["run"]["status"] == 200
    for part in (
        "1 of 2 gates closed",
        "31 of 100 rows; first: store_pos/x.csv:4",
        "has clock",
        "loyaltyTier",
        "Every step adds up",
    ):
        assert part in answers["run"]["text"]


def test_a_task_shows_its_own_gate(answers):
    assert "1 of 1 gate closed" in answers["task"]["text"]
    assert "has clock" not in answers["task"]["text"]


def test_a_run_shows_what_was_delivered_as_shapes_and_what_drifted(answers):
    assert answers["profile"]["status"] == 200
    for part in ("Unlike earlier deliveries: store_pos.customers city", "<code>Aa</code>", "compared with 3 earlier deliveries"):
        assert part in answers["profile"]["text"]


def test_a_run_shows_each_field_before_and_after_cleaning_and_by_which_standard(answers):
    assert answers["cleaning"]["status"] == 200
    for part in (
        "delivered value is accounted for",
        "standard 7 of <strong>customer-data</strong>",
        "80.0 %",
        "79.0 %",
        "94.9 %",
    ):
        assert part in answers["cleaning"]["text"]
    assert "Nothing of this run has been cleaned yet" in answers["nothing_cleaned"]["text"]


def test_a_run_shows_what_its_candidate_model_would_change(answers):
    assert answers["model"]["status"] == 200
    for part in (
        "cccccccccccc",
        "3 customers would merge.",
        "phone tail",
        "1,234",
        "<code>id-2</code>",
        "None would split",
        "-1.25",
    ):
        assert part in answers["model"]["text"]
    assert "has kept no candidate" in answers["no_model"]["text"]


def test_an_audit_shows_its_scores(answers):
    assert answers["audit"]["status"] == 200
    for part in ("completeness 90.0 %.", "of the fields that matter", "This is the first audit"):
        assert part in answers["audit"]["text"]
    assert "This run has audited nothing yet" in answers["no_audit"]["text"]


def test_a_run_without_results_says_so(answers):
    assert answers["no_such_run"]["status"] == 200
    assert "No gate has reported yet" in answers["no_such_run"]["text"]


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("warehouse_down", "The warehouse cannot be reached"),
        ("no_database", "The warehouse"),
        ("no_connection", "AIRFLOW_CONN_SUKI_WAREHOUSE"),
    ],
)
def test_without_a_warehouse_the_page_says_what_is_missing(answers, case, sentence):
    assert answers[case]["status"] == 503
    assert sentence in answers[case]["text"]
    assert "Traceback" not in answers[case]["text"]
    assert "hunter2" not in answers[case]["text"]


def test_the_pages_are_reached_from_the_menu_the_run_and_the_task(answers):
    plugin = next(plugin for plugin in answers["views"]["plugins"] if plugin["name"] == "suki")
    assert {view["destination"] for view in plugin["external_views"]} == {"nav", "dag_run", "task_instance"}
    assert answers["views"]["total_entries"] >= 1
