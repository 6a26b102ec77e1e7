"""``suki sources check`` says of each source whether it can be read, and shows how values are built but not what they are."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from include.sources import declared, discovery
from suki import cli
from tests import flow
from tests.api_servers.running import Server

DAY = "2026-08-03"
FOLDERS = declared()


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of some of our sources, which deliver their samples."""
    root, exports = tmp_path / "sources", tmp_path / "exports"
    for name in ("online_sales", "survey", "erp", "zendesk"):
        shutil.copytree(FOLDERS[name].folder, root / name)
        (day,) = (FOLDERS[name].folder / "sample").iterdir()
        shutil.copytree(day, exports / name / DAY)
    monkeypatch.setattr(discovery, "HERE", root)
    with flow.connections("postgresql://nobody@localhost/none", exports, tmp_path / "lake"):
        yield root


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = cli.main(["sources", "check", *arguments])
    shown = capsys.readouterr()
    return code, shown.out + shown.err


def test_first_rows_are_shown_as_masks_and_nothing_of_them_as_it_is(sources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = check(capsys, "survey", "--day", DAY, "--rows", "3")
    assert code == 0
    assert "off   survey.respondents: the first 3 rows of 2026-08-03 read, mapped and cleaned" in told
    assert "full_name=Aa Aa" in told
    assert "phones=+999999999999" in told
    assert not [word for word in ("Corazon", "Villaluz", "cora", "555", "Ibáñez", "佐々木", "Mila") if word in told]


def test_what_is_switched_on_and_cannot_be_read_fails(sources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = check(capsys, "online_sales", "--day", "2026-09-01")
    assert code == 1
    assert "FAIL  online_sales.customers: online_sales/2026-09-01/customers.jsonl is not there (yet)" in told
    assert f"under file://{sources.parent}/exports. Trying again may help." in told


def test_what_is_switched_off_and_has_no_connection_says_so_and_fails_nothing(
    sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = check(capsys, "erp")
    assert code == 0
    assert "off   erp.partners: connection suki_erp" in told


def test_a_database_is_tried(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(tmp_path / "erp.db") as database:
        database.executescript((tmp_path / "exports" / "erp" / DAY / "erp.sql").read_text(encoding="utf-8"))
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_ERP", json.dumps({"conn_type": "sqlite", "host": str(tmp_path / "erp.db")}))
    code, told = check(capsys, "erp", "--day", DAY)
    assert code == 0
    assert "erp.partners: the first 2 rows of 2026-08-03 read, mapped and cleaned" in told
    assert "Kessler" not in told


def test_an_api_is_tried(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (file,) = (tmp_path / "exports" / "zendesk" / DAY).glob("users*.json")
    people = [user["name"] for user in json.loads(file.read_text(encoding="utf-8"))["users"]]
    with Server("pages", tmp_path) as server:
        monkeypatch.setenv("AIRFLOW_CONN_SUKI_ZENDESK", json.dumps({"conn_type": "http", "host": server.url}))
        server.fails({"body": file.read_text(encoding="utf-8")}, {"status": 401, "body": "{}"})
        code, told = check(capsys, "zendesk", "--day", DAY)
    assert code == 0
    assert f"off   zendesk.users: the first {len(people)} rows of 2026-08-03 read, mapped and cleaned" in told
    assert "off   zendesk.tickets: connection suki_zendesk: login, password: the service refuses them (401)" in told
    assert not [name for name in people if name in told]


@pytest.mark.parametrize(
    ("name", "ignored", "told_of", "code"),
    [
        (
            "online_sales",
            "      - numberOfOrders ",
            "FAIL  online_sales.customers: neither mapped nor ignored: numberOfOrders. ",
            1,
        ),
        ("survey", "Your name, ", "off   survey.answers: neither mapped nor ignored: Your name. ", 0),
    ],
)
def test_a_field_nobody_decided_on_is_named_and_fails_what_is_switched_on(
    sources: Path, capsys: pytest.CaptureFixture[str], name: str, ignored: str, told_of: str, code: int
) -> None:
    declared = sources / name / "source.yml"
    before = declared.read_text(encoding="utf-8")
    assert before.count(ignored) == 1
    declared.write_text(before.replace(ignored, "      # " if ignored.startswith(" ") else ""), encoding="utf-8")
    found, told = check(capsys, name, "--day", DAY)
    assert told_of in told
    assert found == code


def test_a_wrong_declaration_is_told_beside_the_others(sources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = sources / "survey" / "source.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("owner:", "onwer:"), encoding="utf-8")
    code, told = check(capsys, "--day", DAY)
    assert code == 1
    assert "onwer: is no key here" in told
    assert "ok    online_sales.customers" in told


def test_an_unknown_source_is_named(sources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = check(capsys, "kiosk")
    assert code == 1
    assert "there is no folder 'kiosk'. Valid: erp, online_sales, survey" in told
