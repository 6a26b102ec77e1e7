"""Raw rows that came as columns, in the form they land in: the same to the byte as ``suki.landed`` makes of them one by one."""

import json
from typing import TYPE_CHECKING

from include.sources import Columns, Delivery, Source, Stream, key_of, paths
from include.sources.readers.columns import as_json, bytes_of, escaped, rows_as_json, whole, written
from suki.ownership import record_ids

if TYPE_CHECKING:
    import pyarrow as pa

    from include.privacy.tokens import Tokens


def landed_table(
    delivery: Delivery, columns: Columns, source: Source, stream: Stream, tokens: "Tokens"
) -> "tuple[pa.Table, memoryview]":
    """Landed rows, and what the landing's digest is made of.

    Args:
        delivery: What they were delivered in.
        columns: The rows.
        source: Whose.
        stream: Which of its streams.
        tokens: Makes record ids.
    """
    import pyarrow as pa
    from pyarrow import compute

    from suki.frames import landed_schema

    given = columns.table.combine_chunks()
    count = given.num_rows
    raws = rows_as_json(given)
    keys = _keys(columns, {name: whole(given[name]) for name in given.column_names}, stream)
    positions = pa.array(range(columns.position, columns.position + count), pa.int64())
    held = {
        "record_id": pa.array(record_ids(tokens, source, stream.name, keys, [delivery.delivered_on] * count), pa.string()),
        "file": pa.repeat(pa.scalar(delivery.file), count), "position": positions,
        "delivered_on": pa.repeat(pa.scalar(delivery.delivered_on, pa.date32()), count),
        "scope": pa.repeat(pa.scalar(delivery.scope, pa.string()), count), "problem": pa.nulls(count, pa.string()),
        "raw": raws, "source_key": pa.array(keys, pa.string()),
    }  # fmt: skip
    said = compute.binary_join_element_wise(
        f"[{json.dumps(delivery.file, ensure_ascii=False)}, ", positions.cast(pa.string()), ", null, ",
        as_json(held["source_key"]), ', "', escaped(raws), '"]', "",
    )  # fmt: skip
    schema = landed_schema()
    return pa.table([held[name] for name in schema.names], schema=schema), bytes_of(said)


def _keys(columns: Columns, arrays: "dict[str, pa.Array]", stream: Stream) -> list[str | None]:
    """The source's own key of each row; read as of single rows, but where it is one column of texts as it stands."""
    import pyarrow as pa

    key = stream.key
    as_it_stands = key.path if key.table is None and not key.prefix and not key.strip_prefix else None
    if (
        as_it_stands in arrays
        and as_it_stands not in written(columns.table.schema)
        and (stream.flat or as_it_stands.isidentifier())
    ):
        column = arrays[as_it_stands]
        if pa.types.is_string(column.type):
            return [(text.replace("\0", "").strip() or None) if text else None for text in column.to_pylist()]
    read = {paths.parse(path, stream.flat)[0].name for path in key.paths()}
    needed = [name for name in arrays if name in read] or list(arrays)
    narrow = Columns(columns.position, columns.table.select(needed))
    return [key_of(row.raw, stream) for row in narrow.rows()]
