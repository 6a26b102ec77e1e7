"""Rows as columns: what a reader gives where many rows can be taken at once, ten times as fast as one after the other."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from include.sources.readers.rows import RawRow, plain

_ROWS_AT_ONCE = 500
JSON = {b"holds": b"JSON"}
"""Metadata of a column of texts that are JSON: what stands in it is what they say."""

_SPACE, _QUOTE, _BACKSLASH = b' "\\'


@dataclass(frozen=True)
class Columns:
    """Sound rows that follow one another, none of which had to be looked at alone.

    Attributes:
        position: Of the first; each of the others is one on.
        table: A ``pyarrow.Table``, a column for each raw field.
    """

    position: int
    table: Any

    def __len__(self) -> int:
        """How many rows."""
        return int(self.table.num_rows)

    def rows(self) -> Iterator[RawRow]:
        """One after the other."""
        from pyarrow import types

        texts, in_json = all(types.is_string(kind) for kind in self.table.schema.types), written(self.table.schema)
        for position, raw in enumerate(self.table.to_pylist(), self.position):
            for name in in_json:
                raw[name] = None if raw[name] is None else json.loads(raw[name])
            yield RawRow(position, raw if texts else {name: plain(value) for name, value in raw.items()})

    def said(self) -> memoryview:
        """What the rows say, byte for byte; the same of some at once as of each after the other."""
        import pyarrow as pa
        from pyarrow import compute

        parts: list[Any] = []
        for name in sorted(self.table.column_names):
            texts = self.table[name].combine_chunks().cast(pa.string())
            size = compute.fill_null(compute.binary_length(texts).cast(pa.string()), "-")  # so that no value looks like two
            parts += [f"{name}:", size, ":", compute.fill_null(texts, "")]
        return bytes_of(compute.binary_join_element_wise(*parts, "\n", ""))


def written(schema: Any) -> set[str]:
    """The columns of a ``pyarrow.Schema`` that hold JSON."""
    return {each.name for each in schema if each.metadata == JSON}


def bytes_of(texts: Any) -> memoryview:
    """All the texts of a ``pyarrow`` array behind one another."""
    import numpy as np

    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return memoryview(b"")
    bounds = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(data)[int(bounds[0]) : int(bounds[-1])]


def whole(column: Any) -> Any:
    """A ``pyarrow.ChunkedArray`` in one piece."""
    import pyarrow as pa

    return (
        column.combine_chunks() if column.num_chunks != 1 else column.chunk(0) if column.num_chunks else pa.array([], column.type)
    )


def rows_as_json(table: Any) -> Any:
    """Each row of a ``pyarrow.Table`` as ``json.dumps`` writes it, its keys in order."""
    from pyarrow import compute

    in_json, said, before = written(table.schema), [], "{"
    for name in sorted(table.column_names):
        values = whole(table[name])
        value = compute.fill_null(values, "null") if name in in_json else as_json(values)
        said += [f"{before}{json.dumps(name, ensure_ascii=False)}: ", value]
        before = ", "
    return compute.binary_join_element_wise(*said, "}" if said else "{}", "")


def as_json(values: Any) -> Any:
    """Each value of a ``pyarrow`` array as ``json.dumps`` writes it."""
    import pyarrow as pa
    from pyarrow import compute

    kind = values.type
    if pa.types.is_string(kind):
        texts = compute.binary_join_element_wise('"', escaped(values), '"', "")
    elif pa.types.is_date32(kind):
        texts = compute.binary_join_element_wise('"', values.cast(pa.string()), '"', "")
    elif pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        texts = values.cast(pa.string())
    else:
        return pa.array(
            [json.dumps(plain(value), ensure_ascii=False, sort_keys=True, default=str) for value in values.to_pylist()],
            pa.string(),
        )
    return compute.fill_null(texts, "null")


def escaped(texts: Any) -> Any:
    """Texts as they stand between JSON's quotes."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import compute

    signs = np.frombuffer(bytes_of(texts), np.uint8)
    controls = bool((signs < _SPACE).any())
    if not controls:
        if (signs == _BACKSLASH).any():
            texts = compute.replace_substring(texts, "\\", "\\\\")
        return compute.replace_substring(texts, '"', '\\"') if (signs == _QUOTE).any() else texts
    wanting = compute.fill_null(compute.match_substring_regex(texts, r'["\\\x00-\x1f]'), False)
    told = [json.dumps(text, ensure_ascii=False)[1:-1] for text in texts.filter(wanting).to_pylist()]
    return compute.replace_with_mask(texts, wanting, pa.array(told, pa.string()))


Piece = Columns | list[RawRow]
"""A stretch of a delivery."""


def rows_of(pieces: Iterable[Piece]) -> Iterator[RawRow]:
    """The rows of pieces, one after the other."""
    for piece in pieces:
        yield from piece.rows() if isinstance(piece, Columns) else piece


def in_lists(rows: Iterable[RawRow]) -> Iterator[Piece]:
    """Rows that come one by one, in pieces."""
    rows = iter(rows)
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        yield some
