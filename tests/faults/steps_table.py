"""Every fault that strikes a step, and what became of it, as a table."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

from local.postgres import Server
from sample.rates import load
from sample.world import make
from tests.faults.apart import Ran, apart, at_once
from tests.faults.journey import Journey
from tests.faults.strikes import Fault, Outcome, faults, may_mount, survive

_DAYS = 4
_NAMES = re.compile(r"/[^ ]+/")


def journey(server: Server, template: str, root: Path, *, people: int = 150) -> Journey:
    """A journey through a world of its own, undisturbed.

    Args:
        server: Where its warehouses lie.
        template: A migrated, empty warehouse.
        root: A folder for all else.
        people: How many people the world has.
    """
    make(load(), root / "world", root / "truth of the world", people=people, seed=7, days=_DAYS)
    return Journey.of(server, template, root, root / "world")


def strike_all(gone: Journey, chosen: list[Fault], *, each: bool) -> bool:
    """Have faults strike the steps of a day, and print what became of them; whether all are survived.

    Args:
        gone: The undisturbed journey.
        chosen: Which faults.
        each: Print a line for each fault too.
    """
    mounts = may_mount()
    if not mounts and any(fault.small or fault.space for fault in chosen):
        print("  No disk can be mounted here (root may): files of the lake may not grow instead, and the warehouse is left out.")
    struck = [fault for fault in chosen if mounts or not fault.space]
    outcomes: dict[Fault, Outcome] = {}
    numbers = count()

    def begun(fault: Fault) -> Callable[[], Ran]:
        folder = gone.root / f"fault {next(numbers)}"
        folder.mkdir()
        return apart(partial(survive, gone, fault), folder)

    for fault, ran in at_once((fault, partial(begun, fault)) for fault in struck if not fault.alone):
        outcomes[fault] = ran.result or Outcome(wrong=[ran.died])
        _tell(fault, outcomes[fault])
    for fault in (fault for fault in struck if fault.alone):  # the server is started again by the process that began it
        outcomes[fault] = survive(gone, fault)
        _tell(fault, outcomes[fault])
    outcomes = {fault: outcomes[fault] for fault in struck}
    print(*_table(outcomes), sep="\n")
    if each:
        print(*_each(outcomes), sep="\n")
    return not any(found.wrong for found in outcomes.values())


def chosen_faults(gone: Journey, only: str, every: int, seed: int) -> list[Fault]:
    """The faults whose group, step or moment holds a text, or every so manieth of them."""
    return [fault for fault in faults(gone, seed) if only in f"{fault.group} {fault}"][::every]


def _tell(fault: Fault, found: Outcome) -> None:
    if found.wrong:
        print(f"  {fault.group}: {fault}: {'; '.join(found.wrong)}. {' '.join(found.said)}", flush=True)


def _table(outcomes: dict[Fault, Outcome]) -> Iterator[str]:
    """A line a group."""
    groups: dict[str, list[tuple[Fault, Outcome]]] = defaultdict(list)
    for fault, found in outcomes.items():
        groups[fault.group].append((fault, found))
    columns = ("faults", "steps", "struck", "told", "same end", "rows lost", "failed")
    yield f"  {'faults of steps':20}" + "".join(f"{name:>12}" for name in columns)
    for group, of in [*groups.items(), ("all", list(outcomes.items()))]:
        numbers = (
            len(of), len({fault.step for fault, _ in of}), sum(found.hit for _, found in of),
            sum(bool(found.said) for _, found in of), sum(not found.wrong for _, found in of),
            sum(found.lost for _, found in of), sum(bool(found.wrong) for _, found in of),
        )  # fmt: skip
        yield f"  {group:20}" + "".join(f"{number:12,}" for number in numbers)


def _each(outcomes: dict[Fault, Outcome]) -> Iterator[str]:
    for fault, found in outcomes.items():
        came = "" if found.hit else " (it came too late to strike)"
        said = " ".join(_NAMES.sub(".../", sentence) for sentence in found.said)
        yield f"  {fault.group}: {fault}{came}: {'; '.join(found.wrong) or 'the same end'}. {said}".rstrip()
