"""Two small worlds for the tests of the sample: six days for what is in the files, sixty for counts and rates.

This folder has no __init__.py: as a package it would be called ``sample`` and hide the real one.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sample import rates, world


@dataclass(frozen=True)
class Made:
    exports: Path
    truth: Path
    summary: dict[str, Any]

    def oddity(self, kind: str) -> dict[str, Any]:
        (found,) = (oddity for oddity in self.summary["oddities"] if oddity["kind"] == kind)
        return found


def make(folder: Path, people: int, days: int, seed: int = 7) -> Made:
    world.make(rates.load(), folder / "exports", folder / "truth", people, seed, days)
    return Made(folder / "exports", folder / "truth", json.loads((folder / "truth" / "world.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("small"), people=300, days=6)


@pytest.fixture(scope="session")
def long(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("long"), people=1000, days=60)
