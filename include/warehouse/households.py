"""Households and repeat registrations in the warehouse: what finding starts from, and a transaction that writes what differs.

They follow a publication, in a transaction of their own: a customer is published whether or not it is known with whom they live.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import pandas as pd
from sqlalchemy import Connection, Integer, Table, Text, text

from include.customer import Type
from include.errors import Conflict
from include.warehouse import published
from include.warehouse.bulk import (
    analyze,
    as_hash,
    by_index,
    cells,
    copy_in,
    dicts,
    run,
    statement,
    sum_of_hashes,
    temp_table,
    types_of,
)
from include.warehouse.engine import Bind, lock, transaction
from include.warehouse.reading import frames
from include.warehouse.snapshot import frame_of, seed, whole_frames
from include.warehouse.tables import household_member, household_tie, membership, order_mark, repeat_registration

RESIDENT_COLUMNS = (
    "record_id", "customer_id", "region", "first_source_time", "given_key", "family_key", "name_suffix", "birth_date",
    "address_line", "house_number", "street_key", "city", "postcode", "phones", "email_keys",
)  # fmt: skip
"""Columns of ``residents``."""


ACCOUNT_COLUMNS = ("record_id", "customer_id", "source", "first_source_time", "first_seen_at", "flags", "emails", "email_keys")
"""Columns of ``accounts``."""


class Reached(Protocol):
    """Customers whose households may be other ones, and what is known of them."""

    @property
    def customers(self) -> frozenset[str]:
        """Who they are."""
        ...


R = TypeVar("R", bound=Reached)
Follow = Callable[[frozenset[str], pd.DataFrame, pd.DataFrame, "Nearby", float], R | None]
"""``include.golden.moving.within_reach``, but for the regions."""
Key = tuple[str, ...]
Restless = Callable[[pd.DataFrame, pd.DataFrame, Callable[[Sequence[Key]], Iterable[tuple[int, str]]]], frozenset[str]]
"""``include.golden.restless.restless``."""

STILL_KNOWN = frozenset({"new", "changed", "returned", "deleted", "retold"})
"""Reasons of marks, as staging gives them, after which a record's versions still tell what it said before."""

_TOO_MANY = 0.15
"""Share of all customers from which on finding all households anew is no more work than finding out whose may be others."""
_CUSTOMERS = "SELECT greatest(reltuples, 10000) FROM pg_class WHERE oid = 'golden.customer'::regclass"
"""How many there are, about: counting them would go over all of them. Of a few thousand all can be followed."""

_ELSEWHERE = {
    "record_id": "now.record_id::text", "customer_id": "placed.customer_id::text", "first_source_time": "first.first_source_time",
}  # fmt: skip
"""Columns that a record's version does not hold as they are read."""

_OF_SEVERAL = """
SELECT held.record_id, held.customer_id
FROM ({several}) AS several
JOIN golden.crosswalk AS held ON held.customer_id = several.customer_id AND held.source = several.source
"""
_SCOPE = "(SELECT scope.customer_id FROM pg_temp.scope)"
_ANSWERING = "(SELECT answering.published_id FROM pg_temp.answering)"
_AMONG: Mapping[str, str] = {
    "lived": f"published.published_id IN {_ANSWERING} AND published.customer_id IN {_SCOPE}",
    "tied": "(old.customer_a, old.customer_b) IN (SELECT customer_a, customer_b FROM pg_temp.scope_tie)",
    "housed": "old.household_id IN (SELECT scope_household.household_id FROM pg_temp.scope_household)",
    "resident": f"old.customer_id IN {_SCOPE}",
    "again": "old.customer_id IN (SELECT again.customer_id FROM pg_temp.again)",
}
"""What statements are held to when only a part is found anew."""

_EVERYBODY: Mapping[str, str] = dict.fromkeys(_AMONG, "true")

_NEVER_HEARD = (
    "SELECT EXISTS (SELECT FROM pg_temp.concerned"
    " WHERE NOT EXISTS (SELECT FROM staging.record_version WHERE record_version.record_id = concerned.record_id))"
)
_HOLDERS = (
    "SELECT DISTINCT holding.place, placed.customer_id::text FROM pg_temp.holding"
    " JOIN golden.crosswalk AS placed ON placed.record_id = holding.record_id"
)
_BASE = (
    "SELECT base.report, base.content_hash FROM ops.resolve_run AS run"
    " JOIN ops.household_run AS base ON base.resolve_id = run.base_resolve_id WHERE run.resolve_id = :id"
)
_BORNE = (
    "SELECT DISTINCT member.household_id::text FROM golden.household_member AS member"
    " JOIN golden.v_customer_id AS published ON published.published_id = member.customer_id"
    " WHERE published.customer_id IS NOT NULL AND member.household_id = ANY(CAST(:ids AS uuid []))"
)
_GONE = (
    "SELECT customer_id FROM golden.customer_change"
    " WHERE sequence = (SELECT run.sequence FROM ops.resolve_run AS run WHERE run.resolve_id = :id)"
    " AND change IN ('merged', 'retired')"
)


_CONSUMED = "DELETE FROM staging.order_mark USING pg_temp.order_marks WHERE order_marks.mark_id = order_mark.mark_id"


@dataclass(frozen=True)
class Scope:
    """Whose households and repeat registrations are found anew; those of all others stand as they are.

    Attributes:
        customers: Ids, for households: those that are not what they were, and whoever may live with others for it.
        again: Ids, for repeat registrations: the former, and whoever ordered otherwise.
    """

    customers: frozenset[str]
    again: frozenset[str]


@dataclass(frozen=True)
class Accounts:
    """What a publication's repeat registrations are scored from, of everybody or of a part.

    Attributes:
        held: ``ACCOUNT_COLUMNS`` of every account of customers with several at one source.
        first_orders: ``record_id, occurred_at, promotions`` of those accounts.
        orders: ``customer_id, source, first_orders``: what these come to, as a hash.
        marks: Ids of the marks of accounts that ordered, which are looked at with this.
    """

    held: pd.DataFrame
    first_orders: pd.DataFrame
    orders: pd.DataFrame
    marks: list[int]


@dataclass(frozen=True)
class Everybody:
    """What the households of everybody are found from.

    Attributes:
        residents: ``RESIDENT_COLUMNS`` of every current record that has a customer.
        doubtful: ``customer_a, customer_b``: customers who may be one person.
        previous: ``customer_id, household_id`` as they stand, by the ids that customers have now.
    """

    residents: pd.DataFrame
    doubtful: pd.DataFrame
    previous: pd.DataFrame


@dataclass(frozen=True)
class Part(Generic[R]):
    """What the households and repeat registrations of whom a publication concerns are found from.

    Attributes:
        scope: Of whom those found from it are.
        reached: What was found of those who may live with others.
        previous: ``customer_id, household_id`` of theirs, by the ids that customers have now.
        accounts: Of those who may have registered repeatedly.
        read: How many records were read for it.
    """

    scope: Scope
    reached: R
    previous: pd.DataFrame
    accounts: Accounts
    read: int


@dataclass(frozen=True)
class Report:
    """What was written.

    Attributes:
        content_hash: Of the tables after it, free of order; 64 hex digits.
        counts: ``households, household_members, household_ties, repeat_registrations, repeat_flagged``.
        fresh: Whether this call wrote it, or an earlier try had.
    """

    content_hash: str
    counts: dict[str, int]
    fresh: bool = True


def read(bind: Bind) -> Everybody:
    """Who lives where, in one state of the warehouse."""
    with _one_state(bind) as connection:
        residents = pd.concat(whole_frames(connection, statement("household_residents"), RESIDENT_COLUMNS), ignore_index=True)
        doubtful = _frame(connection, "doubtful")
        return Everybody(residents, doubtful, _frame(connection, "previous", lived=_EVERYBODY["lived"]))


def read_accounts(bind: Bind) -> Accounts:
    """The accounts of everybody, in one state of the warehouse; apart from who lives where, for the two together are much."""
    with _one_state(bind) as connection:
        return _accounts(connection, _EVERYBODY, list(connection.scalars(text("SELECT mark_id FROM staging.order_mark"))))


def read_part(
    bind: Bind, resolve_id: str, records: Iterable[str], doubted: pd.DataFrame, found_by: str, restless: Restless,
    follow: Follow[R],
) -> Part[R] | None:  # fmt: skip
    """What the households of whom a publication concerns are found from; None where everything must be read.

    Args:
        bind: Engine or connection acting as ``suki_resolve``.
        resolve_id: The publication.
        records: All records of the customers that are not what they were, and those that are gone.
        doubted: ``record_a``, ``record_b``: pairs of records that wait for a steward now and did not before, or the other way.
        found_by: What households are found by; what other means found is found anew.
        restless: Who of them may have other ties than before; of nobody else more is read.
        follow: Whose households may be others with theirs.
    """
    concerned = frozenset(map(str, records))
    with _one_state(bind) as connection:
        if not _follows(connection, resolve_id, found_by):
            return None
        by_index(connection)
        near = Nearby(connection)
        said = near.said(concerned.union(doubted["record_a"], doubted["record_b"]), _sequence(connection, resolve_id))
        if connection.scalar(text(_NEVER_HEARD)):  # erased: what they shared with others is not known any more
            return None
        gone = connection.scalars(text(_GONE), {"id": UUID(resolve_id)})  # whoever lived with them may live with nobody now
        changed = frozenset(said.loc[said["record_id"].isin(concerned), "now"].dropna()).union(map(str, gone))
        moving = restless(said, doubted, near.holders)
        said = said[said["was"].isin(moving) | said["now"].isin(moving)]
        most = _TOO_MANY * float(connection.execute(text(_CUSTOMERS)).scalar_one())
        reached = follow(moving, said, near.of_records(said["record_id"].unique()), near, most)
        if reached is None:
            return None
        marks = _marks(connection)
        again = changed | _ordered(connection, marks["customer_record_id"])
        _customers(connection, "scope", reached.customers)
        _customers(connection, "again", again)
        run(connection, "household_answering")
        previous = _frame(connection, "previous", lived=_AMONG["lived"])
        accounts = _accounts(connection, _AMONG, marks["mark_id"].tolist())
        return Part(Scope(reached.customers, again), reached, previous, accounts, near.count)


def borne(bind: Bind, household_ids: Iterable[str]) -> frozenset[str]:
    """Which of some ids are those of households that somebody who is a customer lives in."""
    with transaction(bind, "reading household ids") as connection:
        return frozenset(connection.scalars(text(_BORNE), {"ids": list(household_ids)}))


def write(
    bind: Bind, resolve_id: str, members: pd.DataFrame, ties: pd.DataFrame, repeats: pd.DataFrame, found_by: str,
    marks: Iterable[int], scope: Scope | None = None,
) -> Report:  # fmt: skip
    """Make these the households and repeat registrations of a publication; a retry finds its report and changes nothing.

    Args:
        bind: Engine or connection acting as ``suki_resolve``.
        resolve_id: The publication they were found after.
        members: ``customer_id, household_id, worth``.
        ties: ``customer_a, customer_b, household_id, evidence, worth``.
        repeats: The columns of ``golden.repeat_registration``, without its sequence.
        found_by: What the households were found by.
        marks: Ids of the marks that were looked at; one made meanwhile stays for the next.
        scope: Of whom ``members``, ``ties`` and ``repeats`` tell; None: of everybody.

    Raises:
        Conflict: Another run was published since, and will find them anew.
    """
    with transaction(bind, "writing households") as connection:
        if (known := _known(connection, resolve_id)) is not None:
            return known
        _copy(connection, members, ties, repeats)
        temp_table(connection, "order_marks", types_of(order_mark, ("mark_id",)))
        copy_in(connection, "order_marks", ("mark_id",), ((mark,) for mark in marks))
        analyze(connection, "order_marks")
        if scope is not None:
            by_index(connection)
            _customers(connection, "scope", scope.customers)
            _customers(connection, "again", scope.again)
        lock(connection, "publish")
        if (known := _known(connection, resolve_id)) is not None:
            return known
        sequence = _sequence(connection, resolve_id)
        whose, standing = _EVERYBODY, _Standing(0, {})
        if scope is not None:
            for table in ("scope", "again"):
                connection.execute(text(f"INSERT INTO pg_temp.{table} {_GONE}"), {"id": UUID(resolve_id)})
            run(connection, "household_scope")
            whose = _AMONG
            standing = _before(connection, resolve_id) - _found(connection, whose)
        run(connection, "household_write", {"sequence": sequence}, **whose)
        connection.execute(text(_CONSUMED))
        now = standing + _found(connection, whose)
        counts, content_hash = now.counts, as_hash(now.hashes)
        connection.execute(
            text("INSERT INTO ops.household_run (resolve_id, content_hash, report) VALUES (:id, :hash, CAST(:report AS jsonb))"),
            {"id": UUID(resolve_id), "hash": content_hash, "report": json.dumps({**counts, "found_by": found_by})},
        )
    return Report(content_hash, counts)


def of_customer(bind: Bind, customer_id: str) -> dict[str, Any] | None:
    """``household_id, members, worth, since_sequence`` of a customer's household; None for who is known to live with nobody."""
    wanted = text(
        "SELECT household_id::text, members, household.worth, household.since_sequence FROM golden.household"
        " JOIN golden.household_member USING (household_id) WHERE customer_id = :id"
    )
    found = dicts(bind, wanted, "reading a household", id=UUID(customer_id))
    return found[0] if found else None


def members_of(bind: Bind, household_id: str) -> list[str]:
    """The customers of a household, by id."""
    with transaction(bind, "reading a household") as connection:
        wanted = text("SELECT customer_id::text FROM golden.household_member WHERE household_id = :id ORDER BY customer_id")
        return list(connection.scalars(wanted, {"id": UUID(household_id)}))


def ties_of(bind: Bind, household_id: str) -> list[dict[str, Any]]:
    """``customer_a, customer_b, evidence, worth`` of a household's ties, the strongest first."""
    wanted = text(
        "SELECT customer_a::text, customer_b::text, evidence, worth FROM golden.household_tie WHERE household_id = :id"
        " ORDER BY worth DESC, customer_a, customer_b"
    )
    return dicts(bind, wanted, "reading a household", id=UUID(household_id))


def repeats_of(bind: Bind, customer_id: str) -> list[dict[str, Any]]:
    """``source, accounts, score, flagged, evidence`` of a customer with several accounts at a source, by source."""
    wanted = text(
        "SELECT source, accounts, score, flagged, evidence FROM golden.repeat_registration WHERE customer_id = :id"
        " ORDER BY source"
    )
    return dicts(bind, wanted, "reading repeat registrations", id=UUID(customer_id))


@contextmanager
def _one_state(bind: Bind) -> Iterator[Connection]:
    with transaction(bind, "reading who lives where") as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        yield connection


def _accounts(connection: Connection, whose: Mapping[str, str], marks: list[int]) -> Accounts:
    """The accounts of those who are asked about."""
    several = statement("household_several", again=whose["again"]).text
    held = pd.concat(_records(connection, _OF_SEVERAL.format(several=several), ACCOUNT_COLUMNS), ignore_index=True)
    first = statement("household_first_orders", several=several).text
    first_orders, orders = _frame(connection, "first_orders", several=several), _frame(connection, "orders", first=first)
    return Accounts(held, first_orders, orders, marks)


def _records(connection: Connection, placed: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
    """Columns of the live ones of some records, in order of their ids; ``placed`` selects ``record_id, customer_id``."""
    read = ", ".join(_ELSEWHERE.get(column, f"now.{column}") for column in columns)
    return whole_frames(connection, statement("household_records", columns=read, placed=placed), columns)


def _marks(connection: Connection) -> pd.DataFrame:
    """``mark_id, customer_record_id`` of the accounts that ordered since repeat registrations were scored."""
    found = connection.execute(text("SELECT mark_id, customer_record_id FROM staging.order_mark ORDER BY mark_id")).all()
    return pd.DataFrame([tuple(row) for row in found], columns=["mark_id", "customer_record_id"], dtype=object)


def _ordered(connection: Connection, accounts: Iterable[Any]) -> frozenset[str]:
    """Who of those who registered repeatedly, one of these their account, has other first orders than those that were scored."""
    temp_table(connection, "ordered", types_of(order_mark, ("customer_record_id",)))
    copy_in(connection, "ordered", ("customer_record_id",), ((account,) for account in dict.fromkeys(accounts)))
    analyze(connection, "ordered")
    marked = statement("household_marked").text
    first = statement("household_first_orders", several=marked).text
    orders = statement("household_orders", first=first).text
    return frozenset(connection.scalars(statement("household_ordered", marked=marked, orders=orders)))


@dataclass(frozen=True)
class _Standing:
    """The sum of the hashes of the tables, or of a part of them, and what is counted in them."""

    hashes: int
    counts: dict[str, int]

    def __add__(self, other: "_Standing") -> "_Standing":
        return _Standing(
            self.hashes + other.hashes, {name: self.counts.get(name, 0) + count for name, count in other.counts.items()}
        )

    def __sub__(self, other: "_Standing") -> "_Standing":
        return self + _Standing(-other.hashes, {name: -count for name, count in other.counts.items()})


def _found(connection: Connection, whose: Mapping[str, str]) -> _Standing:
    """Of the tables as they are, as far as is asked."""
    asked = {name: whose[name] for name in ("tied", "resident", "again")}
    totals = connection.execute(statement("household_totals", **asked)).mappings().one()
    hashes = sum_of_hashes(connection, statement("household_hashes", **asked))
    return _Standing(hashes, {name: int(count) for name, count in totals.items()})


def _before(connection: Connection, resolve_id: str) -> _Standing:
    """Of all there is, as the publication before this one left it."""
    row = connection.execute(text(_BASE), {"id": UUID(resolve_id)}).one()
    return _Standing(int(row.content_hash, 16), {name: int(count) for name, count in row.report.items() if name != "found_by"})


def _follows(connection: Connection, resolve_id: str, found_by: str) -> bool:
    """Whether the households of the publication before this one were found, and by the same means."""
    row = connection.execute(text(_BASE), {"id": UUID(resolve_id)}).one_or_none()
    return row is not None and row.report.get("found_by") == found_by


class Nearby:
    """What is known around some customers; no record is read twice. Residents are ``RESIDENT_COLUMNS``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._residents = frame_of([], RESIDENT_COLUMNS)
        self._read_of: set[str] = set()
        self._heard: set[str] = set()
        temp_table(connection, "resident", types_of(membership, ("record_id",)))

    @property
    def count(self) -> int:
        """How many records were read until now, or as much of them as says who else may have to be."""
        return len(self._heard.union(self._residents["record_id"]))

    def of_records(self, records: Iterable[str]) -> pd.DataFrame:
        """Residents: whoever holds one of some records, or a home, phone or mailbox that one of them ever had."""
        seed(self._connection, records)
        run(self._connection, "household_near")
        self._read()
        near = set(self._connection.scalars(text("SELECT record_id::text FROM pg_temp.near")))
        return self._residents[self._residents["record_id"].isin(near)]

    def beside(self, customers: frozenset[str]) -> pd.DataFrame:
        """Residents: some customers, and whoever holds a home, phone or mailbox that they ever had."""
        return self.of_records(self.records(customers)["record_id"]) if customers else self._residents[:0]

    def records(self, customers: frozenset[str]) -> pd.DataFrame:
        """Residents: some customers alone."""
        if unread := customers - self._read_of:
            _customers(self._connection, "whose", unread)
            run(self._connection, "household_theirs")
            self._read()
            self._read_of |= unread
        return self._residents[self._residents["customer_id"].isin(customers)]

    def said(self, records: Iterable[str], sequence: int) -> pd.DataFrame:
        """What some records, and all others of their customers, ever said; whose they were before a publication, and are now."""
        temp_table(self._connection, "concerned", types_of(membership, ("record_id",)))
        copy_in(self._connection, "concerned", ("record_id",), ((record,) for record in sorted(records)))
        analyze(self._connection, "concerned")
        run(self._connection, "household_concerned")
        query = statement("household_said", sequence=str(int(sequence)))
        none = pd.DataFrame(columns=list(_OF_SAID), dtype=object)
        found = pd.concat(list(frames(self._connection, query, _OF_SAID)) or [none], ignore_index=True)
        self._heard.update(found["record_id"])
        return found

    def holders(self, keys: Sequence[Key]) -> Iterator[tuple[int, str]]:
        """Of some keys of ``include.golden.restless``, by their places: every customer of whom a record ever said it."""
        temp_table(self._connection, "asked", {"place": Integer(), **dict.fromkeys(_ASKED, Text())})
        copy_in(self._connection, "asked", ("place", *_ASKED), ((place, *_asked(key)) for place, key in enumerate(keys)))
        analyze(self._connection, "asked")
        run(self._connection, "household_holders")
        for row in self._connection.execute(text(_HOLDERS)):
            yield row[0], row[1]

    def doubtful(self, customers: frozenset[str]) -> pd.DataFrame:
        """``customer_a, customer_b``: of some customers, who may be one person with another."""
        return self._of("doubts", customers)

    def households(self, customers: frozenset[str]) -> pd.DataFrame:
        """``customer_id, household_id`` of everybody in the households that some live in, as they stand."""
        return self._of("fellows", customers)

    def ties(self, customers: frozenset[str]) -> pd.DataFrame:
        """``customer_a, customer_b, evidence, worth`` inside the households that some live in, as they stand."""
        return self._of("inside", customers)

    def _of(self, name: str, customers: frozenset[str]) -> pd.DataFrame:
        _customers(self._connection, "whose", customers)
        return _frame(self._connection, name)

    def _read(self) -> None:
        run(self._connection, "household_unread")
        unread = list(_records(self._connection, "SELECT record_id, customer_id FROM pg_temp.unread", RESIDENT_COLUMNS))
        self._residents = pd.concat([self._residents, *unread] if len(self._residents) else unread, ignore_index=True)
        self._read_of.update(*(frame["customer_id"] for frame in unread))


_OF_SAID: Mapping[str, Type] = {
    **dict.fromkeys(("record_id", "was", "now"), "text"),
    "deleted": "boolean",
    **dict.fromkeys(("region", "given_key", "family_key", "name_suffix", "birth_date", "address_line"), "text"),
    **dict.fromkeys(("house_number", "street_key", "city", "postcode"), "text"),
    **dict.fromkeys(("phones", "email_keys"), "texts"),
}
"""Columns of what records ever said."""

_ASKED = ("phone", "mailbox", "street_key", "house_number", "postcode", "city")


def _asked(key: Key) -> tuple[str | None, ...]:
    kind, *told = key
    if kind == "home":
        return (None, None, *(one or None for one in told))
    return (told[0], None, None, None, None, None) if kind == "phone" else (None, told[0], None, None, None, None)


def _customers(connection: Connection, table: str, customers: Iterable[str]) -> None:
    temp_table(connection, table, types_of(household_member, ("customer_id",)))
    copy_in(connection, table, ("customer_id",), ((customer,) for customer in sorted(customers)))
    analyze(connection, table)


def _frame(connection: Connection, name: str, **lists: str) -> pd.DataFrame:
    found = connection.execute(statement(f"household_{name}", **lists))
    return pd.DataFrame([tuple(row) for row in found], columns=list(found.keys()), dtype=object)


def _known(connection: Connection, resolve_id: str) -> Report | None:
    wanted = text("SELECT content_hash, report FROM ops.household_run WHERE resolve_id = :id")
    row = connection.execute(wanted, {"id": UUID(resolve_id)}).one_or_none()
    if row is None:
        return None
    return Report(row.content_hash, {name: count for name, count in row.report.items() if name != "found_by"}, fresh=False)


def _sequence(connection: Connection, resolve_id: str) -> int:
    latest = published.latest(connection)
    if latest is None or str(latest.resolve_id) != resolve_id:
        raise Conflict("Another run was published since these households were found: they are found anew after that one.")
    return int(latest.sequence)


_REPEAT: dict[str, Type] = {"evidence": "json", "first_at": "timestamp", "last_at": "timestamp", "first_orders": "text"}


def _copy(connection: Connection, members: pd.DataFrame, ties: pd.DataFrame, repeats: pd.DataFrame) -> None:
    """The three frames to temporary tables."""
    parts: tuple[tuple[str, Table, pd.DataFrame, dict[str, Type]], ...] = (
        ("new_resident", household_member, members, {}),
        ("new_tie", household_tie, ties, {"evidence": "texts"}),
        ("new_repeat", repeat_registration, repeats, _REPEAT),
    )
    for name, table, frame, kinds in parts:
        columns = [column.name for column in table.columns if column.name != "since_sequence"]
        temp_table(connection, name, types_of(table, columns))
        ready = [cells(frame[column], kinds[column]) if column in kinds else frame[column].tolist() for column in columns]
        copy_in(connection, name, columns, zip(*ready, strict=True))
    analyze(connection, "new_resident", "new_tie", "new_repeat")
