"""What raw fields look like from delivery to delivery, and how that changed: added, removed, renamed, retyped."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from include.sources import paths
from include.sources.declaration import Stream

Kind = Literal["added", "removed", "renamed", "retyped"]

LOOKED_AT = 1_000
"""Rows of a chunk whose values are looked at: what a field is shows in few."""

FEWEST = 20
"""Values below which nothing is said of a field's kind, and rows below which none of its absence."""

_ALIKE = 0.5
"""The share two distributions of kinds have in common: with less a field is another than it was. How alike two names are."""
_MOSTLY = 0.95
"""A nested field that so many rows had is one that every record has: an optional one may be absent for a day."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}( .*)?")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*")


class Shape:
    """Raw fields by the kinds of their values.

    Attributes:
        rows: Rows looked at.
        file: The first file they came from.
        fields: Field to kind of value to rows; ``empty`` is a kind.
    """

    def __init__(self, rows: int = 0, fields: Mapping[str, Mapping[str, int]] | None = None) -> None:
        self.rows, self.file = rows, ""
        self.fields = {name: Counter(kinds) for name, kinds in (fields or {}).items()}

    def see(self, file: str, values: Iterable[tuple[str, Any]]) -> None:
        """Look at one row."""
        self.rows, self.file = self.rows + 1, self.file or file
        # A list of many items is one field of the row: the first of them speaks for it.
        for name, kind in {name: _kind(value) for name, value in reversed(list(values))}.items():
            self.fields.setdefault(name, Counter())[kind] += 1

    def add(self, other: "Shape") -> None:
        """Take in what other rows showed."""
        self.rows, self.file = self.rows + other.rows, self.file or other.file
        for name, kinds in other.fields.items():
            self.fields.setdefault(name, Counter()).update(kinds)

    def share(self, name: str) -> float:
        """Share of the rows that have a field, filled or empty."""
        return sum(self.fields.get(name, Counter()).values()) / self.rows if self.rows else 0.0

    def filled(self, name: str) -> Counter[str]:
        """The kinds of a field's values, empty ones left out."""
        return Counter({kind: n for kind, n in self.fields.get(name, Counter()).items() if kind != "empty"})


@dataclass(frozen=True)
class Changed:
    """How a raw field differs from the deliveries before.

    Attributes:
        field: Its name now; of one that is gone, the name it had.
        change: What happened to it.
        was: Its kind before, of a renamed one its name.
        now: Its kind now.
        rows: Rows concerned.
        file: The first file.
        reaction: What is declared for such a change.
    """

    field: str
    change: Kind
    was: str | None
    now: str | None
    rows: int
    file: str
    reaction: str

    @property
    def sentence(self) -> str:
        """What a person would want to know of it."""
        where = f"{self.rows:,} rows, first in {self.file}"
        if self.change == "renamed":
            return f"field '{self.was}' is gone and '{self.field}' is new and like it ({where}): map it by `first_of` both names"
        if self.change == "removed":
            return f"field '{self.field}' is gone ({where}): what is mapped from it is empty"
        if self.change == "retyped":
            return f"field '{self.field}' was {self.was} and is {self.now} ({where})"
        return f"field '{self.field}' is new ({where}): it is kept raw; map it or ignore it by name in source.yml"


def changes(
    before: Shape, now: Shape, unknown: Mapping[str, tuple[int, str]], missing: Mapping[str, tuple[int, str]], stream: Stream
) -> list[Changed]:
    """How a delivery's fields differ from what is declared and from the deliveries before, by field.

    Args:
        before: What the deliveries before showed; without rows if there are none.
        now: What this one shows.
        unknown: Fields nobody declared, with rows and first file.
        missing: Mapped columns that are not there, with rows and first file.
        stream: The declaration.
    """
    reactions = stream.schema_changes
    gone = {name: at for name, at in missing.items() if not before.rows or name in before.fields}
    if not stream.flat and now.rows >= FEWEST:
        always = [name for name in before.fields if name not in unknown and before.share(name) >= _MOSTLY]
        gone |= {name: (now.rows, now.file) for name in always if before.rows >= FEWEST and name not in now.fields}
    found, renamed = list[Changed](), _renamed(before, now, gone, unknown)
    for name, (rows, file) in unknown.items():
        kind = _told(now.filled(name))
        if name in renamed:
            found.append(Changed(name, "renamed", renamed[name], kind, rows, file, reactions.renamed))
        else:
            found.append(Changed(name, "added", None, kind, rows, file, reactions.added))
    for name, (rows, file) in gone.items():
        if name not in renamed.values():
            found.append(Changed(name, "removed", _told(before.filled(name)), None, rows, file, reactions.removed))
    for name in before.fields.keys() & now.fields.keys() - unknown.keys():
        was, is_now = before.filled(name), now.filled(name)
        if min(was.total(), is_now.total()) >= FEWEST and _overlap(was, is_now) < _ALIKE:
            rows = now.fields[name].total()
            found.append(Changed(name, "retyped", _told(was), _told(is_now), rows, now.file, reactions.retyped))
    return sorted(found, key=lambda one: (one.field, one.change))


def _renamed(
    before: Shape, now: Shape, gone: Mapping[str, tuple[int, str]], unknown: Mapping[str, tuple[int, str]]
) -> dict[str, str]:
    """New name to old one: values of the same kinds, and a name like it, or no other that could be meant."""
    renamed: dict[str, str] = {}
    for old in gone:
        fit = [
            new for new in unknown
            if new not in renamed and new not in before.fields
            and _overlap(before.filled(old), now.filled(new)) >= _ALIKE and now.share(new) >= _ALIKE
        ]  # fmt: skip
        likeness = {new: SequenceMatcher(None, old.casefold(), new.casefold()).ratio() for new in fit}
        best = max(fit, key=likeness.__getitem__, default=None)
        if best and (likeness[best] >= _ALIKE or len(gone) == len(fit) == 1):
            renamed[best] = old
    return renamed


def _overlap(one: Counter[str], other: Counter[str]) -> float:
    """The share two distributions have in common."""
    totals = one.total(), other.total()
    if not all(totals):
        return 0.0
    return sum(min(one[kind] / totals[0], other[kind] / totals[1]) for kind in one)


def _told(kinds: Counter[str]) -> str | None:
    return kinds.most_common(1)[0][0] if kinds else None


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return _kind_of_text(value.strip())
    if paths.is_empty(value):
        return "empty"
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, int | float):
        return "number"
    return "list" if isinstance(value, list) else "record"


def _kind_of_text(text: str) -> str:
    if _NUMBER.fullmatch(text):
        return "number as text"
    if _DATE.fullmatch(text):
        return "date"
    return "text" if text else "empty"
