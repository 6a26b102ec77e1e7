"""What docker-compose.yaml would run, run without containers: its scripts and its environment, with real users signing in."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.postgres import SETTINGS
from tests.integration.deploy.deployment import ROOT

pytestmark = pytest.mark.integration

NEEDS = {
    "viewer": {"quality pages", "quality report", "see Dags"},
    "steward": {"quality pages", "quality report", "see Dags", "run a Dag"},
}


@pytest.fixture(scope="module")
def answers(prepared) -> dict:
    said = prepared.run("init", sys.executable, Path(__file__).with_name("fab_server.py"))
    return json.loads(said.splitlines()[-1])


def test_nobody_gets_in_without_signing_in(answers):
    assert set(answers["anonymous"].values()) <= {401, 403}
    assert answers["wrong password"] == 401


@pytest.mark.parametrize("user", ["viewer", "steward"])
def test_a_role_may_do_what_it_needs_and_nothing_else(answers, user):
    forbidden = {what for what, status in answers[user].items() if status == 403}
    assert forbidden == set(answers[user]) - NEEDS[user]
    assert answers[user]["quality report"] == 200


def test_the_first_administrator_may_do_everything(answers):
    assert 403 not in answers["admin"].values()


def test_the_session_travels_over_tls_alone(answers):
    assert answers["cookies"]
    assert all("secure" in cookie.lower() for cookie in answers["cookies"])
    assert any(cookie.startswith("_token=") for cookie in answers["cookies"])
    for user in ("admin", "viewer"):
        assert all(address.startswith(("/", "https://suki.example.com/")) for address in answers[f"{user} is sent to"])


@pytest.mark.parametrize(
    ("component", "said"),
    [
        ("scheduler", ""),
        ("triggerer", "The last heartbeat of this triggerer is 3"),
        ("dag-processor", "No dag-processor of this host has written a heartbeat yet."),
        ("api-server", "URLError: "),
        ("typewriter", "'typewriter' is no component; valid are api-server, worker, scheduler, dag-processor, triggerer."),
    ],
)
def test_a_health_check_tells_the_living_from_the_dead(prepared, answers, component, said):
    check = [sys.executable, ROOT / "deploy" / "alive.py", component]
    env = prepared.environment("scheduler") | {"AIRFLOW__API__PORT": "1"}  # where nobody listens
    done = subprocess.run(check, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == (said == "")
    assert done.stderr.startswith(said)
    assert len(done.stderr.splitlines()) <= 1


def test_a_health_check_imports_no_airflow(prepared):
    probe = "import sys; sys.path[:0] = ['deploy']; import alive, psycopg2, celery; print('airflow' in sys.modules)"
    assert prepared.run("scheduler", sys.executable, "-c", probe).strip() == "False"


def test_the_bundled_postgres_keeps_rows_out_of_its_log_as_the_local_one_does(deployment):
    file = ROOT / "deploy" / "postgresql.conf"
    declared = dict(re.findall(r"^(\w+) = '?([^'\n]*)'?$", file.read_text(), re.MULTILINE))
    kept = {name: value for name, value in SETTINGS.items() if name.startswith("log_")}
    assert {name: declared.get(name) for name in kept} == kept
    readable = deployment.server.home / "production.conf"  # the server's user cannot look into everybody's project folder
    readable.write_text(file.read_text())
    readable.chmod(0o644)
    asked = ("-D", str(deployment.server.data), f"--config-file={readable}", "-C", "shared_buffers")
    said = deployment.server._run_as_owner("postgres", *asked)
    assert (said.stdout.strip(), said.stderr) == ("131072", "")  # pages of 8 kB: the file is understood whole
