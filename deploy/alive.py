"""Whether one Airflow component is alive, for a container's health check: exit 0, or 1 with a sentence.

    python deploy/alive.py api-server|scheduler|dag-processor|triggerer|worker

Asked every half minute in every container, so it imports no Airflow: `airflow jobs check` costs 4 s of a core each time, this
0.1 s, and 0.5 s for a worker. Scheduler, Dag processor and triggerer write a heartbeat with their host's name into Airflow's
database; a worker answers its broker; the API server answers over HTTP.
"""

import os
import socket
import sys
from urllib.request import urlopen

JOBS = {"scheduler": "SchedulerJob", "dag-processor": "DagProcessorJob", "triggerer": "TriggererJob"}
LATE = 60
"""Seconds after its last heartbeat a component counts as dead; they beat every 5 s."""


def main(component: str) -> None:
    """Say what is wrong, if anything is."""
    if component == "api-server":
        port = os.environ.get("AIRFLOW__API__PORT", "8080")
        urlopen(f"http://127.0.0.1:{port}/api/v2/version", timeout=15).read()
    elif component == "worker":
        answered = ping_worker()
        if not answered:
            sys.exit("This worker does not answer its broker.")
    elif component in JOBS:
        age = heartbeat_age(JOBS[component])
        if age is None:
            sys.exit(f"No {component} of this host has written a heartbeat yet.")
        if age > LATE:
            sys.exit(f"The last heartbeat of this {component} is {age:.0f} s old.")
    else:
        sys.exit(f"'{component}' is no component; valid are api-server, worker, {', '.join(JOBS)}.")


def heartbeat_age(job_type: str) -> float | None:
    """Seconds since the last heartbeat of this host's running job of this kind, by the database's clock; None without one."""
    import psycopg2

    url = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
    connection = psycopg2.connect(url, connect_timeout=10, application_name="suki-alive")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT extract(epoch FROM now() - max(latest_heartbeat)) FROM job"
                " WHERE job_type = %s AND hostname = %s AND state = 'running'",
                (job_type, socket.gethostname()),
            )
            (age,) = cursor.fetchone()
            return None if age is None else float(age)
    finally:
        connection.close()


def ping_worker() -> bool:
    """Whether the Celery worker of this host answers."""
    from celery import Celery

    app = Celery(broker=os.environ["AIRFLOW__CELERY__BROKER_URL"])
    return bool(app.control.ping(destination=[f"celery@{socket.gethostname()}"], timeout=10))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    except Exception as problem:  # noqa: BLE001 - a health check says in one line what it met
        sys.exit(f"{type(problem).__name__}: {str(problem).strip().splitlines()[0]}")
