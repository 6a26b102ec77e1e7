"""Changed readings: what each was measured to change, whether that asked for an approval, and who gave it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from include.errors import SukiError
from include.warehouse.bulk import dicts
from include.warehouse.engine import Bind, transaction
from include.warehouse.tables import reading_change

_WHICH = ("source", "standards_version", "cleaners", "declaration")


class NothingToApprove(SukiError):
    """No changed reading waits, or the one who asks may not approve it."""


def keep(
    bind: Bind,
    reading: Mapping[str, Any],
    *,
    source_owner: str,
    sampled: int,
    differing: int,
    asks: bool,
    report: Mapping[str, Any],
) -> bool:
    """Keep what a reading was measured to change; returns whether it is approved.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        reading: ``source, standards_version, standards_owner, cleaners, declaration``.
        source_owner: Who answers for the source's declaration.
        sampled: Rows looked at.
        differing: Of those, rows that would be read otherwise.
        asks: Whether that asks for an approval.
        report: Sentences, counts by field and opaque ids; no values.
    """
    measured = {"sampled": sampled, "differing": differing, "asks": asks, "report": dict(report)}
    query = insert(reading_change).values({**reading, "source_owner": source_owner, **measured})
    with transaction(bind, f"keeping what a changed reading of {reading['source']} changes") as connection:
        own = [reading_change.c[name] for name in _WHICH]
        connection.execute(query.on_conflict_do_update(index_elements=own, set_=measured))
        approved = select(reading_change.c.approved_by).where(*(reading_change.c[name] == reading[name] for name in _WHICH))
        return connection.scalar(approved) is not None


def listed(bind: Bind) -> list[dict[str, Any]]:
    """Every changed reading, the latest first, for ``suki_steward``."""
    return dicts(bind, select(reading_change).order_by(reading_change.c.recorded_at.desc()), "reading changed readings")


def approve(bind: Bind, source: str, *, actor: str, why: str) -> dict[str, Any]:
    """Approve the latest changed reading of a source that waits; returns it.

    Raises:
        NothingToApprove: None waits, or it is the actor's own.
    """
    c = reading_change.c
    waiting = (
        select(reading_change).where(c.source == source, c.asks, c.approved_by.is_(None)).order_by(c.recorded_at.desc()).limit(1)
    )
    with transaction(bind, f"approving a changed reading of {source}") as connection:
        found = connection.execute(waiting).mappings().first()
        if found is None:
            raise NothingToApprove(f"No changed reading of {source} waits for an approval. `suki standards list` shows them all.")
        if actor.casefold() in (found["standards_owner"].casefold(), found["source_owner"].casefold()):
            raise NothingToApprove(f"{actor} owns what was changed: a second person has to approve it.")
        query = update(reading_change).where(*(c[name] == found[name] for name in _WHICH))
        connection.execute(query.values(approved_by=actor, why=why, approved_at=func.now()))
        return dict(found)
