"""Why a value is not what the source wrote: every rule and flag of the cleaners in one class, with its meaning in plain words."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from include.declarations import read_yaml
from include.errors import DeclarationError

FILE = Path(__file__).with_name("reasons.yml")


DOUBTS = frozenset({"invalid", "ambiguous", "suspicious", "damaged", "placeholder"})
"""Classes of reasons that make a value doubtful."""


def doubtful_flags(fields: Iterable[str]) -> tuple[str, ...]:
    """Every flag, as ``field:flag``, that makes a value of these fields doubtful."""
    rules = [rule for rule, reason in _classes().items() if reason in DOUBTS]
    return tuple(f"{field}:{rule}" for field in fields for rule in rules)


def reason_of(rule: str) -> str | None:
    """The class a rule or flag stands in; None where nobody has written one down (a test asks for it)."""
    return _classes().get(rule)


@cache
def table() -> dict[str, Any]:
    """``classes`` (class > meaning) and ``rules`` (rule or flag > its class as ``reason`` and its meaning as ``says``)."""
    loaded: dict[str, Any] = read_yaml(FILE, "cleaning/reasons.yml")
    for rule, entry in loaded["rules"].items():
        if set(entry) != {"reason", "says"} or entry["reason"] not in loaded["classes"]:
            raise DeclarationError("cleaning/reasons.yml", f"rules.{rule}", "needs reason and says", loaded["classes"])
    return loaded


@cache
def _classes() -> dict[str, str]:
    return {rule: str(entry["reason"]) for rule, entry in table()["rules"].items()}
