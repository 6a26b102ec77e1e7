"""The trained model: what each level weighs, frozen, versioned by its own content."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Self

CLASSES = ("distinct", "match", "household", "namesake")
"""What a pair of records can be: two strangers, one person, two people of one home, two strangers of one name."""


@dataclass(frozen=True)
class Weights:
    """The artefact of training.

    Attributes:
        prior: log2 share of all pairs of records, per class of ``CLASSES``.
        levels: Per comparison the names of its levels, the bottom first.
        chances: Per comparison and class the log2 chance of each level code (see ``include.matching.features``); code 0, null, is
            0.
        usual: Per comparison the weight of its top level before the frequency of the agreed value is counted.
        reliable: Whether the data show birth dates to be reliable, so that two of them contradict each other.
        notes: What training could not learn and took from the declaration instead; empty when all was learned.
        trained_on: Counts of the training, for the record.
    """

    prior: dict[str, float]
    levels: dict[str, list[str]]
    chances: dict[str, dict[str, list[float]]]
    usual: dict[str, float]
    reliable: bool
    notes: list[str] = field(default_factory=list)
    trained_on: dict[str, int] = field(default_factory=dict)

    @cached_property
    def version(self) -> str:
        """sha256 of the canonical JSON."""
        canonical = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any] | str) -> Self:
        """Inverse of ``to_json``; takes the parsed object or its text."""
        return cls(**(json.loads(value) if isinstance(value, str) else value))

    def summary(self) -> list[str]:
        """Sentences for the log."""
        counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in self.trained_on.items())
        learned = [f"Match model {self.version[:12]}: {counts}; one pair in {2 ** -self.prior['match']:,.0f} is one person."]
        return learned + [f"Declared, not learned: {note}" for note in self.notes]
