"""The faults that strike a step: its process, the database server, a connection or the disk, each from the outside."""

import os
import pwd
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from include.warehouse.tables import metadata
from local.postgres import OS_USER
from tests.faults.journey import Attempt, Ended, Journey, Place, Step, Xcoms, attempt, lost, state, steps

SMALL = 48 << 20
"""Bytes of a disk that is filled."""
_TRIES = 3
_PATIENCE = 60.0


@dataclass
class Struck:
    """What a fault did.

    Attributes:
        hit: Whether it struck the step, or came when that was over.
        ended: How the processes ended that it let end by themselves.
        returned: What one of them returned.
    """

    hit: bool = True
    ended: list[Ended] = field(default_factory=list)
    returned: Any = None


@dataclass(frozen=True)
class Scene:
    """Where a fault strikes."""

    journey: Journey
    place: Place
    step: Step
    xcoms: Xcoms

    def begin(self, run: str = "faults", before: Callable[[], None] = lambda: None) -> Attempt:
        """A process of the step."""
        return attempt(self.place, self.step, self.xcoms, run, before)


Strike = Callable[[Scene], Struck]


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        group: Its line of the table.
        step: Which step it strikes.
        when: When, or how.
        strike: Does it.
        alone: Nothing else may use the server meanwhile.
        small: It wants the lake and the exports on a small disk of their own.
        space: It wants the warehouse on one.
    """

    group: str
    step: str
    when: str
    strike: Strike
    alone: bool = False
    small: bool = False
    space: bool = False

    def __str__(self) -> str:
        return f"{self.step}, {self.when}"


@dataclass
class Outcome:
    """What became of a fault.

    Attributes:
        hit: Whether it struck.
        said: The sentences of the processes that it let end by themselves.
        lost: Rows that are nowhere.
        wrong: What is not as without the fault; empty: survived.
    """

    hit: bool = True
    said: list[str] = field(default_factory=list)
    lost: int = 0
    wrong: list[str] = field(default_factory=list)


# --- all of them ---


def faults(journey: Journey, seed: int) -> Iterator[Fault]:
    """Every fault of every step.

    Args:
        journey: The undisturbed journey, which says what each step writes and how long it takes.
        seed: What is left to chance follows from it.
    """
    for name, known in journey.known.items():
        for share in (0.1, 0.3, 0.5, 0.7, 0.9):
            yield Fault("worker killed", name, f"{share:.0%} of its way", _killed(share))
        yield Fault("worker killed", name, "done, before it is known", _unheard)
        for table in known.writes:
            yield Fault("worker killed", name, f"writing {table}", _at_write(table, _kill))
            yield Fault("connection dropped", name, f"writing {table}", _at_write(table, _drop))
        yield Fault("connection dropped", name, "at its first query", _at_first_query(_drop))
        yield Fault("run twice at once", name, "from its beginning", _doubled(0.0))
        yield Fault("run twice at once", name, "half way", _doubled(0.5))
        if known.in_lake or known.in_crm:
            for share in (0.0, 0.5, 0.9):
                yield Fault("lake full", name, f"room for {share:.0%} of it", _full(share), small=True)
        if known.writes:
            yield Fault("warehouse full", name, "no room", _warehouse_full, space=True)
        for table in dict.fromkeys([*known.writes[:1], *known.writes[-1:]]):
            yield Fault("database killed", name, f"its session, writing {table}", _at_write(table, _kill_session), alone=True)
            yield Fault("database killed", name, f"the server, writing {table}", _at_write(table, _kill_server), alone=True)
        if not known.writes:
            yield Fault("database killed", name, "the server, at its first query", _at_first_query(_kill_server), alone=True)
    first = next(iter(journey.known))
    for number in range(4):
        yield Fault("all the way", first, f"each step killed, dice {number}", _all_the_way(_by_dice(Random(f"{seed} {number}"))))
    yield Fault("all the way", first, "each step run twice at once", _all_the_way(lambda: _doubled(0.0)))
    yield Fault("all the way", first, "the same day twice at once", _the_day_twice)


def survive(journey: Journey, fault: Fault) -> Outcome:
    """Have it strike, try the step again as Airflow would, and compare with the undisturbed journey."""
    found = Outcome()
    with _placed(journey, fault) as (place, xcoms):
        scene = Scene(journey, place, next(step for step in steps() if step.name == fault.step), xcoms)
        struck = fault.strike(scene)
        found.hit, returned = struck.hit, struck.returned
        _judge(struck.ended, found)
        for _ in range(_TRIES):
            if returned is not None:
                break
            ended = scene.begin().wait()
            returned = ended.returned
            _judge([ended], found)
        if returned is None:
            found.wrong.append("it does not end well when it is tried again")
            return found
        if fault.group != "all the way":
            xcoms[fault.step] = returned
            if problem := journey.differs(place, fault.step, xcoms):
                found.wrong.append(problem)
        else:
            end = state(place)
            found.wrong += [f"{what} is another" for what, told in journey.end.items() if end.get(what) != told]
            found.lost = lost(place)
            if found.lost:
                found.wrong.append(f"{found.lost} rows are lost")
    return found


def _judge(ended: list[Ended], found: Outcome) -> None:
    """A failure must be a sentence, worth another try, and no message that had to be withheld."""
    for one in ended:
        if one.died:
            found.wrong.append(f"it died of {one.died}")
        elif one.said:
            found.said.append(one.said)
            if "withheld" in one.said:
                found.wrong.append("failed without a sentence")
            elif not one.again:
                found.wrong.append("failed for good, though a second try would do")


@contextmanager
def _placed(journey: Journey, fault: Fault) -> Iterator[tuple[Place, Xcoms]]:
    name = f"fault_{os.getpid()}_{next(_NUMBERS)}"
    mounted: list[Path] = []

    def small(folder: Path) -> None:
        _mount(folder)
        mounted.append(folder)

    try:
        where = _tablespace(journey, name, small) if fault.space else "pg_default"
        place, xcoms = journey.place(fault.step, name, small=small if fault.small else None, where=where)
        yield place, xcoms
    finally:
        journey.server.drop_database(name)
        if fault.space:
            with journey.server.superuser() as owner:
                owner.execute(f"DROP TABLESPACE IF EXISTS {name}")
        for folder in mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True)
        journey.forget(name)


_NUMBERS = count()


# --- kills ---


def _killed(share: float) -> Strike:
    """``kill -9`` when that share of the time is over that the step takes undisturbed."""

    def strike(scene: Scene) -> Struck:
        begun = scene.begin()
        _until(lambda: time.monotonic() - begun.began >= share * scene.journey.known[scene.step.name].seconds or begun.over())
        hit = not begun.over()
        begun.send(signal.SIGKILL)
        begun.wait()
        return Struck(hit)

    return strike


def _unheard(scene: Scene) -> Struck:
    """It did all it had to, and nobody heard of it: what it returned is lost."""
    ended = scene.begin().wait()
    return Struck(ended=[ended] if not ended.well else [])


At = Callable[[Scene, Attempt, int], None]
"""Strikes a process that waits, of whose session the server's process has the number."""


def _at_write(table: str, then: At) -> Strike:
    """Strike when the step is about to write to a table: it is held, so who waits for it has written what it writes before."""
    return _waiting(f"LOCK TABLE {table} IN SHARE MODE", then)


def _at_first_query(then: At) -> Strike:
    """Strike when the step first reads or writes any table."""
    return _waiting(f"LOCK TABLE {', '.join(map(str, metadata.tables.values()))} IN ACCESS EXCLUSIVE MODE", then)


def _waiting(lock: str, then: At) -> Strike:
    def strike(scene: Scene) -> Struck:
        server, waiting = scene.journey.server, list[int]()
        with server.superuser(scene.place.database) as holder, server.superuser(scene.place.database) as watch:
            holder.autocommit = False
            holder.execute(lock)
            begun = scene.begin()

            def there() -> bool:
                found = watch.execute("SELECT pid FROM pg_locks WHERE relation IS NOT NULL AND NOT granted").fetchall()
                waiting[:] = [int(str(pid)) for (pid,) in found]
                return bool(waiting) or begun.over()

            _until(there, every=0.03)
            if waiting:
                then(scene, begun, waiting[0])
            with suppress(psycopg.Error):
                holder.rollback()
            ended = begun.wait()
        if not waiting:
            return Struck(hit=False, returned=ended.returned, ended=[ended])
        return Struck(ended=[] if ended.died == f"signal {signal.SIGKILL.value}" else [ended], returned=ended.returned)

    return strike


def _kill(scene: Scene, begun: Attempt, session: int) -> None:
    begun.send(signal.SIGKILL)


def _drop(scene: Scene, begun: Attempt, session: int) -> None:
    with scene.journey.server.superuser() as owner:
        owner.execute("SELECT pg_terminate_backend(%s)", (session,))


def _kill_session(scene: Scene, begun: Attempt, session: int) -> None:
    """One process of the server is killed: it ends all sessions and recovers."""
    os.kill(session, signal.SIGKILL)
    begun.wait()
    _until(lambda: _answers(scene.journey))


def _kill_server(scene: Scene, begun: Attempt, session: int) -> None:
    """The server's first process is killed, and the server is started again once the step has met that."""
    first = scene.journey.server.running()
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    begun.wait()
    _until(lambda: scene.journey.server.running() is None)
    scene.journey.server.start(scene.journey.server.port, with_parent=True)


def _answers(journey: Journey) -> bool:
    try:
        journey.server.superuser().close()
    except psycopg.OperationalError:
        return False
    return True


# --- twice ---


def _doubled(share: float) -> Strike:
    """The same step by two processes; the second begins when the first is that far."""

    def strike(scene: Scene) -> Struck:
        first = scene.begin()
        _until(lambda: time.monotonic() - first.began >= share * scene.journey.known[scene.step.name].seconds or first.over())
        hit, second = not first.over(), scene.begin()
        ended = [first.wait(), second.wait()]
        returned = next((one.returned for one in reversed(ended) if one.well), None)
        return Struck(hit, ended, returned)

    return strike


def _by_dice(dice: Random) -> Callable[[], Strike]:
    return lambda: _killed(dice.random())


def _all_the_way(strike: Callable[[], Strike]) -> Strike:
    """Every step of the journey is struck."""

    def struck(scene: Scene) -> Struck:
        found = Struck()
        for step in steps():
            here = Scene(scene.journey, scene.place, step, scene.xcoms)
            one = strike()(here)
            found.ended += one.ended
            returned = one.returned if one.returned is not None else here.begin().wait().returned
            if returned is None:
                return found
            scene.xcoms[step.name] = found.returned = returned
        return found

    return struck


def _the_day_twice(scene: Scene) -> Struck:
    """Two runs of one window side by side, step by step, each on what its own steps returned."""
    found, mine, theirs = Struck(), scene.xcoms, dict(scene.xcoms)
    for step in steps():
        pair = [Scene(scene.journey, scene.place, step, xcoms) for xcoms in (mine, theirs)]
        twice = step.dag.startswith("ingest")
        begun = [here.begin() for here in (pair if twice else pair[:1])]
        ended = [one.wait() for one in begun]
        found.ended += ended
        if not all(one.well for one in ended):
            return found
        mine[step.name], theirs[step.name] = ended[0].returned, ended[-1].returned
        found.returned = ended[0].returned
    return found


# --- no room ---


def _full(share: float) -> Strike:
    """The disk of lake and exports has room for a share of what the step writes."""

    def strike(scene: Scene) -> Struck:
        known = scene.journey.known[scene.step.name]
        folder, writes = (scene.place.crm, known.in_crm) if known.in_crm else (scene.place.world.lake, known.in_lake)
        if not os.path.ismount(folder):  # nobody but root mounts a disk; then no file may grow beyond its share
            limit = max(int(share * writes / 4), 1)
            ended = scene.begin(before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))).wait()
            return Struck(not ended.well, [ended], ended.returned)
        with _filled(folder, int(share * writes)):
            ended = scene.begin().wait()
        return Struck(not ended.well, [ended], ended.returned)

    return strike


def _warehouse_full(scene: Scene) -> Struck:
    """The disk of the warehouse has no page left."""
    scene.place.world.query("SELECT 1")  # a database's first session writes what the others begin with
    with _filled(scene.journey.root / f"{scene.place.database}_disk", 0):
        ended = scene.begin().wait()
    return Struck(not ended.well, [ended], ended.returned)


@contextmanager
def _filled(disk: Path, leaving: int) -> Iterator[None]:
    """The disk full to its last page but for some bytes."""
    ballast, page = disk / "ballast", os.statvfs(disk).f_frsize
    left = os.statvfs(disk).f_bavail * page - leaving // page * page
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, left)
    try:
        yield
    finally:
        ballast.unlink()


def may_mount() -> bool:
    """Whether disks of their own can be had here: root's right, and not in every container."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    folder = Path(f"/tmp/suki-faults-mount-{os.getpid()}")
    folder.mkdir()
    try:
        _mount(folder)
        subprocess.run(["umount", str(folder)], check=True, capture_output=True)
    except subprocess.CalledProcessError:
        return False
    finally:
        folder.rmdir()
    return True


def _mount(folder: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "suki-faults", str(folder)], check=True, capture_output=True)


def _tablespace(journey: Journey, name: str, small: Callable[[Path], None]) -> str:
    """A disk of its own for a warehouse; the name the server knows it by."""
    disk = journey.root / f"{name}_disk"
    disk.mkdir()
    small(disk)
    folder, owner = disk / "warehouse", pwd.getpwnam(OS_USER)
    folder.mkdir()
    for given in (disk, folder):
        os.chown(given, owner.pw_uid, owner.pw_gid)
    with journey.server.superuser() as connection:
        connection.execute(f"CREATE TABLESPACE {name} LOCATION '{folder}'")
    return name


def _until(ready: Callable[[], bool], every: float = 0.003) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not ready():
        assert time.monotonic() < deadline, f"waited {_PATIENCE:.0f} s in vain"
        time.sleep(every)
