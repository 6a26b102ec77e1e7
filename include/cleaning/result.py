"""What every cleaner answers with: the value to keep, how it came about, and what to beware of."""

from typing import Generic, Literal, NamedTuple, TypeVar

T = TypeVar("T")

Outcome = Literal["repaired", "flagged", "emptied", "derived", "inferred"]
"""What became of a value that was not simply kept. ``repaired``: another text, the same value. ``flagged``: kept, with a warning.
``emptied``: not usable. ``derived``: nothing was delivered in the field; the value comes from another field of the record.
``inferred``: nothing was delivered; the value follows from evidence that the source did not state as such."""


class Cleaned(NamedTuple, Generic[T]):
    """One cleaned value.

    Attributes:
        value: The value to keep; empty (None or an empty tuple) when nothing usable was given.
        rule: The rule that changed or emptied the value, None when it was kept as it came.
        flags: What a reader must know about the value, e.g. ``("role",)``; an emptied value says why here.
    """

    value: T
    rule: str | None = None
    flags: tuple[str, ...] = ()


class Change(NamedTuple):
    """One entry of a row's changes: what stood in a field before and what stands there now (None: emptied)."""

    field: str
    rule: str
    old: str | None
    new: str | None
    source: str | None = None
    confidence: float | None = None
