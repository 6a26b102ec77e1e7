"""The platform's verbs: ``python -m local up|down|status|logs|reset|psql|suki|...``. The Makefile says what each does."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable

from include.sources import discover
from local import overview
from local.backfill import Request, backfill
from local.celery_check import celery_check, leftovers
from local.demo import demo
from local.postgres import last_trouble, program
from local.problem import Problem
from local.progress import Progress
from local.services import COMMANDS, Platform
from local.settings import Settings


def up(platform: Platform) -> None:
    """Start what does not run, and say where it is."""
    with platform.alone():
        platform.begin()
    show_address(platform)


def down(platform: Platform) -> None:
    """Stop everything."""
    with platform.alone():
        for left in leftovers(platform):
            left.stop()
        platform.stop()
    print("Everything is stopped.")


def status(platform: Platform) -> None:
    """What runs, what ran last, and what to do next: one screen."""
    found = overview.look(platform)
    for name, how in found.services:
        print(f"{name:14} {how}")
    if found.well:
        show_address(platform)
    for dag, how in found.runs:
        print(f"{dag:22} {how}")
    print(f"Next: {found.next}")


def logs(platform: Platform) -> None:
    """What every log says last that is no routine, or all of one as it grows."""
    chosen = sys.argv[2:3]
    if chosen:
        file = platform.postgres.log if chosen == ["postgres"] else platform.settings.logs / f"{chosen[0]}.log"
        if not file.exists():
            raise Problem(f"There is no log of {chosen[0]!r}. Valid: {', '.join(('postgres', *COMMANDS))}.")
        subprocess.call(["tail", "-n", "100", "-F", str(file)])
        return
    for file in (platform.postgres.log, *sorted(platform.settings.logs.glob("*.log"))):
        print(f"{file}\n{last_trouble(file)}\n")
    print(f"Logs of tasks: {platform.settings.task_logs}")


def reset(platform: Platform) -> None:
    """Stop and remove everything."""
    with platform.alone():
        for left in leftovers(platform):
            left.reset()
        platform.reset()
    print("Everything is stopped and removed.")


def psql(platform: Platform) -> None:
    """The warehouse in PostgreSQL's own shell."""
    if platform.postgres.running() is None:
        raise Problem("PostgreSQL is not running. Run: make up")
    password = platform.settings.secret("suki_app")
    address = f"host=127.0.0.1 port={platform.postgres.port} user=suki_app dbname=warehouse"
    sys.exit(subprocess.call([program("psql"), address, *sys.argv[2:]], env={**os.environ, "PGPASSWORD": password}))


def suki(platform: Platform) -> None:
    """A command of ``suki`` with this platform's environment; ``bin/suki`` comes here by itself."""
    command = platform.settings.root / "bin" / "suki"
    os.execve(command, [str(command), *sys.argv[2:]], platform.environment())  # noqa: S606


def airflow(platform: Platform) -> None:
    """Airflow's own command, with the settings every service here has."""
    if platform.postgres.running() is None:
        raise Problem("PostgreSQL is not running, and there Airflow keeps what it knows. Run: make up")
    program = platform.settings.python.parent / "airflow"
    sys.exit(subprocess.call([program, *sys.argv[2:]], env=platform.environment(), cwd=platform.settings.root))


def past_days(platform: Platform) -> None:
    """Days that passed, by Airflow's own backfill."""
    if not backfill(platform, Request.parse(sys.argv[2:], discover())):
        sys.exit(1)


def show_address(platform: Platform) -> None:
    """Where the UI is, and who may log in."""
    print(f"Airflow: {platform.settings.ui_url}  user admin (or steward, viewer), passwords in {platform.settings.passwords}")


VERBS: dict[str, Callable[[Platform], None]] = {
    "up": up, "down": down, "status": status, "logs": logs, "reset": reset, "psql": psql,
    "suki": suki, "airflow": airflow, "backfill": past_days, "demo": demo, "celery-check": celery_check,
}  # fmt: skip


def main() -> int:
    """Run one verb; what stands in its way is said in a sentence."""
    if len(sys.argv) < 2 or sys.argv[1] not in VERBS:
        print(f"Usage: python -m local {'|'.join(VERBS)}", file=sys.stderr)
        return 2
    try:
        VERBS[sys.argv[1]](Platform(Settings.load(), Progress()))
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read us, `head` for one, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("\nInterrupted. What was started still runs; `make down` stops it.", file=sys.stderr)
        return 130
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print(
            "\nThe disk is full. Free some space and run the same again; `make reset` removes all that Suki wrote.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
