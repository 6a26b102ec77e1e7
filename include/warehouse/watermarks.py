"""How far each stream of a table or an API has been read: a later run goes on there, an earlier window moves nothing back."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
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
    """``stream, read_to, run_id, recorded_at`` of each stream of a source that is asked and not delivered."""
    columns = (watermark.c.stream, watermark.c.read_to, watermark.c.run_id, watermark.c.recorded_at)
    query = select(*columns).where(watermark.c.source == source).order_by(watermark.c.stream)
    with transaction(bind, f"reading how far {source} was read") as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def advance(bind: Bind, source: str, stream: str, to: datetime, run_id: str) -> datetime:
    """Note that a stream has been read up to a moment; one that is not later changes nothing.

    Call it in the transaction that stages the rows: what did not get so far is read again by the next run.

    Returns:
        How far it has been read now.
    """
    given = insert(watermark).values(source=source, stream=stream, read_to=to, run_id=run_id)
    later = given.on_conflict_do_update(
        index_elements=[watermark.c.source, watermark.c.stream],
        set_={"read_to": given.excluded.read_to, "run_id": given.excluded.run_id, "recorded_at": func.now()},
        where=watermark.c.read_to < given.excluded.read_to,
    )
    with transaction(bind, f"noting how far {source}.{stream} was read") as connection:
        connection.execute(later)
        return read_to(connection, source, stream) or to
