"""A real S3 server for tests: one a test session, with a login it checks. Named in ``pytest_plugins`` of tests/conftest.py."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from local.object_store import Login, ObjectStore
from local.ports import choose_port


@dataclass(frozen=True)
class Store:
    """The server and the login to it."""

    server: ObjectStore
    login: Login
    log: Path

    def requests(self) -> list[str]:
        """What was asked of it so far, a line each."""
        return [line for line in self.log.read_text().splitlines() if " HTTP/1.1" in line]

    def connection(self, bucket: str) -> str:
        return self.server.connection(bucket, self.login)

    def login_that_may(self, *actions: str) -> Login:
        """A further user, with these rights on our buckets and no other."""
        rights = [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]
        return self.server.user(f"user-{uuid4().hex}", rights)


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    server = ObjectStore(choose_port(None, None, range(19000, 19100), "", "the S3 server of the tests"))
    folder = tmp_path_factory.mktemp("object-store")
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [Path(sys.executable).parent / server.command()[0], *server.command()[1:]], cwd=folder, stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + 30
        while not server.ready():
            assert process.poll() is None, (folder / "server.log").read_text()
            assert time.monotonic() < deadline, "the S3 server did not answer"
            time.sleep(0.05)
        yield Store(server, server.set_up(), folder / "server.log")
    finally:
        process.kill()
        process.wait()
