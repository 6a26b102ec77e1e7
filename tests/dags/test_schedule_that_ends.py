"""Where deliveries end nothing more is scheduled, and a run that a person starts later still does its work."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAST = "2026-09-30"

# In a process of its own, for Airflow reads its configuration and plugins once; through Airflow's own serialisation, for the
# scheduler knows a Dag by nothing else.
SCRIPT = """
import json, pendulum
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import DataInterval, TimeRestriction
found = DagBag(dag_folder="dags")
assert not found.import_errors, found.import_errors
kept = json.loads(json.dumps(DagSerialization.to_dict(found.dags["ingest_social"])))
dag = DagSerialization.from_dict(kept)
def after(day):
    start = pendulum.parse(day)
    info = dag.timetable.next_dagrun_info(
        last_automated_data_interval=DataInterval(start, start.add(days=1)),
        restriction=TimeRestriction(earliest=pendulum.datetime(2020, 1, 1), latest=dag.end_date, catchup=True))
    return info and str(info.data_interval.start.date())
print(json.dumps({
    "summary": dag.timetable.summary,
    "after": {day: after(day) for day in ("2026-09-28", "2026-09-29", "2026-09-30", "2026-12-01")},
    "tasks ending": [task.task_id for task in dag.tasks if task.end_date], "dag ending": dag.end_date}))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict:
    home = tmp_path_factory.mktemp("airflow")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
        "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db", "AIRFLOW__SUKI__END_DATE": LAST,
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_days_are_scheduled_to_the_last_one_and_no_further(seen):
    assert seen["after"] == {"2026-09-28": "2026-09-29", "2026-09-29": LAST, "2026-09-30": None, "2026-12-01": None}


def test_the_ui_says_until_when(seen):
    assert LAST in seen["summary"]


def test_a_later_run_keeps_its_tasks(seen):
    assert seen["tasks ending"] == []
    assert seen["dag ending"] is None
