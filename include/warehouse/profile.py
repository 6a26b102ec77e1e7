"""What the customer profile declares: currencies, kinds of interaction, what goes stale or expires, what is worth asking for.

The profile itself is SQL, ``golden.profile_at``. It reads this declaration out of ``golden.declared``, where migrating puts it.
"""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Connection, text

from include.customer import CONSENTS
from include.declarations import checked, read_yaml
from include.errors import DeclarationError

DECLARATION = Path(__file__).with_name("profile.yml")

POINTS = (
    "name", "email", "phone", "country", "address", "birth_date", "language", *CONSENTS, "loyalty_card", "social_handle",
)  # fmt: skip
"""The points that ``golden.profile_at`` can tell present from missing."""

_Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
_Words = Annotated[tuple[str, ...], Field(min_length=1)]


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Days(_Declared):
    """Days without any sign of a contact point: after so many it is stale, or one half of such points still reach the person."""

    email: int = Field(gt=0)
    phone: int = Field(gt=0)
    address: int = Field(gt=0)


class Touchpoints(_Declared):
    """Where somebody whose data are due is met next, in the order in which they are preferred."""

    ticket: str = Field(min_length=1)
    store: str = Field(min_length=1)
    email: str = Field(min_length=1)
    phone: str = Field(min_length=1)
    channel: str = Field(min_length=1)


class Point(_Declared):
    """A data point: what it is worth to know it, and how to ask for it."""

    importance: float = Field(gt=0)
    question: str = Field(min_length=1)


class Consent(_Declared):
    """What for, and by which channel, an answer is asked; profiling is by none."""

    purpose: str = Field(min_length=1)
    channel: str | None = Field(default=None, min_length=1)


class Purpose(_Declared):
    """Days after which a permission given for a purpose is none any more."""

    expires_after: int = Field(gt=0)


class Loyalty(_Declared):
    """The loyalty programme: a tier by what a card holder spent within so many days, in the reporting currency."""

    within: int = Field(gt=0)
    tiers: Annotated[dict[str, Annotated[float, Field(ge=0)]], Field(min_length=1)]


class Profile(_Declared):
    """The whole declaration."""

    reporting_currency: _Currency
    rates_of: date
    rates: dict[_Currency, Annotated[float, Field(gt=0)]]
    purchases: _Words
    returns: _Words
    returned_statuses: _Words
    support: _Words
    solved_statuses: _Words
    bounces: _Words
    stale_after: Days
    half_life: Days
    touchpoints: Touchpoints
    lapsed_after: int = Field(gt=0)
    consents: dict[str, Consent]
    purposes: dict[str, Purpose]
    loyalty: Loyalty
    points: dict[str, Point]

    @model_validator(mode="after")
    def _own_rate(self) -> "Profile":
        if self.rates.get(self.reporting_currency) != 1:
            raise ValueError("the reporting currency needs the rate 1 among the rates")
        return self


@cache
def load(path: Path = DECLARATION) -> Profile:
    """Read the declaration.

    Raises:
        DeclarationError: An unknown key or point, a rate that is none, a point nobody declared.
    """
    profile = checked(Profile, read_yaml(path, path.name), path.name)
    for name in profile.points:
        if name not in POINTS:
            raise DeclarationError(path.name, f"points.{name}", "no such data point", POINTS)
    missing = [name for name in POINTS if name not in profile.points]
    if missing:
        raise DeclarationError(path.name, "points", f"does not say what {', '.join(missing)} is worth")
    _check_consents(path.name, profile)
    return profile


def _check_consents(file: str, profile: Profile) -> None:
    for name, consent in profile.consents.items():
        if name not in CONSENTS:
            raise DeclarationError(file, f"consents.{name}", "no such answer", CONSENTS)
        if consent.purpose not in profile.purposes:
            raise DeclarationError(file, f"consents.{name}.purpose", f"{consent.purpose} has no period", sorted(profile.purposes))
    missing = [name for name in CONSENTS if name not in profile.consents]
    if missing:
        raise DeclarationError(file, "consents", f"does not say what {', '.join(missing)} is for")


def declare(connection: Connection, profile: Profile | None = None) -> None:
    """Bring the declaration into the warehouse; the same again changes nothing."""
    value = (profile or load()).model_dump(mode="json")
    connection.execute(
        text(
            "INSERT INTO golden.declared AS known (name, value) VALUES ('profile', CAST(:value AS jsonb))"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value, recorded_at = now() WHERE known.value <> excluded.value"
        ),
        {"value": json.dumps(value)},
    )
