"""How a declaration points into a raw record: ``customer.id``, ``tags[]``, ``identities[type=email].value``.

A flat record (a CSV row) has column names instead; there a path is the whole name, so a name may hold dots and brackets.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_STEP = re.compile(r"^(?P<name>[^\[\]]+)(?P<list>\[(?:(?P<key>[^=\[\]]+)=(?P<value>[^\[\]]*))?\])?$")
_DOT = re.compile(r"(?<!\\)\.")


@dataclass(frozen=True)
class Step:
    """One step down: into a member, or into every item of a list, or into the items whose member has a value."""

    name: str
    each: bool = False
    where: tuple[str, str] | None = None


@lru_cache(maxsize=2048)
def parse(path: str, flat: bool) -> tuple[Step, ...]:
    """Steps of a path.

    Raises:
        ValueError: The path is malformed; the message says what a path looks like.
    """
    if flat:
        return (Step(path),)
    steps = []
    for part in _DOT.split(path):
        found = _STEP.match(part)
        if not found:
            raise ValueError(f"'{path}' is no path; write a.b, list[].b or list[type=email].b")
        where = (found["key"], found["value"]) if found["key"] else None
        steps.append(Step(found["name"].replace(r"\.", "."), each=bool(found["list"]), where=where))
    return tuple(steps)


def find(raw: Any, steps: tuple[Step, ...]) -> list[Any]:
    """Every value the path leads to, in the record's order; none where a member is absent."""
    nodes = [raw]
    for step in steps:
        below: list[Any] = []
        for node in nodes:
            if not isinstance(node, dict) or step.name not in node:
                continue
            child = node[step.name]
            if not step.each:
                below.append(child)
            elif isinstance(child, list):
                below.extend(item for item in child if step.where is None or _has(item, *step.where))
        nodes = below
    return nodes


def first(document: Any, path: str) -> Any:
    """The first value a path leads to in a nested document; None where there is none."""
    return next(iter(find(document, parse(path, flat=False))), None)


def leaves(node: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """A nested record's outermost values, each by its name as ``a.b[].c``."""
    if isinstance(node, dict) and node:
        for name, child in node.items():
            escaped = name.replace(".", r"\.")
            yield from leaves(child, f"{at}.{escaped}" if at else escaped)
    elif isinstance(node, list) and node:
        for item in node:
            yield from leaves(item, f"{at}[]")
    elif at:
        yield at, node


def is_empty(value: Any) -> bool:
    """Whether a value is nothing."""
    return value is None or value in ("", [], {})


def shape(steps: tuple[Step, ...]) -> tuple[list[str], str]:
    """The leaf names a path accounts for: those its filters look at, and its own end."""
    looked_at, at = [], ""
    for step in steps:
        name = step.name.replace(".", r"\.")
        at = f"{at}.{name}" if at else name
        if step.each:
            at += "[]"
        if step.where:
            looked_at.append(f"{at}.{step.where[0]}")
    return looked_at, at


def is_under(leaf: str, parent: str) -> bool:
    """Whether a leaf is the parent or lies below it."""
    return leaf == parent or leaf.startswith((parent + ".", parent + "["))


def _has(item: Any, key: str, value: str) -> bool:
    return isinstance(item, dict) and key in item and str(item[key]) == value
