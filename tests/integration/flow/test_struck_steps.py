"""A step that is struck ends where it ends undisturbed, once it is tried again; `make faults` strikes every step in every way."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from local.postgres import Server
from tests.faults.journey import SOURCE, Journey
from tests.faults.record import Record
from tests.faults.strikes import Fault, Outcome, faults, may_mount, survive
from tests.faults.struck_steps import chosen_faults, journey, strike_all
from tests.postgres_fixture import migrated_template, running_server

pytestmark = pytest.mark.integration

_SOME = {
    "worker killed: stage, writing staging.record_version": "",
    "connection dropped: publish, writing golden.customer": "an administrator or a restart",
    "database killed: weigh_change, the server, writing ops.resolve_diff": "cannot be reached",
    "lake full: map, room for 50% of it": "No space left on device",
    "warehouse full: extract, no room": "its disk is full",
    "run twice at once: publish, from its beginning": None,
}
"""A fault > what the step says of it; empty: it can say nothing, and None: whatever it says."""
_OF_DISKS = ("lake full", "warehouse full")


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """A server that may be killed."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="module")
def gone(_warm: None, own_server: Server) -> Iterator[Journey]:
    # Not pytest's own folder: that is private to us, and as root the server runs as another user, who must reach its disks.
    with TemporaryDirectory(prefix="suki-test-struck-") as folder:
        Path(folder).chmod(0o755)
        yield journey(own_server, migrated_template(own_server), Path(folder), people=40, sources=("online_sales", SOURCE))


def told(fault: Fault) -> str:
    return f"{fault.group}: {fault}"


def test_every_step_is_struck_in_every_way(gone: Journey) -> None:
    found = list(faults(gone, seed=1))
    assert len({told(fault) for fault in found}) == len(found) > 300
    assert {fault.step for fault in found} == set(gone.known)
    assert set(_SOME) <= {told(fault) for fault in found}


@pytest.mark.parametrize("name", _SOME)
def test_a_struck_step_that_is_tried_again_ends_as_undisturbed(gone: Journey, name: str) -> None:
    if name.startswith(_OF_DISKS) and not may_mount():
        pytest.skip("only root mounts a disk of its own")
    fault = next(fault for fault in faults(gone, seed=1) if told(fault) == name)
    found: Outcome = survive(gone, fault)
    assert found.wrong == [], found.said
    assert found.hit
    if (sentence := _SOME[name]) is not None:
        assert sentence in " ".join(found.said)
        assert bool(sentence) == bool(found.said)


def test_faults_that_strike_at_once_are_told_in_one_table(gone: Journey, capsys: pytest.CaptureFixture[str]) -> None:
    some = chosen_faults(gone, "worker killed stage, writing", 1, seed=1)[:3]
    assert len(some) == 3
    record = Record(each=True)
    strike_all(gone, some, record)
    assert record.survived
    printed = capsys.readouterr().out
    assert all(str(fault) in printed for fault in some)
    assert "".join(list(record.table())[-1].split()) == "all3303000"
