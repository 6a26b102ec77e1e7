"""``suki`` is quick to explain itself, takes a new command as one new module, and knows where it stands."""

import argparse
import getpass
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from suki import cli, commands

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "cli.md"


def suki(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as it is called in a clone that has no platform, and in no deployment."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "SUKI"))}
    command = [ROOT / "bin" / "suki", *arguments]
    return subprocess.run(command, env={**inherited, **environment}, capture_output=True, text=True, check=False)


def test_help_names_every_command_and_loads_nothing_that_is_slow() -> None:
    code = "import sys; from suki import cli; sys.argv[0] = 'suki'\ntry: cli.main(['--help'])\nfinally: print(*sys.modules)"
    paths = f"{ROOT}{os.pathsep}{ROOT / 'plugins'}"
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": paths}, capture_output=True, text=True, check=False)
    shown, loaded = done.stdout.rsplit("\n", 2)[0], set(done.stdout.split())
    assert "doctor" in shown
    assert "resolve" in shown
    assert loaded & {"airflow", "pandas", "sqlalchemy", "psycopg", "pydantic", "great_expectations"} == set()


def test_a_new_command_is_one_new_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tmp_path.joinpath("greet.py").write_text(
        '"""Say hello."""\nANYWHERE = True\n'
        'def add_arguments(parser): parser.add_argument("whom")\n'
        'def run(arguments):\n    print(f"hello {arguments.whom}")\n    return 7\n'
    )
    monkeypatch.setattr(commands, "__path__", [*commands.__path__, str(tmp_path)])
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    try:
        assert cli.main(["greet", "Ana"]) == 7
    finally:
        sys.modules.pop("suki.commands.greet", None)
    assert capsys.readouterr().out == "hello Ana\n"


def test_what_libraries_warn_of_does_not_stand_between_the_lines(tmp_path: Path) -> None:
    ignored = tmp_path / "plugins" / ".airflowignore"
    ignored.parent.mkdir()
    ignored.write_text("*.py\n")  # Airflow reads it by a class that its library has deprecated
    tmp_path.joinpath("load.py").write_text(
        '"""Load."""\ndef add_arguments(parser): pass\ndef run(arguments):\n'
        "    from airflow import plugins_manager\n    plugins_manager.ensure_plugins_loaded()\n"
        "    print('loaded')\n    return 0\n"
    )
    code = "import sys; from suki import cli, commands; commands.__path__.append(sys.argv[1]); sys.exit(cli.main(['load']))"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "SUKI", "PYTHONWARNINGS"))}
    environment = {
        **kept, "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__PLUGINS_FOLDER": str(ignored.parent),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'plugins'}",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code, tmp_path], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "loaded\n", "")


def test_where_there_is_no_suki_it_says_how_to_get_one(tmp_path: Path) -> None:
    done = suki("resolve", "0b6f5d3e-7a61-5b57-9a0f-3f5d2c8e4b10", SUKI_STATE=str(tmp_path / "none"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "make up" in done.stderr
    assert "AIRFLOW_HOME" in done.stderr
    assert "Traceback" not in done.stderr
    assert not tmp_path.joinpath("none").exists(), "asking made a state"


def test_a_clones_own_platform_is_found_by_itself(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "local", "status"], cwd=ROOT, env={**os.environ, "SUKI_STATE": str(tmp_path)}, check=True
    )
    done = suki("resolve", "0b6f5d3e-7a61-5b57-9a0f-3f5d2c8e4b10", SUKI_STATE=str(tmp_path))
    assert done.returncode == 1
    assert "The warehouse cannot be reached" in done.stderr, "it did not get as far as the platform's warehouse"
    assert "Traceback" not in done.stderr


def test_called_from_another_clone_it_stays_the_one_it_is_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other, state = tmp_path / "other", tmp_path / "state"
    (other / "local").mkdir(parents=True)
    (other / "local" / "__init__.py").touch()
    (other / "local" / "__main__.py").write_text("print('the other clone')", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "local", "status"], cwd=ROOT, env={**os.environ, "SUKI_STATE": str(state)}, check=True)
    monkeypatch.chdir(other)
    done = suki("resolve", "0b6f5d3e-7a61-5b57-9a0f-3f5d2c8e4b10", SUKI_STATE=str(state))
    assert "the other clone" not in done.stdout
    assert done.returncode == 1


def test_an_id_that_is_none_is_a_sentence_with_an_example() -> None:
    done = suki("resolve", "Ana")
    assert done.returncode == 2
    assert "a customer id looks like" in done.stderr


# --- the page ---------------------------------------------------------------------------------------------------------------


def _commands() -> dict[str, argparse.ArgumentParser]:
    (found,) = (action for action in cli.parser()._actions if isinstance(action, argparse._SubParsersAction))
    return dict(found.choices)


def _options(parser: argparse.ArgumentParser) -> set[str]:
    """Of a command, and of the commands under it."""
    found = {option for action in parser._actions for option in action.option_strings if option.startswith("--")}
    under = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return found.union(*(_options(one) for choices in under for one in choices.values()))


def test_the_page_has_a_section_for_each_command_and_no_other() -> None:
    assert re.findall(r"^## `suki ([\w-]+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE) == sorted(_commands())


def test_commands_are_there_where_the_machine_knows_no_user(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 50123")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert "quarantine" in _commands()


@pytest.mark.parametrize("command", sorted(_commands()))
def test_the_page_names_every_option_of_a_command_and_no_other(command: str) -> None:
    section = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (text,) = (part for part in section if part.startswith(f"`suki {command}`"))
    assert set(re.findall(r"`(--[a-z-]+)", text)) == _options(_commands()[command]) - {"--help"}


def test_the_page_explains_every_check_of_the_doctor_in_its_order() -> None:
    from suki.doctor.checks import CHECKS

    table = PAGE.read_text(encoding="utf-8").partition("| check | is well when |")[2].partition("\n\n")[0]
    first = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert [name for cell in first for name in re.findall(r"`([^`]+)`", cell)] == [check.name for check in CHECKS]


def test_a_broker_that_is_away_is_told_by_the_doctor_without_its_password(tmp_path: Path) -> None:
    celery = {"AIRFLOW__CORE__EXECUTOR": "CeleryExecutor", "AIRFLOW__CELERY__BROKER_URL": "redis://:s3cret@127.0.0.1:1/0"}
    done = suki("doctor", "--only", "workers", AIRFLOW_HOME=str(tmp_path), **celery)
    assert done.returncode == 1
    assert "FAIL  workers               the broker does not answer" in done.stdout
    assert "AIRFLOW__CELERY__BROKER_URL" in done.stdout
    assert "s3cret" not in done.stdout + done.stderr


ID = "0b6f5d3e-7a61-5b57-9a0f-3f5d2c8e4b10"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("sources", "check", "--day", "2026-99-99"), "argument --day: a day looks like 2026-09-30"),
        (("sources", "check", "--day", "9999-12-31"), "argument --day: a day looks like 2026-09-30"),
        (("sources", "check", "--rows", "-3"), "argument --rows: give a whole number, at least 1"),
        (("sources",), "the following arguments are required: check"),
        (("as-of", ID, "9999-12-31"), "argument day: a day looks like 2026-09-30"),
        (("as-of", ID, "2026-09-30", "--believed", "yesterday"), "argument --believed: a day looks like 2026-09-30"),
        (("reviews", "--limit", "9" * 30), "argument --limit: give a whole number, at least 1"),
        (("reviews", "--capacity", "ten"), "argument --capacity: give a whole number, at least 1"),
        (("quarantine", "show", "--limit", "0"), "argument --limit: give a whole number, at least 1"),
        (("quarantine", "show", "nonsense"), "argument ID: a row's id looks like "),
        (("quarantine", "discard", "nonsense", "--why", "x"), "argument ID: a row's id looks like "),
        (("resolve", "nonsense"), f"argument customer_id: a customer id looks like {ID}"),
        (("withdraw", "nonsense", "--reason", "x"), "argument decision: a decision id looks like "),
    ],
)
def test_a_word_that_is_none_is_told_what_one_looks_like(
    capsys: pytest.CaptureFixture[str], given: tuple[str, ...], says: str
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(given)
    assert left.value.code == 2
    assert says in capsys.readouterr().err
