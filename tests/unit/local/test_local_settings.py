"""The state is private, remembered, and free of other Airflows on the machine."""

import json
import stat
from pathlib import Path

import pytest

from local.problem import Problem
from local.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load({"SUKI_STATE": str(tmp_path / "state")})


def test_nobody_else_may_look_into_the_state(settings: Settings) -> None:
    settings.write_passwords()
    assert stat.S_IMODE(settings.state.stat().st_mode) == 0o700
    for file in (settings.passwords, settings.state / "secrets.json"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_that_holds_other_things_is_refused_because_reset_would_remove_them(tmp_path: Path) -> None:
    tmp_path.joinpath("thesis.txt").write_text("years of work")
    with pytest.raises(Problem, match=r"SUKI_STATE.* holds other things"):
        Settings.load({"SUKI_STATE": str(tmp_path)})
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_empty_folder_and_our_own_are_welcome(tmp_path: Path) -> None:
    first = Settings.load({"SUKI_STATE": str(tmp_path)})
    assert Settings.load({"SUKI_STATE": str(tmp_path)}).secret("instance") == first.secret("instance")


def test_secrets_are_made_once_and_kept(settings: Settings) -> None:
    made = {name: settings.secret(name) for name in ("suki_app", "record_key", "fernet_key", "jwt_secret")}
    again = Settings.load({"SUKI_STATE": str(settings.state)})
    assert {name: again.secret(name) for name in made} == made
    assert len(set(made.values())) == len(made)
    assert len(bytes.fromhex(made["record_key"])) == 32


def test_another_airflows_settings_do_not_leak_in(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AIRFLOW__CORE__EXECUTOR", "AIRFLOW_HOME", "AIRFLOW__CORE__SECURITY", "PGHOST", "PYTHONDONTWRITEBYTECODE"):
        monkeypatch.setenv(name, "theirs")
    environment = settings.environment(5432)
    assert "theirs" not in environment.values()
    assert environment["AIRFLOW_HOME"] == str(settings.airflow_home)


def test_every_connection_the_operators_ask_for_is_there(settings: Settings) -> None:
    environment = settings.environment(5432)
    for name, folder in (("EXPORTS", settings.exports), ("LAKE", settings.lake)):
        assert json.loads(environment[f"AIRFLOW_CONN_SUKI_{name}"])["extra"] == {"path": str(folder)}
    assert json.loads(environment["AIRFLOW_CONN_SUKI_RECORD_KEY"])["password"] == settings.secret("record_key")
    assert environment["AIRFLOW_CONN_SUKI_WAREHOUSE"].endswith("@127.0.0.1:5432/warehouse")


def test_the_pipeline_is_never_told_where_the_truth_lies(settings: Settings) -> None:
    assert not [name for name, value in settings.environment(5432).items() if str(settings.truth) in value]


def test_a_damaged_state_is_a_sentence(settings: Settings) -> None:
    settings.state.joinpath("secrets.json").write_text('{"instance": ')
    with pytest.raises(Problem, match="make reset"):
        Settings.load({"SUKI_STATE": str(settings.state)})


def test_a_port_that_is_no_number_is_a_sentence(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUKI_PORT", "http")
    with pytest.raises(Problem, match="SUKI_PORT"), settings.ui_port_held():
        pass


def test_two_platforms_that_start_at_once_take_different_ports(settings: Settings, tmp_path: Path) -> None:
    other = Settings.load({"SUKI_STATE": str(tmp_path / "other")})
    with settings.ui_port_held() as port, other.ui_port_held() as beside:
        assert port != beside, "nobody listens on either yet"
    assert (settings.ui_port, other.ui_port) == (port, beside)
    with other.ui_port_held() as again:
        assert again == beside, "the one remembered, once it is free"


def test_a_state_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    tmp_path.joinpath("file").write_text("")
    with pytest.raises(Problem, match="SUKI_STATE names another"):
        Settings.load({"SUKI_STATE": str(tmp_path / "file" / "state")})
