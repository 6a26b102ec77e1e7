"""Checks of Airflow's configuration: what Suki relies on, and its own section."""

import inspect
import os
from collections.abc import Callable
from pathlib import Path

from suki.doctor.finding import Finding, fail, ok, warn
from suki.doctor.machine import usable_cores
from suki.doctor.site import Site

_TESTED = "3.3."
_EXECUTORS = ("LocalExecutor", "CeleryExecutor")
_SLOTS_A_CORE = 4  # two are measured best; beyond four, tasks wait for cores and heartbeats come late


def airflow(site: Site) -> Finding:
    """The version the lock and the tests are made with."""
    from airflow import __version__

    if __version__.startswith(_TESTED):
        return ok(__version__)
    return warn(
        f"{__version__}, and Suki is tested with {_TESTED}x", "make environment" if site.clone else "docker compose build"
    )


def executor(_: Site) -> Finding:
    """Who runs the tasks."""
    named = setting("core", "executor")
    if named.rpartition(".")[2] in _EXECUTORS:
        return ok(named)
    return warn(f"{named} is not tested with Suki", f"AIRFLOW__CORE__EXECUTOR to {' or '.join(_EXECUTORS)}")


def parallelism(_: Site) -> Finding:
    """Tasks at once on this machine; with Celery each worker has its own number."""
    if "LocalExecutor" not in setting("core", "executor"):
        return ok(f"{setting('core', 'parallelism')} tasks at once over all workers; each worker has its own concurrency")
    at_once = min(int(setting("core", "parallelism")), int(setting("core", "default_pool_task_slot_count")))
    cores = usable_cores()
    says = f"{at_once} tasks at once on {cores} cores"
    if at_once <= _SLOTS_A_CORE * cores:
        return ok(says)
    return warn(f"{says}: each waits for the others, and heartbeats come late", f"AIRFLOW__CORE__PARALLELISM={2 * cores}")


def folders(site: Site) -> Finding:
    """Airflow must find the Dags, the plugin, and the core the two import."""
    dags, plugins = Path(setting("core", "dags_folder")), Path(setting("core", "plugins_folder"))
    if not dags.joinpath("ingest.py").is_file():
        return fail(f"{dags} holds no ingest.py, so there are no Dags", f"AIRFLOW__CORE__DAGS_FOLDER={site.root / 'dags'}")
    if not plugins.joinpath("suki_plugin.py").is_file():
        return fail(f"{plugins} holds no suki_plugin.py", f"AIRFLOW__CORE__PLUGINS_FOLDER={site.root / 'plugins'}")
    if not plugins.joinpath(".airflowignore").is_file():
        return fail(
            f"{plugins}/.airflowignore is missing: Airflow would run every file of the plugin by itself",
            "copy plugins/ whole, its dot files too",
        )
    given = [Path(path).resolve() for path in site.environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    if site.root not in given:
        return fail(f"PYTHONPATH lacks {site.root}, so the Dags cannot import `include`", f"PYTHONPATH={site.root}")
    return ok(f"Dags in {dags}, plugins in {plugins}")


def own_section(site: Site) -> Finding:
    """Each value of ``[suki]`` is what its key asks for, and no key is misspelt."""
    from airflow.configuration import conf

    from suki import settings

    for read in keys().values():
        read()  # a wrong one raises a sentence
    given = {name.removeprefix("AIRFLOW__SUKI__").lower() for name in site.environment if name.startswith("AIRFLOW__SUKI__")}
    given |= set(conf.getsection(settings.SECTION) or {})
    # A value may be fetched by a command or lie in a secrets backend.
    strangers = {key for key in given if key.removesuffix("_cmd").removesuffix("_secret") not in keys()}
    if strangers:
        return fail(f"[suki] has no key {', '.join(sorted(strangers))}", f"name one of: {', '.join(keys())}")
    return ok(f"{len(given)} of {len(keys())} keys set, all sound")


def time_zone(_: Site) -> Finding:
    """Sources deliver by UTC days; another zone shifts what the UI's forms and schedules mean."""
    zone = setting("core", "default_timezone")
    if zone.lower() == "utc":
        return ok("UTC")
    return warn(f"Airflow counts in {zone}, Suki's windows are UTC days", "AIRFLOW__CORE__DEFAULT_TIMEZONE=utc")


def keys() -> dict[str, Callable[[], object]]:
    """The keys of ``[suki]``, each with the function that reads it."""
    from suki import settings

    functions = inspect.getmembers(settings, inspect.isfunction)
    return {name: read for name, read in functions if read.__module__ == settings.__name__ and not name.startswith("_")}


def setting(section: str, key: str) -> str:
    """A value of Airflow's configuration."""
    from airflow.configuration import conf

    return str(conf.get(section, key))
