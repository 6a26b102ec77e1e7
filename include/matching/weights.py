"""The trained model: what each level weighs, frozen, versioned by its own content."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Any, Self

from include.errors import DeclarationError, SukiError
from include.matching.ladder import Ladder
from include.matching.spec import MODEL_FILE, ModelSpec

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
        declaration: Fingerprint of the declared model it was trained under; None in an artefact from before this was kept.
        fallback: Comparisons whose weights are the declared ones, those no record has a value for included; None as above.
        repeats: Records a person has, about, where it was trained: how many persons hold a common name follows from it, so that a
            record more changes nobody else's weights; None as above, and then it is counted anew over the records at hand.
    """

    prior: dict[str, float]
    levels: dict[str, list[str]]
    chances: dict[str, dict[str, list[float]]]
    usual: dict[str, float]
    reliable: bool
    notes: list[str] = field(default_factory=list)
    trained_on: dict[str, int] = field(default_factory=dict)
    declaration: str | None = None
    fallback: list[str] | None = None
    repeats: float | None = None

    @cached_property
    def version(self) -> str:
        """sha256 of the canonical JSON."""
        canonical = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """JSON-ready form; what an older artefact does not say stays unsaid, so that its version stays."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, value: dict[str, Any] | str, spec: ModelSpec | None = None) -> Self:
        """Inverse of ``to_json``; takes the parsed object or its text.

        Args:
            value: The artefact.
            spec: The declared model it is to be used with.

        Raises:
            SukiError: It is no match model this code can read.
            DeclarationError: The declared comparisons are not those it was trained on.
        """
        plain = json.loads(value) if isinstance(value, str) else value
        known = {part.name for part in fields(cls)}
        if not isinstance(plain, dict) or not {"prior", "levels", "chances", "usual", "reliable"} <= set(plain) <= known:
            raise SukiError("The stored match model is none that this version of Suki can read. Retire it and train again.")
        weights = cls(**plain)
        if spec is not None:
            weights.must_fit(spec)
        return weights

    def must_fit(self, spec: ModelSpec) -> None:
        """Refuse to weigh by a declaration whose ladders have changed since: a level nobody trained has no weight."""
        file, model = MODEL_FILE.name, f"the match model {self.version[:12]}"
        mend = "Put it back, or retire the model: docs/operations.md, Train the match model again"
        for name, comparison in spec.comparisons.items():
            if name not in self.levels:
                raise DeclarationError(file, f"comparisons.{name}", f"{model} was trained without it. {mend}", self.levels)
            ladder, trained = Ladder.of(comparison), list(reversed(self.levels[name]))
            if list(ladder.names) != self.levels[name]:
                raise DeclarationError(file, f"comparisons.{name}.levels", f"{model} was trained with others. {mend}", trained)
            if ladder.size != len(self.chances[name][CLASSES[0]]):
                raise DeclarationError(file, f"comparisons.{name}.frequency", f"{model} was trained with another. {mend}")
        if gone := [name for name in self.levels if name not in spec.comparisons]:
            raise DeclarationError(file, f"comparisons.{gone[0]}", f"{model} was trained with it. {mend}", self.levels)

    def departs_from(self, spec: ModelSpec) -> bool:
        """Whether the declaration has changed since the training, in whatever it may be."""
        return self.declaration is not None and self.declaration != spec.fingerprint

    def weighs_like(self, other: Self) -> bool:
        """Whether every pair weighs the same by both, whatever they were trained on."""
        beside = {"notes", "trained_on", "declaration", "fallback"}
        parts = [part.name for part in fields(self) if part.name not in beside]
        return all(getattr(self, part) == getattr(other, part) for part in parts)

    def summary(self) -> list[str]:
        """Sentences for the log."""
        counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in self.trained_on.items())
        learned = [f"Match model {self.version[:12]}: {counts}; one pair in {2 ** -self.prior['match']:,.0f} is one person."]
        return learned + [f"Declared, not learned: {note}" for note in self.notes]
