"""docs/configuration.md lists every variable there is, and none that is not."""

import re
from pathlib import Path

import pytest

from local.settings import VARIABLES, Settings
from suki import connections
from suki.doctor.configuration import keys
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def named(heading: str, table: int = 0, page: str = PAGE) -> set[str]:
    """The names in the first column of a section's table; the first table is number 0."""
    section = re.split(rf"^## {re.escape(heading)}$", page, flags=re.MULTILINE)[1].partition("\n## ")[0]
    found = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)[table].splitlines()[2:]
    return {name for line in found for name in re.findall(r"`([^`]+)`", line.split("|")[1])}


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the local platform gives every service, without what it merely passes on."""
    monkeypatch.setattr("os.environ", {"PATH": "/usr/bin"})
    found = Settings.load({"SUKI_STATE": str(tmp_path / "state")}).environment(5432)
    del found["PATH"]
    return found


def test_every_connection_is_documented() -> None:
    assert named("Connections") == {
        connections.EXPORTS,
        connections.LAKE,
        connections.WAREHOUSE,
        connections.RECORD_KEY,
        connections.CRM,
    }


def test_every_key_of_sukis_section_is_documented() -> None:
    assert named("Section `[suki]`") == set(keys())


def test_the_documented_defaults_are_those_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    section = PAGE.partition("## Section `[suki]`")[2].partition("\n## ")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| `?([^|`]+?)`? \|", section, re.MULTILINE))
    for name in keys():
        monkeypatch.delenv(f"AIRFLOW__SUKI__{name.upper()}", raising=False)
    in_force = {name: read() for name, read in keys().items()}
    seconds = {name: value.total_seconds() for name, value in in_force.items() if hasattr(value, "total_seconds")}
    plain = {name: "none" if value in (None, ()) else value for name, value in {**in_force, **seconds}.items()}
    assert {name: value if isinstance(value, str) else f"{value:g}" for name, value in plain.items()} == told


def test_every_variable_of_the_local_platform_is_documented_with_its_meaning() -> None:
    assert named("The local platform") == set(VARIABLES)
    plain = PAGE.replace("`", "")
    for name, meaning in VARIABLES.items():
        assert f"| {name} | {meaning.replace('`', '')} |" in plain


def test_every_variable_of_the_makefile_is_documented() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    own = {"VENV", "MAKEFLAGS", "MAKEFILE_LIST", "MAKECMDGOALS"}
    words = " ".join(re.findall(r"foreach word,([A-Z_ ]+),", makefile)).split()
    assert named("The local platform", 1) == ({*re.findall(r"\$\(([A-Z_]+)\)", makefile)} - own) | {*words}


def test_every_setting_the_local_platform_makes_is_documented(environment: dict[str, str]) -> None:
    given = {name for name in environment if not name.startswith(("AIRFLOW_CONN_", "AIRFLOW__SUKI__"))}
    airflow = {name for name in given if name.startswith("AIRFLOW")}
    assert named("What the local platform tells Airflow") == airflow
    assert named("What the local platform tells Airflow", 1) == given - airflow


def test_the_keys_of_sukis_section_that_the_local_platform_sets_are_named(environment: dict[str, str]) -> None:
    (sentence,) = re.findall(r"^Of `\[suki\]` it sets .*$", PAGE, re.MULTILINE)
    given = {name.removeprefix("AIRFLOW__SUKI__").lower() for name in environment if name.startswith("AIRFLOW__SUKI__")}
    assert set(re.findall(r"`(\w+)`", sentence)) == given


def test_every_variable_of_the_compose_file_is_documented() -> None:
    compose = (ROOT / "docker-compose.yaml").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    asked = set(re.findall(r"(?<!\$)\$\{(\w+)", compose))
    told = {
        name
        for line in page.splitlines()
        if line.startswith("| `SUKI_")
        for name in re.findall(r"`(SUKI_\w+)`", line.split("|")[1])
    }
    assert told == asked


def test_every_verb_has_its_one_line_in_help() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())
    assert set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE)) == phony
