"""What every cleaner answers with: the value to keep, how it came about, and what to beware of."""

from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


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
    """One entry of a row's repairs: what stood in a field before and what stands there now (None: emptied)."""

    field: str
    rule: str
    old: str | None
    new: str | None
