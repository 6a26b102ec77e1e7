"""One platform for the whole folder, and what happens on it: each fixture is a chapter that begins where the last one ended."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.backfill import why_failed
from local.demo import RESOLVE, SOURCES, Span, day, sync, wait_parsed
from tests.e2e import forms
from tests.e2e.driver import RUNNING, Suki, failed_on, running, wait, write_world

BULK = Span("bulk", datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 8, 5, tzinfo=UTC))
DAYS = (day("2026-08-05"), day("2026-08-06"))
TROUBLED = day("2026-08-07")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Beside a failed test stands which runs failed on the platforms that run, and what their tasks said last."""
    report = yield
    if report.failed:
        report.sections += [(f"Failed runs of {suki.home}", failed_on(suki)) for suki in RUNNING]
    return report


@pytest.fixture(scope="session")
def suki() -> Iterator[Suki]:
    """The platform, up and with every Dag read."""
    with running(people=250, days=7) as suki:
        wait_parsed(suki.platform, {*(f"ingest_{source}" for source in SOURCES), RESOLVE})
        yield suki


@dataclass(frozen=True)
class Synced:
    """What stood when the first windows were through."""

    run_ids: set[str]
    golden: str
    published: int
    staged: dict[str, tuple[Any, ...]]


@pytest.fixture(scope="session")
def synced(suki: Suki) -> Synced:
    """All four sources over a bulk window, then over two days."""
    run_ids = {run_id for span in (BULK, *DAYS) for run_id in sync(suki.platform, span)}
    return Synced(run_ids, suki.golden(), suki.published(), {source: suki.staged(source) for source in SOURCES})


@dataclass(frozen=True)
class Again:
    """The runs that did what was done already."""

    runs: dict[str, str]
    backfill: subprocess.CompletedProcess[str]
    golden: str
    staged: dict[str, tuple[Any, ...]]
    resolve_runs: list[dict[str, Any]]
    """The resolve runs that followed."""


@pytest.fixture(scope="session")
def again(suki: Suki, synced: Synced) -> Again:
    """The bulk window of one source and a day of two others once more; the fourth's two days by Airflow's own backfill."""
    resolved = {run["dag_run_id"] for run in suki.runs(RESOLVE)}
    runs = {
        "online_sales": suki.run("online_sales", BULK, "again"),
        "store_pos": suki.run("store_pos", DAYS[0], "again"),
        # As the form in the UI starts it: its logical date is now, long after the last day anything is scheduled for.
        "support": suki.run("support", DAYS[1], "again", datetime.now(UTC)),
    }
    command = ["airflow", "backfill", "create", "--dag-id", "ingest_social", "--max-active-runs", "2"]
    command += ["--from-date", f"{DAYS[0].start:%Y-%m-%d}", "--to-date", f"{DAYS[1].start:%Y-%m-%d}"]
    backfill = subprocess.run(
        command,
        env=suki.platform.environment(),
        executable=suki.settings.python.parent / "airflow",
        capture_output=True,
        text=True,
        check=False,
    )
    suki.until_quiet()
    followed = [run for run in suki.runs(RESOLVE) if run["dag_run_id"] not in resolved]
    return Again(runs, backfill, suki.golden(), {source: suki.staged(source) for source in SOURCES}, followed)


@dataclass(frozen=True)
class Month:
    """A month of one source by Airflow's own backfill, begun in the UI's form, beside other runs and with one day poisoned."""

    order: list[str]
    """The days as the form had Airflow begin them."""
    paused: list[bool | None]
    """Whether the backfill was paused after a click on *Pause backfill*, and after one on *Unpause backfill*."""
    refused: subprocess.CompletedProcess[str]
    """`make backfill` of the same source while the month was running."""
    states: dict[str, str]
    """Day > state, when all had run."""
    why: str
    """What `make backfill` says of the day that failed."""
    mended: subprocess.CompletedProcess[str]
    """`make backfill AGAIN=failed` after the file was sent again."""
    tried: dict[str, int]
    """Day > times its run was begun, at the end."""
    resolve_runs: list[dict[str, Any]]
    published: int
    staged: tuple[Any, ...]
    in_one_window: tuple[Any, ...]
    """What one bulk window of the month stages into a copy of the warehouse."""


MONTH = [day(f"{datetime(2026, 8, 8, tzinfo=UTC) + timedelta(days=number):%Y-%m-%d}") for number in range(30)]
POISONED = MONTH[12]
BESIDE = MONTH[3:5]

_IN_ONE_WINDOW = f"""
import os
from include.warehouse.engine import migrate
from tests.flow import ingest
migrate(os.environ["AIRFLOW_CONN_SUKI_WAREHOUSE"])  # grants on the database itself do not come along with a template
ingest("social", "{MONTH[0].start:%Y-%m-%d}", "{MONTH[-1].end:%Y-%m-%d}")
"""


@pytest.fixture(scope="session")
def month(suki: Suki, again: Again) -> Month:
    """Days of a longer world, so that they are light ones."""
    with tempfile.TemporaryDirectory() as folder:
        write_world(Path(folder, "exports"), Path(folder, "truth"), people=120, days=37)
        for span in MONTH:
            name = f"{span.start:%Y-%m-%d}"
            shutil.copytree(Path(folder, "exports", "social", name), suki.settings.exports / "social" / name)
    file = suki.settings.exports / "social" / f"{POISONED.start:%Y-%m-%d}" / "engagement.json"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    server = suki.platform.postgres
    server.ensure_database("in_one_window", "suki_app", template="warehouse")
    resolved, published = {run["dag_run_id"] for run in suki.runs(RESOLVE)}, suki.published()

    first, last = (f"{span.start:%Y-%m-%d}" for span in (MONTH[0], MONTH[-1]))
    words = ("SOURCE=social", f"FROM={first}", f"TO={last}")
    paused = forms.backfill(suki, "social", first, last)
    for span in BESIDE:  # the same days by runs of their own, and another source, while the month runs
        suki.run("social", span, "beside")
    suki.run("support", DAYS[0], "beside")
    refused = suki.make_backfill(*words)
    suki.until_quiet()
    runs = backfilled(suki)
    order = sorted(runs, key=lambda name: runs[name]["start_date"])
    why = why_failed(suki.platform, "ingest_social", runs[f"{POISONED.start:%Y-%m-%d}"]["dag_run_id"])

    file.with_name("engagement.r2.json").write_bytes(whole)
    twin = replace(suki, database="in_one_window")
    done = suki.python(_IN_ONE_WINDOW, AIRFLOW_CONN_SUKI_WAREHOUSE=twin.warehouse_url)
    assert done.returncode == 0, done.stderr[-3000:]
    mended = suki.make_backfill(*words, "AGAIN=failed")
    suki.until_quiet()
    tried = {name: suki.tasks("ingest_social", run["dag_run_id"])["stage"]["try_number"] for name, run in runs.items()}
    return Month(
        order=order, paused=paused, refused=refused, states={name: run["state"] for name, run in runs.items()}, why=why,
        mended=mended, tried=tried, resolve_runs=[run for run in suki.runs(RESOLVE) if run["dag_run_id"] not in resolved],
        published=suki.published() - published, staged=suki.staged("social"), in_one_window=twin.staged("social"),
    )  # fmt: skip


def backfilled(suki: Suki) -> dict[str, dict[str, Any]]:
    """Day > its run, of the month's backfill."""
    names = {f"{span.start:%Y-%m-%d}" for span in MONTH}
    runs = [run for run in suki.runs("ingest_social") if run["run_type"] == "backfill"]
    return {day: run for run in runs if (day := run["data_interval_start"][:10]) in names}


@dataclass(frozen=True)
class Troubled:
    """A day on which two sources fail and one does not."""

    missing: str
    """Run of the source whose file is not there."""
    poisoned: str
    """Run of the source that sends rubbish."""
    good: str
    published: int
    """Resolve runs that published because of it."""
    waiting: int
    """Records left unresolved."""


@pytest.fixture(scope="session")
def troubled(suki: Suki, again: Again) -> Troubled:
    """A missing file, a delivery in which most rows lost their key, and a good delivery, all on one day."""
    exports, folder = suki.settings.exports, f"{TROUBLED.start:%Y-%m-%d}"
    exports.joinpath("social", folder, "leads.csv").unlink()
    customers = exports / "online_sales" / f"{BULK.start:%Y-%m-%d}" / "customers.jsonl"
    rows = [json.loads(line) for line in customers.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 200, "too few rows for a share to mean anything"
    keyless = [{**row, "id": None} if number % 10 else row for number, row in enumerate(rows)]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in keyless)
    (exports / "online_sales" / folder / "customers.jsonl").write_text(text, encoding="utf-8")

    before = suki.published()
    runs = [suki.run(source, TROUBLED, "trouble") for source in ("social", "online_sales", "store_pos")]
    suki.until_quiet()
    waiting = suki.ask("SELECT count(*) FROM staging.dirty_record")[0][0]
    return Troubled(*runs, published=suki.published() - before, waiting=waiting)


@dataclass
class Killed:
    """A run whose tasks were killed one after the other, and the same window undisturbed in a copy of the warehouse."""

    run_id: str = ""
    resolve_run: str = ""
    killed: dict[str, int] = field(default_factory=dict)
    golden: str = ""
    staged: tuple[Any, ...] = ()
    twin_golden: str = ""
    twin_staged: tuple[Any, ...] = ()


# Each is written last or nearly so in its task's transaction: who waits for it has written and has not committed.
HELD = {"extract": "ops.locator", "stage": "ops.staged_manifest", "publish": "ops.resolve_run"}

_UNDISTURBED = """
import os
from include.warehouse.engine import migrate
from tests.flow import ingest, resolve
migrate(os.environ["AIRFLOW_CONN_SUKI_WAREHOUSE"])  # grants on the database itself do not come along with a template
ingest("support", "2026-08-07", "2026-08-08")
assert resolve("undisturbed") is not None
"""


@pytest.fixture(scope="session")
def killed(suki: Suki, troubled: Troubled) -> Killed:
    """One source's day with ``kill -9`` of its extract, its stage and of the publish that follows."""
    result, server = Killed(), suki.platform.postgres
    server.ensure_database("undisturbed", "suki_app", template="warehouse")
    twin = replace(suki, database="undisturbed")
    done = suki.python(_UNDISTURBED, AIRFLOW_CONN_SUKI_WAREHOUSE=twin.warehouse_url)
    assert done.returncode == 0, done.stderr[-3000:]
    result.twin_golden, result.twin_staged = twin.golden(), twin.staged("support")

    with ExitStack() as stack:
        release = {task: stack.enter_context(suki.holding(table)) for task, table in HELD.items()}
        result.run_id = suki.run("support", TROUBLED, "killed")
        for task, table in HELD.items():
            result.killed[task] = suki.kill_who_waits(table).pid
            if task == "publish":
                result.resolve_run = suki.runs(RESOLVE)[0]["dag_run_id"]
            where = (RESOLVE, result.resolve_run) if task == "publish" else ("ingest_support", result.run_id)
            wait(lambda task=task, where=where: suki.tasks(*where)[task]["try_number"] == 2, f"Airflow to try {task} again")
            release[task]()
    suki.until_quiet()
    result.golden, result.staged = suki.golden(), suki.staged("support")
    return result
