"""`make up` after services were killed starts them again, and none of what they left behind works on beside the new ones."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import processes
from local.services import COMMANDS, Platform
from local.settings import Settings

_API = """
import http.server, json, os, time
class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        parts = ("metadatabase", "scheduler", "dag_processor", "triggerer")
        self.wfile.write(json.dumps({part: {"status": "healthy"} for part in parts}).encode())
time.sleep(1.0)
http.server.HTTPServer(("127.0.0.1", int(os.environ["AIRFLOW__API__PORT"])), Answers).serve_forever()
"""
_WITH_A_WORKER = "import subprocess, time; subprocess.Popen(['sleep', '600']); time.sleep(600)"


class StandIns(Platform):
    """A platform of small processes in the places of Airflow's, and without a database."""

    @property
    def commands(self) -> dict[str, tuple[str, ...]]:
        return {name: (sys.executable, "-c", _API if name == "api-server" else _WITH_A_WORKER) for name in COMMANDS}

    def start_postgres(self) -> None:
        self.settings.postgres_home().mkdir(exist_ok=True)
        self.settings.postgres_home().joinpath("port").write_text("1")


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[StandIns]:
    settings = Settings.load({"SUKI_STATE": str(tmp_path / "state")})
    settings.remember("postgres_home", str(tmp_path / "postgres"))
    made = StandIns(settings, say=lambda _: None)
    settings.remember("migrated", made._migrations())
    yield made
    made.stop()


def family(platform: StandIns, name: str) -> list[int]:
    """A service and its worker, once it has one."""
    deadline = time.monotonic() + 20
    while len(found := platform.registry.family(name)) < (1 if name == "api-server" else 2):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


@pytest.mark.parametrize("killed", [["scheduler"], ["api-server"], list(COMMANDS)], ids=["scheduler", "API server", "all"])
def test_what_was_killed_is_started_again_and_its_workers_are_gone(platform: StandIns, killed: list[str]) -> None:
    platform.begin()
    before = {name: family(platform, name) for name in COMMANDS}
    for name in killed:
        service = platform.registry.running(name)
        assert service is not None
        processes.end([service.pid], signal_number=signal.SIGKILL)
    platform.begin()
    assert platform.healthy()
    for name in COMMANDS:
        left = {pid for pid in before[name] if processes.identify(pid)}
        assert left == (set() if name in killed else set(before[name])), name


def test_a_service_that_ends_a_moment_later_because_its_database_was_killed_is_started_again(platform: StandIns) -> None:
    platform.begin()
    api, scheduler = (platform.registry.running(name) for name in ("api-server", "scheduler"))
    assert api is not None
    assert scheduler is not None
    processes.end([api.pid], signal_number=signal.SIGKILL)
    ending = threading.Timer(0.5, os.kill, (scheduler.pid, signal.SIGKILL))  # while the API server starts, which takes longer
    ending.start()
    platform.begin()
    ending.join()
    assert platform.healthy()
    assert platform.registry.running("scheduler") not in (None, scheduler)
