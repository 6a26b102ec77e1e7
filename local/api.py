"""Airflow's REST interface, as far as the verbs of make and the end-to-end tests need it."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from local.problem import Problem

_PATIENCE = 30.0
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the server is on this machine


class Api:
    """A client that logs in when it must.

    Args:
        url: The UI's address.
        user: Whom to act as.
        password: Their password.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url, self._user, self._password = url, user, password
        self._token: str | None = None

    def ready(self) -> bool:
        """Whether the server answers at all."""
        try:
            self._send("GET", "/api/v2/version", None, {})
        except (OSError, ValueError):
            return False
        return True

    def health(self) -> dict[str, str | None]:
        """Status of each component, e.g. ``{"scheduler": "healthy"}``."""
        answer = self._send("GET", "/api/v2/monitor/health", None, {})
        return {component: state.get("status") for component, state in answer.items() if isinstance(state, dict)}

    def dags(self) -> set[str]:
        """Ids of the Dags Airflow has read."""
        return {dag["dag_id"] for dag in self.get("/dags?limit=100")["dags"]}

    def import_errors(self) -> dict[str, str]:
        """File > what is wrong with it."""
        return {error["filename"]: error["stack_trace"] for error in self.get("/importErrors?limit=100")["import_errors"]}

    def trigger(self, dag_id: str, run_id: str, start: datetime, end: datetime, logical_date: datetime | None = None) -> bool:
        """Start a run over the window [start, end). False when a run of this id exists already.

        A run's logical date is unique in its Dag and a window may be run again, so the runs started here carry none unless one
        is given, as the form in the UI gives the moment it is sent.
        """
        return self.start(dag_id, run_id, {"window_start": f"{start:%Y-%m-%d}", "window_end": f"{end:%Y-%m-%d}"}, logical_date)

    def start(self, dag_id: str, run_id: str, params: dict[str, Any], logical_date: datetime | None = None) -> bool:
        """Start a run with these parameters. False when a run of this id exists already."""
        moment = logical_date and logical_date.isoformat()
        try:
            self.call("POST", f"/dags/{dag_id}/dagRuns", {"dag_run_id": run_id, "logical_date": moment, "conf": params})
        except urllib.error.HTTPError as error:
            if error.code == 409:
                return False
            raise
        return True

    def runs(self, dag_id: str, states: Iterable[str] = ()) -> list[dict[str, Any]]:
        """The Dag's runs, newest first."""
        query = urllib.parse.urlencode([("limit", 100), ("order_by", "-run_after"), *(("state", s) for s in states)])
        runs: list[dict[str, Any]] = self.get(f"/dags/{dag_id}/dagRuns?{query}")["dag_runs"]
        return runs

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The task instances of a run."""
        path = f"/dags/{dag_id}/dagRuns/{urllib.parse.quote(run_id, safe='')}/taskInstances?limit=100"
        tasks: list[dict[str, Any]] = self.get(path)["task_instances"]
        return tasks

    def log(self, dag_id: str, run_id: str, task_id: str, attempt: int, map_index: int = -1) -> list[dict[str, Any]]:
        """The lines of a task's log, as the UI shows them; of a mapped task, of one of its instances."""
        run, asked = urllib.parse.quote(run_id, safe=""), f"full_content=true&map_index={map_index}"
        answer = self.get(f"/dags/{dag_id}/dagRuns/{run}/taskInstances/{task_id}/logs/{attempt}?{asked}")
        return [line for line in answer["content"] if isinstance(line, dict)]

    def get(self, path: str) -> dict[str, Any]:
        """Read a path under ``/api/v2``."""
        return self.call("GET", path)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One authorised request; a new token when the old one ran out, patience when the server is busy."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return self._send(method, f"/api/v2{path}", body, {"Authorization": f"Bearer {self._log_in()}"})
            except urllib.error.HTTPError as error:
                if error.code == 401 and time.monotonic() < deadline:
                    self._token = None
                    continue
                if error.code < 500 or time.monotonic() > deadline:
                    raise
            except OSError:
                if time.monotonic() > deadline:
                    raise Problem(f"Airflow at {self.url} does not answer. See: make status") from None
            time.sleep(0.5)

    def _log_in(self) -> str:
        if self._token is None:
            answer = self._send("POST", "/auth/token", {"username": self._user, "password": self._password}, {})
            self._token = str(answer["access_token"])
        return self._token

    def _send(self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - the address is our own
            f"{self.url}{path}", data=data, method=method, headers={"Content-Type": "application/json", **headers}
        )
        with NO_PROXY.open(request, timeout=10) as answer:
            content: dict[str, Any] = json.loads(answer.read() or b"{}")  # who deletes is answered with nothing
        return content
