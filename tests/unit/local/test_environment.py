"""The environment is made when it must be, and only then; what is missing is a sentence."""

import hashlib
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from local import environment
from local.problem import Problem

LOCK = b"something==1\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tmp_path.joinpath("requirements.txt").write_bytes(LOCK)
    monkeypatch.setattr(environment, "_install", lambda venv, lock: venv.joinpath("installed").write_bytes(lock.read_bytes()))
    run = environment._run
    monkeypatch.setattr(environment, "_run", lambda *command: run(*command, "--without-pip"))  # seconds faster
    return tmp_path


def test_it_is_made_once_and_then_found_whole(root: Path) -> None:
    assert environment.ensure(root)
    assert not environment.ensure(root)
    assert root.joinpath(".venv", "suki-lock").read_text().strip() == hashlib.sha256(LOCK).hexdigest()


def test_one_that_was_half_made_is_made_again_from_nothing(root: Path) -> None:
    root.joinpath(".venv", "bin").mkdir(parents=True)
    rest = root / ".venv" / "rest"
    rest.write_text("")
    assert environment.ensure(root)
    assert not rest.exists()
    assert root.joinpath(".venv", "installed").exists()


def test_one_whose_python_is_gone_is_made_again(root: Path) -> None:
    environment.ensure(root)
    for python in root.joinpath(".venv", "bin").glob("python*"):
        python.unlink()
    assert environment.ensure(root)


def test_a_newer_lock_is_installed_over_the_older(root: Path) -> None:
    environment.ensure(root)
    kept = root / ".venv" / "kept"
    kept.write_text("")
    root.joinpath("requirements.txt").write_bytes(b"something==2\n")
    assert environment.ensure(root)
    assert kept.exists()
    assert root.joinpath(".venv", "installed").read_bytes() == b"something==2\n"


def test_a_full_disk_is_a_sentence(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5e8))
    with pytest.raises(Problem, match=r"0\.5 GB free"):
        environment.ensure(root)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk became full"),
        ("error: error sending request for url (https://pypi.org/simple/): dns error", "index cannot be reached"),
        ("Failed to establish a new connection: [Errno -3] Temporary failure in name resolution", "index cannot be reached"),
        ("The virtual environment was not created successfully because ensurepip is not available.", "python3.11-venv"),
        ("something else entirely", "something else entirely"),
    ],
)
def test_a_failed_command_is_a_sentence(said: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=1, stdout="", stderr=said))
    with pytest.raises(Problem, match=sentence):
        environment._run("pip", "install")
