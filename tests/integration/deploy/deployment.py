"""docker-compose.yaml as data, its variables filled in from the .env that deploy/make-env.sh writes."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
COMPOSE = ROOT / "docker-compose.yaml"
_VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::([-?])([^}]*))?\}")


def made_env(folder: Path) -> dict[str, str]:
    """What deploy/make-env.sh writes, in a copy of the project's shape under ``folder``."""
    shutil.copytree(ROOT / "deploy", folder / "deploy", dirs_exist_ok=True)
    subprocess.run(
        [folder / "deploy" / "make-env.sh", "suki.example.com", "ops@example.com"],
        check=True,
        capture_output=True,
    )
    return read_env(folder / ".env")


def read_env(file: Path) -> dict[str, str]:
    lines = (line for line in file.read_text().splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def services(file: Path = COMPOSE) -> dict[str, dict[str, Any]]:
    """The services as they stand, variables and all."""
    return yaml.safe_load(file.read_text())["services"]


def environment(service: str, variables: dict[str, str]) -> dict[str, str]:
    """What a container of this service is given: the env_file, then the environment, as compose fills it in."""
    declared = services()[service]
    from_file = read_env(ROOT / declared["env_file"]) if declared.get("env_file") else {}
    return from_file | {name: _fill(value, variables) for name, value in declared["environment"].items()}


def _fill(text: str, variables: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        given = variables.get(name, "")
        assert given or kind == "-", f"{name} is missing"
        return given or rest

    return _VARIABLE.sub(value, text).replace("$$", "$")


def process_environment(service: str, variables: dict[str, str], home: Path, path: Path) -> dict[str, str]:
    """The service's environment, and what the image adds to it, for a process on this machine."""
    clean = {n: v for n, v in os.environ.items() if not n.startswith(("AIRFLOW", "PG", "SUKI_"))}
    return clean | environment(service, variables) | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}",
        "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }  # fmt: skip
