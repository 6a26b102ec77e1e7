"""What became of a customer id, who was in a customer on a day, and what was said of them then.

Two clocks: valid time is the sources' (when a record was there, and what it said), recorded time is ours (what we believed,
counted in publications).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import pandas as pd
from sqlalchemy import text

from include.customer import CUSTOMER_FIELDS
from include.warehouse.bulk import statement
from include.warehouse.engine import Bind, transaction
from include.warehouse.snapshot import frame_of

_SAID = ("record_id", "source", "region", "source_time", "flags", *(field.name for field in CUSTOMER_FIELDS))


@dataclass(frozen=True)
class Part:
    """A customer that split off another: its id, who answers to it now (None: nobody), and when it split off."""

    published_id: str
    customer_id: str | None
    since: datetime


@dataclass(frozen=True)
class Life:
    """What became of an id.

    Attributes:
        published_id: The id.
        state: ``current``; ``merged``: another customer answers to it; ``gone``: nobody does any more; ``unknown``: it never was
            published.
        customer_id: Who answers to it now.
        published_at: When it was first published.
        since: Since when it is in that state.
        parts: Who split off from it, oldest first.
    """

    published_id: str
    state: Literal["current", "merged", "gone", "unknown"]
    customer_id: str | None = None
    published_at: datetime | None = None
    since: datetime | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Member:
    """A record of a customer as of a day.

    Attributes:
        record_id: Its opaque id.
        source: Its source and stream, ``shop.customers``.
        state: ``there``; ``later``: its source had not spoken of it yet; ``deleted`` by its source.
        since: Since when the source said what it said on the day.
    """

    record_id: str
    source: str
    state: Literal["there", "later", "deleted"]
    since: datetime | None


@dataclass(frozen=True)
class Belief:
    """What was believed at a moment.

    Attributes:
        sequence: The newest publication by then; None: there was none.
        recorded_at: When that was.
        customer_id: Who answered then to the id asked about; None: it was not published yet.
    """

    sequence: int | None
    recorded_at: datetime | None
    customer_id: str | None


def life(bind: Bind, published_id: str) -> Life:
    """What became of a customer id, whenever it was published."""
    asked = {"id": UUID(published_id)}
    with transaction(bind, "reading what became of a customer id") as connection:
        found = connection.execute(statement("life"), asked).one_or_none()
        if found is None:
            return Life(published_id, "unknown")
        parts = connection.execute(statement("life_parts"), asked).all()
    state: Literal["current", "merged", "gone"]
    state = "gone" if found.customer_id is None else "current" if found.customer_id == published_id else "merged"
    return Life(
        published_id, state, found.customer_id, found.minted_at, found.since or found.minted_at,
        tuple(Part(one.published_id, one.customer_id, one.recorded_at) for one in parts),
    )  # fmt: skip


def believed(bind: Bind, published_id: str, moment: datetime) -> Belief:
    """Who answered to an id at a moment of recorded time; who was retired answers for their own records."""
    with transaction(bind, "reading what was believed") as connection:
        found = connection.execute(statement("belief"), {"id": UUID(published_id), "moment": moment}).one()
    return Belief(found.sequence, found.recorded_at, found.customer_id)


def members(bind: Bind, customer_id: str, valid: datetime, moment: datetime) -> list[Member]:
    """The records of a customer: who they were believed to be at a moment, and how each stood in valid time.

    Args:
        bind: Engine or connection that may execute ``golden.v_members_at``.
        customer_id: As ``believed`` gave it for that moment.
        valid: The moment in valid time.
        moment: The moment in recorded time.
    """
    query = text(
        "SELECT record_id::text, source || '.' || stream AS source, state, said_since FROM golden.v_members_at(:valid, :moment)"
        " WHERE customer_id = :id ORDER BY state DESC, source, record_id"
    )
    with transaction(bind, "reading who was in a customer") as connection:
        found = connection.execute(query, {"valid": valid, "moment": moment, "id": UUID(customer_id)}).all()
    return [Member(row.record_id, row.source, row.state, row.said_since) for row in found]


def said(bind: Bind, records: Iterable[str], valid: datetime) -> pd.DataFrame:
    """What these records said at a moment of valid time, as survivorship reads it; without those that said nothing."""
    columns = ", ".join(f"word.{field.name}" for field in CUSTOMER_FIELDS)
    asked: dict[str, Any] = {"ids": [UUID(one) for one in records], "valid": valid}
    with transaction(bind, "reading what records said") as connection:
        rows = connection.execute(statement("said_at", content=columns), asked).all()
    return frame_of([tuple(row) for row in rows], _SAID)
