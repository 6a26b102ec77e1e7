"""Make ``.venv`` hold exactly what the lock says; at once when it does already.

Runs on a bare Python 3.11, so it imports the standard library alone.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from local.problem import Problem

ROOT = Path(__file__).resolve().parent.parent
_NEEDED_GB = 2.5
_UNREACHABLE = ("failed to establish", "temporary failure", "name resolution", "dns error", "could not connect", "timed out",
                "network is unreachable", "connection refused", "error sending request",
                "no matching distribution found for uv")  # fmt: skip


def ensure(root: Path = ROOT) -> bool:
    """Make the environment unless it is whole; True if anything was done.

    The stamp is written last, so an environment without one is half made, and made again from nothing. One with an older lock's
    stamp is brought up to date.
    """
    venv, stamp, lock = root / ".venv", root / ".venv" / "suki-lock", root / "requirements.txt"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text().strip() == wanted and _works(venv):
        return False
    _require_space(root)
    if not (stamp.is_file() and _works(venv)):
        print("Making the environment in .venv: a minute or two, most of it download.", flush=True)
        shutil.rmtree(venv, ignore_errors=True)
        _run(sys.executable, "-m", "venv", str(venv))
    else:
        print("Bringing .venv up to the lock.", flush=True)
    stamp.unlink(missing_ok=True)
    _install(venv, lock)
    stamp.write_text(f"{wanted}\n")
    return True


def _install(venv: Path, lock: Path) -> None:
    python = str(venv / "bin" / "python")
    _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv")
    # Every Airflow task is a process: without compiled bytecode each compiles everything anew (17 s instead of 5 for one import).
    extra = {"UV_COMPILE_BYTECODE": "1", "UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": str(venv), **_pip_settings_for_uv(python)}
    _run(str(venv / "bin" / "uv"), "pip", "install", "--quiet", "--python", python, "-r", str(lock), extra=extra)


def _pip_settings_for_uv(python: str) -> dict[str, str]:
    """A mirror, wheel folder or certificate set for pip, that uv would not look at."""
    found = {}
    for option, variable in (("index-url", "UV_DEFAULT_INDEX"), ("find-links", "UV_FIND_LINKS"), ("cert", "SSL_CERT_FILE")):
        given = os.environ.get(f"PIP_{option.replace('-', '_').upper()}")
        if given is None:
            asked = [python, "-m", "pip", "config", "get", f"global.{option}"]
            done = subprocess.run(asked, capture_output=True, text=True, check=False)
            given = done.stdout.strip() if done.returncode == 0 else None
        if given and variable not in os.environ:
            found[variable] = given
    return found


def _works(venv: Path) -> bool:
    try:
        return subprocess.run([venv / "bin" / "python", "-c", ""], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _require_space(root: Path) -> None:
    free = shutil.disk_usage(root).free / 1e9
    if free < _NEEDED_GB:
        raise Problem(f"The disk of {root} has {free:.1f} GB free, and the environment with a demo needs {_NEEDED_GB} GB.")


def _run(*command: str, extra: dict[str, str] | None = None) -> None:
    inherited = {k: v for k, v in os.environ.items() if k not in {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH"}}
    done = subprocess.run(command, env={**inherited, **(extra or {})}, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    said = f"{done.stdout}\n{done.stderr}".strip()
    if "ensurepip" in said:
        raise Problem(
            "This Python 3.11 cannot make environments. Install its venv part (Debian: apt-get install python3.11-venv)."
        )
    if "No space left on device" in said:
        raise Problem(f"The disk became full while installing; {_NEEDED_GB} GB are needed. Free some and run the same again.")
    tail = "\n".join(f"    {line}" for line in said.splitlines()[-8:])
    if any(sign in said.lower() for sign in _UNREACHABLE):
        raise Problem(
            f"The package index cannot be reached; the first run needs a network. Run the same again with one. It said:\n{tail}"
        )
    raise Problem(f"The environment could not be made ({' '.join(map(os.path.basename, command[:4]))}):\n{tail}")


if __name__ == "__main__":
    try:
        ensure()
    except Problem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("Interrupted; the next make begins the environment again.")
