"""Replay from landing: a window's rows as they landed, again, by today's declaration, rules and cleaners.

A run is asked for it by its parameters, by hand or by a backfill: ``{"from_landing": true}``; with ``"preview": true`` it only
says what would change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from include.errors import DeclarationError


@dataclass(frozen=True)
class Mode:
    """How a run takes its rows.

    Attributes:
        from_landing: From what landed, and not from the source.
        preview: Only to say what would change.
    """

    from_landing: bool = False
    preview: bool = False


def mode_of(context: Mapping[str, Any]) -> Mode:
    """What the run's parameters ask for.

    Raises:
        DeclarationError: A preview of what the source has now: that is not known before it is read.
    """
    params = context.get("params") or {}
    mode = Mode(bool(params.get("from_landing")), bool(params.get("preview")))
    if mode.preview and not mode.from_landing:
        raise DeclarationError(
            "run parameters", "preview", "goes with from_landing: only of what landed can it be said", ["false"]
        )
    return mode


FIRST = 20
"""Records named of each difference: enough to look at, few enough for a page."""


@dataclass
class Difference:
    """What running rows of a stream again changes; names, counts and opaque ids.

    Attributes:
        rows: Rows that passed all gates.
        changed: Of those, read otherwise than they are staged.
        unheard: Of those, words the warehouse does not hold: back from quarantine, or with another key or time than before.
        fields: Canonical field to the rows in which it is ``filled``, ``emptied`` or ``other`` than before.
        records: Some of the records that change.
        newly_quarantined: Rows set aside now that were not.
        released: Rows that pass now and were set aside.
    """

    rows: int = 0
    changed: int = 0
    unheard: int = 0
    fields: dict[str, dict[str, int]] = field(default_factory=dict)
    records: list[str] = field(default_factory=list)
    newly_quarantined: int = 0
    released: int = 0

    def add(self, found: Mapping[str, Any]) -> None:
        """Take in what another landing shows."""
        for name in ("rows", "changed", "unheard"):
            setattr(self, name, getattr(self, name) + found[name])
        for name, counts in found["fields"].items():
            own = self.fields.setdefault(name, {})
            for what, n in counts.items():
                own[what] = own.get(what, 0) + n
        self.records = [*self.records, *found["records"]][:FIRST]

    @property
    def sentences(self) -> list[str]:
        """The same for people."""
        read = f"{self.changed:,} of {self.rows:,} rows are read otherwise than before, {self.unheard:,} are not staged yet"
        told = [f"{read}; {self.newly_quarantined:,} newly set aside, {self.released:,} released."]
        for name, counts in sorted(self.fields.items(), key=lambda item: (-sum(item[1].values()), item[0])):
            told.append(f"{name}: " + ", ".join(f"{n:,} {what}" for what, n in sorted(counts.items())))
        return told
