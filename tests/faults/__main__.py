"""``make faults``: every kind of broken file, and what became of it, as a table; an error if one of them is not survived."""

import argparse
import os
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

from suki.listeners.warm_start import warm_start
from tests.faults.broken_files import Outcome, Sound, apart, feed, sound
from tests.faults.kinds import Kind, kinds
from tests.faults.targets import TARGETS, deliver
from tests.integration.flow.world import World
from tests.postgres_fixture import LOGIN, migrated_template, running_server, url_of


def main() -> int:
    """Feed the broken files; 1 if any of them is not survived."""
    asked = _asked()
    chosen = [kind for kind in kinds() if asked.only in f"{kind.group} {kind}"][:: asked.every]
    with tempfile.TemporaryDirectory(prefix="suki-faults-") as folder, running_server() as server:
        root, template, numbers = Path(folder), migrated_template(server), count()
        exports, sources = deliver(root)
        warm_start()

        def world() -> World:
            name = f"faults_{next(numbers)}"
            server.ensure_database(name, LOGIN, template)
            with server.superuser() as owner:  # grants on the database itself do not come along with a template
                roles = [str(row[0]) for row in owner.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'suki\\_%'")]
                owner.execute(f"GRANT TEMPORARY ON DATABASE {name} TO {', '.join(roles)}")
            (root / name).mkdir()
            return World(url_of(server, name), root / name / "exports", root / name / "lake")

        def forget(used: World) -> None:
            server.drop_database(used.url.rpartition("/")[2])
            shutil.rmtree(used.exports.parent)

        known: dict[str, Sound] = {}
        for target in (TARGETS[name] for name in {kind.target for kind in chosen}):
            used = world()
            known[target.name] = apart(partial(sound, target, used, exports, sources), used.exports.parent)()
            forget(used)
        outcomes: dict[Kind, Outcome] = {}
        begun: list[tuple[Kind, World, Callable[[], Outcome]]] = []

        def finish() -> None:
            kind, used, waited = begun.pop(0)
            outcomes[kind] = waited()
            if outcomes[kind].wrong:
                print(
                    f"  {kind.group}: {kind}: {outcomes[kind].ended}: {'; '.join(outcomes[kind].wrong)}. {outcomes[kind].said}",
                    flush=True,
                )
            forget(used)

        for kind in chosen:
            used = world()
            job = partial(feed, kind, used, exports, sources, known[kind.target], asked.seed)
            begun.append((kind, used, apart(job, used.exports.parent)))
            if len(begun) >= (os.cpu_count() or 1):
                finish()
        while begun:
            finish()
    print(*_table(outcomes), sep="\n")
    if asked.all:
        print(*_each(outcomes), sep="\n")
    return 1 if any(found.wrong for found in outcomes.values()) else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults ARGS=...", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="what is left to chance follows from it (default 1)")
    parser.add_argument("--only", default="", metavar="TEXT", help="those whose group, file or name holds the text")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth of them")
    parser.add_argument("--all", action="store_true", help="also a line for each file, with the sentence it was refused with")
    return parser.parse_args()


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


if __name__ == "__main__":
    sys.exit(main())
