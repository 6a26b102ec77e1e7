"""Production's shape on one machine: what its machines may share, and what they may not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from local import celery_check, machine
from local.cluster import WORKERS, Cluster, ClusterSettings
from local.problem import Problem
from local.settings import Settings


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    settings = ClusterSettings.load({"SUKI_STATE": str(tmp_path / "state")})
    settings.remember("postgres_home", str(tmp_path / "postgres"))
    for name, value in {"redis_port": 1, "object-store_port": 2, "store_login": {"key": "key", "secret": "secret"}}.items():
        settings.remember(name, value)
    monkeypatch.setattr(Cluster, "environment", lambda self: self.settings.environment(5432))
    return Cluster(settings)


def test_each_service_has_a_home_a_working_and_a_temporary_folder_of_its_own(cluster: Cluster) -> None:
    for variable in ("HOME", "TMPDIR", "AIRFLOW_HOME", machine.VARIABLE):
        values = [cluster.service_environment(name)[variable] for name in cluster.commands]
        assert len(set(values)) == len(values), variable
    assert len({cluster.service_folder(name) for name in cluster.commands}) == len(cluster.commands)


def test_a_worker_is_told_of_no_folder_but_its_own_and_the_code(cluster: Cluster) -> None:
    own, settings = cluster.settings.disk(WORKERS[0]), cluster.settings
    for name, value in cluster.service_environment(WORKERS[0]).items():
        if str(settings.state) in value and name != "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE":
            assert value.startswith(str(own)), name


def test_no_password_stands_in_a_command_line(cluster: Cluster) -> None:
    said = " ".join(part for command in cluster.commands.values() for part in command)
    assert cluster.settings.secret("redis") not in said
    assert cluster.settings.store_login.secret not in said


def test_a_worker_owns_the_name_of_its_machine(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = cluster.service_environment("worker-2")
    assert environment["AIRFLOW__CORE__HOSTNAME_CALLABLE"] == f"{machine.__name__}.{machine.name.__name__}"
    monkeypatch.setenv(machine.VARIABLE, environment[machine.VARIABLE])
    assert machine.name() == "worker-2"


def test_the_same_record_key_as_the_demo_or_the_hashes_could_not_be_equal(tmp_path: Path) -> None:
    ours = Settings.load({"SUKI_STATE": str(tmp_path / "ours")})
    other = ClusterSettings.load({"SUKI_STATE": str(tmp_path / "other")})
    other.share_secret("record_key", ours)
    assert ClusterSettings.load({"SUKI_STATE": str(tmp_path / "other")}).secret("record_key") == ours.secret("record_key")


def test_without_redis_one_sentence_says_how_to_get_it(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Problem, match=r"redis-server is missing.*apt-get install redis-server"):
        cluster.begin()


def test_a_smaller_world_has_a_history_and_two_days_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["local", "celery-check", "--people", "250", "--days", "5"])
    size, spans = celery_check._asked()
    assert size == ("--people", "250", "--days", "5")
    assert [(span.start.day, span.end.day) for span in spans] == [(1, 4), (4, 5), (5, 6)]
    assert spans[0].start == datetime(2026, 8, 1, tzinfo=UTC)


def test_a_world_without_a_history_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["local", "celery-check", "--days", "2"])
    with pytest.raises(Problem, match="DAYS must be at least 3"):
        celery_check._asked()
