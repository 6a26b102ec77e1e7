"""Airflow loads one file of the plugins folder, and a scheduler with local workers loads the heavy libraries ahead of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.integration


def in_airflow(tmp_path: Path, code: str, **settings: str) -> str:
    """What the code prints in a process with Suki's plugins folder."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    environment = {
        **inherited,
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(ROOT),
        **settings,
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_airflow_loads_the_entry_file_alone(tmp_path: Path) -> None:
    code = """
import sys
from airflow import plugins_manager
loaded = plugins_manager._get_plugins()
ours = sorted(p.name for p in loaded[0] if "suki" in str(p.source))
print(ours, loaded[1], sorted({"base", "gate", "window"} & set(sys.modules)))
"""
    assert in_airflow(tmp_path, code) == "['suki'] {} []"


START_JOB = """
import sys
from airflow.listeners.listener import get_listener_manager
{before}
class Job: pass
get_listener_manager().hook.on_starting(component=Job())
print("pandas" in sys.modules, "great_expectations" in sys.modules)
"""


@pytest.mark.parametrize(
    ("before", "executor", "loaded"),
    [
        ("import airflow.cli.commands.scheduler_command", "LocalExecutor", "True True"),
        ("import airflow.cli.commands.scheduler_command", "CeleryExecutor", "False False"),
        ("", "LocalExecutor", "False False"),
    ],
    ids=["a scheduler that forks its workers", "one whose workers are elsewhere", "another job"],
)
def test_only_a_scheduler_that_forks_its_workers_is_warmed(tmp_path: Path, before: str, executor: str, loaded: str) -> None:
    assert in_airflow(tmp_path, START_JOB.format(before=before), AIRFLOW__CORE__EXECUTOR=executor) == loaded


def test_a_celery_worker_is_warmed_before_its_pool_forks_and_starts_no_thread(tmp_path: Path) -> None:
    """What a worker's first process does on its way to the pool; with the store's libraries, for workers share no disk."""
    code = """
import os, sys
from airflow.providers.celery.executors.celery_executor import app
app.loader.init_worker()
print(len(os.listdir("/proc/self/task")), "great_expectations" in sys.modules, "s3fs" in sys.modules)
"""
    if not Path("/proc/self/task").exists():
        pytest.skip("threads are counted in /proc")
    warmed = {"AIRFLOW__CELERY__EXTRA_CELERY_CONFIG": '{"imports": ["suki.celery_worker"]}'}
    settings = Settings.load({"SUKI_STATE": str(tmp_path / "state")}).base_environment()
    assert in_airflow(tmp_path, code, **{**settings, **warmed}) == "1 True True"


def test_warming_starts_no_thread(tmp_path: Path) -> None:
    code = """
import os
from suki.listeners.warm_start import warm_start
import sys
warm_start()
print(len(os.listdir("/proc/self/task")), "great_expectations" in sys.modules)
"""
    if not Path("/proc/self/task").exists():
        pytest.skip("threads are counted in /proc")
    settings = Settings.load({"SUKI_STATE": str(tmp_path / "state")}).base_environment()
    assert in_airflow(tmp_path, code, **{**settings, "PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}"}) == "1 True"
