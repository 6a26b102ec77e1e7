"""One JSON document a file (Zendesk, Graph API), streamed: neither the document nor its side lists are ever held in memory."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from include.sources.declaration import Embed, Stream
from include.sources.readers.rows import RawRow, Unreadable, unread
from include.sources.readers.text import Text

_BLOCK = 1 << 16
_OPENS, _CLOSES = frozenset({"start_map", "start_array"}), frozenset({"end_map", "end_array"})
_ITEM = "\0item"
"""The name of what lies in a list; no field of a record is called so."""
MOST_DEEP = 200
"""Lists and records in one another. Exports have a dozen; thousands of brackets would fill the memory and end the reader."""
_SCALARS = ("null", "boolean", "integer", "double", "number", "string")


def rows(text: Text, stream: Stream, again: Callable[[], Text]) -> Iterator[RawRow]:
    """Read the list of records; items of side lists go into the record they belong to.

    Args:
        text: The document.
        stream: Says where the records and side lists lie.
        again: Opens the document a second time: side lists may stand behind the records, so they are gathered first.

    Raises:
        Unreadable: The document is cut off or no JSON, or has no list of records.
    """
    records = stream.records or ""
    if not stream.embed:
        yield from (_row(n, element) for n, element in enumerate(_elements(text, records), 1))
        return
    with closing(_Side(stream.embed)) as side:
        side.gather(again)
        count = 0
        for count, element in enumerate(_elements(text, records), 1):
            yield _row(count, side.into(element) if isinstance(element, dict) else element)
        yield from (unread(count + n, "orphan_child", item) for n, item in enumerate(side.orphans(), 1))


def _row(position: int, element: Any) -> RawRow:
    if isinstance(element, dict):
        return RawRow(position, element)
    return unread(position, "not_an_object", json.dumps(element, ensure_ascii=False))


def _elements(text: Text, path: str, required: bool = True) -> Iterator[Any]:
    """The elements of the list at a path, built one at a time.

    Reads the document to its end, so that a cut behind the list is seen too.
    """
    from ijson.common import ObjectBuilder

    at, found, builder, open_ = _Place(path), False, None, 0
    for event, value in _events(text):
        if builder is None:
            here = at.of(event, value)
            if here == "list" and event == "start_array":
                found = True
            elif here == "item" and event in _OPENS:
                builder = ObjectBuilder()
            elif here == "item" and event in _SCALARS:
                yield value
        if builder is not None:
            builder.event(event, value)
            open_ += (event in _OPENS) - (event in _CLOSES)
            if not open_:
                at.of(event, None)
                yield builder.value
                builder = None
    if required and not found:
        raise Unreadable(f"the document has no list '{path}'", 1)


def _events(text: Text) -> Iterator[tuple[str, Any]]:
    """What the document consists of, to its end or to what makes it none."""
    import ijson

    depth = 0
    try:
        for event, value in ijson.basic_parse(_Bytes(text), use_float=True):
            depth += (event in _OPENS) - (event in _CLOSES)
            if depth > MOST_DEEP:
                raise _too_deep(text)
            yield event, value
    except ijson.IncompleteJSONError as error:
        raise Unreadable(_damage(str(error)), text.line + 1) from None
    except UnicodeDecodeError:
        raise Unreadable("holds half a character, written as \\ud800 or the like, from about here on", text.line + 1) from None


def _damage(message: str) -> str:
    """What is wrong, in our words: the message quotes the file behind its first line, so only that line may be looked at."""
    first = message.partition("\n")[0]
    if "EOF" in first:
        return "the document is cut off: it is not closed"
    if "overflow" in first:
        return "holds a number too large from about here on; ids so long are written as text"
    return "is no JSON from about here on"


def _too_deep(text: Text) -> Unreadable:
    return Unreadable(f"something is nested deeper than {MOST_DEEP} levels from about here on: no export does", text.line + 1)


class _Place:
    """Where in a document its events are, as far as it matters: in the list at a path, at one of its items, elsewhere.

    Not ijson's own prefixes: they grow with the depth, and a document of brackets alone would fill the memory with them.
    """

    def __init__(self, path: str) -> None:
        self._list = path.split(".") if path else []
        self._names: list[str] = []

    def of(self, event: str, value: Any) -> str | None:
        """``list``, ``item`` or None: where the value is that this event begins, ends or is."""
        if event == "map_key":
            self._names[-1] = value
            return None
        if event in _CLOSES:
            self._names.pop()
        here = None
        if self._names == self._list:
            here = "list"
        elif len(self._names) == len(self._list) + 1 and self._names[-1] == _ITEM and self._names[:-1] == self._list:
            here = "item"
        if event in _OPENS:
            self._names.append(_ITEM if event == "start_array" else "")
        return here


class _Bytes:
    """A document's text as the UTF-8 that ijson wants, whatever the file's encoding."""

    def __init__(self, text: Text) -> None:
        self._text, self._blocks = text, text.blocks(_BLOCK)

    def read(self, size: int) -> bytes:
        """The next block, of about the size asked for; ijson first asks for nothing, to see the type."""
        if not size:
            return b""
        block = next(self._blocks, "")
        if self._text.is_damaged(block):
            raise Unreadable(f"is no {self._text.encoding} text from about here on", self._text.line + 1)
        return block.encode("utf-8")


class _Side:
    """Side lists on disk, by the record they belong to: a private SQLite file that vanishes when closed."""

    def __init__(self, embeds: tuple[Embed, ...]) -> None:
        self._embeds = embeds
        self._db = sqlite3.connect("")
        self._db.execute(
            "CREATE TABLE item (list TEXT, parent TEXT, n INTEGER, json TEXT, PRIMARY KEY (list, parent, n)) WITHOUT ROWID"
        )
        self._db.execute("CREATE TABLE seen (list TEXT, parent TEXT, PRIMARY KEY (list, parent)) WITHOUT ROWID")

    def gather(self, again: Callable[[], Text]) -> None:
        """Fill from the document."""
        for embed in self._embeds:
            text = again()
            with closing(text.stream):
                elements = enumerate(_elements(text, embed.list, required=False))
                rows = ((embed.list, _parent(element, embed), n, json.dumps(element)) for n, element in elements)
                self._db.executemany("INSERT INTO item VALUES (?, ?, ?, ?)", rows)

    def into(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record with its items."""
        full = dict(record)
        for embed in self._embeds:
            if record.get(embed.parent) is None:
                continue
            at = (embed.list, str(record[embed.parent]))
            items = self._db.execute("SELECT json FROM item WHERE list = ? AND parent = ? ORDER BY n", at).fetchall()
            if items:
                full[embed.list] = [json.loads(text) for (text,) in items]
                self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", at)
        return full

    def orphans(self) -> Iterator[str]:
        """Items no record took, as JSON."""
        query = "SELECT json FROM item WHERE (list, parent) NOT IN (SELECT list, parent FROM seen) ORDER BY list, n"
        yield from (text for (text,) in self._db.execute(query))

    def close(self) -> None:
        """And with it everything in it."""
        self._db.close()


def _parent(item: Any, embed: Embed) -> str:
    """The owner's id as text; "" of an item that names none, so that no record takes it."""
    owner = item.get(embed.child) if isinstance(item, dict) else None
    return "" if owner is None else str(owner)
