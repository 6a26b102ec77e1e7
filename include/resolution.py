"""Resolution: the reference that travels between the tasks of one resolve run, as Batch does in ingest."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from include.errors import Conflict


@dataclass(frozen=True)
class Shard:
    """The part of a run's pairs that one task scores: rows ``start`` to ``stop`` of the file of pairs.

    Attributes:
        number: Which it is, from 1 on.
        of: How many there are; together they hold every pair, and each pair once.
        start: The first row.
        stop: The row after the last; a shard may hold none.
    """

    number: int
    of: int
    start: int
    stop: int

    def __str__(self) -> str:
        return f"shard {self.number} of {self.of}"


def shards(pairs: int, most: int, least_pairs: int) -> list[Shard]:
    """Deal pairs into even shards: at most so many, and no more than hold the least number of pairs each."""
    n = max(1, most if least_pairs == 0 else min(most, pairs // least_pairs))
    return [Shard(k + 1, n, pairs * k // n, pairs * (k + 1) // n) for k in range(n)]


@dataclass(frozen=True)
class Resolution:
    """One resolve run so far.

    Attributes:
        resolve_id: This run's id.
        base_resolve_id: The published state it is computed from; publishing onto any other is refused.
        artefacts: Where each step's rows lie in the lake: ``snapshot``, ``marks``, ``pairs``, ``edges``, ``memberships`` ...
        counts: What each step counted: ``records``, ``pairs``, ``matches``, ``reviews`` ...
        model_version: The match model that scores it, once that is settled.
        belief: Fingerprint of the survivorship and trust that choose its golden values.
        decided_by: sha256 of what decides, beside the records, what it would change and whether it is held.
        shard: The part of it that this reference is for, while it is scored by several tasks.
    """

    resolve_id: str
    base_resolve_id: str | None
    artefacts: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    model_version: str | None = None
    belief: str | None = None
    decided_by: str | None = None
    shard: Shard | None = None

    def advance(self, *, artefacts: dict[str, str] | None = None, counts: dict[str, int] | None = None, **changes: Any) -> Self:
        """The reference one step on."""
        return replace(
            self, artefacts={**self.artefacts, **(artefacts or {})}, counts={**self.counts, **(counts or {})}, **changes
        )

    def to_xcom(self) -> dict[str, Any]:
        """JSON-ready form for XCom."""
        return asdict(self)

    @classmethod
    def from_xcom(cls, value: dict[str, Any]) -> Self:
        """Inverse of ``to_xcom``."""
        shard = value.get("shard")
        return cls(**{**value, "shard": shard and Shard(**shard)})


def gathered(parts: Iterable[Resolution]) -> list[Resolution]:
    """The references of a run's shards in their order, if every one of them is there once.

    A run that was cleared and dealt anew may leave references of its earlier deal beside them; those are of another id, as their
    rows are, and are left out.

    Raises:
        Conflict: A shard is missing, so its pairs would be.
    """
    given = list(parts)
    found = {one.shard.number: one for one in given if one.shard and one.resolve_id == given[0].resolve_id}
    of = max((one.shard.of for one in found.values() if one.shard), default=1)
    if set(found) != set(range(1, of + 1)):
        raise Conflict("Not every shard of this run is scored. Clear the run from its first step.")
    return [found[number] for number in sorted(found)]
