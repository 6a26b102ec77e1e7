"""JSON Lines, one object a line, with children that follow their parent (Shopify bulk operations)."""

import json
from collections.abc import Iterator
from typing import Any

from include.sources.declaration import Fold, Stream
from include.sources.readers.rows import RawRow, Unreadable, unread
from include.sources.readers.text import Text, storable


def rows(text: Text, stream: Stream) -> Iterator[RawRow]:
    """Read a JSONL file line by line; one parent with its children is all that is held.

    Raises:
        Unreadable: The last line is cut off.
    """
    read = _lines(text)
    return _folded(read, stream.fold) if stream.fold else read


def _lines(text: Text) -> Iterator[RawRow]:
    for line in text.lines():
        if not line.strip():
            continue
        ended = line.endswith(("\n", "\r"))
        if text.is_damaged(line):
            if not ended:
                raise Unreadable("the file is cut off in the middle of a character", text.line)
            yield unread(text.line, "bad_encoding", text.shown(line).rstrip("\r\n"))
            continue
        try:
            value = json.loads(line, parse_constant=_no_number)
        except (ValueError, RecursionError):
            if not ended:
                raise Unreadable("the file is cut off in the middle of a record", text.line) from None
            yield unread(text.line, "bad_json", line.rstrip("\r\n"))
            continue
        if isinstance(value, dict):
            yield RawRow(text.line, _storable(value) if "\\u" in line else value)
        else:
            yield unread(text.line, "not_an_object", line.rstrip("\r\n"))


def _folded(read: Iterator[RawRow], fold: Fold) -> Iterator[RawRow]:
    parent: RawRow | None = None
    children: list[Any] = []
    for row in read:
        if row.problem:
            yield row
        elif fold.child not in row.raw:
            if parent:
                yield _with_children(parent, fold, children)
            parent, children = row, []
        elif parent and row.raw[fold.child] == parent.raw.get(fold.parent):
            children.append(row.raw)
        else:
            yield unread(row.position, "orphan_child", json.dumps(row.raw, ensure_ascii=False))
    if parent:
        yield _with_children(parent, fold, children)


def _with_children(parent: RawRow, fold: Fold, children: list[Any]) -> RawRow:
    return RawRow(parent.position, {**parent.raw, fold.into: children}) if children else parent


def _no_number(_: str) -> None:
    raise ValueError("NaN and Infinity are not JSON")


def _storable(value: Any) -> Any:
    """The value without lone halves of a character that an exporter leaves that cuts an emoji in two."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(name): _storable(child) for name, child in value.items()}
    return value
