"""The compose files as a team would check them: by docker-compose itself, and by the rules a production file keeps."""

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.integration.deploy.deployment import COMPOSE, ROOT, made_env, services

AIRFLOW = ("init", "api-server", "scheduler", "dag-processor", "triggerer", "worker")
ONCE = ("init", "buckets")
"""They end, so their end is their health."""

EXPORTS = ROOT / "docker-compose.exports-folder.yaml"
SECRET = re.compile(r"\w*(?:PASSWORD|SECRET|KEY)\w*")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compose files and a new .env beside them."""
    folder = tmp_path_factory.mktemp("project")
    made_env(folder)
    for file in (COMPOSE, EXPORTS):
        shutil.copy(file, folder)
    return folder


def config(project: Path, *files: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """What docker-compose says of these files."""
    program = shutil.which("docker-compose")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("docker-compose is not installed, and in CI the compose files are checked by it")
        pytest.skip("docker-compose is not installed (Debian: apt-get install docker-compose)")
    named = [part for file in files for part in ("--file", file.name)]
    clean = {"PATH": os.environ["PATH"], "HOME": str(project), **variables}
    return subprocess.run(
        [program, *named, "config", "--quiet"], cwd=project, env=clean, capture_output=True, text=True, check=False
    )


def test_docker_compose_accepts_the_file_with_a_new_env(project):
    done = config(project, COMPOSE)
    assert done.returncode == 0, done.stderr


def test_docker_compose_accepts_exports_from_a_folder(project):
    missing = config(project, COMPOSE, EXPORTS)
    assert missing.returncode != 0
    assert "SUKI_EXPORTS_FOLDER is missing, set it to the folder your sources deliver to" in missing.stderr
    done = config(project, COMPOSE, EXPORTS, SUKI_EXPORTS_FOLDER="/srv/exports")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("variable", ["SUKI_RECORD_KEY", "SUKI_S3_SECRET", "SUKI_UI_HOST", "SUKI_REDIS_PASSWORD"])
def test_a_missing_variable_is_named(project, variable):
    done = config(project, COMPOSE, **{variable: ""})
    assert done.returncode != 0
    assert f"{variable} is missing" in done.stderr


def test_every_variable_without_default_says_what_to_do(project):
    required = {}
    for file in (COMPOSE, EXPORTS):
        for name, kind, message in re.findall(r"\$\{(\w+)(?::([-?])([^}]*))?\}", file.read_text()):
            assert kind, f"{name} in {file.name} is neither required nor has it a default"
            if kind == "?":
                assert message.startswith(f"{name} is missing, "), message
                required[name] = message
    written = (project / ".env").read_text()
    for name, message in required.items():
        if "make-env.sh" in message:
            assert re.search(rf"^{name}=\S+$", written, re.MULTILINE), f"make-env.sh does not write {name}"


def test_no_secret_has_a_default():
    for file in (COMPOSE, EXPORTS):
        defaults = re.findall(r"\$\{(\w+):-([^}]+)\}", file.read_text())
        assert [name for name, default in defaults if SECRET.fullmatch(name) and default] == []


@pytest.mark.parametrize("name", services())
def test_every_service_is_limited_watched_and_confined(name):
    service = services()[name]
    assert {"mem_limit", "cpus", "pids_limit"} <= service.keys()
    assert service["init"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert service["restart"] == ("no" if name in ONCE else "unless-stopped")
    if name not in ONCE:
        assert service["healthcheck"]["test"]
        assert service["healthcheck"]["interval"]
    if name != "postgres":  # its image begins as root and steps down by itself
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"]


@pytest.mark.parametrize("name", services())
def test_images_are_pinned_to_a_version(name):
    image = services()[name]["image"]
    assert image == "${SUKI_IMAGE:-suki:latest}" or re.search(r":\d+\.\d+", image), image


def test_the_image_is_built_on_one_python():
    assert re.search(r"^FROM python:3\.11\.\d+-slim-\w+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_what_the_image_copies_is_there_and_not_ignored():
    copied = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    sources = [Path(source) for line in copied for source in line.split()]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert [source for source in sources if not any(source.match(pattern) for pattern in kept)] == []


def test_all_airflow_services_share_one_environment():
    shared = services()["scheduler"]["environment"]
    for name in AIRFLOW:
        own = services()[name]["environment"].items() - shared.items()
        assert shared.items() <= services()[name]["environment"].items()
        assert services()[name]["env_file"] == "deploy/settings.env"
        assert {key for key, _ in own} == (
            {"SUKI_ADMIN_USER", "SUKI_ADMIN_EMAIL", "SUKI_ADMIN_PASSWORD"} if name == "init" else set()
        )


def test_exports_from_a_folder_are_the_same_everywhere_and_read_only():
    override = yaml.safe_load(EXPORTS.read_text())["services"]
    assert set(override) == set(AIRFLOW)
    assert len({tuple(service["environment"].items()) for service in override.values()}) == 1
    assert [name for name, service in override.items() if "volumes" in service] == ["worker"]
    assert override["worker"]["volumes"][0].endswith(":/data/exports:ro")


def test_containers_share_no_disk():
    of_volume: dict[str, list[str]] = {}
    for name, service in services().items():
        for volume in service.get("volumes", []):
            source, _, target = volume.partition(":")
            if target and not target.endswith(":ro"):
                of_volume.setdefault(source, []).append(name)
    assert all(len(users) == 1 for users in of_volume.values()), of_volume


def test_workers_can_be_many():
    worker = services()["worker"]
    assert not {"container_name", "hostname", "ports"} & worker.keys()
    assert worker["stop_grace_period"] == "15m"


def test_only_the_proxy_is_reached_from_outside():
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert set(published) == {"proxy", "api-server", "objects"}
    assert all(port.startswith("127.0.0.1:") for name in ("api-server", "objects") for port in published[name])


def test_a_new_env_is_private_and_never_overwritten(project):
    file = project / ".env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_text()
    again = subprocess.run(
        [project / "deploy" / "make-env.sh", "suki.example.com", "ops@example.com"], capture_output=True, text=True, check=False
    )
    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert file.read_text() == before


def test_two_envs_share_no_secret(project, tmp_path):
    one, other = (
        re.findall(r"^\w+=([\w=-]{20,})$", text, re.MULTILINE)
        for text in ((project / ".env").read_text(), "\n".join(f"{k}={v}" for k, v in made_env(tmp_path).items()))
    )
    assert len(one) >= 11
    assert not set(one) & set(other)


@pytest.mark.parametrize(
    "arguments", [(), ("suki.example.com",), ("suki example", "a@example.com"), ("suki.example.com", "nobody")]
)
def test_a_wrong_call_of_make_env_says_what_is_wanted_and_writes_nothing(tmp_path, arguments):
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    done = subprocess.run([tmp_path / "deploy" / "make-env.sh", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "HOST" in done.stderr or "EMAIL" in done.stderr
    assert not (tmp_path / ".env").exists()
