"""How many values of a field were kept, repaired, flagged, emptied or filled: before and after cleaning, in numbers alone."""

from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class FieldTally:
    """Counts of one field; each row counts once.

    ``delivered = kept + repaired + flagged + emptied``, and ``kept + repaired + flagged + derived + inferred`` rows hold a value
    after cleaning. A value both repaired and flagged counts as repaired; one emptied and then inferred counts as both.

    Attributes:
        rows: Rows looked at.
        delivered: Rows in which the source delivered something.
        kept: As delivered.
        repaired: Another text for the same value.
        flagged: Kept, with a warning or a note.
        emptied: Not usable.
        derived: Nothing delivered, and a value from another field of the record.
        inferred: A value from evidence.
        doubtful: Rows whose value, after cleaning, has a flag that makes it doubtful.
    """

    rows: int = 0
    delivered: int = 0
    kept: int = 0
    repaired: int = 0
    flagged: int = 0
    emptied: int = 0
    derived: int = 0
    inferred: int = 0
    doubtful: int = 0

    def __add__(self, other: "FieldTally") -> "FieldTally":
        return FieldTally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def held(self) -> int:
        """Rows that hold a value after cleaning."""
        return self.kept + self.repaired + self.flagged + self.derived + self.inferred


def added(one: Mapping[str, FieldTally], other: Mapping[str, FieldTally]) -> dict[str, FieldTally]:
    """The tallies of two parts of a batch as one."""
    return {field: one.get(field, FieldTally()) + other.get(field, FieldTally()) for field in {**one, **other}}
