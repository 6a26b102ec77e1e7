"""The declared segments: which customers an export groups, by a closed set of conditions on what the profile knows of them."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import ColumnElement, and_, column, func

from include.customer import CONSENTS
from include.declarations import checked, read_yaml
from include.errors import DeclarationError

DECLARATION = Path(__file__).with_name("segments.yml")

Kind = Literal["text", "number", "boolean", "moment", "date"]

COLUMNS: Mapping[str, Kind] = {
    "display_name": "text", "romanised_name": "text", "language": "text", "birth_date": "date", "age_band": "text",
    "primary_email": "text", "email_state": "text", "primary_phone": "text", "phone_state": "text", "address": "text",
    "address_state": "text", "country": "text", "home_store": "text", "customer_since": "moment", "last_seen_at": "moment",
    "last_channel": "text", "lapsed": "boolean", "orders": "number", "lifetime_value": "number", "reporting_currency": "text",
    "average_basket": "number", "last_order_at": "moment", "recency_band": "number", "frequency_band": "number",
    "monetary_band": "number", "return_share": "number", "support_tickets": "number", "open_tickets": "number",
    "record_count": "number", "match_confidence": "number", "completeness": "number", "next_question": "text",
    "days_since_evidence": "number", "loyalty_tier": "text", "household_members": "number", "repeat_registration_score": "number",
    **{f"{answer}_state": "text" for answer in CONSENTS},
}  # fmt: skip
"""The columns of the profile (docs/profile.md) that a segment may ask and carry, by what they hold."""

CONTACT: Mapping[str, tuple[str, ...]] = {"primary_email": ("email",), "primary_phone": ("sms", "phone"), "address": ("post",)}
"""Contact points, by the channels of whose consent one is needed."""

PROFILED = frozenset({
    "home_store", "orders", "lifetime_value", "average_basket", "last_order_at", "recency_band", "frequency_band",
    "monetary_band", "return_share", "loyalty_tier", "repeat_registration_score",
})  # fmt: skip
"""What judges people by what they bought: who refused to be profiled is in no segment that asks or tells of it."""

_SUITS: Mapping[str, tuple[Kind, ...]] = {
    "is": ("text", "number", "boolean"), "one_of": ("text", "number"), "known": ("text", "number", "boolean", "moment", "date"),
    "at_least": ("number",), "at_most": ("number",), "older_than": ("moment",), "within": ("moment",), "birthday": ("date",),
}  # fmt: skip

_MONTH = r"^(?:\d{4}-|--)(\d{2})"

Days = Annotated[int, Field(gt=0)]
Value = bool | int | float | str


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True)


class Condition(_Declared):
    """What must hold of one column: exactly one of the ways to ask."""

    column: str
    equals: Value | None = Field(default=None, alias="is")
    one_of: tuple[Value, ...] | None = Field(default=None, min_length=1)
    known: bool | None = None
    at_least: float | None = None
    at_most: float | None = None
    older_than: Days | None = None
    within: Days | None = None
    birthday: Literal["this_month"] | None = None

    @property
    def way(self) -> str:
        """How it asks."""
        return next(iter(self._ways))

    @property
    def _ways(self) -> list[str]:
        return [name for name in _SUITS if getattr(self, "equals" if name == "is" else name) is not None]

    @model_validator(mode="after")
    def _one_way(self) -> "Condition":
        if len(self._ways) != 1:
            raise ValueError(f"asks in {len(self._ways)} ways, and needs exactly one of {', '.join(_SUITS)}")
        return self

    def clause(self, as_of: Any) -> ColumnElement[bool]:
        """The condition in SQL; every value is a parameter.

        Args:
            as_of: The moment of the export, as an expression.
        """
        asked: ColumnElement[Any] = column(self.column)

        def ago(days: int | None) -> ColumnElement[Any]:
            return cast("ColumnElement[Any]", as_of - func.make_interval(0, 0, 0, days or 0))

        clauses: dict[str, Callable[[], ColumnElement[bool]]] = {
            "is": lambda: asked == self.equals,
            "one_of": lambda: asked.in_(self.one_of or ()),
            "known": lambda: asked.is_not(None) if self.known else asked.is_(None),
            "at_least": lambda: asked >= self.at_least,
            "at_most": lambda: asked <= self.at_most,
            "older_than": lambda: asked < ago(self.older_than),
            "within": lambda: and_(asked >= ago(self.within), asked <= as_of),
            "birthday": lambda: func.substring(asked, _MONTH) == func.to_char(func.timezone("UTC", as_of), "MM"),
        }
        return clauses[self.way]()


class Segment(_Declared):
    """A group of customers, what is told of each, and by which channel they are written to."""

    title: str = Field(min_length=1)
    channel: Literal["email", "sms", "phone", "post"] | None = None
    where: tuple[Condition, ...] = Field(min_length=1)
    columns: tuple[str, ...] = Field(min_length=1)

    def clause(self, as_of: Any) -> ColumnElement[bool]:
        """All its conditions."""
        return and_(*(one.clause(as_of) for one in self.where))

    @property
    def profiles(self) -> bool:
        """Whether it judges people by what they bought."""
        return not PROFILED.isdisjoint((*self.columns, *(one.column for one in self.where)))


class Segments(_Declared):
    """The whole declaration."""

    segments: dict[Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,40}$")], Segment]

    def chosen(self, names: list[str]) -> dict[str, Segment]:
        """The segments of these names; all of them where none is named.

        Raises:
            DeclarationError: There is no such segment.
        """
        for name in names:
            if name not in self.segments:
                raise DeclarationError("the run's parameters", "segments", f"there is no segment '{name}'", self.segments)
        return {name: one for name, one in self.segments.items() if not names or name in names}


@cache
def load(path: Path = DECLARATION) -> Segments:
    """Read the declaration.

    Raises:
        DeclarationError: An unknown key or column, a condition that does not suit its column, a contact point without its
            channel.
    """
    declared = checked(Segments, read_yaml(path, path.name), path.name)
    for name, segment in declared.segments.items():
        for number, one in enumerate(segment.where):
            _check(path.name, f"segments.{name}.where.{number}", one)
        for told in segment.columns:
            if told not in COLUMNS:
                raise DeclarationError(path.name, f"segments.{name}.columns", f"no column '{told}' to tell", COLUMNS)
            if told in CONTACT and segment.channel not in CONTACT[told]:
                problem = f"{told} is told only where the segment's channel is {' or '.join(CONTACT[told])}"
                raise DeclarationError(path.name, f"segments.{name}.columns", problem)
    return declared


def _check(file: str, key: str, one: Condition) -> None:
    kind = COLUMNS.get(one.column)
    if kind is None:
        raise DeclarationError(file, f"{key}.column", f"no column '{one.column}' to ask", COLUMNS)
    if kind not in _SUITS[one.way]:
        suitable = [way for way, kinds in _SUITS.items() if kind in kinds]
        raise DeclarationError(file, f"{key}.{one.way}", f"does not suit {one.column}, which holds a {kind}", suitable)
    asked = (one.equals,) if one.way == "is" else one.one_of or ()
    right: dict[str, tuple[type, ...]] = {"text": (str,), "boolean": (bool,), "number": (int, float)}
    for value in asked:
        if not isinstance(value, right[kind]) or (kind == "number" and isinstance(value, bool)):
            raise DeclarationError(file, f"{key}.{one.way}", f"{one.column} holds a {kind}, and is held against something else")
