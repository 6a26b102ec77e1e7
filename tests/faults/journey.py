"""A day on its way through Suki: a source's files to staged records, resolved, published and exported, each step a process.

The steps are the Dags' own operators, each in a process of its own that is forked with the libraries loaded, as LocalExecutor
does it. Before each step the warehouse is kept as a template, so that a fault begins where that step begins.
"""

import os
import pickle
import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pyarrow.parquet as pq
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from include.warehouse.engine import connect
from include.warehouse.publish import table_hash
from local.postgres import Server
from suki.assets import GOLDEN_CUSTOMER, staged
from suki.operators.base import TaskFailed
from suki.operators.cluster import ClusterOperator
from suki.operators.export import ExportFilesOperator
from suki.operators.extract import ExtractOperator
from suki.operators.hold import WeighChangeOperator
from suki.operators.households import HouseholdOperator
from suki.operators.pair import PairOperator
from suki.operators.publish import PublishOperator
from suki.operators.resolution_gate import ResolutionGateOperator
from suki.operators.score import ScoreOperator
from suki.operators.survive import SurviveOperator
from tests import flow
from tests.faults.apart import apart, forked
from tests.integration.flow.world import INGEST, World, unbalanced
from tests.integration.warehouse.conftest import Warehouse
from tests.postgres_fixture import copied_warehouse

SOURCE = "store_pos"
BEFORE, DAY, NEXT_DAY = "2026-08-01", "2026-08-04", "2026-08-05"
SHARDS = 2
_BY_CHANCE = "pairs"
_TOLD_OTHERWISE = ("stage", "publish", "find_households")
"""After its commit a further try has nothing left to do and says so; no step goes by what they return but for the run's id."""

Xcoms = dict[str, Any]
"""What each step returned."""


@dataclass(frozen=True)
class Step:
    """A step of the journey.

    Attributes:
        name: The task's id, and of a task there are several of, which of them.
        dag: The Dag it is of.
        operator: Makes it of what the steps before returned.
    """

    name: str
    dag: str
    operator: Callable[[Xcoms], Any]


def steps() -> list[Step]:
    """All of them, in their order."""
    ingest, resolve = f"ingest_{SOURCE}", "resolve_customers"
    found = [Step("extract", ingest, lambda x: ExtractOperator(task_id="extract", source=SOURCE))]
    before = "extract"
    for name in INGEST:
        found.append(Step(name, ingest, lambda x, name=name, before=before: _of_ingest(name, x[before])))  # type: ignore[misc]
        before = name
    found.append(Step("pairs", resolve, lambda x: PairOperator(task_id="pairs", most_shards=SHARDS)))
    shards = [f"score {number + 1}" for number in range(SHARDS)]
    for number, name in enumerate(shards):
        found.append(
            Step(name, resolve, lambda x, number=number: ScoreOperator(task_id="score", resolution=x["pairs"][number]))  # type: ignore[misc]
        )
    found.append(
        Step("cluster", resolve, lambda x: ClusterOperator(task_id="cluster", resolution=[x[shard] for shard in shards]))
    )
    for name, before, kind, given in (
        ("gate_clustered", "cluster", ResolutionGateOperator, {"suite": "clustered", "artefact": "memberships"}),
        ("survive", "gate_clustered", SurviveOperator, {}),
        ("gate_golden", "survive", ResolutionGateOperator, {"suite": "golden", "artefact": "customers"}),
        ("weigh_change", "gate_golden", WeighChangeOperator, {}),
        ("publish", "weigh_change", PublishOperator, {"outlets": [GOLDEN_CUSTOMER]}),
        ("find_households", "publish", HouseholdOperator, {}),
    ):
        found.append(
            Step(
                name, resolve,
                lambda x, name=name, before=before, kind=kind, given=given: kind(task_id=name, resolution=x[before], **given),  # type: ignore[misc]
            )
        )  # fmt: skip
    formats = ["parquet", "csv"]
    export = lambda x: ExportFilesOperator(task_id="write_files", mode="full", purpose="service", segments=[], formats=formats)  # noqa: E731
    return [*found, Step("write_files", "export_crm", export)]


def _of_ingest(name: str, batches: Any) -> Any:
    return INGEST[name](task_id=name, batches=batches, outlets=[staged(SOURCE)] if name == "stage" else [])


@dataclass(frozen=True)
class Place:
    """Where a journey takes place: a warehouse, a lake, and the folder that exports are written to."""

    world: World
    crm: Path

    @property
    def database(self) -> str:
        return self.world.url.rpartition("/")[2]


@dataclass(frozen=True)
class Ended:
    """How a step's process ended.

    Attributes:
        returned: What it returned; None if it did not.
        said: The sentence it failed with.
        again: Whether Airflow would try it again.
        died: How the process died, if it did.
    """

    returned: Any = None
    said: str = ""
    again: bool = True
    died: str = ""

    @property
    def well(self) -> bool:
        return not self.said and not self.died


@dataclass
class Attempt:
    """A step's process."""

    pid: int
    folder: Path
    began: float
    status: int | None = None

    def over(self) -> bool:
        """Whether it has ended."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        return self.status is not None

    def send(self, number: signal.Signals) -> None:
        """A signal to it, if it is there."""
        if not self.over():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait(self, patience: float = 120.0) -> Ended:
        """Wait for its end."""
        deadline = time.monotonic() + patience
        while not self.over():
            if time.monotonic() > deadline:
                self.send(signal.SIGKILL)
                self.over()
                return Ended(died=f"it did not end within {patience:.0f} s")
            time.sleep(0.005)
        kept = self.folder / "returned"
        if kept.exists():
            found: Ended = pickle.loads(kept.read_bytes())
            return found
        return Ended(died=f"signal {os.WTERMSIG(self.status)}" if os.WIFSIGNALED(self.status or 0) else f"status {self.status}")


def attempt(place: Place, step: Step, xcoms: Xcoms, run: str = "faults", before: Callable[[], None] = lambda: None) -> Attempt:
    """Begin the step in a process of its own.

    Args:
        place: Where.
        step: Which.
        xcoms: What the steps before it returned.
        run: Name of the Dag run.
        before: Called in the process before the step, to set its limits.
    """
    folder = place.world.lake.parent / "attempts" / f"{step.name} {time.monotonic_ns()}"
    folder.mkdir(parents=True)

    def tried() -> None:
        part = folder / "part"
        part.write_bytes(pickle.dumps(_tried(place, step, xcoms, run, before)))
        part.rename(folder / "returned")

    return Attempt(forked(tried, folder / "log"), folder, time.monotonic())


def _tried(place: Place, step: Step, xcoms: Xcoms, run: str, before: Callable[[], None]) -> Ended:
    of = flow.Run(step.dag, f"{run} {step.dag}", flow.day(DAY), flow.day(NEXT_DAY))
    of.outlet_events.update({asset: SimpleNamespace(extra=None) for asset in (staged(SOURCE), GOLDEN_CUSTOMER)})
    crm = f'{{"conn_type": "generic", "extra": {{"path": "{place.crm}"}}}}'
    with place.world.connected(), mock.patch.dict("os.environ", {"AIRFLOW_CONN_SUKI_CRM": crm}):
        operator = step.operator(xcoms)
        before()
        try:
            return Ended(returned=World.step(operator, of))
        except TaskFailed as problem:
            return Ended(said=str(problem))
        except AirflowFailException as problem:
            return Ended(said=str(problem), again=False)
        except AirflowException as problem:
            return Ended(died=f"{type(problem).__name__}: {problem}")


@dataclass
class Known:
    """A step that nobody disturbed.

    Attributes:
        template: The warehouse as it was before, a database to copy.
        xcoms: What the steps before it returned.
        after: The state it left.
        seconds: How long it took.
        writes: The tables it changed.
        in_lake, in_crm: Bytes that it wrote to the lake, and to the folder of exports.
    """

    template: str
    xcoms: Xcoms
    after: dict[str, str]
    seconds: float
    writes: list[str]
    in_lake: int
    in_crm: int


@dataclass
class Journey:
    """The undisturbed journey, and places to disturb it in."""

    server: Server
    root: Path
    home: Place
    known: dict[str, Known] = field(default_factory=dict)
    end: dict[str, str] = field(default_factory=dict)
    lake: Path = Path()

    @classmethod
    def of(cls, server: Server, template: str, root: Path, exports: Path, sources: Sequence[str] = ()) -> "Journey":
        """Go it once.

        Args:
            server: Where its warehouses lie.
            template: A migrated, empty warehouse.
            root: A folder for its lakes.
            exports: A sample world from ``BEFORE`` until ``NEXT_DAY``.
            sources: Who has delivered before; all without it.
        """
        journey = cls(
            server, root, Place(World(copied_warehouse(server, template, "journey"), exports, root / "lake"), root / "crm")
        )
        world = journey.home.world

        def begin() -> bool:
            world.ingest_all((BEFORE, DAY), sources=sources)
            return bool(world.resolve("before"))

        ran = apart(begin, root).wait()  # what it logs stays there
        assert ran.result, ran.died
        xcoms: Xcoms = {}
        before = world.digest()
        for number, step in enumerate(steps()):
            kept = f"before_{number}"
            copied_warehouse(server, journey.home.database, kept)
            lake, crm = _size(world.lake), _size(journey.home.crm)
            began = time.monotonic()
            ended = attempt(journey.home, step, xcoms).wait()
            assert ended.well, f"{step.name} does not end well undisturbed: {ended}"
            seconds, after = time.monotonic() - began, world.digest()
            writes = [table for table, found in after.items() if found != before[table]]
            handed = {"what it returned": _handed(ended.returned)} if step.name not in _TOLD_OTHERWISE else {}
            journey.known[step.name] = Known(
                kept, dict(xcoms), after | handed | _exported(journey.home), seconds, writes,
                _size(world.lake) - lake, _size(journey.home.crm) - crm,
            )  # fmt: skip
            xcoms[step.name], before = ended.returned, after
        journey.end = state(journey.home)
        journey.lake = root / "lake as it was"
        shutil.copytree(world.lake, journey.lake)
        return journey

    def place(
        self, step: str, name: str, *, small: Callable[[Path], None] | None = None, where: str = "pg_default"
    ) -> tuple[Place, Xcoms]:
        """A place of its own, with the journey up to before a step, and what the steps before it returned.

        Args:
            step: Which.
            name: The place's own.
            small: Called with the folder of the lake and that of the exports, before anything is in them.
            where: The tablespace of its warehouse.
        """
        known, folder = self.known[step], self.root / name
        folder.mkdir()
        lake, crm = folder / "lake", folder / "crm"
        for given in (lake, crm):
            given.mkdir()
            if small:
                small(given)
        shutil.copytree(self.lake, lake, dirs_exist_ok=True)
        url = copied_warehouse(self.server, known.template, name, where)
        xcoms = _elsewhere(known.xcoms, str(self.home.world.lake), str(lake))
        return Place(World(url, self.home.world.exports, lake), crm), xcoms

    def forget(self, name: str) -> None:
        """Remove a place's folder."""
        shutil.rmtree(self.root / name, ignore_errors=True)

    def differs(self, place: Place, name: str, xcoms: Xcoms) -> str:
        """What is not as the step leaves it undisturbed: tables, rows it hands on, files; nothing: an empty text.

        What the steps after it do follows from these, but for the first of a resolve run, which gives the run an id by chance:
        there they are gone to the end.
        """
        if name != _BY_CHANCE:
            found = place.world.digest() | {"what it returned": _handed(xcoms[name])} | _exported(place)
            return ", ".join(f"{what} is another" for what, told in self.known[name].after.items() if found.get(what) != told)
        names = [step.name for step in steps()]
        for step in steps()[names.index(name) + 1 :]:
            ended = attempt(place, step, xcoms).wait()
            if not ended.well:
                return f"{step.name} fails afterwards: {ended.said or ended.died}"
            xcoms[step.name] = ended.returned
        end = state(place)
        return ", ".join(f"{what} is another" for what, told in self.end.items() if end.get(what) != told)


def state(place: Place) -> dict[str, str]:
    """All that is there in the end: every table, what the golden table's hash says of it, and the exported files.

    The id of a resolve run is made by chance by its first step, so it is told as which of the published runs it is.
    """
    world = place.world
    runs = [str(run) for (run,) in world.query("SELECT resolve_id FROM ops.resolve_run ORDER BY sequence")]
    warehouse = Warehouse(world.url)
    try:
        found = warehouse.digest({run: f"run {number}" for number, run in enumerate(runs)})
    finally:
        warehouse.close()
    found["golden content hash"] = str(table_hash(connect(world.url, "suki_resolve")))
    found["steps that do not add up"] = str(len(unbalanced(world)))
    return found | _exported(place)


def _exported(place: Place) -> dict[str, str]:
    """The exported files that are there under their names."""
    files = (file for file in sorted(place.crm.rglob("*.*")) if file.suffix in (".csv", ".parquet"))
    return {str(file.relative_to(place.crm)): _content(file) for file in files}


def _handed(value: Any) -> Any:
    """What a step returned, with the rows in the place of their file's path: each attempt writes a file of its own."""
    if isinstance(value, str) and value.startswith("file://") and value.endswith(".parquet"):
        return _content(Path(value.removeprefix("file://")))
    if isinstance(value, Mapping):
        return {name: _handed(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_handed(part) for part in value]
    return value


def _content(file: Path) -> str:
    content = repr(pq.read_table(file).to_pylist()).encode() if file.suffix == ".parquet" else file.read_bytes()
    return sha256(content).hexdigest()


def lost(place: Place) -> int:
    """Rows of the day that landed and are nowhere."""
    ((landed, staged_, left),) = place.world.query(
        "SELECT coalesce(sum(rows_in) FILTER (WHERE step = 'extract'), 0),"
        " coalesce(sum(rows_out) FILTER (WHERE step = 'stage'), 0), coalesce(sum(unchanged + quarantined + suppressed), 0)"
        " FROM ops.step_count WHERE run_id = :run",
        run=f"faults ingest_{SOURCE}",
    )  # fmt: skip
    return abs(int(landed) - int(staged_) - int(left))


def _elsewhere(value: Any, here: str, there: str) -> Any:
    """A reference with its paths in another lake."""
    if isinstance(value, str):
        return value.replace(here, there)
    if isinstance(value, Mapping):
        return {name: _elsewhere(part, here, there) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_elsewhere(part, here, there) for part in value)
    return value


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
