"""Resolution: the reference that travels between the tasks of one resolve run, as Batch does in ingest."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self


@dataclass(frozen=True)
class Resolution:
    """One resolve run so far.

    Attributes:
        resolve_id: This run's id.
        base_resolve_id: The published state it is computed from; publishing onto any other is refused.
        artefacts: Where each step's rows lie in the lake: ``snapshot``, ``marks``, ``pairs``, ``edges``, ``memberships`` ...
        counts: What each step counted: ``records``, ``pairs``, ``matches``, ``reviews`` ...
        model_version: The match model that scored it, once scored.
    """

    resolve_id: str
    base_resolve_id: str | None
    artefacts: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    model_version: str | None = None

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
        return cls(**value)
