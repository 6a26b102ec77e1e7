"""What `make status` tells: what runs, what ran last, and the one thing to do next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from local.problem import Problem
from local.services import COMMANDS, OUTDATED, Platform

_FINISHED = {"success", "failed"}


@dataclass(frozen=True)
class Overview:
    """One screen of the platform.

    Attributes:
        services: Service > how it is.
        runs: Dag > its newest run.
        well: Whether all services run and are well.
        next: What to do now.
    """

    services: list[tuple[str, str]]
    runs: list[tuple[str, str]]
    well: bool
    next: str


def look(platform: Platform) -> Overview:
    """Ask the processes and, where it answers, Airflow."""
    health = _health(platform)
    services = [_postgres(platform), *(_service(platform, name, health) for name in COMMANDS)]
    stopped = [name for name, how in services if how == "stopped"]
    well = not stopped and platform.healthy()
    runs, errors = _asked(platform) if well else ([], [])
    newest = _newest(runs)
    return Overview(
        services,
        [(dag, _told(run)) for dag, run in sorted(newest.items())],
        well,
        next_step(stopped, len(services), newest, errors, platform.settings.ui_url, well=well, outdated=platform.outdated()),
    )


def next_step(  # noqa: PLR0911  # a list of what may stand in the way, the first one first
    stopped: Sequence[str],
    services: int,
    newest: Mapping[str, Mapping[str, Any]],
    errors: Sequence[str],
    url: str,
    *,
    well: bool,
    outdated: bool,
) -> str:
    """The first thing that stands in the way, as a command or an address.

    Args:
        stopped: Services that do not run.
        services: How many there are.
        newest: Dag > its newest run.
        errors: Dag files that cannot be imported.
        url: The UI's address.
        well: Whether all services are well.
        outdated: Whether they were started from other code than lies here now.
    """
    if len(stopped) == services:
        return "make up starts everything; make demo fills it with a sample world as well"
    if stopped:
        return f"make up starts what is missing; make logs NAME={stopped[0]} shows why it stopped"
    if not well:
        return "wait a minute for Airflow to be well, then: bin/suki doctor"
    if outdated:
        return OUTDATED
    if errors:
        return f"mend {errors[0]}, which cannot be imported: bin/suki doctor --only dags"
    failed = [run for run in newest.values() if run["state"] == "failed"]
    if failed:
        run = failed[0]
        return f"see why it failed: {url}/dags/{run['dag_id']}/runs/{quote(run['dag_run_id'], safe='')} (docs/operations.md)"
    if not any(dag.startswith("ingest_") for dag in newest):
        return "make demo brings a sample world through it"
    return "nothing; bin/suki doctor looks deeper"


def _postgres(platform: Platform) -> tuple[str, str]:
    process = platform.postgres.running()
    if process is None:
        return "postgres", "stopped"
    return "postgres", f"running{_since(platform, 'postgres')}, process {process.pid}, port {platform.postgres.port}"


def _service(platform: Platform, name: str, health: Mapping[str, str | None]) -> tuple[str, str]:
    process = platform.registry.running(name)
    if process is None:
        return name, "stopped"
    said = health.get(name.replace("-", "_")) or ("healthy" if name == "api-server" and health else "not answering yet")
    port = f", port {platform.settings.ui_port}" if name == "api-server" else ""
    return name, f"running{_since(platform, name)}, process {process.pid}{port}, {said}"


def _since(platform: Platform, name: str) -> str:
    try:
        return f" since {platform.registry.since(name):%Y-%m-%d %H:%M} UTC"
    except OSError:  # it runs, and who started it was killed before it could note when
        return ""


def _health(platform: Platform) -> dict[str, str | None]:
    try:
        return platform.api.health()
    except (OSError, ValueError):
        return {}


def _asked(platform: Platform) -> tuple[list[dict[str, Any]], list[str]]:
    try:
        return platform.api.runs("~"), sorted(platform.api.import_errors())
    except (Problem, OSError, ValueError):  # it was well a moment ago
        return [], []


def _newest(runs: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The newest run of each Dag; they come newest first."""
    found: dict[str, dict[str, Any]] = {}
    for run in runs:
        found.setdefault(run["dag_id"], run)
    return found


def _told(run: Mapping[str, Any]) -> str:
    began, ended = _moment(run.get("start_date")), _moment(run.get("end_date"))
    if began is None:
        return f"{run['state']}  {run['dag_run_id']}"
    took = ((ended if ended and run["state"] in _FINISHED else datetime.now(UTC)) - began).total_seconds()
    return f"{run['state']:8} {began:%Y-%m-%d %H:%M} UTC, {took:.0f} s  {run['dag_run_id']}"


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
