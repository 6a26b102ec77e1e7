"""Much at once from a Shopify shop: it writes a file of what a query gives, which is fetched when it is whole.

After shopify.dev/docs/api/usage/bulk-operations/queries. It spares the shop's limits: a backfill of years page by page would not.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from include.errors import DeclarationError, NotYet, PlaceLost, SourceFailed, SourceUnavailable
from include.sources import paths
from include.sources.declaration import Stream
from include.sources.readers import json_lines
from include.sources.readers.api_client import Client
from include.sources.readers.rows import RawRow, Unreadable
from include.sources.readers.text import HashedFile, Text
from include.sources.readers.windowed import Page, Place

_RUN = """mutation($query: String!) {
  bulkOperationRunQuery(query: $query) { bulkOperation { id status } userErrors { field message } }
}"""
_LOOK = """query($id: ID!) {
  node(id: $id) { ... on BulkOperation { id status errorCode objectCount fileSize url } }
}"""
_LONGEST = 6 * 3600.0
"""Seconds an operation may take; then another one is begun by the next try."""
_LOOK_AGAIN = 60.0
"""Seconds between two looks of a task that does not stand by."""
_ROWS_AT_ONCE = 5_000


def pages(client: Client, path: str, query: str, stream: Stream, name: str, after: Place | None = None) -> Iterator[Page]:
    """The records of the file, each with the children that follow it (the stream's ``fold``).

    Args:
        client: Asks the shop.
        path: Of its GraphQL.
        query: What is wanted, without pages.
        stream: Whose records they are.
        name: Of stream and connection, for sentences.
        after: The operation that was begun, and how much of its file was read.

    Raises:
        DeclarationError: The login may not read what the query asks for.
        NotYet: The shop writes on. The operation is the place that came with the page before.
        SourceUnavailable: Another operation is under way, or this one failed or takes too long. Trying again may help.
        SourceFailed: The shop refuses the query.
    """
    if after is None:
        after = {"operation": _started(client, path, query, name), "begun": time.time(), "bytes": 0, "lines": 0}
        yield [], after
    done = _ended(client, path, after, name)
    if done.get("url") is None:
        if str(done.get("objectCount")) != "0":
            raise SourceFailed(f"{name}: a bulk operation is complete, and no file is named")
        return
    with tempfile.NamedTemporaryFile() as file:
        size = done.get("fileSize")
        client.fetch(str(done["url"]), file, None if size is None else int(size), after["bytes"])
        file.flush()
        try:
            yield from _read(Path(file.name), stream, after)
        except Unreadable as error:
            line = after["lines"] + error.line
            raise SourceFailed(f"{name}: line {line} of a bulk operation's file: {error.what}") from None


def _read(file: Path, stream: Stream, after: Place) -> Iterator[Page]:
    """The records of what was fetched of the file, each page with the place of the next one's first line."""
    some: list[RawRow] = []
    last, lines, at = 0, 0, after["bytes"]
    with file.open("rb") as counted, file.open("rb") as read:
        text = Text(HashedFile(read), "utf-8")
        with closing(text.stream):
            for row in json_lines.rows(text, stream):
                # A child that is nobody's is told before the parent it stands behind: only behind both is a place.
                if len(some) >= _ROWS_AT_ONCE and not row.problem and row.position > last:
                    while lines < row.position - 1:
                        at, lines = at + len(counted.readline()), lines + 1
                    yield some, {**after, "bytes": at, "lines": after["lines"] + lines}
                    some = []
                some.append(row)
                last = max(last, row.position)
    yield some, None


def _started(client: Client, path: str, query: str, name: str) -> str:
    """The operation's id."""
    answer = paths.first(client.ask(path, {"query": query}, _RUN).content, "data.bulkOperationRunQuery")
    problems = paths.first(answer, "userErrors") or []
    if any("already in progress" in str(paths.first(problem, "message")) for problem in problems):
        raise SourceUnavailable(f"{name}: another bulk operation is under way in the shop")
    started = paths.first(answer, "bulkOperation.id")
    if problems or started is None:
        raise SourceFailed(f"{name}: the shop refuses the query of request.bulk; its reference says what such a query may hold")
    return str(started)


def _ended(client: Client, path: str, place: Place, name: str) -> dict[str, Any]:
    """The operation once it is complete."""
    begun, looked = time.monotonic(), 0
    while time.time() - place["begun"] < _LONGEST:
        now = paths.first(client.ask(path, {"id": place["operation"]}, _LOOK).content, "data.node") or {}
        status = now.get("status")
        if status == "COMPLETED":
            return dict(now)
        if status not in ("CREATED", "RUNNING"):
            if now.get("errorCode") == "ACCESS_DENIED":
                raise DeclarationError(name, "login", "it may not read what the query of request.bulk asks for")
            raise PlaceLost(f"{name}: a bulk operation ended as {status} ({now.get('errorCode') or 'no reason given'})")
        if client.longest_stay is not None and time.monotonic() - begun > client.longest_stay:
            raise NotYet(f"{name}: the shop works on a bulk operation", _LOOK_AGAIN)
        client.pause(looked)
        looked += 1
    raise PlaceLost(f"{name}: a bulk operation is not complete after {_LONGEST / 3600:.0f} hours")
