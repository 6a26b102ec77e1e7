"""Raw rows in the form they land in: the record as JSON text, beside the source's own key and the opaque id made of it."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from include.sources import Delivery, RawRow, Source, Stream, key_of
from suki.ownership import record_ids

if TYPE_CHECKING:
    import pandas as pd

    from include.privacy.tokens import Tokens


def landed_row(delivery: Delivery, row: RawRow, stream: Stream) -> dict[str, Any]:
    """One row of a delivered file, still without its record id."""
    return {
        "file": delivery.file, "position": row.position, "delivered_on": delivery.delivered_on, "scope": delivery.scope,
        "problem": row.problem, "raw": as_json(row.raw), "source_key": None if row.problem else key_of(row.raw, stream),
    }  # fmt: skip


def landed_frame(rows: Sequence[Mapping[str, Any]], source: Source, stream: Stream, tokens: "Tokens") -> "pd.DataFrame":
    """Landed rows with their record ids."""
    import pandas as pd

    frame = pd.DataFrame(rows)
    frame["record_id"] = record_ids(tokens, source, stream.name, list(frame["source_key"]), list(frame["delivered_on"]))
    return frame


def as_json(raw: Mapping[str, Any] | Sequence[Any]) -> str:
    """Raw content as JSON text that any UTF-8 file can hold: half a surrogate pair stays escaped."""
    text = json.dumps(raw, ensure_ascii=False, sort_keys=True, default=str)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(raw, sort_keys=True, default=str)
    return text
