"""The doctor names each thing that is wrong with what mends it, and one broken thing hides no other."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include.errors import DeclarationError, SukiError
from suki import cli
from suki.doctor import checks, configuration, machine, services
from suki.doctor.examination import Check, examine
from suki.doctor.finding import Status, fail, ok, warn
from suki.doctor.site import Site

ROOT = Path(__file__).parents[3]


def broken(_: Site):
    raise ValueError("ana@example.org")


def refused(_: Site):
    raise SukiError("the file a.yml is wrong")


def test_a_check_that_breaks_hides_neither_the_others_nor_itself_and_quotes_nothing() -> None:
    found = dict(examine([Check("a", broken), Check("b", refused), Check("c", lambda _: ok("fine"))], Site()))
    assert [finding.status for finding in found.values()] == [Status.FAIL, Status.FAIL, Status.OK]
    assert "builtins.ValueError" in found["a"].says
    assert "ana" not in found["a"].says
    assert found["b"].says == "the file a.yml is wrong"


def test_what_needs_a_thing_that_is_down_is_skipped_and_says_whose_fault_it_is() -> None:
    down = [Check("a", lambda _: fail("gone", "mend it")), Check("b", broken, ("a",)), Check("c", broken, ("b",))]
    found = dict(examine([*down, Check("d", lambda _: warn("slow", "hurry")), Check("e", lambda _: ok(""), ("d",))], Site()))
    assert found["b"].says == found["c"].says == "skipped because a is not well"
    assert found["e"].status is Status.OK, "a warning is no reason to skip"


def test_every_need_is_a_check_that_comes_before() -> None:
    names: list[str] = []
    for check in checks.CHECKS:
        assert set(check.needs) <= set(names), check.name
        names.append(check.name)
    assert len(names) == len(set(names))


def test_one_check_is_looked_at_with_what_it_needs_and_an_unknown_one_names_those_there_are() -> None:
    assert [check.name for check in checks.with_needs("suki_lake")] == ["packages", "platform", "suki_lake"]
    with pytest.raises(DeclarationError, match=r"there is no check 'lakes'.*suki_lake"):
        checks.with_needs("lakes")


def test_the_exit_code_and_the_json_tell_a_machine(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", os.environ.get("AIRFLOW_HOME", "/nonexistent"))
    monkeypatch.setattr(checks, "CHECKS", (Check("a", lambda _: warn("slow", "hurry")),))
    assert cli.main(["doctor"]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [f"warn  {'a':20}  slow", f"{'':28}> hurry"]
    monkeypatch.setattr(checks, "CHECKS", (Check("a", lambda _: fail("gone", "mend it")), Check("b", lambda _: ok("fine"))))
    assert cli.main(["doctor", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "ok": False,
        "checks": [
            {"check": "a", "status": "fail", "says": "gone", "mend": "mend it"},
            {"check": "b", "status": "ok", "says": "fine", "mend": ""},
        ],
    }


# --- the machine ------------------------------------------------------------------------------------------------------------


def test_an_environment_that_is_not_the_lock_is_named_package_by_package(tmp_path: Path) -> None:
    tmp_path.joinpath("requirements.txt").write_text("pandas==1.0.0\n    # via x\npyarrow==99\nno-such-thing[all]==1.2\n")
    found = machine.packages(Site(root=tmp_path))
    assert (found.status, found.mend) == (Status.FAIL, "make environment")
    assert "1 of 3 packages of requirements.txt are missing: no-such-thing" in found.says
    tmp_path.joinpath("requirements.txt").write_text("pandas==1.0.0\npytest>=1\n")
    found = machine.packages(Site(root=tmp_path))
    assert found.status is Status.WARN
    assert "instead of 1.0.0" in found.says
    assert machine.packages(Site(root=ROOT)).status is Status.OK


def test_bytecode_that_is_switched_off_is_told() -> None:
    found = machine.bytecode(Site({"PYTHONDONTWRITEBYTECODE": "1"}))
    assert (found.status, found.mend) == (Status.WARN, "unset PYTHONDONTWRITEBYTECODE for every service")


def test_a_package_without_bytecode_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pandas", "scipy"):
        tmp_path.joinpath(name).mkdir()
        tmp_path.joinpath(name, "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("pandas", "scipy"):
        monkeypatch.delitem(__import__("sys").modules, name, raising=False)
    assert "not compiled: pandas, scipy" in machine.bytecode(Site({})).says


def test_a_container_is_judged_by_what_one_service_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(machine, "_MEMORY_LIMIT", str(limit))
    for size, status in ((2**30, Status.OK), (2**28, Status.WARN)):
        limit.write_text(f"{size}\n")
        assert machine.memory(Site({})).status is status
    limit.write_text("max\n")
    assert "container" not in machine.memory(Site({})).says


# --- Airflow's configuration -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("INGEST_SCHEDULE", "at midnight", "is no cron expression"),
        ("RESOLVE_SCHEDULE", "61 * * * *", "is no cron expression"),
        ("END_DATE", "the end", "is no date"),
        ("LONGEST_WAIT", "an hour", "is no number"),
        ("LONGEST_WAIT", "-1", "is less than 0"),
        ("LONGEST_WAIT", "nan", "is less than 0 or no number"),
        ("QUIET_POLL", "0", "is less than 1"),
        ("RETRIES", "1.5", "is no whole number"),
        ("RETRY_DELAY", "5 min", "is no number"),
    ],
)
def test_a_setting_that_is_not_what_its_key_asks_for_is_a_sentence_with_an_example(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(f"AIRFLOW__SUKI__{variable}", value)
    ((_, found),) = examine([Check("settings", configuration.own_section)], Site(os.environ))
    assert found.status is Status.FAIL
    assert f"AIRFLOW__SUKI__{variable}" in found.says
    assert f"'{value}' {says}" in found.says
    assert "Valid: " in found.says


def test_a_misspelt_setting_is_told_with_the_valid_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__SUKI__LONGEST_WAITT", "1")
    found = configuration.own_section(Site(os.environ))
    assert (found.status, found.says) == (Status.FAIL, "[suki] has no key longest_waitt")
    assert "longest_wait," in found.mend


def test_dags_that_cannot_import_the_core_are_foreseen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__DAGS_FOLDER", str(ROOT / "dags"))
    monkeypatch.setenv("AIRFLOW__CORE__PLUGINS_FOLDER", str(ROOT / "plugins"))
    assert configuration.folders(Site({"PYTHONPATH": str(ROOT)}, ROOT)).status is Status.OK
    assert configuration.folders(Site({}, ROOT)).mend == f"PYTHONPATH={ROOT}"
    monkeypatch.setenv("AIRFLOW__CORE__PLUGINS_FOLDER", str(tmp_path))
    assert "suki_plugin.py" in configuration.folders(Site({}, ROOT)).says
    monkeypatch.setenv("AIRFLOW__CORE__DAGS_FOLDER", str(tmp_path))
    assert "there are no Dags" in configuration.folders(Site({}, ROOT)).says


def test_more_tasks_at_once_than_the_cores_bear_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "LocalExecutor")
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", str(5 * machine.usable_cores()))
    assert configuration.parallelism(Site()).status is Status.WARN
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", str(2 * machine.usable_cores()))
    assert configuration.parallelism(Site()).status is Status.OK


# --- what runs ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "health", "status"), [(5, "healthy", Status.OK), (600, "unhealthy", Status.FAIL)])
def test_a_component_is_alive_by_its_heartbeat(age: int, health: str, status: Status) -> None:
    beat = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
    found = services.alive("scheduler", {"status": health, "latest_scheduler_heartbeat": beat}, "scheduler", Site({}))
    assert found.status is status
    never = services.alive("triggerer", {"status": None, "latest_triggerer_heartbeat": None}, "triggerer", Site({}))
    assert (never.status, never.says) == (Status.FAIL, "never ran")
    assert "airflow triggerer" in never.mend


def test_an_api_server_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://127.0.0.1:1/execution/")
    found = services.api_server(Site({}))
    assert found.status is Status.FAIL
    assert "AIRFLOW__CORE__EXECUTION_API_SERVER_URL" in found.mend


# --- connections, exports, lake ----------------------------------------------------------------------------------------------


def look(name: str):
    (check,) = (check for check in checks.CHECKS if check.name == name)
    ((_, found),) = examine([Check(name, check.look)], Site({}))
    return found


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("suki_lake", '{"conn_type": "generic", "extra": {', "is not there, or its JSON is not well-formed"),
        ("suki_lake", '{"conn_type": "generic", "extra": {}}', "extra.path: is missing"),
        ("suki_exports", '{"conn_type": "generic"}', "extra.path: is missing"),
        ("suki_warehouse", "mysql://suki:s3cret@db/warehouse", "the warehouse is a PostgreSQL"),
        ("suki_record_key", '{"conn_type": "generic", "login": "1"}', "is empty"),
        ("suki_record_key", '{"conn_type": "generic", "login": "1", "password": "s3cret"}', "is no hex number"),
        ("suki_record_key", '{"conn_type": "generic", "login": "1", "password": "5ec2e7"}', "has 3 bytes"),
    ],
)
def test_a_malformed_connection_is_named_and_no_secret_is_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", value)
    found = look(name)
    assert found.status is Status.FAIL
    assert says in found.says
    assert not {"s3cret", "5ec2e7"} & {*found.says.split("'"), *found.says.split()}


def test_the_warehouse_is_shown_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", "postgresql://suki_app:s3cret@db:5433/warehouse")
    assert look("suki_warehouse") == ok("suki_app at db:5433/warehouse")


def folder(monkeypatch: pytest.MonkeyPatch, name: str, path: Path) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps({"conn_type": "generic", "extra": {"path": str(path)}}))


def test_exports_nobody_delivers_to_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder(monkeypatch, "suki_exports", tmp_path / "none")
    assert look("exports").status is Status.FAIL
    folder(monkeypatch, "suki_exports", tmp_path)
    assert "no source has delivered" in look("exports").says
    tmp_path.joinpath("social").mkdir()
    assert "no folder of online_sales, store_pos, support" in look("exports").says


def test_the_lake_is_written_read_and_left_clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder(monkeypatch, "suki_lake", tmp_path / "lake")
    assert look("lake").status is Status.OK
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    tmp_path.joinpath("file").write_text("")
    folder(monkeypatch, "suki_lake", tmp_path / "file")
    found = look("lake")
    assert found.status is Status.FAIL
    assert "cannot be read or written (connection suki_lake)" in found.says
