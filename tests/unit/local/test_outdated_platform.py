"""A scheduler goes on with the code it has loaded, so whoever changes code under a running platform is told."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from local.services import OUTDATED, Platform
from local.settings import PROJECT, Settings


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """A platform whose scheduler, this process, was started from the code of a copy of the project."""
    root = tmp_path / "project"
    for place in ("include/sources", "plugins/suki/doctor"):
        shutil.copytree(PROJECT / place, root / place, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "requirements.txt", root)
    settings = replace(Settings.load({"SUKI_STATE": str(tmp_path / "state")}), root=root)
    made = Platform(settings, say=lambda _: None)
    made.registry.remember("scheduler", os.getpid())
    made.settings.remember("code", made.code())
    return made


def test_changed_code_is_told_and_how_to_take_it_up(platform: Platform) -> None:
    assert not platform.outdated()
    with (platform.settings.root / "plugins" / "suki" / "doctor" / "site.py").open("a") as file:
        file.write("# changed\n")
    assert platform.outdated()
    assert "make down && make up" in OUTDATED


def test_a_new_source_needs_no_new_start(platform: Platform) -> None:
    sources = platform.settings.root / "include" / "sources"
    shutil.copytree(sources / "social", sources / "newsletter")
    assert not platform.outdated()


def test_what_does_not_run_is_not_outdated(platform: Platform) -> None:
    platform.settings.remember("code", "another")
    assert platform.outdated()
    platform.settings.state.joinpath("services", "scheduler.json").unlink()
    assert not platform.outdated()
