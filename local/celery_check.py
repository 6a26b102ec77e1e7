"""Proof without Docker: in production's shape Suki makes the same golden customers as ``make demo``.

The sample world goes through a cluster of Celery workers that share no disk (local/cluster.py), each resolve run is scored in
shards, and one worker is killed on the way. The golden content hash must be the demo's. The demo's is the one this clone's
``make demo`` has given, if it ran on this very code; else, or for a smaller world, the same windows run once more on a platform
like the demo's.
"""

import argparse
import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from local import processes
from local.cluster import SHARDS, STORE, WORKERS, Cluster, ClusterSettings
from local.demo import INGESTS, RESOLVE, WORLD, Span, begin_sample, golden_of, sync, wait_parsed
from local.object_store import EXPORTS, LAKE, LOGS
from local.problem import Problem
from local.services import Platform
from local.settings import Settings
from local.summary import content_hash

_KILL_PATIENCE = 120.0
_EMAIL = re.compile(rb"[\w.+'-]+@[\w.-]+\.\w+")
_PARQUET = b"PAR1"


@dataclass
class _Proof:
    """What was seen of the cluster while it worked and after."""

    tasks: Counter[str] = field(default_factory=Counter)
    """Tasks that succeeded, by machine."""
    shards: list[tuple[str, list[str]]] = field(default_factory=list)
    """Of each resolve run, which machine scored which shard."""
    killed: list[str] = field(default_factory=list)
    """Tasks that ran on the worker that was killed and were tried again."""
    objects: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Count and bytes of each bucket."""
    machines: int = 0
    files: int = 0
    """Files found on the disks of all machines."""
    row_data: list[Path] = field(default_factory=list)
    """Those of them that hold customers' data."""
    logs: dict[str, int] = field(default_factory=dict)
    """Lines of one task's log a worker, as the UI gets them from the store."""

    def failures(self) -> Iterator[str]:
        """What is not as it must be."""
        yield from (f"{worker} ran no task" for worker in WORKERS if not self.tasks[worker])
        yield from (f"the bucket {bucket} is empty" for bucket in (EXPORTS, LAKE, LOGS) if not self.objects[bucket][0])
        yield from (f"{file} holds customers' data" for file in self.row_data)
        yield from (f"no log of a task of {worker} comes from the store" for worker in WORKERS if not self.logs.get(worker))
        if not self.shards or any(len(scored) != SHARDS for _, scored in self.shards):
            yield f"a resolve run was not scored in {SHARDS} shards"
        if not self.killed:
            yield "no task was tried again after its worker was killed"

    def lines(self) -> Iterator[str]:
        """The same for people."""
        yield "tasks done: " + ", ".join(f"{self.tasks[worker]} by {worker}" for worker in WORKERS)
        yield from (f"{run_id}: {', '.join(scored)}" for run_id, scored in self.shards)
        yield f"{WORKERS[-1]} was killed; tried again elsewhere: {', '.join(self.killed) or 'nothing'}"
        for bucket, (count, size) in self.objects.items():
            yield f"s3://{bucket}: {count:,} objects, {size / 1e6:,.1f} MB"
        yield f"customers' data on the disks of {self.machines} machines: {len(self.row_data)} of {self.files} files"
        yield "logs read through the API from the store: " + ", ".join(f"{n} lines of {w}" for w, n in self.logs.items())


def celery_check(platform: Platform) -> None:
    """Run the sample in production's shape and compare; a difference is a Problem."""
    size, spans = _asked()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Told to stop."))  # by way of stopping what was started
    with platform.alone():
        for left in leftovers(platform):
            left.reset()
        expected, exports = _expected(platform, size, spans)
        with _lent(_cluster(platform)) as cluster:
            found, proof = _in_production_shape(cluster, exports, spans)
        for left in leftovers(platform):
            left.reset()
    print(f"\n  golden content hash, LocalExecutor and folders      {expected}")
    print(f"  golden content hash, two Celery workers and S3      {found}\n")
    print(*(f"  {line}" for line in proof.lines()), "", sep="\n")
    failures = [*proof.failures(), *(["the golden content hashes differ"] if found != expected else [])]
    if failures:
        raise Problem(f"Production's shape failed: {'; '.join(failures)}.")


def leftovers(platform: Platform) -> list[Platform]:
    """The platforms of a check that did not come to its end."""
    found: list[Platform] = []
    if (platform.settings.state / _CLUSTER).exists():
        found.append(_cluster(platform))
    if (platform.settings.state / _TWIN).exists():
        found.append(_twin(platform))
    return found


_CLUSTER, _TWIN = "celery-check", "celery-check-twin"


def _cluster(platform: Platform) -> Cluster:
    settings = ClusterSettings.load({"SUKI_STATE": str(platform.settings.state / _CLUSTER)})
    settings.share_secret("record_key", platform.settings)
    return Cluster(settings, platform.say)


def _twin(platform: Platform) -> Platform:
    """A platform like the demo's."""
    settings = Settings.load({"SUKI_STATE": str(platform.settings.state / _TWIN)})
    settings.share_secret("record_key", platform.settings)
    return Platform(settings, platform.say)


def _asked() -> tuple[tuple[str, ...], tuple[Span, ...]]:
    """Options of the sample's command, and the windows it is synced in: all but two days as history, then those two."""
    parser = argparse.ArgumentParser(prog="python -m local celery-check")
    parser.add_argument("--people", type=int, help="how many people, for a smaller world")
    parser.add_argument("--days", type=int, help="how many days of deliveries, at least 3")
    asked = parser.parse_args(sys.argv[2:])
    size = tuple(part for name, n in (("--people", asked.people), ("--days", asked.days)) if n for part in (name, str(n)))
    if not asked.days:
        return size, WORLD
    if asked.days < 3:
        raise Problem("DAYS must be at least 3: a history, and two days after it.")
    start, day = WORLD[0].start, timedelta(days=1)
    ends = [start + day * n for n in (asked.days - 2, asked.days - 1, asked.days)]
    return size, (Span("bulk", start, ends[0]), Span("day", ends[0], ends[1]), Span("day", ends[1], ends[2]))


def _expected(platform: Platform, size: tuple[str, ...], spans: tuple[Span, ...]) -> tuple[str, Path]:
    """The demo's hash, and where the exports lie that gave it."""
    known = platform.settings.remembered("demo") or {}
    if not size and known.get("of") == golden_of(platform.settings) and begin_sample(platform) is None:
        platform.say("make demo has run on this very code: its hash is taken")
        return str(known["hash"]), platform.settings.exports
    platform.say("The demo's windows run on LocalExecutor, with exports and lake in folders")
    twin = _twin(platform)
    with _lent(twin, keep=True):
        sample = begin_sample(twin, *size)
        twin.begin(beside=sample)
        found = _sync_all(twin, spans)
    return found, twin.settings.exports


def _sync_all(platform: Platform, spans: tuple[Span, ...]) -> str:
    wait_parsed(platform, {*INGESTS, RESOLVE})
    for span in spans:
        sync(platform, span)
    return _hash(platform)


def _hash(platform: Platform) -> str:
    found = content_hash(platform.settings.warehouse_url(platform.postgres.port))
    if found is None:
        raise Problem("No resolve run has published anything.")
    return found


@contextmanager
def _lent(platform: Platform, *, keep: bool = False) -> Iterator[Any]:
    """A platform that is stopped in any case, and removed unless something failed: then its logs are wanted."""
    try:
        yield platform
    except BaseException:
        platform.stop()
        raise
    if keep:
        platform.stop()
    else:
        platform.reset()


# --- the cluster at work ----------------------------------------------------------------------------------------------------


def _in_production_shape(cluster: Cluster, exports: Path, spans: tuple[Span, ...]) -> tuple[str, _Proof]:
    settings, proof = cluster.settings, _Proof()
    cluster.say("The same windows run on two Celery workers, with exports, lake and logs in a store")
    cluster.begin()
    sent = settings.store.upload(exports, EXPORTS, settings.store_login)
    cluster.say(f"{sent:,} files are delivered to s3://{EXPORTS}")
    _sync_all(cluster, spans[:-1])
    caught = _kill_a_worker(cluster, spans[-1])
    sync(cluster, spans[-1])
    found = _hash(cluster)

    tasks = _tasks(cluster)
    again = {_key(task) for task in tasks if task["state"] == "success" and task["try_number"] > 1}
    proof.killed = sorted(f"{dag_id}.{task_id}" for dag_id, run_id, task_id in caught & again)
    proof.shards = _shards(tasks)
    proof.tasks = Counter(task["hostname"] for task in tasks if task["state"] == "success")
    for bucket in (EXPORTS, LAKE, LOGS):
        sizes = [size for _, size in settings.store.objects(bucket, settings.store_login)]
        proof.objects[bucket] = len(sizes), sum(sizes)
    for worker in WORKERS:
        one = next((task for task in tasks if task["hostname"] == worker and task["operator"] != "QuietIngestSensor"), None)
        proof.logs[worker] = _log_lines(cluster, one) if one else 0
    proof.machines = len(cluster.commands) - 1  # the store is where row data belongs
    proof.files, proof.row_data = _row_data(cluster)
    return found, proof


def _kill_a_worker(cluster: Cluster, span: Span) -> set[tuple[str, str, str]]:
    """Begin the window, and end the last worker with all its tasks as if its machine lost power, while it has some.

    Returns:
        The tasks that ran on it.
    """
    for dag_id in INGESTS:
        cluster.api.trigger(dag_id, span.run_id, span.start, span.end)
    victim, deadline = WORKERS[-1], time.monotonic() + _KILL_PATIENCE
    while time.monotonic() < deadline:
        if not _running(cluster, victim):
            time.sleep(0.3)
            continue
        family = cluster.registry.family(victim)
        _signal(family, signal.SIGSTOP)  # what runs now cannot end before it is looked at
        caught = _running(cluster, victim)
        if caught:
            processes.end(family, signal_number=signal.SIGKILL)
            cluster.say(f"{victim} is killed while it runs {', '.join(f'{d}.{t}' for d, _, t in sorted(caught))}")
            return caught
        _signal(family, signal.SIGCONT)
    raise Problem(f"No task ran on {victim} within {_KILL_PATIENCE:.0f} s.")


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        if processes.identify(pid):
            os.kill(pid, number)


def _running(cluster: Cluster, worker: str) -> set[tuple[str, str, str]]:
    found = cluster.api.get("/dags/~/dagRuns/~/taskInstances?state=running&limit=100")["task_instances"]
    return {_key(task) for task in found if task["hostname"] == worker}


def _key(task: dict[str, Any]) -> tuple[str, str, str]:
    """Its Dag, its run and its name."""
    return task["dag_id"], task["dag_run_id"], task["task_id"]


def _tasks(cluster: Cluster) -> list[dict[str, Any]]:
    """Every task instance there is."""
    found: list[dict[str, Any]] = []
    while True:
        page = cluster.api.get(f"/dags/~/dagRuns/~/taskInstances?limit=100&offset={len(found)}&order_by=id")["task_instances"]
        if not page:
            return found
        found += page


def _shards(tasks: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """Which machine scored which shard, run by run in their order."""
    runs: dict[str, list[str]] = {}
    for task in sorted(tasks, key=lambda task: (task["run_after"], task["map_index"])):
        if (task["dag_id"], task["task_id"], task["state"]) == (RESOLVE, "score", "success"):
            runs.setdefault(task["dag_run_id"], []).append(f"{task['rendered_map_index']} by {task['hostname']}")
    return list(runs.items())


def _log_lines(cluster: Cluster, task: dict[str, Any]) -> int:
    """Lines the API gives of a task's log, if it says that they come from the store."""
    lines = cluster.api.log(*_key(task), task["try_number"], task["map_index"])
    from_store = any(str(line.get("event")).startswith(f"s3://{LOGS}/") for line in lines)
    return len(lines) if from_store else 0


def _row_data(cluster: Cluster) -> tuple[int, list[Path]]:
    """How many files there are on all disks but the store's and PostgreSQL's, and those that hold customers' data.

    That is: a Parquet file, a file with an export's name, or one with the e-mail address of a customer in it.
    """
    settings = cluster.settings
    with psycopg.connect(settings.warehouse_url(cluster.postgres.port), connect_timeout=10) as connection:
        emails = {row[0].encode() for row in connection.execute("SELECT DISTINCT unnest(emails) FROM golden.customer")}
    names = {key.rpartition("/")[2] for key, _ in settings.store.objects(EXPORTS, settings.store_login)}
    elsewhere = (settings.disk(STORE), settings.postgres_home())
    files = [
        file for file in settings.state.rglob("*")
        if file.is_file() and not file.is_symlink() and not any(file.is_relative_to(other) for other in elsewhere)
    ]  # fmt: skip
    found = []
    for file in files:
        content = file.read_bytes()
        if content.startswith(_PARQUET) or file.name in names or emails & set(_EMAIL.findall(content)):
            found.append(file)
    return len(files), found
