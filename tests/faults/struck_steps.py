"""Every fault that strikes a step."""

from collections.abc import Sequence
from functools import partial
from itertools import count
from pathlib import Path

from local.postgres import Server
from sample.rates import load
from sample.world import make
from tests.faults.apart import Job, apart, at_once
from tests.faults.journey import Journey
from tests.faults.record import Found, Record
from tests.faults.strikes import Fault, Outcome, faults, may_mount, survive

_DAYS = 4


def journey(server: Server, template: str, root: Path, *, people: int = 150, sources: Sequence[str] = ()) -> Journey:
    """A journey through a world of its own, undisturbed.

    Args:
        server: Where its warehouses lie.
        template: A migrated, empty warehouse.
        root: A folder for all else.
        people: How many people the world has.
        sources: Who has delivered before; all without it.
    """
    make(load(), root / "world", root / "truth of the world", people=people, seed=7, days=_DAYS)
    return Journey.of(server, template, root, root / "world", sources)


def strike_all(gone: Journey, chosen: list[Fault], record: Record) -> None:
    """Have faults strike the steps of a day.

    Args:
        gone: The undisturbed journey.
        chosen: Which faults.
        record: Takes what became of them.
    """
    mounts = may_mount()
    if not mounts and any(fault.small or fault.space for fault in chosen):
        print("  No disk can be mounted here (root may): files of the lake may not grow instead, and the warehouse is left out.")
    struck = record.still_to_do([fault for fault in chosen if mounts or not fault.space], lambda fault: (fault.group, str(fault)))
    numbers = count()

    def begun(fault: Fault) -> Job:
        folder = gone.root / f"fault {next(numbers)}"
        folder.mkdir()
        return apart(partial(survive, gone, fault), folder)

    for fault, ran in at_once((fault, partial(begun, fault)) for fault in struck if not fault.alone):
        record.add(_found(fault, ran.result or Outcome(wrong=[ran.died])))
    for fault in (fault for fault in struck if fault.alone):  # the server is started again by the process that began it
        record.add(_found(fault, survive(gone, fault)))


def chosen_faults(gone: Journey, only: str, every: int, seed: int) -> list[Fault]:
    """The faults whose group, step or moment holds a text, or every so manieth of them."""
    return [fault for fault in faults(gone, seed) if only in f"{fault.group} {fault}"][::every]


def _found(fault: Fault, outcome: Outcome) -> Found:
    return Found(fault.group, str(fault), hit=outcome.hit, said=outcome.said, lost=outcome.lost, wrong=outcome.wrong)
