"""Every kind of broken file."""

import shutil
from collections import defaultdict
from functools import partial
from itertools import count
from pathlib import Path

from local.postgres import Server
from tests.faults.apart import MEGABYTES, Job, Ran, apart, at_once
from tests.faults.broken_files import Outcome, Sound, feed, sound
from tests.faults.kinds import Kind, kinds
from tests.faults.record import Found, Record
from tests.faults.targets import TARGETS, deliver
from tests.integration.flow.world import World
from tests.postgres_fixture import copied_warehouse


def feed_all(server: Server, template: str, root: Path, chosen: list[Kind], seed: int, record: Record) -> None:
    """Feed broken files, one at a time.

    Args:
        server: Where their warehouses lie.
        template: A migrated, empty warehouse.
        root: A folder for all else.
        chosen: Which kinds.
        seed: What is left to chance follows from it.
        record: Takes what became of them.
    """
    chosen = record.still_to_do(chosen, _name)
    if not chosen:
        return
    numbers = count()
    exports, sources = deliver(root)

    def world() -> World:
        name = f"faults_{next(numbers)}"
        (root / name).mkdir()
        return World(copied_warehouse(server, template, name), root / name / "exports", root / name / "lake")

    def forget(used: World) -> None:
        server.drop_database(used.url.rpartition("/")[2])
        shutil.rmtree(used.exports.parent)

    known: dict[str, Sound] = {}
    for target in (TARGETS[name] for name in sorted({kind.target for kind in chosen})):
        used = world()
        ran = apart(partial(sound, target, used, exports, sources), used.exports.parent).wait()
        assert ran.result is not None, ran.died
        known[target.name] = ran.result
        forget(used)

    def begun(kind: Kind, used: World) -> Job:
        return apart(partial(feed, kind, used, exports, sources, known[kind.target], seed), used.exports.parent)

    jobs = (((kind, used), partial(begun, kind, used)) for kind in chosen for used in (world(),))
    most = longest = (0.0, "none")
    for (kind, used), ran in at_once(jobs):
        most, longest = max(most, (ran.megabytes, str(kind))), max(longest, (ran.seconds, str(kind)))
        record.add(_found(kind, _told(ran)))
        forget(used)
    print(f"  Broken files: most memory {most[0]:,.0f} MB, {most[1]}; longest {longest[0]:,.0f} s of processor, {longest[1]}")


def chosen_kinds(only: str, every: int) -> list[Kind]:
    """Every so manieth of each group, of the kinds whose group, file or name holds a text; at least the first of each."""
    groups: dict[str, list[Kind]] = defaultdict(list)
    for kind in kinds():
        if only in f"{kind.group} {kind}":
            groups[kind.group].append(kind)
    return [kind for of in groups.values() for kind in of[::every]]


def _name(kind: Kind) -> tuple[str, str]:
    return f"file: {kind.group}", str(kind)


def _found(kind: Kind, outcome: Outcome) -> Found:
    said = [outcome.said] if outcome.said else []
    return Found(*_name(kind), refused=outcome.ended != "taken", said=said, lost=outcome.lost, wrong=outcome.wrong)


def _told(ran: Ran) -> Outcome:
    if ran.result is None:
        return Outcome("died", wrong=[ran.died])
    found: Outcome = ran.result
    if ran.megabytes > MEGABYTES:
        found.wrong.append(f"it took {ran.megabytes:,.0f} MB")
    return found
