"""``suki``: finds the commands, finds the environment they work in, and turns what goes wrong into a sentence."""

import argparse
import importlib
import logging
import os
import pkgutil
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from include.errors import SukiError
from suki import commands

ROOT = Path(__file__).resolve().parents[2]


class NoPlatform(SukiError):
    """There is nothing here to act on: the sentence says how to get it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 0 well, 1 not well, 2 not understood."""
    given = list(sys.argv[1:] if argv is None else argv)
    arguments = parser().parse_args(given)
    try:
        settle(given, anywhere=getattr(arguments.module, "ANYWHERE", False))
        with quiet():
            code: int = arguments.module.run(arguments)
    except SukiError as problem:
        print(problem, file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return code


@contextmanager
def quiet() -> Iterator[None]:
    """What a command prints is the word: the libraries' own lines would stand between."""
    before, asked = logging.root.manager.disable, list(sys.warnoptions)
    logging.disable(logging.WARNING)
    sys.warnoptions.append("ignore")  # else Airflow, once it is imported, has its libraries' deprecations shown
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        sys.warnoptions[:] = asked
        logging.disable(before)


def parser() -> argparse.ArgumentParser:
    """Everything ``suki`` understands."""
    top = argparse.ArgumentParser(prog="suki", description="Ask Suki how it is, and what it knows.")
    found = top.add_subparsers(metavar="command", required=True)
    for module in modules():
        title, _, more = (module.__doc__ or "").strip().partition("\n")
        plain = title.replace("``", "")
        one = found.add_parser(
            module.__name__.rpartition(".")[2].replace("_", "-"),
            help=plain,
            description=f"{plain}\n{more}".rstrip().replace("``", ""),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        one.set_defaults(module=module)
        module.add_arguments(one)
    return top


def modules() -> list[ModuleType]:
    """Every command there is, by name."""
    names = sorted(found.name for found in pkgutil.iter_modules(commands.__path__))
    return [importlib.import_module(f"{commands.__name__}.{name}") for name in names]


def settle(argv: Sequence[str], *, anywhere: bool = False) -> None:
    """See to it that Airflow's settings are those of the platform meant; may go on as another process that has them.

    A deployment's own environment wins. Else it is the local platform of this clone, whose settings local/ knows.

    Args:
        argv: What to run again over there.
        anywhere: Whether the command makes sense without either.

    Raises:
        NoPlatform: There is neither.
    """
    if deployed():
        # Connections may lie in Airflow's database, as for a scheduler.
        os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")
        return
    if has_local_platform():
        command = [sys.executable, "-P", "-m", "local", "suki", *argv]  # of this clone, not of the one we are called in
        os.execve(command[0], command, {**os.environ, "PYTHONPATH": str(ROOT)})  # noqa: S606
    if not anywhere:
        raise NoPlatform(
            "There is no Suki here to ask: neither a deployment (AIRFLOW_HOME or AIRFLOW_CONN_SUKI_... are not set) nor a local "
            f"platform ({state()} was not made). Run it in a container of the deployment, or start a local platform with: make up"
        )


def deployed() -> bool:
    """Whether this environment is an Airflow's: a deployment's, or one that the local platform gave us."""
    return "AIRFLOW_HOME" in os.environ or any(name.startswith("AIRFLOW_CONN_SUKI_") for name in os.environ)


def has_local_platform() -> bool:
    """Whether this clone's own platform was ever made."""
    return ROOT.joinpath("local").is_dir() and state().joinpath("secrets.json").is_file()


def state() -> Path:
    """Where the local platform of this clone keeps its state."""
    return Path(os.environ.get("SUKI_STATE") or ROOT / ".suki").absolute()


if __name__ == "__main__":
    sys.exit(main())
