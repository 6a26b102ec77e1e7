"""Only what was started here is ever ended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local import processes
from local.services import Registry

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('x', flush=True); time.sleep(60)",
]
PARENT = [sys.executable, "-c", f"import subprocess, time; print(subprocess.Popen({SLEEP!r}).pid, flush=True); time.sleep(60)"]


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    children: list[subprocess.Popen[bytes]] = []
    yield children
    for child in children:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def start(started: list[subprocess.Popen[bytes]], command: list[str], **environment: str) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, env={**os.environ, **environment})
    started.append(child)
    return child


def test_a_service_is_stopped_with_its_children(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    service = start(started, PARENT)
    assert service.stdout is not None
    grandchild = int(service.stdout.readline())
    registry = Registry(tmp_path)
    registry.remember("service", service.pid)
    registry.stop("service")
    assert processes.identify(service.pid) is None
    assert processes.identify(grandchild) is None
    assert registry.running("service") is None


def test_a_service_that_was_killed_takes_its_children_along(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    service = start(started, PARENT)
    assert service.stdout is not None
    orphan = int(service.stdout.readline())
    registry = Registry(tmp_path)
    registry.remember("service", service.pid)
    service.kill()
    service.wait()
    assert registry.running("service") is None
    assert processes.identify(orphan) is not None
    registry.stop("service")
    assert processes.identify(orphan) is None


def test_a_service_noted_again_still_runs_since_it_was_started(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    registry, service = Registry(tmp_path), start(started, SLEEP)
    registry.remember("service", service.pid)
    began = datetime(2026, 8, 1, tzinfo=UTC)
    os.utime(tmp_path / "service.json", (began.timestamp(), began.timestamp()))
    registry.remember("service", service.pid)
    assert registry.since("service") == began


def test_a_stranger_who_took_over_a_number_is_left_alone(tmp_path: Path, started: list[subprocess.Popen[bytes]]) -> None:
    stranger = start(started, SLEEP)
    registry = Registry(tmp_path)
    registry.remember("service", stranger.pid)
    note = tmp_path / "service.json"
    note.write_text(json.dumps({**json.loads(note.read_text()), "started": "1"}))
    assert registry.running("service") is None
    assert registry.family("service") == []
    registry.stop("service")
    assert processes.identify(stranger.pid) is not None


def test_a_damaged_note_is_no_service(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    tmp_path.joinpath("service.json").write_text("{")
    assert registry.running("service") is None
    registry.stop("service")
    assert not tmp_path.joinpath("service.json").exists()


def test_who_does_not_listen_is_made_to(started: list[subprocess.Popen[bytes]]) -> None:
    stubborn = start(started, STUBBORN)
    assert stubborn.stdout is not None
    stubborn.stdout.readline()
    began = time.monotonic()
    processes.end([stubborn.pid], patience=0.3)
    assert time.monotonic() - began < 5
    assert stubborn.wait() == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="marks are read from /proc")
def test_a_mark_finds_its_own_processes_wherever_they_went(started: list[subprocess.Popen[bytes]]) -> None:
    ours = start(started, SLEEP, **{processes.MARK: "instance-one"})
    theirs = start(started, SLEEP, **{processes.MARK: "instance-two"})
    deadline = time.monotonic() + 5  # until the child has become its program, it still has our environment
    while processes.marked("instance-one") != [ours.pid] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes.marked("instance-one") == [ours.pid]
    assert theirs.pid not in processes.marked("instance-one")


def test_a_dead_process_nobody_collected_is_none(started: list[subprocess.Popen[bytes]]) -> None:
    child = start(started, [sys.executable, "-c", ""])
    deadline = time.monotonic() + 5
    while processes.identify(child.pid) is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert processes.identify(child.pid) is None
