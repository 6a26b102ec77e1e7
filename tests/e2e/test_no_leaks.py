"""No leaks on a real scheduler: people whose every value is unique go through every source and every way to fail, and are then
looked for in all that anybody can read outside the warehouse and the lake.

Beside them decoys are put on purpose into each kind of place, so that a search that finds nothing has been seen to find.
"""

import base64
import json
import shutil
import subprocess
import urllib.error
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from local.demo import RESOLVE, SOURCES, day
from local.processes import MARK
from local.summary import summarise
from tests.e2e.canaries import CANARIES, DECOYS, SHOP, SOCIAL, STORES, SUPPORT, TYPED, deliver_all, deliver_unfit
from tests.e2e.conftest import Killed
from tests.e2e.driver import RETRIES, Suki, wait
from tests.e2e.telltale import WATCHED, Search, Watch, everything_told, made_of, masked

pytestmark = [pytest.mark.e2e, pytest.mark.long]

HERE = Path(__file__).parent
GOOD, UNFIT = day("2026-07-06"), day("2026-07-07")
PEOPLE = 40
VERSIONS, CUSTOMERS = "staging.record_version", "golden.customer"

STAGE_FAULTS: tuple[dict[str, str], ...] = (
    {SHOP: "raise", STORES: "unique", SOCIAL: "time", SUPPORT: "terminated"},
    {SHOP: "raise as if a grant were missing", STORES: "cancelled", SOCIAL: "syntax", SUPPORT: "json"},
)
"""Source > what the warehouse does to its first try of staging, and then to its second; see tests/faults.sql."""

PUBLISH_FAULTS = ("raise", "terminated")
PASSING = {"terminated", "cancelled"}
"""Faults after which the same again may succeed, so it is tried until there are no tries left."""

TRIPS = ("chained", "group", "pandas", "arrow", "pydantic", "database", "expectation", "airflow", "exits", "chatters")
"""Steps of the Dag canary_trips, each of which breaks in the way a library breaks."""

PLACES = {
    "task log": "task log airflow/logs/dag_id=canary_decoys/run_id=once/task_id=tells",
    "exception": "task log airflow/logs/dag_id=canary_decoys/run_id=once/task_id=fails",
    "service log": "file logs/api-server.log",
    "server log": "server log",
    "xcom": "airflow public.xcom",
    "asset event": "airflow public.asset_event",
    "rendered field": "airflow public.rendered_task_instance_fields",
    "note": "airflow public.dag_run_note",
    "conf": "airflow public.dag_run",
    "audit log": "airflow public.log",
    "import error": "airflow public.import_error",
    "report": "warehouse ops.drift",
    "page": "page of canary_decoys once",
    "path": "paths of the lake",
    "command line": "command lines",
    "environment": "environments",
    "statement": "statements",
}
"""Where a decoy is put > the place in which it must be found."""

DECOY = {what: DECOYS.person(number) for number, what in enumerate(PLACES)}


@dataclass
class Sung:
    """What became of the canaries, and all that was told of it."""

    runs: dict[str, str] = field(default_factory=dict)
    """Source > the run that brings them in, in the end."""
    unfit: dict[str, str] = field(default_factory=dict)
    """Source > the run of deliveries that cannot be taken."""
    tried: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """Source or ``publish``, and fault > the task as it ended."""
    trips: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Step of canary_trips > the task as it ended."""
    resolve_run: str = ""
    trained: str = ""
    """How the training of a match model on them ended."""
    refused: str = ""
    """What Airflow answered to parameters that are no dates."""
    told: dict[str, str] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    """What the pipeline made of their values."""

    def found(self, search: Search) -> dict[str, list[str]]:
        """Place > what of a flock stands there."""
        return {place: masked(found) for place, text in self.told.items() if (found := search.in_text(text))}


@pytest.fixture(scope="session")
def sung(suki: Suki, killed: Killed) -> Sung:
    """The chapter: a day of all sources that fails in many ways and comes in at last, a day that nobody can take, and more."""
    result, exports = Sung(), suki.settings.exports
    deliver_all(exports, "2026-07-06")
    deliver_unfit(exports, "2026-07-07")
    earlier = {run["dag_run_id"] for run in suki.runs(RESOLVE)}

    with Watch(suki) as watch, _faults(suki) as (break_, mend), _planted(suki):
        for source, how in STAGE_FAULTS[0].items():
            break_(VERSIONS, how, source)
        result.runs = {source: suki.run(source, GOOD, "canaries") for source in SOURCES}
        result.unfit = {source: suki.run(source, UNFIT, "unfit") for source in SOURCES}
        result.refused = _type_nonsense(suki)
        suki.until_quiet()
        _note(suki, result, STAGE_FAULTS[0])

        for source, how in STAGE_FAULTS[1].items():
            mend(VERSIONS, source)
            break_(VERSIONS, how, source)
            suki.clear(f"ingest_{source}", result.runs[source], "stage")
        suki.until_quiet()
        _note(suki, result, STAGE_FAULTS[1])

        for source in SOURCES:
            mend(VERSIONS, source)
        break_(VERSIONS, "sleeps", SUPPORT)
        break_(CUSTOMERS, PUBLISH_FAULTS[0])
        for source in SOURCES:
            suki.clear(f"ingest_{source}", result.runs[source], "stage")
        suki.kill_client("SELECT client_port FROM pg_stat_activity WHERE wait_event = 'PgSleep'", "a task to be amid its work")
        mend(VERSIONS, SUPPORT)
        suki.until_quiet()
        failed = [run["dag_run_id"] for run in suki.runs(RESOLVE) if run["state"] == "failed"]
        result.resolve_run = next(run_id for run_id in failed if run_id not in earlier)
        for how, next_one in zip(PUBLISH_FAULTS, (*PUBLISH_FAULTS[1:], None), strict=True):
            result.tried["publish", how] = suki.tasks(RESOLVE, result.resolve_run)["publish"]
            mend(CUSTOMERS)
            if next_one:
                break_(CUSTOMERS, next_one)
            suki.clear(RESOLVE, result.resolve_run, "publish", "find_households")  # as the UI does: with what comes after
            suki.until_quiet()

        result.trained = _train(suki)
        result.trips = suki.tasks("canary_trips", "once")
        result.made = made_of(suki, CANARIES)
        result.told = everything_told(suki) | {name: "\n".join(seen) for name, seen in watch.seen.items()}
    summary = summarise(suki.warehouse_url, suki.settings.truth, sorted(result.runs.values()))
    result.told["summary of the demo"] = "\n".join(summary.lines())
    for source in SOURCES:  # what later tests read of the exports is the sample's
        for span in (GOOD, UNFIT):
            shutil.rmtree(exports / source / f"{span.start:%Y-%m-%d}")
    return result


@contextmanager
def _faults(suki: Suki) -> Iterator[tuple[Callable[..., None], Callable[..., None]]]:
    """Two functions: one makes a table of the warehouse fail in a way of tests/faults.sql, the other ends it."""
    with suki.platform.postgres.superuser("warehouse") as connection:
        connection.execute(HERE.parent.joinpath("faults.sql").read_bytes())

        def trigger(statement: str, table: str, source: str, **more: sql.Composable) -> None:
            names = {"name": sql.Identifier(f"fault_{source}"), "table": sql.Identifier(*table.split("."))}
            connection.execute(sql.SQL(statement).format(**names, **more))  # type: ignore[arg-type]

        def break_(table: str, how: str, source: str = "") -> None:
            given = sql.SQL(", ").join(map(sql.Literal, (how, source)))
            statement = "CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fault({given})"
            trigger(statement, table, source, given=given)

        def mend(table: str, source: str = "") -> None:
            trigger("DROP TRIGGER {name} ON {table}", table, source)

        try:
            yield break_, mend
        finally:  # who still sleeps in a fault holds the table
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
            connection.execute("DROP FUNCTION fault CASCADE; DROP TABLE faults_unique")


@contextmanager
def _planted(suki: Suki) -> Iterator[None]:
    """Every decoy in its place, each written in another way; and the Dags that tell and that break."""
    settings, api = suki.settings, suki.platform.api
    settings.lake.joinpath("trips.json").write_text(json.dumps({"value": CANARIES.person(39).text}))
    settings.lake.joinpath("decoys.json").write_text(json.dumps({what: decoy.text for what, decoy in DECOY.items()}))
    settings.lake.joinpath(DECOY["path"].handle).mkdir()
    dags = [settings.dags / file.name for file in HERE.joinpath("dags").glob("*.py")]
    for file in dags:
        shutil.copy(HERE / "dags" / file.name, file)
    broken = settings.dags / "canary_broken.py"
    broken.write_text(f"import airflow.sdk  # looks like a Dag's file\nraise RuntimeError({DECOY['import error'].full_name!a})\n")
    marked = {MARK: settings.secret("instance")}
    seen = [
        subprocess.Popen(["sleep", "600"], env={**marked, "WHO": DECOY["environment"].email}),
        subprocess.Popen(["sh", "-c", "sleep 600", DECOY["command line"].full_name], env=marked),
    ]
    try:
        wait(lambda: {"canary_trips", "canary_decoys"} <= api.dags(), "the Dags of this test")
        assert api.start("canary_trips", "once", {})
        assert api.start("canary_decoys", "once", {"typed": DECOY["conf"].phone})
        api.call("PATCH", "/dags/canary_decoys/dagRuns/once", {"note": DECOY["note"].digits})
        suki.browse(f"{settings.ui_url}/suki/quality/?who={urllib.parse.quote(DECOY['service log'].email)}")
        with suki.platform.postgres.superuser("warehouse") as connection:
            said = f"BEGIN RAISE LOG 'here is %', '{DECOY['server log'].email.upper()}'; END"
            connection.execute(sql.SQL("DO {}").format(sql.Literal(said)))
            connection.execute(
                "INSERT INTO ops.drift (dag_id, run_id, source, stream, field, rows, first_file)"
                " VALUES ('canary_decoys', 'once', 's', 't', %s, 1, 'f')",
                (DECOY["report"].full_name,),
            )
            connection.execute(
                "INSERT INTO ops.quality_result (dag_id, run_id, task_id, source, stream, suite, expectation, level, severity,"
                " reason, success, evaluated, unexpected)"
                " VALUES ('canary_decoys', 'once', 't', 's', 't', 's', 'e', 'row', 'warning', 'r', true, 1, 0)"
            )
            hidden = base64.b64encode(DECOY["statement"].text.encode()).decode()
            connection.execute(sql.SQL("SELECT {}, pg_sleep(1.5)").format(sql.Literal(hidden)))
            yield
            for table in ("ops.drift", "ops.quality_result"):
                connection.execute(f"DELETE FROM {table} WHERE dag_id = 'canary_decoys'")  # type: ignore[call-overload]
    finally:
        for file in (*dags, broken):
            file.unlink()
        for dag_id in ("canary_trips", "canary_decoys"):
            api.call("DELETE", f"/dags/{dag_id}")
        for process in seen:
            process.kill()
            process.wait()


def _note(suki: Suki, result: Sung, faults: dict[str, str]) -> None:
    for source, how in faults.items():
        result.tried[source, how] = suki.tasks(f"ingest_{source}", result.runs[source])["stage"]


def _train(suki: Suki) -> str:
    """Train the match model on everybody who is there; how the run ended."""
    api, train = suki.platform.api, "train_match_model"
    api.call("PATCH", f"/dags/{train}", {"is_paused": False})
    assert api.start(train, "canaries", {})
    wait(lambda: suki.state(train, "canaries") in {"success", "failed"}, "the match model to be trained")
    return suki.state(train, "canaries")


def _type_nonsense(suki: Suki) -> str:
    """Start a run with a person's values where dates belong; what Airflow answers."""
    typed = TYPED.person(1)
    try:
        suki.platform.api.start(f"ingest_{SHOP}", "typed", {"window_start": typed.text, "window_end": typed.email})
    except urllib.error.HTTPError as refusal:
        return f"{refusal.code} {refusal.read().decode()}"
    return "taken"


# --- the search itself ------------------------------------------------------------------------------------------------------

ONE, OTHER = CANARIES.person(3), CANARIES.person(4)


@pytest.mark.parametrize(
    "text",
    [
        ONE.full_name, f"{ONE.family} {ONE.given}".upper(), ONE.email.partition("+")[0], ONE.handle.title(), OTHER.full_name,
        json.dumps(OTHER.full_name), json.dumps(json.dumps({"name": OTHER.family})), ascii(OTHER.given),
        repr(OTHER.given.encode()), urllib.parse.quote(OTHER.family), urllib.parse.quote_plus(ONE.email),
        "&#x9db8;&#38592;", "\\351\\266\\270\\351\\233\\200",
        ONE.phone, f"+63{ONE.digits}", f"0{ONE.digits[:3]}.{ONE.digits[3:6]}-{ONE.digits[6:]}", CANARIES.person(7).phone,
        f"{ONE.born:%d.%m.%Y}", f"{ONE.born:%Y%m%d}", ONE.loyalty[5:], ONE.order_number[1:], "Ｑａｎａｒｉ",
        *(base64.b64encode(f"{before}{ONE.given}".encode()).decode() for before in ("", "x", "xy")), ONE.given.encode().hex(),
        base64.urlsafe_b64encode(f"who: {OTHER.family}".encode()).decode(),
    ],
)  # fmt: skip
def test_a_person_is_found_in_every_form(text: str):
    assert Search(CANARIES, PEOPLE).in_text(f"2026-07-06 something {text} something\n")


def test_nobody_is_found_where_nobody_is():
    text = "2026-07-06T12:30:45.917448 canary 4711 {'rows': 174480363, 'id': 'd81c9174-4803-8663-9d17-448036391744'}"
    assert not Search(CANARIES, PEOPLE).in_text(text)


@pytest.mark.parametrize("what", PLACES)
def test_a_decoy_is_found_where_it_was_put(sung: Sung, what: str):
    search = Search(DECOYS, PEOPLE)
    where = PLACES[what]
    texts = [text for place, text in sung.told.items() if place == where or place.startswith(f"{where}/")]
    assert texts, "this place was not looked at"
    assert any(search.in_text(text) for text in texts)


# --- what was done ----------------------------------------------------------------------------------------------------------


def test_every_fault_of_the_database_fails_its_task_and_what_may_pass_is_tried_again(sung: Sung):
    tries: dict[str, int] = {}
    for (where, how), task in sung.tried.items():
        tries[where] = tries.get(where, 0) + (RETRIES + 1 if how in PASSING else 1)
        assert (where, how, task["state"], task["try_number"]) == (where, how, "failed", tries[where])
    assert len(sung.tried) == 10


def test_every_way_to_break_was_gone(sung: Sung):
    states = {name: task["state"] for name, task in sung.trips.items()}
    assert states == {name: "success" if name == "chatters" else "failed" for name in TRIPS}


def test_what_cannot_be_taken_is_not(suki: Suki, sung: Sung):
    failed = {
        source: {name for name, task in suki.tasks(f"ingest_{source}", run_id).items() if task["state"] == "failed"}
        for source, run_id in sung.unfit.items()
    }
    assert failed == {SHOP: {"gate_landed"}, STORES: {"extract"}, SOCIAL: {"extract"}, SUPPORT: {"extract"}}


def test_the_canaries_come_in_after_all_of_it_and_are_where_they_belong(suki: Suki, sung: Sung):
    assert {suki.state(f"ingest_{source}", run_id) for source, run_id in sung.runs.items()} == {"success"}
    assert suki.state(RESOLVE, sung.resolve_run) == "success"
    assert sung.trained == "success"
    assert any(place.startswith("page of train_match_model") for place in sung.told)
    search = Search(CANARIES, PEOPLE)
    for table in ("golden.customer", "staging.quarantine"):
        rows = "\n".join(row for (row,) in suki.ask(f"SELECT to_jsonb(t)::text FROM {table} t"))
        assert search.in_text(rows), table
    sources = suki.ask("SELECT DISTINCT source FROM staging.quarantine WHERE run_id = ANY(%s)", list(sung.runs.values()))
    assert {source for (source,) in sources} == set(SOURCES)
    assert len(sung.made) > 20


# --- nobody's value where it does not belong --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["task log", "file", "server log", "paths", "airflow", "warehouse", "page", "summary", *WATCHED])
def test_no_canary_is_told(sung: Sung, kind: str):
    search = Search(CANARIES, PEOPLE, sung.made)
    texts = {place: text for place, text in sung.told.items() if place.startswith(kind)}
    assert texts
    assert {place: masked(found) for place, text in texts.items() if (found := search.in_text(text))} == {}


def test_what_is_typed_where_a_date_belongs_is_refused_and_stays_in_airflows_audit_log(sung: Sung):
    assert sung.refused.startswith("4"), sung.refused
    assert set(sung.found(Search(TYPED, PEOPLE))) <= {"airflow public.log"}
