"""By which declarations golden values are chosen: those in force, what a change was measured to change, and who approved it.

Each declaration of survivorship and trust is kept whole, so that the one in force can go on while a changed one waits.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from include.warehouse.bulk import dicts, statement
from include.warehouse.engine import Bind, transaction
from include.warehouse.readings import NothingToApprove
from include.warehouse.snapshot import customers_among
from include.warehouse.tables import belief

NAME = "survivorship"
"""What the declarations are called where one of them is approved."""


def in_force(bind: Bind) -> dict[str, Any] | None:
    """The row of ``ops.belief`` that golden values are chosen by; None before the first."""
    query = select(belief).where(belief.c.in_force_since.is_not(None)).order_by(belief.c.in_force_since.desc()).limit(1)
    found = dicts(bind, query, "reading the survivorship in force")
    return found[0] if found else None


def known(bind: Bind, fingerprint: str) -> bool:
    """Whether a declaration is kept."""
    with transaction(bind, "looking for a survivorship") as connection:
        return connection.scalar(select(belief.c.fingerprint).where(belief.c.fingerprint == fingerprint)) is not None


def declared(bind: Bind, fingerprint: str) -> Mapping[str, Any]:
    """A declaration that was kept, whole."""
    with transaction(bind, "reading a survivorship") as connection:
        found: Mapping[str, Any] = connection.execute(
            select(belief.c.declared).where(belief.c.fingerprint == fingerprint)
        ).scalar_one()
        return found


def approved(bind: Bind, fingerprint: str) -> bool:
    """Whether somebody approved a declaration, now or earlier."""
    query = select(belief.c.approved_by).where(belief.c.fingerprint == fingerprint)
    with transaction(bind, "reading an approval") as connection:
        return connection.scalar(query) is not None


def keep(
    bind: Bind, fingerprint: str, declared: Mapping[str, Any], *, owners: Sequence[str], sampled: int, differing: int, asks: bool,
    report: Mapping[str, Any],
) -> bool:  # fmt: skip
    """Keep a declaration with what it was measured to change; returns whether it is news.

    Args:
        bind: Engine or connection acting as ``suki_resolve``.
        fingerprint: Of what is declared.
        declared: The declaration, whole.
        owners: Who answers for what was changed.
        sampled: Customers looked at.
        differing: Of those, customers one of whose values would be another.
        asks: Whether that asks for an approval.
        report: Counts by field and opaque ids; no values.
    """
    measured = {"owners": list(owners), "sampled": sampled, "differing": differing, "asks": asks, "report": dict(report)}
    row = {"fingerprint": fingerprint, "declared": dict(declared), **measured}
    with transaction(bind, "keeping what a changed survivorship changes") as connection:
        news = not known(connection, fingerprint)
        put = insert(belief).values(row)
        connection.execute(put.on_conflict_do_update(index_elements=["fingerprint"], set_=measured))
        return news


def put_in_force(connection: Connection, fingerprint: str) -> None:
    """From now on all golden values are chosen by this declaration; to be called in the transaction that publishes them."""
    stands = in_force(connection)
    if stands is None or stands["fingerprint"] != fingerprint:
        query = update(belief).where(belief.c.fingerprint == fingerprint)
        connection.execute(query.values(in_force_since=func.clock_timestamp()))


def listed(bind: Bind) -> list[dict[str, Any]]:
    """Every declaration but the first, the latest first, for ``suki_steward``."""
    query = select(belief).where(belief.c.sampled > 0).order_by(belief.c.recorded_at.desc())
    return dicts(bind, query, "reading changed survivorship")


def approve(bind: Bind, *, actor: str, why: str) -> None:
    """Approve the latest changed declaration that waits.

    Raises:
        NothingToApprove: None waits, or it is the actor's own.
    """
    c = belief.c
    waiting = select(belief).where(c.asks, c.approved_by.is_(None)).order_by(c.recorded_at.desc()).limit(1)
    with transaction(bind, "approving a changed survivorship") as connection:
        found = connection.execute(waiting).mappings().first()
        if found is None:
            raise NothingToApprove("No changed survivorship waits for an approval. `suki standards list` shows them all.")
        if actor.casefold() in {owner.casefold() for owner in found["owners"]}:
            raise NothingToApprove(f"{actor} owns what was changed: a second person has to approve it.")
        query = update(belief).where(c.fingerprint == found["fingerprint"])
        connection.execute(query.values(approved_by=actor, why=why, approved_at=func.now()))


def sample(bind: Bind, customers: int) -> pd.DataFrame:
    """The live records of so many published customers, with ``customer_id``: the first by their ids, which follow no order."""
    with transaction(bind, "reading a sample of the customers") as connection:
        chosen = connection.execute(statement("belief_sample"), {"customers": customers})
        of = {str(record_id): str(customer_id) for record_id, customer_id in chosen}
        records = customers_among(connection, of)
    return records.assign(customer_id=records["record_id"].map(of).astype(object))
