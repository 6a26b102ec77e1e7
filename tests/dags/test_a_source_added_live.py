"""A source added to a clone in use has its Dag at the next look of Airflow: nothing lists it, nothing is restarted."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# One process that looks twice, as the Dag processor does; between the two somebody adds a source in another process.
SCRIPT = """
import json, subprocess, sys
from airflow.dag_processing.dagbag import DagBag
def look():
    found = DagBag(dag_folder="dags")
    assert not found.import_errors, found.import_errors
    return {name: [dag.owner, dag.timetable.expression] for name, dag in found.dags.items() if name.startswith("ingest_")}
before = look()
added = subprocess.run(json.loads(sys.argv[1]), capture_output=True, text=True)
after = look()
print(json.dumps({"code": added.returncode, "told": added.stdout + added.stderr, "before": before, "after": after}))
"""
MEMBERS = "N° adhérent;Nom;Prénom;Courriel;Ville\n4711;Lefèvre;Inès;ines@lefevre.fr;Lyon\n4712;Petit;Luc;luc@petit.fr;Lille\n"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    home = tmp_path / "suki"
    for folder in ("dags", "include", "plugins"):
        shutil.copytree(ROOT / folder, home / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (home / "members.csv").write_text(MEMBERS, encoding="utf-8")
    return home


def test_a_ninth_source_has_its_dag_at_the_next_look(clone: Path):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
        "AIRFLOW_HOME": str(clone / "airflow"), "AIRFLOW__CORE__PLUGINS_FOLDER": str(clone / "plugins"),
        "PYTHONPATH": f"{clone}:{clone / 'plugins'}", "PYTHONDONTWRITEBYTECODE": "1",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{clone}/airflow.db",
    }  # fmt: skip
    command = [sys.executable, "-c", "import sys; from suki import cli; sys.exit(cli.main(sys.argv[1:]))"]
    command += ["new-source", "club", "--from", "members.csv", "--owner", "crm"]
    looked = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(command)],
        cwd=clone, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert looked.returncode == 0, looked.stderr[-2000:]
    seen = json.loads(looked.stdout.splitlines()[-1])
    assert seen["code"] == 0, seen["told"]
    assert "Written: include/sources/club, with the Dag ingest_club." in seen["told"]
    added = {name: told for name, told in seen["after"].items() if name not in seen["before"]}
    assert added == {"ingest_club": ["crm", "0 0 * * *"]}
    assert {name: seen["after"][name] for name in seen["before"]} == seen["before"], "the others are as they were"
