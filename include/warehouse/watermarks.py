"""How far each stream of a table or an API has been read: a later run goes on there, an earlier window moves nothing back."""

from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert

from include.warehouse.engine import Bind, transaction
from include.warehouse.tables import watermark


def read_to(bind: Bind, source: str, stream: str) -> datetime | None:
    """Source time up to which a stream has been read, or None if it never was."""
    query = select(watermark.c.read_to).where(watermark.c.source == source, watermark.c.stream == stream)
    with transaction(bind, f"reading how far {source}.{stream} was read") as connection:
        found: datetime | None = connection.scalar(query)
        return found


def of_source(bind: Bind, source: str) -> list[dict[str, Any]]:
    """``stream, read_to, run_id, recorded_at, gap_from, gap_to, gap_run_id`` of each stream that is asked and not delivered."""
    query = (
        select(*(column for column in watermark.c if column.name != "source"))
        .where(watermark.c.source == source)
        .order_by(watermark.c.stream)
    )
    with transaction(bind, f"reading how far {source} was read") as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def advance(bind: Bind, source: str, stream: str, to: datetime, run_id: str, begin: datetime | None = None) -> datetime:
    """Note that a stream has been read up to a moment; one that is not later changes nothing.

    Call it in the transaction that stages the rows: what did not get so far is read again by the next run.

    Args:
        bind: The warehouse.
        source: Whose stream it is.
        stream: What was read.
        to: Up to when, in source time.
        run_id: By which run.
        begin: Of the run's own window. Where reading had ended before that, the run made good what was missed, and that is noted.

    Returns:
        How far it has been read now.
    """
    given = insert(watermark).values(source=source, stream=stream, read_to=to, run_id=run_id)
    new = {"read_to": given.excluded.read_to, "run_id": given.excluded.run_id, "recorded_at": func.now()}
    if begin is not None:
        missed = watermark.c.read_to < begin
        gap = {"gap_from": watermark.c.read_to, "gap_to": begin, "gap_run_id": given.excluded.run_id}
        new |= {name: case((missed, value), else_=watermark.c[name]) for name, value in gap.items()}
    later = given.on_conflict_do_update(
        index_elements=[watermark.c.source, watermark.c.stream], set_=new, where=watermark.c.read_to < given.excluded.read_to
    )
    with transaction(bind, f"noting how far {source}.{stream} was read") as connection:
        connection.execute(later)
        return read_to(connection, source, stream) or to
