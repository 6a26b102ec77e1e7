"""Every kind of broken file, and what became of it, as a table."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

from local.postgres import Server
from tests.faults.apart import MEGABYTES, Ran, apart, at_once
from tests.faults.broken_files import Outcome, Sound, feed, sound
from tests.faults.kinds import Kind, kinds
from tests.faults.targets import TARGETS, deliver
from tests.integration.flow.world import World
from tests.postgres_fixture import copied_warehouse


def feed_all(server: Server, template: str, root: Path, chosen: list[Kind], seed: int, *, each: bool) -> bool:
    """Feed broken files, one at a time, and print what became of them; whether all are survived.

    Args:
        server: Where their warehouses lie.
        template: A migrated, empty warehouse.
        root: A folder for all else.
        chosen: Which kinds.
        seed: What is left to chance follows from it.
        each: Print a line for each file too.
    """
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
        ran = apart(partial(sound, target, used, exports, sources), used.exports.parent)()
        assert ran.result is not None, ran.died
        known[target.name] = ran.result
        forget(used)

    def begun(kind: Kind, used: World) -> Callable[[], Ran]:
        return apart(partial(feed, kind, used, exports, sources, known[kind.target], seed), used.exports.parent)

    jobs = (((kind, used), partial(begun, kind, used)) for kind in chosen for used in (world(),))
    outcomes: dict[Kind, Outcome] = {}
    for (kind, used), ran in at_once(jobs):
        outcomes[kind] = found = _told(ran)
        if found.wrong:
            print(f"  {kind.group}: {kind}: {found.ended}: {'; '.join(found.wrong)}. {found.said}", flush=True)
        forget(used)
    print(*_table(outcomes), sep="\n")
    if each:
        print(*_each(outcomes), sep="\n")
    return not any(found.wrong for found in outcomes.values())


def chosen_kinds(only: str, every: int) -> list[Kind]:
    """Every so manieth of each group, of the kinds whose group, file or name holds a text; at least the first of each."""
    groups: dict[str, list[Kind]] = defaultdict(list)
    for kind in kinds():
        if only in f"{kind.group} {kind}":
            groups[kind.group].append(kind)
    return [kind for of in groups.values() for kind in of[::every]]


def _told(ran: Ran) -> Outcome:
    if ran.result is None:
        return Outcome("died", wrong=[ran.died], seconds=ran.seconds)
    found: Outcome = ran.result
    found.seconds, found.megabytes = ran.seconds, ran.megabytes
    if ran.megabytes > MEGABYTES:
        found.wrong.append(f"it took {ran.megabytes:,.0f} MB")
    return found


def _table(outcomes: dict[Kind, Outcome]) -> Iterator[str]:
    """A line a group."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for kind, found in outcomes.items():
        groups[kind.group].append(found)
    columns = ("kinds", "taken", "refused", "gate closed", "rows landed", "staged", "set aside", "lost", "failed")
    yield f"  {'broken files':16}" + "".join(f"{name:>12}" for name in columns)
    for group, found in [*groups.items(), ("all", list(outcomes.values()))]:
        ended = Counter(one.ended for one in found)
        taken = [one for one in found if one.ended == "taken"]
        numbers = (
            len(found), ended["taken"], ended["refused"], ended["gate closed"], sum(one.landed for one in taken),
            sum(one.staged + one.unchanged for one in taken), sum(one.quarantined + one.suppressed for one in taken),
            sum(one.lost for one in found), sum(bool(one.wrong) for one in found),
        )  # fmt: skip
        yield f"  {group:16}" + "".join(f"{number:12,}" for number in numbers)
    most = max(outcomes.items(), key=lambda pair: pair[1].megabytes)
    longest = max(outcomes.items(), key=lambda pair: pair[1].seconds)
    yield f"  most memory: {most[1].megabytes:,.0f} MB, {most[0]}"
    yield f"  longest: {longest[1].seconds:,.0f} s of processor, {longest[0]}"


def _each(outcomes: dict[Kind, Outcome]) -> Iterator[str]:
    for kind, found in outcomes.items():
        rows = f"{found.staged} staged, {found.quarantined} set aside" if found.ended == "taken" else found.said
        yield f"  {kind.group}: {kind}: {found.ended}; {rows}"
