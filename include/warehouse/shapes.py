"""What raw fields looked like, landing by landing: what a later delivery is compared with."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from include.warehouse.engine import Bind, transaction
from include.warehouse.tables import field_shape

LANDINGS = 7
"""Landings looked back at: a quiet day alone shows too little."""

_BEFORE = text("""
    SELECT field_shape.rows, field_shape.fields
    FROM ops.manifest AS own
    JOIN ops.manifest
        ON manifest.source = own.source AND manifest.stream = own.stream AND manifest.window_start < own.window_start
    JOIN ops.staged_manifest ON staged_manifest.manifest_id = manifest.manifest_id
    JOIN ops.field_shape ON field_shape.manifest_id = manifest.manifest_id
    WHERE own.manifest_id = :manifest_id
    ORDER BY manifest.window_start DESC, manifest.recorded_at DESC
    LIMIT :landings
""")


def before(bind: Bind, manifest_id: str) -> list[tuple[int, dict[str, dict[str, int]]]]:
    """Rows looked at, and field to kind to rows, of each landing of the windows before that was staged; the latest first."""
    with transaction(bind, "reading what fields looked like") as connection:
        found = connection.execute(_BEFORE, {"manifest_id": UUID(manifest_id), "landings": LANDINGS})
        return [(int(rows), fields) for rows, fields in found]


def keep(bind: Bind, manifest_id: str, rows: int, fields: Mapping[str, Mapping[str, int]]) -> None:
    """Keep what a landing showed; mapped again by another declaration, what that shows."""
    values = {"rows": rows, "fields": {name: dict(kinds) for name, kinds in fields.items()}}
    query = insert(field_shape).values(manifest_id=UUID(manifest_id), **values)
    with transaction(bind, "keeping what fields looked like") as connection:
        connection.execute(query.on_conflict_do_update(index_elements=["manifest_id"], set_=values))
