"""Raw rows in the form they land in: the record as JSON text, beside the source's own key and the opaque id made of it."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from include.sources import Delivery, RawRow, Source, Stream, key_of
from suki import connections
from suki.lake import Lake
from suki.ownership import record_ids

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection

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


def landed_again(
    warehouse: "Connection", source: Source, stream: Stream, of: Mapping[str, Any], wanted: "Callable[[pd.DataFrame], Any]"
) -> tuple[str, int]:
    """Some rows of a landing, written anew; one whose key could not be found is looked at again, by today's declaration.

    Args:
        warehouse: As ``suki_ingest``.
        source: Whose landing it is.
        stream: Of which of its streams.
        of: ``manifest_id`` and ``uri`` of the landing.
        wanted: Which rows of a frame are wanted, as a mask.

    Returns:
        Where they lie, and how many they are.
    """
    from include.warehouse import landing
    from suki.frames import landed_schema

    lake, tokens = Lake(connections.lake_root()), connections.tokens()
    known = {
        "source": source.name, "stream": stream.name, "epoch": source.epoch, "restarts": source.restarts,
        "key_id": tokens.key_id, "manifest_id": of["manifest_id"],
    }  # fmt: skip
    with lake.writing(landed_schema(), "replayed", source.name, stream.name) as writer:
        for chunk in lake.reading(of["uri"]):
            rows = chunk[wanted(chunk)].copy()
            nameless = rows["record_id"].isna() & rows["problem"].isna()
            if nameless.any():
                keys = [key_of(json.loads(raw), stream) for raw in rows.loc[nameless, "raw"]]
                rows.loc[nameless, "source_key"] = keys
                rows.loc[nameless, "record_id"] = record_ids(
                    tokens, source, stream.name, keys, list(rows.loc[nameless, "delivered_on"])
                )
                landing.know_records(warehouse, known, rows.loc[nameless & rows["record_id"].notna()])
            writer.write(rows)
    return writer.uri, writer.rows
