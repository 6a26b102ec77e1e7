"""Batch: the reference that travels between tasks in place of the rows.

Rows stay in the lake; XCom carries only this. It holds counts, opaque ids and a path, never a customer's value.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal, Self

Stage = Literal["landed", "mapped", "cleaned"]
Kind = Literal["customers", "interactions"]


@dataclass(frozen=True)
class Window:
    """Half-open interval [start, end) of source time, UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window needs timezone-aware bounds")
        if self.end <= self.start:
            raise ValueError(f"a window must end after it starts, got [{self.start}, {self.end})")

    def __str__(self) -> str:
        return f"[{self.start:%Y-%m-%dT%H:%M}, {self.end:%Y-%m-%dT%H:%M})"

    @classmethod
    def parse(cls, start: str, end: str) -> Self:
        """Build from two ISO 8601 strings; a bound without a zone is read as UTC."""
        bounds = [datetime.fromisoformat(text) for text in (start, end)]
        utc = [b.replace(tzinfo=UTC) if b.tzinfo is None else b.astimezone(UTC) for b in bounds]
        return cls(*utc)


@dataclass(frozen=True)
class Batch:
    """One stream's rows of one window at one stage.

    Attributes:
        source: Declared source, e.g. ``store_pos``.
        stream: Declared stream of that source, e.g. ``customers``.
        kind: What the rows are: ``customers`` or ``interactions``.
        window: The window of source time the batch covers.
        stage: The step that wrote it.
        uri: Where its Parquet file lies in the lake; unique to the attempt that wrote it.
        rows: Rows in that file.
        manifest_id: The landing the batch descends from (``ops.manifest``).
        counts: What left the stream on the way here, by step and reason class, e.g. ``{"quarantined": 3}``.
    """

    source: str
    stream: str
    kind: Kind
    window: Window
    stage: Stage
    uri: str
    rows: int
    manifest_id: str
    counts: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.source}.{self.stream} {self.stage} {self.window} ({self.rows:,} rows)"

    def advance(self, stage: Stage, uri: str, rows: int, **left: int) -> Self:
        """The batch one step on: ``left`` adds to the counts of rows that did not go on."""
        counts = dict(self.counts)
        for name, n in left.items():
            counts[name] = counts.get(name, 0) + n
        return replace(self, stage=stage, uri=uri, rows=rows, counts=counts)

    def to_xcom(self) -> dict[str, Any]:
        """JSON-ready form for XCom."""
        plain = asdict(self)
        plain["window"] = {"start": self.window.start.isoformat(), "end": self.window.end.isoformat()}
        return plain

    @classmethod
    def from_xcom(cls, value: dict[str, Any]) -> Self:
        """Inverse of ``to_xcom``."""
        return cls(**{**value, "window": Window.parse(value["window"]["start"], value["window"]["end"])})
