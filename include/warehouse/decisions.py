"""What stewards decide of records: kept for good with who and why, withdrawn but never removed, and marked for the next run.

Everything here is done as ``suki_steward``. Whoever writes holds the lock of decisions until the transaction ends, so that of two
stewards who contradict each other at one moment the second is heard after the first.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, insert, text

from include.errors import SukiError
from include.warehouse.bulk import dicts, statement, storable
from include.warehouse.engine import Bind, lock, transaction
from include.warehouse.tables import dirty_record, steward_decision

REASON = "decision"
"""Why a decided record is marked."""


class Undecidable(SukiError):
    """Nothing can be decided of these records, or by nobody, or for no reason: the sentence says which."""


def hold(connection: Connection) -> None:
    """Be the only one who decides until this transaction ends."""
    lock(connection, "decisions")


def records(bind: Bind, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Record id > ``source, stream, region, deleted, customer_id`` (None: not resolved yet)."""
    wanted = [UUID(one) for one in ids]
    found = dicts(bind, statement("decide_records"), "reading the records to decide on", ids=wanted)
    return {row["record_id"]: row for row in found}


def in_force(bind: Bind) -> list[dict[str, str]]:
    """``record_a, record_b, decision, decision_id`` of all that were not withdrawn."""
    query = "SELECT record_a::text, record_b::text, decision, decision_id::text FROM identity.decision_in_force ORDER BY 1, 2"
    return dicts(bind, text(query), "reading the decisions")


def decided(bind: Bind, ids: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Every decision at some records or at all, the withdrawn too, the oldest first: the columns of the table."""
    wanted = None if ids is None else [UUID(one) for one in ids]
    return dicts(bind, statement("decided"), "reading the decisions", ids=wanted)


def decide(
    bind: Bind,
    pairs: Sequence[tuple[str, str]],
    decision: str,
    *,
    actor: str,
    reason: str,
    comparable: frozenset[tuple[str, str]],
    ruling: str | None = None,
) -> dict[tuple[str, str], str]:
    """Keep one decision on some pairs and mark their records, so that the next resolve run has work.

    Whether they contradict others is looked at before, under the same lock (``hold``).

    Args:
        bind: Where.
        pairs: Two record ids each.
        decision: ``must_link`` or ``cannot_link``.
        actor: Who decides.
        reason: Why.
        comparable: Regions whose records may be compared.
        ruling: ``merge`` or ``split``, of which these are the parts; None for a pair decided by itself.

    Returns:
        Pair to the id of its decision; of a merge or split to the one id of all.

    Raises:
        Undecidable: Nobody decides, for no reason, or of records that are one, unknown, deleted, or not to be compared.
    """
    who, why = said(actor, reason)
    ruling_id = uuid4() if ruling else None
    with transaction(bind, "keeping a decision") as connection:
        known = records(connection, sorted({record for pair in pairs for record in pair}))
        for one, other in pairs:
            _decidable(one, other, known, comparable)
        rows = [
            {
                "decision_id": uuid4(), "record_a": UUID(one), "record_b": UUID(other), "decision": decision, "actor": who,
                "reason": why, "ruling": ruling, "ruling_id": ruling_id,
            }
            for one, other in pairs
        ]  # fmt: skip
        connection.execute(insert(steward_decision), rows)
        mark(connection, known)
    return {pair: str(ruling_id or row["decision_id"]) for pair, row in zip(pairs, rows, strict=True)}


def withdraw(bind: Bind, decision_id: str, *, actor: str, reason: str) -> list[tuple[str, str]]:
    """Let a decision, or every decision of a merge or split, hold no longer; returns the pairs it was of.

    Raises:
        Undecidable: There is none of that id, it holds no longer already, or nobody withdraws it for no reason.
    """
    who, why = said(actor, reason)
    given = {"id": UUID(decision_id), "actor": who, "reason": why}
    with transaction(bind, "withdrawing a decision") as connection:
        pairs = [(row[0], row[1]) for row in connection.execute(statement("decide_withdraw"), given)]
        if not pairs:
            known = text("SELECT max(withdrawn_at) FROM identity.steward_decision WHERE decision_id = :id OR ruling_id = :id")
            at = connection.scalar(known, given)
            raise Undecidable(
                f"Decision {decision_id} was withdrawn already, on {at.date().isoformat()}."
                if at
                else f"There is no decision {decision_id}; suki decisions lists them."
            )
        mark(connection, {record for pair in pairs for record in pair})
    return pairs


def reviews(bind: Bind, limit: int | None = None) -> list[dict[str, Any]]:
    """What waits for a steward, worth most first; the columns of ``identity.review`` and how many wait in all (``waiting``)."""
    query = (
        "SELECT record_a::text, record_b::text, customer_a::text, customer_b::text, weight, probability, rule, pairs, moves,"
        " worth, count(*) OVER () AS waiting FROM identity.review ORDER BY worth DESC, probability DESC, record_a, record_b"
        " LIMIT :limit"
    )
    return dicts(bind, text(query), "reading what waits for a steward", limit=limit)


def answers(bind: Bind) -> list[dict[str, Any]]:
    """``weight, decision`` of the stored pairs that stewards decided one by one: what a weight turned out to mean."""
    query = (
        "SELECT edge.weight, decided.decision FROM identity.decision_in_force AS decided"
        " JOIN identity.edge ON edge.record_a = decided.record_a AND edge.record_b = decided.record_b"
        " WHERE decided.ruling IS NULL ORDER BY edge.weight, edge.record_a, edge.record_b"
    )
    return dicts(bind, text(query), "reading what stewards answered")


def said(actor: str, reason: str) -> tuple[str, str]:
    """Who and why, as the warehouse keeps them.

    Raises:
        Undecidable: Nobody says it, or for no reason.
    """
    who, why = (storable(word).strip() for word in (actor, reason))
    if not who:
        raise Undecidable("Somebody decides: say who.")
    if not why:
        raise Undecidable("A decision has a reason: say why.")
    return who, why


def _decidable(one: str, other: str, known: Mapping[str, Mapping[str, Any]], comparable: frozenset[tuple[str, str]]) -> None:
    if one == other:
        raise Undecidable(f"These are one record, {one}, given twice.")
    for record in (one, other):
        if record not in known:
            raise Undecidable(f"There is no record {record}.")
        if known[record]["deleted"]:
            raise Undecidable(f"Record {record} was deleted by its source: nothing is to be decided of it.")
    regions = known[one]["region"], known[other]["region"]
    if regions not in comparable:
        raise Undecidable(
            f"Records of {regions[0]} and {regions[1]} may not be compared (regions.yml), and so not decided on:"
            f" {one} and {other}."
        )


def mark(connection: Connection, ids: Iterable[str]) -> None:
    """Give the next resolve run these records to look at."""
    marks = insert(dirty_record).inline()  # of one mark SQLAlchemy would ask its id back, which a steward may not read
    connection.execute(marks, [{"record_id": UUID(one), "reason": REASON} for one in sorted(ids)])
