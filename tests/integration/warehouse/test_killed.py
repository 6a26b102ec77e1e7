"""A step killed at any point and tried again, with or without its zombie, leaves what one undisturbed try leaves."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from sqlalchemy import Engine, event

from include.errors import SukiError
from include.warehouse import engine as engine_module
from include.warehouse.publish import publish
from tests.integration.warehouse.conftest import Warehouse, said
from tests.integration.warehouse.publications import publication

pytestmark = pytest.mark.integration

Hook = Callable[[], None]


def given(warehouse: Warehouse, step: str) -> None:
    """What stands before the step runs."""
    if step in ("stage", "publish"):
        landed = warehouse.land(1, list("abcd"), mode="snapshot", scope="MNL01")
        warehouse.stage([said(name, 1, name, scope="MNL01") for name in "abcd"], landed.manifest_id)
    if step == "stage":
        warehouse.land(2, list("ab"), mode="snapshot", scope="MNL01")


def attempt(warehouse: Warehouse, step: str, engine: Engine, ready: Hook) -> None:
    """One try of the step; ``ready`` is called when all is read and nothing is written."""
    if step == "land":
        ready()
        warehouse.land(1, ["a", "b", None], bind=engine)
    elif step == "stage":
        (manifest_id,) = (str(row[0]) for row in warehouse.query("SELECT manifest_id FROM ops.manifest WHERE rows = 2"))
        ready()
        warehouse.stage([said("a", 2, "changed", scope="MNL01"), said("b", 2, "b", scope="MNL01")], manifest_id, bind=engine)
    else:
        prepared = publication(engine, {"a": "ab", "c": "cd"}, resolve_id="00000000-0000-0000-0000-000000000001")
        ready()
        publish(engine, prepared)


ROLE = {"land": "suki_ingest", "stage": "suki_ingest", "publish": "suki_resolve"}
STEPS = list(ROLE)
MOMENTS = ["before its write", "between write and commit", "after commit"]


def doomed(url: str, step: str, moment: str, signal_: signal.Signals) -> int:
    """A process that tries the step and sends itself the signal at that moment; returns its pid once that has happened."""
    pid = os.fork()
    if pid == 0:
        try:
            mine = Warehouse(url)  # connections of its own: those of the parent are the parent's
            engine = mine.engine(ROLE[step])

            def hit(*_: object) -> None:
                os.kill(os.getpid(), signal_)

            if moment == "between write and commit":
                attempt(mine, step, engine, lambda: event.listen(engine, "commit", hit))
            else:
                attempt(mine, step, engine, hit if moment == "before its write" else lambda: None)
                if moment == "after commit":
                    hit()
            os._exit(0)
        except SukiError:
            os._exit(3)  # what a zombie may well end with
        finally:
            os._exit(4)
    _, status = os.waitpid(pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status) if signal_ is signal.SIGSTOP else os.WIFSIGNALED(status), f"the process went on: {status}"
    return pid


@pytest.fixture(scope="module")
def undisturbed(fresh_database: Callable[..., str], warehouse_template: str) -> Callable[[str], dict[str, str]]:
    """The state after one try that nobody disturbed, by step."""
    known: dict[str, dict[str, str]] = {}

    def state(step: str) -> dict[str, str]:
        if step not in known:
            url = fresh_database(warehouse_template)
            engine_module.migrate(url)
            known[step] = once(Warehouse(url), step)
        return known[step]

    return state


def once(warehouse: Warehouse, step: str) -> dict[str, str]:
    given(warehouse, step)
    attempt(warehouse, step, warehouse.engine(ROLE[step]), lambda: None)
    return warehouse.digest()


@pytest.fixture
def zombies() -> Iterator[list[int]]:
    pids: list[int] = []
    yield pids
    for pid in pids:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_and_tried_again(
    warehouse: Warehouse, undisturbed: Callable[[str], dict[str, str]], step: str, moment: str
) -> None:
    given(warehouse, step)
    before = warehouse.digest()
    doomed(warehouse.url, step, moment, signal.SIGKILL)
    if moment != "after commit":
        assert warehouse.digest() == before
    attempt(warehouse, step, warehouse.engine(ROLE[step]), lambda: None)
    assert warehouse.digest() == undisturbed(step)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("moment", MOMENTS[:2])  # one that has committed has nothing left to do
def test_tried_again_while_a_zombie_sleeps_and_then_wakes(
    warehouse: Warehouse,
    undisturbed: Callable[[str], dict[str, str]],
    zombies: list[int],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    moment: str,
) -> None:
    monkeypatch.setattr(engine_module, "PATIENCE_HOLDING_LOCK", 1)  # the server ends a zombie that sleeps on a lock
    given(warehouse, step)
    zombies.append(doomed(warehouse.url, step, moment, signal.SIGSTOP))
    attempt(warehouse, step, warehouse.engine(ROLE[step]), lambda: None)
    os.kill(zombies[-1], signal.SIGCONT)
    _, status = os.waitpid(zombies.pop(), 0)
    assert os.WEXITSTATUS(status) == (3 if moment == "between write and commit" else 0)
    assert warehouse.digest() == undisturbed(step)
