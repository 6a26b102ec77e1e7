"""What makes two words of a source the same: a hash of the canonical fields and of nothing else."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

DELETED_HASH = sha256(b'{"deleted":true}').hexdigest()
"""Content hash of every tombstone: a deleted record says nothing else."""


def content_hash(names: Sequence[str], values: Sequence[Any]) -> str:
    """Hash of a row's content, as 64 hex digits.

    Missing fields are left out, so a canonical field that is added later leaves the hash of every record without it as it was.
    """
    held = {name: _plain(value) for name, value in zip(names, values, strict=True) if value is not None and value != []}
    return sha256(json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value
