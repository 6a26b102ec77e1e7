"""Run by test_deployment in a process of its own: the API server of docker-compose.yaml, asked as three users' browsers do."""

import json
import os
import re
import socket
import sys
from datetime import timedelta

from airflow.api_fastapi.app import create_app
from airflow.jobs.job import Job
from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from airflow.utils import timezone
from airflow.utils.session import create_session
from airflow.utils.state import JobState
from fastapi.testclient import TestClient

PASSWORDS = {"admin": os.environ["SUKI_ADMIN_PASSWORD"], "steward": "of this test alone", "viewer": "of this test alone"}

with create_session() as session:
    session.add(DagBundleModel(name="dags-folder"))
    session.flush()
    session.add(DagModel(dag_id="ingest_store_pos", bundle_name="dags-folder", fileloc="ingest.py", relative_fileloc="ingest.py"))

sys.path.insert(0, "deploy")
import prepare  # noqa: E402 - a script of deploy/, not a package

prepare.make_roles_and_administrator()  # again, as every start does: the administrator stays as they are

# Heartbeats as components write them: one that beats, one that stopped, one of another host.
with create_session() as session:
    for kind, host, seconds in (("Scheduler", "", 3), ("Triggerer", "", 300), ("DagProcessor", "another", 3)):
        job = Job(latest_heartbeat=timezone.utcnow() - timedelta(seconds=seconds), state=JobState.RUNNING)
        job.job_type, job.hostname = f"{kind}Job", host or socket.gethostname()
        session.add(job)

with get_application_builder() as builder:
    for name in ("steward", "viewer"):
        role = builder.sm.find_role(name.capitalize())
        assert builder.sm.add_user(name, name, name, f"{name}@example.com", role, password=PASSWORDS[name])

QUALITY = "/suki/quality/run?dag_id=ingest_store_pos&run_id=scheduled__1"
ASKED = {
    "quality pages": ("GET", "/suki/quality/", None),
    "quality report": ("GET", QUALITY, None),
    "see Dags": ("GET", "/api/v2/dags", None),
    "run a Dag": ("POST", "/api/v2/dags/ingest_store_pos/dagRuns", {"logical_date": None, "conf": {}}),
    "delete a run": ("DELETE", "/api/v2/dags/ingest_store_pos/dagRuns/none", None),
    "delete a Dag": ("DELETE", "/api/v2/dags/none", None),
    "see connections": ("GET", "/api/v2/connections", None),
    "see variables": ("GET", "/api/v2/variables", None),
    "see users": ("GET", "/auth/fab/v1/users", None),
}
answers: dict[str, object] = {}


def ask_all(client: TestClient) -> dict[str, int]:
    return {what: client.request(method, path, json=body).status_code for what, (method, path, body) in ASKED.items()}


with TestClient(create_app(), base_url="https://suki.example.com", raise_server_exceptions=False) as client:
    answers["anonymous"] = ask_all(client)
    wrong = client.post("/auth/token", json={"username": "admin", "password": "admin"})
    answers["wrong password"] = wrong.status_code
    for name, password in PASSWORDS.items():
        client.cookies.clear()
        form = client.get("/auth/login/")
        csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.text)
        filled_in = {"csrf_token": csrf[1], "username": name, "password": password}
        page = {"Referer": "https://suki.example.com/auth/login/"}
        signed_in = client.post("/auth/login/", data=filled_in, headers=page, follow_redirects=False)
        assert signed_in.status_code == 302, signed_in.text[:2000]
        sent_on = client.get("/auth/login/", follow_redirects=False)
        answers[f"{name} is sent to"] = [signed_in.headers["location"], sent_on.headers["location"]]
        answers["cookies"] = [c for answer in (form, signed_in, sent_on) for c in answer.headers.get_list("set-cookie")]
        answers[name] = ask_all(client)

json.dump(answers, sys.stdout)
