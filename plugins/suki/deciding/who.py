"""Who decides, and why: asked of every command that changes who is who, or what becomes of a row."""

import argparse
import getpass
import sys

from include.errors import SukiError

_ASK = "-"
_SHARED = frozenset({"root", "airflow", "default", "nobody", "postgres", "ubuntu", "admin"})
"""Names of accounts behind which anybody may sit: a decision by one of them is nobody's."""


class NobodyDecides(SukiError):
    """There is no name to put under a decision."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two questions."""
    parser.add_argument(
        "--reason", required=True, help="why, in your words; they are kept for good; - asks, so that it stands in no history"
    )
    add_actor(parser)


def add_actor(parser: argparse.ArgumentParser) -> None:
    """The question who, alone."""
    parser.add_argument("--actor", help="who decides; default the user of this machine, unless it is an account many share")


def said(arguments: argparse.Namespace) -> dict[str, str]:
    """``actor`` and ``reason``.

    Raises:
        NobodyDecides: No name was given, and the machine knows none of one person.
    """
    return {"actor": actor(arguments), "reason": _asked("Reason: ") if arguments.reason == _ASK else arguments.reason}


def actor(arguments: argparse.Namespace) -> str:
    """Who decides.

    Raises:
        NobodyDecides: The name given is empty, or none was given and the machine knows none of one person.
    """
    if arguments.actor is not None:
        if not arguments.actor.strip():
            raise NobodyDecides("--actor must say something.")
        return str(arguments.actor)
    name = user()
    if not name or name in _SHARED or name.isdigit():
        known = f"This machine knows you as {name}, and so it may anybody" if name else "This machine knows you by no name"
        raise NobodyDecides(f"{known}. Say who decides: --actor NAME")
    return name


def user() -> str:
    """The name this machine knows the user by; empty where it knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number that has no name
        return ""


def _asked(prompt: str) -> str:
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()
