"""A sample world synced once a session, and empty worlds for tests that break things."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from include.sources import discovery
from include.warehouse.engine import migrate
from sample.rates import load
from sample.world import make
from suki.listeners.warm_start import warm_start
from suki.operators.base import SukiOperator
from tests import flow
from tests.integration.flow.club import Club
from tests.integration.flow.world import World

BULK = ("2026-08-01", "2026-08-14")
DAYS = flow.days("2026-08-14", 2)
"""The second of them brings the stores' full directories, so what is absent there is deleted."""
EVERYTHING = ("2026-08-01", "2026-08-16")


@pytest.fixture(scope="session")
def sample_truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The truth of a small sample world: four sources, fifteen days, some of them broken as declared."""
    folder = tmp_path_factory.mktemp("sample")
    make(load(), folder / "exports", folder / "truth", people=150, seed=7, days=15)
    return folder / "truth"


@pytest.fixture(scope="session")
def sample_exports(sample_truth: Path) -> Path:
    """Its exports."""
    return sample_truth.parent / "exports"


@pytest.fixture(scope="session")
def _warm() -> None:
    """What the scheduler does before it forks its workers."""
    warm_start()


@pytest.fixture(scope="session")
def synced(
    _warm: None,
    sample_exports: Path,
    tmp_path_factory: pytest.TempPathFactory,
    fresh_database: Callable[..., str],
    warehouse_template: str,
) -> World:
    """The sample world after its bulk window, two daily windows, and two resolve runs. Only read it; copy it to change it."""
    world = World(migrated(fresh_database(warehouse_template)), sample_exports, tmp_path_factory.mktemp("lake"))
    world.ingest_all(BULK)
    world.resolve("after the bulk")
    world.ingest_all(*DAYS)
    world.resolve("after the days")
    return world


@pytest.fixture
def copy_of(fresh_database: Callable[..., str], tmp_path: Path) -> Callable[[World], World]:
    """Copies a world's warehouse. The exports and the lake are shared: nothing in them is ever overwritten."""

    def copy(world: World) -> World:
        return World(migrated(fresh_database(world.url.rpartition("/")[2])), world.exports, world.lake)

    return copy


@pytest.fixture
def world(fresh_warehouse_url: str, tmp_path: Path) -> Iterator[World]:
    """An empty world of the test's own."""
    (tmp_path / "exports").mkdir()
    return World(fresh_warehouse_url, tmp_path / "exports", tmp_path / "lake")


def migrated(url: str) -> str:
    """A copied database, ready for the roles."""
    migrate(url)  # grants on the database itself do not come along with a template
    return url


@pytest.fixture
def club(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Club:
    """A source of its own, declared in a folder that only this test sees."""
    root = tmp_path / "include" / "sources"
    monkeypatch.setattr(discovery, "HERE", root)
    return Club(world, root)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the steps say in their tasks' logs."""
    said: list[str] = []

    class Log:
        def info(self, message: str, *values: Any) -> None:
            said.append(message % values)

        warning = info

    monkeypatch.setattr(SukiOperator, "log", Log())
    return said
