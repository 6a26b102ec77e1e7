"""A step killed at any moment and tried again, also while its zombie still runs, leaves what one undisturbed try leaves.

The warehouse's own tests kill its functions (tests/integration/warehouse/test_killed.py); here whole operators are killed,
between their streams too, with the lake, the counts of the run and what they return.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from airflow.sdk.exceptions import AirflowException
from sqlalchemy import Connection, Engine, event

from include.warehouse import engine as engine_module
from include.warehouse import landing, staging
from include.warehouse import publish as publishing
from suki.operators.extract import ExtractOperator
from tests import flow
from tests.integration.flow.conftest import migrated
from tests.integration.flow.world import DAY, NEXT_DAY, World, deliver, order, shopper

pytestmark = pytest.mark.integration

SHOP = "online_sales"
STEPS = ["extract", "stage", "publish"]
KILLED = ["before its write", "between write and commit", "after its first commit", "before it returns"]
ASLEEP = KILLED[:3]  # one that has only to return has nothing left to do
WRITES = {"extract": (landing, "commit_landing"), "stage": (staging, "stage_customers"), "publish": (publishing, "publish")}


@dataclass
class Prepared:
    """What stands before a step: a warehouse to copy, and the step as Airflow would build it from XCom."""

    world: World
    step: Callable[[], tuple[Any, flow.Run]]

    def fresh(self, copy: Callable[[World], World]) -> World:
        return copy(self.world)

    def attempt(self, world: World) -> Any:
        operator, run = self.step()
        with world.connected():
            return world.step(operator, run)


@pytest.fixture(scope="module")
def prepared(
    _warm: None, fresh_database: Callable[..., str], warehouse_template: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Prepared]:
    """The shop's one day, up to each of the three steps."""
    exports, lake = tmp_path_factory.mktemp("exports"), tmp_path_factory.mktemp("lake")
    twice = shopper(2, id="gid://shopify/Customer/3", updatedAt="2026-08-02T19:00:00Z")
    deliver(exports, customers=[shopper(1), shopper(2), twice, "{"], orders=[order(1, 1), order(2, 2), order(3, None)])

    def world_on(template: str) -> World:
        return World(migrated(fresh_database(template)), exports, lake)

    empty = world_on(warehouse_template)
    gated = world_on(warehouse_template)
    batches = gated.ingest(SHOP, DAY, NEXT_DAY, until="gate_cleaned")
    scored = world_on(gated.url.rpartition("/")[2])
    with scored.connected():
        scored.step(scored.operator(SHOP, "stage", batches), scored.run_of(SHOP, DAY, NEXT_DAY))
    publish, resolve_run = scored.publish_step("resolve")
    return {
        "extract": Prepared(empty, lambda: (ExtractOperator(task_id="extract", source=SHOP), World.run_of(SHOP, DAY, NEXT_DAY))),
        "stage": Prepared(gated, lambda: (gated.operator(SHOP, "stage", batches), World.run_of(SHOP, DAY, NEXT_DAY))),
        "publish": Prepared(scored, lambda: (publish_again(publish), resolve_run)),
    }


def publish_again(publish: Any) -> Any:
    return type(publish)(task_id="publish", resolution=publish.resolution, outlets=publish.outlets)


@pytest.fixture(scope="module")
def undisturbed(prepared: dict[str, Prepared], fresh_database: Callable[..., str]) -> Callable[[str], tuple[dict[str, str], Any]]:
    """State and result of one try that nobody disturbed, by step."""
    known: dict[str, tuple[dict[str, str], Any]] = {}

    def outcome(step: str) -> tuple[dict[str, str], Any]:
        if step not in known:
            start = prepared[step].world
            world = World(migrated(fresh_database(start.url.rpartition("/")[2])), start.exports, start.lake)
            known[step] = (world.digest(), {})
            result = prepared[step].attempt(world)
            assert world.digest() != known[step][0], "a step that writes nothing proves nothing"
            known[step] = (world.digest(), comparable(result))
        return known[step]

    return outcome


def comparable(result: Any) -> Any:
    """What a step returned, but for the lake's paths: each attempt writes its own. Of stage the row counts alone: a retry after
    the commit has nothing left to stage, and says so."""
    if isinstance(result, list):
        return [{name: part[name] for name in ("stream", "rows", "manifest_id", "rows_in") if name in part} for part in result]
    return {name: value for name, value in result.items() if name != "artefacts"}


def doomed(prepared: Prepared, world: World, step: str, moment: str, signal_: signal.Signals) -> int:
    """A process that tries the step and sends itself the signal at that moment; returns its pid once that has happened."""
    if pid := os.fork():
        _, status = os.waitpid(pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status) if signal_ is signal.SIGSTOP else os.WIFSIGNALED(status), f"the process went on: {status}"
        return pid
    status = 4
    try:
        hit_at(prepared, world, step, moment, lambda: os.kill(os.getpid(), signal_))
        status = 0
    except AirflowException:
        status = 3  # what a zombie may well end with
    finally:
        os._exit(status)


def hit_at(prepared: Prepared, world: World, step: str, moment: str, hit: Callable[[], None]) -> None:
    """Try the step, and call ``hit`` at that moment."""
    module, name = WRITES[step]
    write, done = getattr(module, name), []

    def once() -> None:
        if not done:
            done.append(True)
            hit()

    def watched(*given: Any, **named: Any) -> Any:
        if moment == "before its write":
            once()
        if moment == "between write and commit":
            event.listen(Engine, "commit", lambda _: once())
        if moment == "after its first commit":
            after_commit(once)
        return write(*given, **named)

    with mock.patch.object(module, name, watched):
        prepared.attempt(world)
    if moment == "before it returns":
        once()


def after_commit(once: Callable[[], None]) -> None:
    """Have it called once the next commit is done; SQLAlchemy's own event comes before."""
    commit = Connection._commit_impl

    def commit_and_tell(connection: Connection) -> None:
        commit(connection)
        once()

    Connection._commit_impl = commit_and_tell  # type: ignore[method-assign]  # in a process that is about to end


def delivered(world: World) -> dict[str, str]:
    """State of every table but those of what the sources declare: extract writes that down before it reads a delivery."""
    return {table: state for table, state in world.digest().items() if not table.startswith("ops.source_")}


@pytest.fixture
def zombies() -> Iterator[list[int]]:
    pids: list[int] = []
    yield pids
    for pid in pids:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("moment", KILLED)
def test_killed_and_tried_again(
    prepared: dict[str, Prepared],
    undisturbed: Callable[[str], tuple[dict[str, str], Any]],
    copy_of: Callable[[World], World],
    step: str,
    moment: str,
) -> None:
    world = prepared[step].fresh(copy_of)
    before = delivered(world)
    doomed(prepared[step], world, step, moment, signal.SIGKILL)
    assert (delivered(world) == before) == (moment in KILLED[:2]), "killed at another moment than meant"
    result = prepared[step].attempt(world)
    assert (world.digest(), comparable(result)) == undisturbed(step)
    if step == "publish":
        assert ledger_in_lake(world, result) == ledger(world)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("moment", ASLEEP)
def test_tried_again_while_a_zombie_sleeps_and_then_wakes(
    prepared: dict[str, Prepared],
    undisturbed: Callable[[str], tuple[dict[str, str], Any]],
    copy_of: Callable[[World], World],
    zombies: list[int],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    moment: str,
) -> None:
    monkeypatch.setattr(engine_module, "PATIENCE_HOLDING_LOCK", 1)  # the server ends a zombie that sleeps on a lock
    world = prepared[step].fresh(copy_of)
    zombies.append(doomed(prepared[step], world, step, moment, signal.SIGSTOP))
    result = prepared[step].attempt(world)
    os.kill(zombies[-1], signal.SIGCONT)
    _, status = os.waitpid(zombies.pop(), 0)
    assert os.WEXITSTATUS(status) == (3 if moment == "between write and commit" else 0), "a zombie ends in a plain error or well"
    assert (world.digest(), comparable(result)) == undisturbed(step)


def ledger(world: World) -> set[str]:
    return {str(customer) for (customer,) in world.query("SELECT customer_id FROM identity.customer_id_ledger")}


def ledger_in_lake(world: World, result: dict[str, Any]) -> set[str]:
    """The ids that the lake's copy of the ledger holds for the run."""
    import pandas as pd

    files = list((Path(world.lake) / "ledger" / result["resolve_id"]).glob("*.parquet"))
    return {customer for file in files for customer in pd.read_parquet(file)["customer_id"]}
