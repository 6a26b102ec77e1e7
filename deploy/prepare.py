"""What `init` does before all else: wait for the stores, migrate both databases, make roles and the first administrator.

Everything here may be done again: a second run changes nothing, and an administrator who is there keeps their password.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable

PATIENCE = 180.0
"""Seconds to wait for each store, in which a new PostgreSQL makes its data folder."""

STEWARD = [
    ("can_edit", "DAGs"),  # what Airflow asks of whoever runs a Dag; also lets them pause it
    ("can_create", "DAG Runs"),
    ("can_edit", "DAG Runs"),
    ("can_edit", "Task Instances"),
    ("can_edit", "HITL Detail"),
]
"""What a data steward may do beyond looking: run, repeat and decide. Nothing is deleted and nothing configured."""


def main() -> None:
    """In the order the parts need one another."""
    wait("the database of Airflow", reach_metadata)
    airflow("db", "migrate")
    wait("the warehouse", migrate_warehouse)
    wait("the broker", reach_broker)
    for connection in ("SUKI_LAKE", "SUKI_EXPORTS", "SUKI_LOGS"):
        wait(f"the object store of {connection.lower()}", lambda name=connection: reach_bucket(name))
    make_roles_and_administrator()
    print("Ready.")


def wait(what: str, attempt: Callable[[], None]) -> None:
    """Try until it works; at the end of patience say what was waited for, and what it said last."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            attempt()
        except Exception as problem:  # noqa: BLE001 - whatever it is, the answer is to wait, and at the end to say it
            if time.monotonic() > end:
                sys.exit(f"No way to {what} within {PATIENCE:.0f} s: {str(problem).strip().splitlines()[0]}")
            time.sleep(2)
        else:
            print(f"Reached {what}.")
            return


def reach_metadata() -> None:
    """Log in once."""
    import psycopg2

    psycopg2.connect(os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", ""), connect_timeout=5).close()


def migrate_warehouse() -> None:
    """Bring the warehouse's schema up to date."""
    from include.warehouse.engine import migrate

    migrate(os.environ["AIRFLOW_CONN_SUKI_WAREHOUSE"])


def reach_broker() -> None:
    """Ask the broker for a sign of life, with its password."""
    from kombu import Connection

    with Connection(os.environ["AIRFLOW__CELERY__BROKER_URL"], connect_timeout=5) as broker:
        broker.ensure_connection(max_retries=1)


def reach_bucket(connection: str) -> None:
    """Look whether the bucket is there for the key Suki has; a folder needs no look."""
    declared = json.loads(os.environ[f"AIRFLOW_CONN_{connection}"])
    path = declared["extra"].get("path") or os.environ["AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER"]
    if not path.startswith("s3://"):
        return
    import boto3

    boto3.client(
        "s3",
        endpoint_url=declared["extra"].get("endpoint_url"),
        region_name=declared["extra"].get("region_name"),
        aws_access_key_id=declared["login"],
        aws_secret_access_key=declared["password"],
    ).head_bucket(Bucket=path.removeprefix("s3://").split("/")[0])


def airflow(*arguments: str) -> None:
    """Run one of Airflow's commands; its failure is ours."""
    if subprocess.run(["airflow", *arguments], check=False).returncode:
        sys.exit(f"airflow {' '.join(arguments)} failed; see above.")


def make_roles_and_administrator() -> None:
    """Make the roles, and the first administrator unless somebody has that name."""
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    name = os.environ["SUKI_ADMIN_USER"]
    with get_application_builder() as builder:
        manager = builder.sm
        manager.sync_roles()
        manager.bulk_sync_roles([{"role": "Steward", "perms": [*manager.VIEWER_PERMISSIONS, *STEWARD]}])
        if manager.find_user(username=name) is not None:
            print(f"The administrator {name} is there already.")
            return
        made = manager.add_user(
            name, "Suki", "Administrator", os.environ["SUKI_ADMIN_EMAIL"],
            manager.find_role("Admin"), password=os.environ["SUKI_ADMIN_PASSWORD"],
        )  # fmt: skip
        if not made:
            sys.exit(f"The administrator {name} could not be made; is the e-mail address another user's?")
        print(f"Made the administrator {name}.")


if __name__ == "__main__":
    main()
