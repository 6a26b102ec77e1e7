"""The shape of docker-compose.yaml without its containers: its own scripts and environment on a PostgreSQL and an S3 server."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.postgres import Server, program
from tests.integration.deploy.deployment import ROOT, environment, made_env, process_environment


@dataclass
class Deployment:
    """What `docker compose up` would have made by now."""

    server: Server
    variables: dict[str, str]
    home: Path

    def environment(self, service: str) -> dict[str, str]:
        return process_environment(service, self.variables, self.home, Path(sys.executable).parent)

    def run(self, service: str, *command: str | Path) -> str:
        """A command in the service's environment; its output, or the test fails with the end of it."""
        done = subprocess.run(
            command, env=self.environment(service), cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout


@pytest.fixture(scope="package")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A new PostgreSQL prepared by deploy/create-databases.sh and, with buckets, by what `buckets` and `init` run."""
    from moto.server import ThreadedMotoServer

    variables = made_env(tmp_path_factory.mktemp("project"))
    postgres_home = Path(tempfile.mkdtemp(prefix="suki-test-deployment-"))
    postgres_home.chmod(0o755)
    server = Server(postgres_home, variables["SUKI_POSTGRES_PASSWORD"], settings={"fsync": "off", "shared_buffers": "64MB"})
    objects = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    try:
        server.start(with_parent=True)
        objects.start()
        address = f"127.0.0.1:{server.port}"
        variables |= {
            "SUKI_AIRFLOW_DB_ADDRESS": address,
            "SUKI_WAREHOUSE_DB_ADDRESS": address,
            "SUKI_REDIS_SCHEME": "memory",
            "SUKI_S3_ENDPOINT": f"http://127.0.0.1:{objects.get_host_and_port()[1]}",
        }
        made = Deployment(server, variables, tmp_path_factory.mktemp("airflow"))
        psql = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGPASSWORD": variables["SUKI_POSTGRES_PASSWORD"]}
        subprocess.run(
            ["bash", ROOT / "deploy" / "create-databases.sh"],
            env=psql | environment("postgres", variables) | {"PATH": f"{program('psql').parent}{os.pathsep}{os.environ['PATH']}"},
            check=True,
            capture_output=True,
        )
        yield made
    finally:
        objects.stop()
        server.stop()
        shutil.rmtree(postgres_home, ignore_errors=True)


@pytest.fixture(scope="package")
def prepared(deployment: Deployment) -> Deployment:
    """After `buckets` and `init` have run."""
    owner = deployment.environment("buckets") | {"SUKI_S3_ENDPOINT": deployment.variables["SUKI_S3_ENDPOINT"]}
    buckets = [sys.executable, "deploy/make_buckets.py", "suki-lake", "suki-exports", "suki-logs"]
    for _ in range(2):  # it may run again
        subprocess.run(buckets, env=owner, cwd=ROOT, check=True, capture_output=True)
    said = deployment.run("init", sys.executable, "deploy/prepare.py")
    assert "Made the administrator admin." in said, said
    return deployment
