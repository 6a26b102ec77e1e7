"""Which cleaning read what: every combination of standard, cleaners and declaration gets a number, and its results are counted.

The number orders readings: of one delivered word the reading with the higher number counts. A combination keeps its number, so
running again changes nothing; whoever goes back to an earlier one raises the standard's version, which makes it a new one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import delete, func, insert, select, text

from include.warehouse.bulk import dicts, statement
from include.warehouse.engine import Bind, lock, transaction
from include.warehouse.tables import cleaning, date_order_seen, field_profile, field_quality, learned_order


def is_news(bind: Bind, of: Mapping[str, Any]) -> bool:
    """Whether a source that was cleaned before has never been cleaned so.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        of: ``source, standards_version, cleaners, declaration``.
    """
    c = cleaning.c
    known = select(c.standards_version, c.cleaners, c.declaration).where(c.source == of["source"])
    with transaction(bind, f"looking up the cleanings of {of['source']}") as connection:
        found = [tuple(row) for row in connection.execute(known)]
    return bool(found) and (of["standards_version"], of["cleaners"], of["declaration"]) not in found


def number_of(bind: Bind, *, source: str, standards_version: int, standards_owner: str, cleaners: str, declaration: str) -> int:
    """The number of a cleaning of a source; one that is new gets the next."""
    of = {"standards_version": standards_version, "cleaners": cleaners, "declaration": declaration}
    c = cleaning.c
    known = select(c.cleaning_version).where(c.source == source, *(c[name] == value for name, value in of.items()))
    with transaction(bind, f"numbering the cleaning of {source}") as connection:
        found = connection.scalar(known)
        if found is None:
            lock(connection, f"cleaning:{source}")
            found = connection.scalar(known)
        if found is None:
            highest = connection.scalar(select(func.coalesce(func.max(c.cleaning_version), 0)).where(c.source == source))
            found = int(highest or 0) + 1
            row = {"source": source, "cleaning_version": found, "standards_owner": standards_owner, **of}
            connection.execute(insert(cleaning).values(row))
        return int(found)


def record_results(
    bind: Bind, ran: Mapping[str, str], *, profile: Iterable[Mapping[str, Any]], quality: Iterable[Mapping[str, Any]],
    orders: Iterable[Mapping[str, Any]],
) -> None:  # fmt: skip
    """Keep what a run found before cleaning and after; a retry's figures take the place of its own earlier ones.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        ran: ``dag_id``, ``run_id``, ``source`` and ``stream``.
        profile: Rows of ``ops.field_profile`` without those.
        quality: Rows of ``ops.field_quality`` without those.
        orders: Rows of ``ops.date_order_seen`` without those.
    """
    with transaction(bind, "recording what was cleaned") as connection:
        for table, rows in ((field_profile, profile), (field_quality, quality), (date_order_seen, orders)):
            connection.execute(delete(table).where(*(table.c[name] == value for name, value in ran.items())))
            if found := [{**ran, **row} for row in rows]:
                connection.execute(insert(table), found)


def earlier_profiles(bind: Bind, *, source: str, stream: str, manifest_id: str, runs: int = 14) -> pd.DataFrame:
    """``field, run_id, rows, filled, patterns`` of the windows delivered before the manifest's own, the latest first."""
    asked = {"source": source, "stream": stream, "manifest_id": manifest_id, "runs": runs}
    with transaction(bind, "reading earlier profiles") as connection:
        found = connection.execute(statement("earlier_profiles"), asked)
        return pd.DataFrame(found.all(), columns=list(found.keys()))


def profile_of_run(bind: Bind, dag_id: str, run_id: str) -> list[dict[str, Any]]:
    """Rows of ``ops.field_profile`` of a run, with the streams and fields in order."""
    return _of_run(bind, field_profile, dag_id, run_id)


def quality_of_run(bind: Bind, dag_id: str, run_id: str) -> list[dict[str, Any]]:
    """Rows of ``ops.field_quality`` of a run."""
    return _of_run(bind, field_quality, dag_id, run_id)


def cleanings_of_run(bind: Bind, dag_id: str, run_id: str) -> list[dict[str, Any]]:
    """Which cleanings read the rows of a run: number, standard and owner."""
    query = (
        "SELECT DISTINCT cleaning.source, cleaning.cleaning_version, standards_version, standards_owner FROM ops.cleaning"
        " JOIN ops.field_quality USING (source, cleaning_version) WHERE dag_id = :dag_id AND run_id = :run_id ORDER BY 1, 2"
    )
    return dicts(bind, text(query), "reading the cleanings of a run", dag_id=dag_id, run_id=run_id)


def learned_orders(bind: Bind, source: str, stream: str) -> dict[str | None, str]:
    """The orders of day and month that stand as learned, by store (None: a stream without stores)."""
    query = (
        "SELECT DISTINCT ON (scope) scope, date_order FROM ops.learned_order WHERE source = :source AND stream = :stream"
        " ORDER BY scope, version DESC"
    )
    with transaction(bind, "reading the learned habits") as connection:
        found = connection.execute(text(query), {"source": source, "stream": stream})
        return {scope or None: order for scope, order in found if order}


def order_evidence(bind: Bind) -> pd.DataFrame:
    """``source, stream, scope, day_first, month_first, either`` over all runs."""
    query = (
        "SELECT source, stream, scope, sum(day_first)::bigint AS day_first, sum(month_first)::bigint AS month_first,"
        " sum(either)::bigint AS either FROM ops.date_order_seen GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    with transaction(bind, "reading what dates showed") as connection:
        found = connection.execute(text(query))
        return pd.DataFrame(found.all(), columns=list(found.keys()))


def keep_order(
    bind: Bind, *, source: str, stream: str, scope: str | None, order: str | None, evidence: Mapping[str, int]
) -> bool:
    """Freeze a learned order; returns whether it is news."""
    c, of = learned_order.c, {"source": source, "stream": stream, "scope": scope or ""}
    with transaction(bind, "keeping a learned habit") as connection:
        lock(connection, "learned_order")
        standing = connection.execute(
            select(c.version, c.date_order)
            .where(*(c[name] == value for name, value in of.items()))
            .order_by(c.version.desc())
            .limit(1)
        ).first()
        if (standing.date_order if standing else None) == order:
            return False
        version = standing.version + 1 if standing else 1
        connection.execute(
            insert(learned_order).values({**of, "version": version, "date_order": order, "evidence": dict(evidence)})
        )
        return True


def _of_run(bind: Bind, table: Any, dag_id: str, run_id: str) -> list[dict[str, Any]]:
    query = select(table).where(table.c.dag_id == dag_id, table.c.run_id == run_id).order_by(table.c.source, table.c.stream)
    return dicts(bind, query, "reading what was cleaned")
