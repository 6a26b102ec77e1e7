"""Processes by identity, so that only what was started here is ever ended.

A number alone is no identity: the system gives it to another process later. A process is its number together with the moment it
started, and everything Suki starts carries a mark in its environment that its children inherit.
"""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

MARK = "SUKI_INSTANCE"
_PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """One running process: its number and when it started (in the system's own words, only ever compared)."""

    pid: int
    started: str


def identify(pid: int) -> Process | None:
    """The process that has this number now, or None if there is none (a dead one nobody has collected yet is none)."""
    if _PROC.joinpath("self", "stat").exists():
        fields = _stat(pid)
        return None if fields is None or fields[0] in "ZX" else Process(pid, fields[19])
    answer = _ps("-o", "stat=,lstart=", "-p", str(pid))
    return None if not answer or answer.startswith("Z") else Process(pid, answer.split(None, 1)[1])


def alive(process: Process) -> bool:
    """Whether this very process still runs."""
    return identify(process.pid) == process


def command(pid: int) -> str:
    """The command line of a process; empty when it is gone or not ours to see."""
    if _PROC.joinpath("self", "stat").exists():
        try:
            return _PROC.joinpath(str(pid), "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            return ""
    return _ps("-o", "command=", "-p", str(pid))


def family(first: int) -> list[int]:
    """Every live process that descends from this one or is of its session, itself included."""
    if _PROC.joinpath("self", "stat").exists():
        stats = {int(p.name): _stat(int(p.name)) for p in _PROC.iterdir() if p.name.isdigit()}
        rows = [
            (pid, int(fields[1]), int(fields[3])) for pid, fields in stats.items() if fields is not None and fields[0] not in "ZX"
        ]
    else:  # the process group stands in for the session
        lines = (line.split() for line in _ps("-axo", "pid=,ppid=,pgid=,stat=").splitlines())
        rows = [(int(pid), int(parent), int(group)) for pid, parent, group, state in lines if not state.startswith("Z")]
    found: set[int] = set()
    while more := {pid for pid, parent, leader in rows if pid == first or {parent, leader} & (found | {first})} - found:
        found |= more
    return sorted(found)


def marked(instance: str) -> list[int]:
    """Live processes that carry this instance's mark, wherever they went (Linux only).

    One that gave itself a title, as Airflow's workers and tasks do, wrote it over its mark: those are found by ``family``.
    """
    mark = f"{MARK}={instance}".encode()
    found = []
    for folder in _PROC.iterdir() if _PROC.joinpath("self", "stat").exists() else ():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            environment = folder.joinpath("environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if mark in environment and identify(int(folder.name)) is not None:
            found.append(int(folder.name))
    return found


def working_in(folder: Path) -> list[int]:
    """Live processes whose working directory is this folder, as far as we may see (Linux only)."""
    found = []
    for process in _PROC.iterdir() if _PROC.joinpath("self", "stat").exists() else ():
        try:
            here = process.name.isdigit() and process.joinpath("cwd").readlink() == folder
        except OSError:
            continue
        if here and identify(int(process.name)) is not None:
            found.append(int(process.name))
    return found


def end(pids: list[int], *, signal_number: int = signal.SIGTERM, patience: float = 10.0) -> None:
    """End these processes: asked first, and after ``patience`` seconds made to. Returns when all are gone."""
    targets = [p for p in map(identify, pids) if p is not None]
    _send(targets, signal_number)
    deadline = time.monotonic() + patience
    while any(map(alive, targets)):
        if time.monotonic() > deadline:
            _send(targets, signal.SIGKILL)
            deadline += 10.0
        time.sleep(0.05)


def _send(targets: list[Process], signal_number: int) -> None:
    for process in targets:
        if alive(process):
            try:
                os.kill(process.pid, signal_number)
            except ProcessLookupError:
                continue


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the command's name, which may itself hold spaces and brackets."""
    try:
        text = _PROC.joinpath(str(pid), "stat").read_text(errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def _ps(*arguments: str) -> str:
    return subprocess.run(["ps", *arguments], capture_output=True, text=True, check=False).stdout.strip()
