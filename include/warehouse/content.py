"""What makes two words of a source the same: a hash of the canonical fields and of nothing else."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

DELETED_HASH = sha256(b'{"deleted":true}').hexdigest()
"""Content hash of every tombstone: a deleted record says nothing else."""


def content_hashes(columns: Mapping[str, Sequence[Any]]) -> list[str]:
    """Hash of each row's content, as 64 hex digits: of its fields as JSON, written column by column.

    Missing fields are left out, so a canonical field that is added later leaves the hash of every record without it as it was.

    Args:
        columns: Field > its values, as the warehouse keeps them; at least one field.
    """
    names = sorted(columns)
    held = [name for name in names if columns[name].count(None) + columns[name].count([]) < len(columns[name])] or names[:1]
    written = ([_written(name, value) for value in columns[name]] for name in held)
    return [sha256(f"{{{','.join(filter(None, row))}}}".encode()).hexdigest() for row in zip(*written, strict=True)]


def _written(name: str, value: Any) -> str | None:
    return None if value is None or value == [] else f'"{name}":{_json(_plain(value))}'


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value
