"""The records of an API's answer: side lists go into the record they belong to, GraphQL's connections become lists."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from include.sources.declaration import Embed, Stream
from include.sources.readers.rows import RawRow, unread

_CONNECTION = frozenset({"nodes", "edges", "pageInfo", "totalCount"})
"""What a connection may hold (relay.dev/graphql/connections.htm; Shopify's and GitHub's have ``nodes`` beside ``edges``)."""


def rows(found: Sequence[Any], content: Any, stream: Stream, leave: Callable[[dict[str, Any]], bool]) -> Iterator[RawRow]:
    """The records of one page.

    Args:
        found: The list of them.
        content: The whole answer; side lists stand beside the records.
        stream: Says what is embedded, and whether it is asked by GraphQL.
        leave: Whether a record is left to another window.
    """
    beside = [(embed, _by_owner(content, embed)) for embed in stream.embed]
    graphql = stream.request is not None and stream.request.graphql is not None
    for record in found:
        if not isinstance(record, dict):
            yield unread(0, "not_an_object", json.dumps(record, ensure_ascii=False))
            continue
        full = {**record, **{embed.list: own for embed, items in beside if (own := _own(record, embed, items))}}
        if leave(full):
            continue
        if not graphql:
            yield RawRow(0, full)
            continue
        plain, cut = _plain(full)
        yield unread(0, "list_cut", json.dumps(record, ensure_ascii=False)) if cut else RawRow(0, plain)
    for _, items in beside:
        for orphans in items.values():
            yield from (unread(0, "orphan_child", json.dumps(item, ensure_ascii=False)) for item in orphans)


def _by_owner(content: Any, embed: Embed) -> dict[str, list[Any]]:
    items = defaultdict[str, list[Any]](list)
    for item in (content.get(embed.list) or []) if isinstance(content, dict) else []:
        owner = item.get(embed.child) if isinstance(item, dict) else None
        items["" if owner is None else str(owner)].append(item)
    return items


def _own(record: dict[str, Any], embed: Embed, items: dict[str, list[Any]]) -> list[Any]:
    """A record's items, taken out; none of a record without a name of its own."""
    name = record.get(embed.parent)
    return [] if name is None else items.pop(str(name), [])


def _plain(value: Any) -> tuple[Any, bool]:
    """The value with connections as lists, and whether one of them goes on behind what was asked for."""
    if isinstance(value, dict):
        if value and value.keys() <= _CONNECTION and ("nodes" in value or "edges" in value):
            nodes = value["nodes"] if "nodes" in value else [edge.get("node") for edge in value["edges"] or []]
            items, cut = _plain(nodes or [])
            return items, cut or (value.get("pageInfo") or {}).get("hasNextPage") is True
        members = {name: _plain(member) for name, member in value.items()}
        return {name: plain for name, (plain, _) in members.items()}, any(cut for _, cut in members.values())
    if isinstance(value, list):
        listed = [_plain(item) for item in value]
        return [plain for plain, _ in listed], any(cut for _, cut in listed)
    return value, False
