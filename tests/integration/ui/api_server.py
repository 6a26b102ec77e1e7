"""Run by test_quality_pages in a process of its own: Airflow's real API server app with Suki's plugin, asked as browsers do."""

import json
import os
import sys

from airflow.utils import db

db.initdb()

from airflow.api_fastapi.app import create_app  # noqa: E402 - Airflow reads its configuration when it is imported
from airflow.models.dag import DagModel  # noqa: E402
from airflow.models.dagbundle import DagBundleModel  # noqa: E402
from airflow.utils.session import create_session  # noqa: E402
from fastapi.testclient import TestClient  # noqa: E402

with create_session() as session:
    session.add(DagBundleModel(name="dags-folder"))
    session.flush()
    session.add(DagModel(dag_id="ingest_store_pos", bundle_name="dags-folder", fileloc="ingest.py", relative_fileloc="ingest.py"))

answers: dict[str, object] = {}
with TestClient(create_app("core"), base_url="http://localhost", raise_server_exceptions=False) as client:
    run = "/suki/quality/run?dag_id=ingest_store_pos&run_id=scheduled__1"
    pages = {"latest": "/suki/quality/", "run": run, "task": run + "&task_id=gate_landed", "no_such_run": run + "0"}
    query = "?dag_id=ingest_store_pos&run_id=scheduled__1"
    pages |= {"profile": f"/suki/quality/profile{query}", "cleaning": f"/suki/quality/cleaning{query}"}
    pages |= {"nothing_cleaned": f"/suki/quality/cleaning{query}0"}
    pages |= {"audit": f"/suki/quality/audit{query}", "no_audit": f"/suki/quality/audit{query}0"}
    pages |= {"model": f"/suki/quality/model{query}", "no_model": f"/suki/quality/model{query}0"}
    answers["anonymous"] = {name: client.get(path).status_code for name, path in pages.items()}
    token = client.post("/auth/token", json={"username": "viewer", "password": os.environ["VIEWER_PASSWORD"]}).json()[
        "access_token"
    ]
    signed_in = {"Authorization": f"Bearer {token}"}

    def ask(path: str) -> dict[str, object]:
        answer = client.get(path, headers=signed_in)
        return {"status": answer.status_code, "text": answer.text}

    answers |= {name: ask(path) for name, path in pages.items()}
    good = os.environ["AIRFLOW_CONN_SUKI_WAREHOUSE"]
    os.environ["AIRFLOW_CONN_SUKI_WAREHOUSE"] = "postgresql://suki_app:hunter2@127.0.0.1:1/suki"
    answers["warehouse_down"] = ask(run)
    os.environ["AIRFLOW_CONN_SUKI_WAREHOUSE"] = good.rsplit("/", 1)[0] + "/no_such_database"
    answers["no_database"] = ask(run)
    del os.environ["AIRFLOW_CONN_SUKI_WAREHOUSE"]
    answers["no_connection"] = ask("/suki/quality/")
    answers["views"] = client.get("/api/v2/plugins", headers=signed_in).json()

json.dump(answers, sys.stdout)
