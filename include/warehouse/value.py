"""What a month brought, and what that is worth by declared unit values: counts and sums, no value of anybody."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from include.declarations import checked, read_yaml
from include.errors import SukiError
from include.warehouse.bulk import dicts, statement
from include.warehouse.engine import Bind

DECLARATION = Path(__file__).with_name("value.yml")

Worth = Annotated[Decimal, Field(ge=0)]


class NoSuchMonth(SukiError):
    """A month that is none, or has not begun."""


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Units(_Declared):
    """What one of each is worth."""

    duplicate_removed: Worth
    reachable_email: Worth
    reachable_sms: Worth
    reachable_phone: Worth
    reachable_post: Worth
    email_refreshed: Worth
    phone_refreshed: Worth
    address_refreshed: Worth


class Value(_Declared):
    """The whole declaration."""

    currency: str = Field(pattern="^[A-Z]{3}$")
    units: Units


@dataclass(frozen=True)
class Line:
    """One kind of gain: how many, what one is worth, what all are."""

    name: str
    count: int
    unit: Decimal

    @property
    def worth(self) -> Decimal:
        """What all of them are worth."""
        return self.count * self.unit


@dataclass(frozen=True)
class Report:
    """A month's gains."""

    month: str
    as_of: datetime
    currency: str
    lines: tuple[Line, ...]

    @property
    def worth(self) -> Decimal:
        """The sum."""
        return sum((line.worth for line in self.lines), Decimal(0))


@cache
def load(path: Path = DECLARATION) -> Value:
    """Read the declaration.

    Raises:
        DeclarationError: An unknown or missing key, a value that is none.
    """
    return checked(Value, read_yaml(path, path.name), path.name)


def report(bind: Bind, month: str | None = None, now: datetime | None = None) -> Report:
    """What a month brought; of the one that is not over, what it brought so far.

    Args:
        bind: Engine or connection acting as ``suki_steward``.
        month: ``2026-08``; None: the one that is running.
        now: The present moment.

    Raises:
        NoSuchMonth: It is no month, or has not begun.
    """
    present, declared = now or datetime.now(UTC), load()
    try:
        first = datetime.strptime(month or f"{present:%Y-%m}", "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise NoSuchMonth(f"'{month}' is no month. Write it as {present:%Y-%m}.") from None
    if first > present:
        raise NoSuchMonth(f"{first:%Y-%m} has not begun.")
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    as_of = min(after, present)
    (found,) = dicts(bind, statement("value_report"), "reckoning a month's value", first=first, after=after, as_of=as_of)
    lines = tuple(Line(name, int(found[name]), getattr(declared.units, name)) for name in Units.model_fields)
    return Report(f"{first:%Y-%m}", as_of, declared.currency, lines)
