"""Which sources are late, and that somebody was told: each window of a source is told of once, however many runs notice."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from include.warehouse.bulk import dicts
from include.warehouse.engine import Bind, lock, transaction
from include.warehouse.tables import late_sync, manifest, staged_manifest


def staged_to(bind: Bind) -> dict[str, datetime]:
    """Source > the end of the latest window of it that was staged."""
    reached = (
        select(manifest.c.source, func.max(manifest.c.window_end).label("staged_to"))
        .join(staged_manifest, staged_manifest.c.manifest_id == manifest.c.manifest_id)
        .group_by(manifest.c.source)
    )
    found = dicts(bind, reached, "reading how far sources are staged")
    return {str(row["source"]): row["staged_to"] for row in found}


def claim(bind: Bind, owed: Mapping[str, tuple[datetime, datetime]], *, certain: str) -> list[dict[str, Any]]:
    """Note those sources as told of that are late and were not; returns them.

    Others that notice wait until the caller's transaction ends: it may tell of them in it, and take it all back where it cannot.

    Args:
        bind: Engine or connection acting as ``suki_ingest``.
        owed: Source > the end of the window that should be staged, and by when it should have been.
        certain: A source that is late for certain, even if nothing of it was ever staged. Of the others one counts as late only
            if it ever came: a source nobody has connected yet is late every day.

    Returns:
        ``source, due, promised, staged_to``, in the order of the sources' names.
    """
    with transaction(bind, "noting which sources are late") as connection:
        lock(connection, "late syncs")
        reached = staged_to(connection)
        late = [
            {"source": source, "due": due, "promised": promised}
            for source, (due, promised) in sorted(owed.items())
            if source == certain or (source in reached and reached[source] < due)
        ]
        if not late:
            return []
        put = insert(late_sync).values(late).on_conflict_do_nothing().returning(late_sync.c.source)
        new = set(connection.scalars(put))
        return [{**row, "staged_to": reached.get(str(row["source"]))} for row in late if row["source"] in new]
