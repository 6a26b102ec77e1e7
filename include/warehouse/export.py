"""What leaves the house: the golden table and the declared segments, of those who allow it, in blocks of rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    column,
    func,
    null,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import insert

from include.customer import CONSENTS, Type
from include.warehouse.bulk import READ_ROWS, analyze, statement
from include.warehouse.engine import Bind, transaction
from include.warehouse.segments import COLUMNS, Segment
from include.warehouse.tables import GOLDEN_FIELDS, customer, customer_change, export_run

Mode = Literal["full", "changes"]
Purpose = Literal["marketing", "service"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

_GUARDED: Mapping[str, tuple[str, ...]] = {"emails": ("email",), "phones": ("sms", "phone"), "address_line": ("post",)}
"""Contact points of the golden table, by the channels of whose consent one is needed for marketing."""

_OF_SEGMENT: Mapping[str, Type] = {
    "text": "text",
    "date": "text",
    "number": "number",
    "boolean": "boolean",
    "moment": "timestamp",
}

CUSTOMER_COLUMNS: Mapping[str, Type] = {
    "customer_id": "text", **{f.name: f.type for f in GOLDEN_FIELDS}, "region": "text", "sources": "texts",
    "record_count": "integer",
}  # fmt: skip


@dataclass(frozen=True)
class Span:
    """The part of the change feed an export takes: after one change, up to another; and since when consents may have ended."""

    after: int
    upto: int
    since: datetime = _LONG_AGO


@dataclass(frozen=True)
class Order:
    """What is to be exported.

    Attributes:
        target: Whose position in the change feed counts.
        run_id: The run; the same run again writes the same part of the feed.
        mode: Everything, or who changed since this target's last export.
        purpose: marketing: contact points only of who allowed to be written to; service: all.
        as_of: The moment that recency, birthdays and consents are reckoned at.
    """

    target: str
    run_id: str
    mode: Mode
    purpose: Purpose
    as_of: datetime


@dataclass(frozen=True)
class Sheet:
    """One table of an export; its blocks are read once, before the next sheet is asked for."""

    name: str
    columns: Mapping[str, Type]
    blocks: Iterator[Sequence[tuple[Any, ...]]] = field(repr=False)


def one_moment(connection: Connection) -> None:
    """All that this transaction reads is of one moment; to be said before it reads anything."""
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def span_of(bind: Bind, order: Order) -> Span:
    """The part of the feed this run takes: what it took if it ran before, else from where the target's last export ended."""
    e = export_run.c
    with transaction(bind, "reading how far the change feed was exported") as connection:
        earlier = select(func.max(e.as_of)).where(e.target == order.target, e.run_id != order.run_id, e.as_of <= order.as_of)
        since = connection.scalar(earlier) or _LONG_AGO
        known = connection.execute(
            select(e.after_change, e.upto_change).where(e.target == order.target, e.run_id == order.run_id)
        ).one_or_none()
        if known is not None:
            return Span(*known, since)
        upto = connection.scalar(select(func.coalesce(func.max(customer_change.c.change_id), 0)))
        after = connection.scalar(select(func.coalesce(func.max(e.upto_change), 0)).where(e.target == order.target))
    return Span(int(after or 0), int(upto or 0), since)


def keep(bind: Bind, order: Order, span: Span, counts: Mapping[str, int]) -> None:
    """Keep how far a target's export came, and how many rows it wrote; the same run again keeps what it kept."""
    row = {
        "target": order.target, "run_id": order.run_id, "mode": order.mode, "purpose": order.purpose, "as_of": order.as_of,
        "after_change": span.after, "upto_change": span.upto, "counts": dict(counts),
    }  # fmt: skip
    wanted = insert(export_run).values(row)
    news = {"counts": wanted.excluded.counts}
    with transaction(bind, "keeping how far the change feed was exported") as connection:
        connection.execute(wanted.on_conflict_do_update(index_elements=["target", "run_id"], set_=news))


def sheets(connection: Connection, order: Order, span: Span, chosen: Mapping[str, Segment]) -> Iterator[Sheet]:
    """The tables of an export, one after the other, all of one moment.

    Args:
        connection: A transaction acting as ``suki_resolve``, repeatable read: no publication may come between two sheets.
        order: What is asked for.
        span: The part of the feed, where only changes are.
        chosen: The segments to write.
    """
    _prepare(connection, order.as_of, chosen)
    yield Sheet("customers", CUSTOMER_COLUMNS, _stream(connection, _customers(order, span)))
    if order.mode == "changes":
        yield Sheet("gone", {"customer_id": "text", "became": "text"}, _stream(connection, _gone(span)))
    for name, segment in chosen.items():
        types: dict[str, Type] = {"customer_id": "text", **{one: _OF_SEGMENT[COLUMNS[one]] for one in segment.columns}}
        yield Sheet(f"segment_{name}", types, _stream(connection, _members(segment, order.as_of)))


_CONSENT = table("consent", *map(column, ("customer_id", "field", "state", "expires_at")), schema="pg_temp")


def _answered(answers: Iterable[str], state: str, whose: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether one of these answers of a customer stands so."""
    c = _CONSENT.c
    return select(c.customer_id).where(c.customer_id == whose, c.field.in_(answers), c.state == state).exists()


def _allowed(channels: Iterable[str], whose: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a customer's consent to one of these channels stands."""
    return _answered([f"{channel}_consent" for channel in channels], "granted", whose)


def _customers(order: Order, span: Span) -> Select[Any]:
    def told(one: Column[Any]) -> ColumnElement[Any]:
        if one.name in CONSENTS:  # a permission that is over is none any more
            stands = _answered([one.name], "granted", customer.c.customer_id)
            return case((and_(one.is_(True), ~stands), null()), else_=one).label(one.name)
        if one.name not in _GUARDED or order.purpose == "service":
            return one
        withheld = text("'{}'::text[]") if CUSTOMER_COLUMNS[one.name] == "texts" else null()
        return case((_allowed(_GUARDED[one.name], customer.c.customer_id), one), else_=withheld).label(one.name)

    names = [name for name in CUSTOMER_COLUMNS if name != "customer_id"]
    wanted = select(customer.c.customer_id, *(told(customer.c[name]) for name in names)).order_by(customer.c.customer_id)
    if order.mode == "full":
        return wanted
    over = select(_CONSENT.c.customer_id).where(_CONSENT.c.state == "expired", _CONSENT.c.expires_at > span.since)
    return wanted.where(or_(customer.c.customer_id.in_(_changed(span)), customer.c.customer_id.in_(over)))


def _changed(span: Span) -> Select[Any]:
    c = customer_change.c
    return select(c.customer_id).where(c.change_id > span.after, c.change_id <= span.upto)


def _gone(span: Span) -> Select[Any]:
    """Who is no customer any more, and who answers to the id now: the feed's last word."""
    c = customer_change.c
    told = _changed(span).add_columns(c.became)
    last = told.distinct(c.customer_id).order_by(c.customer_id, c.change_id.desc()).subquery()
    current = select(customer.c.customer_id).where(customer.c.customer_id == last.c.customer_id)
    return select(last.c.customer_id, last.c.became).where(~current.exists()).order_by(last.c.customer_id)


def _prepare(connection: Connection, as_of: datetime, chosen: Mapping[str, Segment]) -> None:
    """Work out once what stands of everybody's consent, and what the segments ask and tell."""
    connection.execute(text("DROP TABLE IF EXISTS pg_temp.consent, pg_temp.known"))
    connection.execute(statement("export_consent"), {"as_of": as_of})
    connection.execute(text("CREATE INDEX ON pg_temp.consent (customer_id)"))
    analyze(connection, "consent")
    names = {one for segment in chosen.values() for one in (*segment.columns, *(where.column for where in segment.where))}
    if names:
        columns = ", ".join(name for name in COLUMNS if name in names)  # of our own list, never out of a declaration
        connection.execute(statement("export_profile", columns=columns), {"as_of": as_of})


def _members(segment: Segment, as_of: datetime) -> Select[Any]:
    known = table("known", column("customer_id"), schema="pg_temp")
    wanted = select(known.c.customer_id, *(column(one) for one in segment.columns)).select_from(known)
    moment = bindparam("as_of", as_of, type_=export_run.c.as_of.type)
    wanted = wanted.where(segment.clause(moment)).order_by(known.c.customer_id)
    if segment.profiles:
        wanted = wanted.where(~_answered(["profiling_consent"], "refused", known.c.customer_id))
    return wanted if segment.channel is None else wanted.where(_allowed([segment.channel], known.c.customer_id))


def _stream(connection: Connection, wanted: Select[Any]) -> Iterator[Sequence[tuple[Any, ...]]]:
    result = connection.execute(wanted, execution_options={"yield_per": READ_ROWS})
    for block in result.partitions(READ_ROWS):
        yield [tuple(str(value) if isinstance(value, UUID) else value for value in row) for row in block]
