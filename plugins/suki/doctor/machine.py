"""Checks of the machine and of what is installed on it. They need the standard library alone, so nothing broken hides them."""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path

from suki.doctor.finding import Finding, fail, ok, warn
from suki.doctor.site import Site

_GB = 1e9
_MEMORY_GB, _MEMORY_GB_ENOUGH = 3.0, 6.0  # Airflow's services take 2 GB, a resolve of a million records as much again
_CONTAINER_GB = 0.9  # of a container that is limited to one service, the smallest
_DISK_GB, _DISK_GB_ENOUGH = 1.0, 10.0
_CORES_ENOUGH = 2
_CPU_LIMIT, _MEMORY_LIMIT = "/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/memory.max"
_HEAVY = ("airflow", "great_expectations", "pandas", "recordlinkage", "scipy", "sqlalchemy")
_MISSING_SHARE = 0.1  # a package may hold templates that are no modules


def python(site: Site) -> Finding:
    """The lock is compiled for one version."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] == (3, 11):
        return ok(version)
    return fail(
        f"{version}, and Suki is locked for 3.11",
        "make environment PYTHON=/path/to/python3.11" if site.clone else "build the image from the Dockerfile",
    )


def packages(site: Site) -> Finding:
    """Only the versions of the lock were tested together."""
    files = [site.root / "requirements.txt", site.root / "requirements-image.txt"]
    lock = next((file for file in files if file.is_file()), None)
    mend = "make environment" if site.clone else "build the image anew: docker compose build"
    if lock is None:
        return fail("no lock lies beside Suki: requirements-image.txt is missing", "COPY requirements-image.txt into the image")
    wanted = dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))
    found = {_plain(one.name): one.version for one in metadata.distributions() if one.name}
    missing = sorted(name for name in wanted if _plain(name) not in found)
    other = sorted(f"{n} {found[_plain(n)]} instead of {v}" for n, v in wanted.items() if found.get(_plain(n), v) != v)
    if missing:
        return fail(f"{len(missing)} of {len(wanted)} packages of {lock.name} are missing: {_few(missing)}", mend)
    if other:
        return warn(f"{len(other)} of {len(wanted)} packages are not those of {lock.name}: {_few(other)}", mend)
    return ok(f"{len(wanted)} as in {lock.name}")


def bytecode(site: Site) -> Finding:
    """Each task is a process: without compiled bytecode each compiles the heavy libraries anew."""
    if site.environment.get("PYTHONDONTWRITEBYTECODE"):
        return warn(
            "PYTHONDONTWRITEBYTECODE is set: every task compiles what it imports anew, seconds each time",
            "unset PYTHONDONTWRITEBYTECODE for every service",
        )
    bare = [name for name in _HEAVY if (folder := _folder(name)) is not None and _uncompiled(folder) > _MISSING_SHARE]
    if bare:
        return warn(f"not compiled: {_few(bare)}; tasks pay for it in seconds", f"{sys.executable} -m compileall -q {sys.prefix}")
    return ok("compiled")


def cores(_: Site) -> Finding:
    """Everything runs on two; on one, Airflow's heartbeats come late."""
    count = usable_cores()
    if count >= _CORES_ENOUGH or _words(_CPU_LIMIT)[:1] not in ([], ["max"]):
        return ok(f"{count}")  # a container may hold a single service
    return warn(f"{count}: Airflow's services alone keep one busy", "give the machine or the container 2 cores or more")


def memory(_: Site) -> Finding:
    """A task killed for want of memory leaves no word in its log."""
    limit = _words(_MEMORY_LIMIT)
    if limit and limit[0].isdigit():
        share = int(limit[0]) / _GB
        says = f"{share:.1f} GB for this container"
        return ok(says) if share >= _CONTAINER_GB else warn(says, "raise the container's limit (docs/deployment.md, Variables)")
    total = _memory_bytes() / _GB
    if not total:
        return ok("unknown on this system")
    if total < _MEMORY_GB:
        return fail(f"{total:.1f} GB, and Airflow with one task needs {_MEMORY_GB:.0f} GB", f"give it {_MEMORY_GB_ENOUGH:.0f} GB")
    if total < _MEMORY_GB_ENOUGH:
        return warn(f"{total:.1f} GB: enough for a small history", f"give it {_MEMORY_GB_ENOUGH:.0f} GB or more")
    return ok(f"{total:.1f} GB")


def disk(site: Site) -> Finding:
    """A full disk stops everything at once; a scheduler that cannot write its log says nothing."""
    where = Path(site.environment.get("AIRFLOW_HOME") or site.root)
    where = next(folder for folder in (where, *where.parents) if folder.exists())
    free = shutil.disk_usage(where).free / _GB
    says = f"{free:.1f} GB free for {where}"
    mend = "remove old task logs (docs/operations.md, The disk or the warehouse is full)"
    if free < _DISK_GB:
        return fail(says, mend)
    return warn(says, mend) if free < _DISK_GB_ENOUGH else ok(says)


def usable_cores() -> int:
    """Cores this process may use: what the system gives it, or what its container is limited to."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _words(_CPU_LIMIT)
    if len(quota) == 2 and quota[0].isdigit():
        count = min(count, max(1, int(quota[0]) // int(quota[1])))
    return count


def _memory_bytes() -> float:
    meminfo = {words[0]: int(words[1]) * 1024 for line in _lines("/proc/meminfo") if len(words := line.split()) >= 2}
    return meminfo.get("MemTotal:", 0)


def _uncompiled(folder: Path) -> float:
    """Share of a package's modules without bytecode."""
    sources = list(folder.rglob("*.py"))
    bare = [file for file in sources if not Path(util.cache_from_source(str(file))).exists()]
    return len(bare) / max(len(sources), 1)


def _folder(package: str) -> Path | None:
    spec = util.find_spec(package)  # found, not imported
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def _lines(file: str) -> Iterator[str]:
    try:
        yield from Path(file).read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return


def _words(file: str) -> list[str]:
    return next(_lines(file), "").split()


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _few(names: list[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
