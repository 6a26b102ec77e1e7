"""A score in words: every comparison's level and weight, adding up to what was stored."""

import json
from typing import Any


def explain(evidence: str | dict[str, list[Any]]) -> list[str]:
    """Lines of an edge's evidence, the prior first, then what speaks loudest; the last line is the sum.

    Comparisons, levels and numbers only: no line holds a customer's value.
    """
    said: dict[str, list[Any]] = json.loads(evidence) if isinstance(evidence, str) else evidence
    prior = [(name, *entry) for name, entry in said.items() if name == "prior"]
    rest = sorted(((name, *entry) for name, entry in said.items() if name != "prior"), key=lambda line: (-abs(line[2]), line[0]))
    lines = [
        f"{name}: {level} ({weight:+.1f})" for name, level, weight in [*prior, *rest] if name == "prior" or abs(weight) >= 0.05
    ]
    return [*lines, f"together {total(said):+.1f}"]


def total(evidence: str | dict[str, list[Any]]) -> float:
    """The sum of an edge's evidence: its weight, log2 odds."""
    said: dict[str, list[Any]] = json.loads(evidence) if isinstance(evidence, str) else evidence
    return float(sum(weight for _, weight in said.values()))
