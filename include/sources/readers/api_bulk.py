"""Much at once from a Shopify shop: it writes a file of what a query gives, which is fetched when it is whole.

After shopify.dev/docs/api/usage/bulk-operations/queries. It spares the shop's limits: a backfill of years page by page would not.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from include.errors import DeclarationError, SourceFailed, SourceUnavailable
from include.sources import paths
from include.sources.declaration import Stream
from include.sources.readers import json_lines
from include.sources.readers.api_client import Client
from include.sources.readers.rows import RawRow, Unreadable
from include.sources.readers.text import HashedFile, Text

_RUN = """mutation($query: String!) {
  bulkOperationRunQuery(query: $query) { bulkOperation { id status } userErrors { field message } }
}"""
_LOOK = """query($id: ID!) {
  node(id: $id) { ... on BulkOperation { id status errorCode objectCount fileSize url } }
}"""
_LONGEST = 6 * 3600.0
"""Seconds an operation may take; then the task gives up its place and is tried again later."""


def rows(client: Client, path: str, query: str, stream: Stream, name: str) -> Iterator[RawRow]:
    """The records of the file, each with the children that follow it (the stream's ``fold``).

    Args:
        client: Asks the shop.
        path: Of its GraphQL.
        query: What is wanted, without pages.
        stream: Whose records they are.
        name: Of stream and connection, for sentences.

    Raises:
        DeclarationError: The login may not read what the query asks for.
        SourceUnavailable: Another operation is under way, or this one failed or takes too long. Trying again may help.
        SourceFailed: The shop refuses the query.
    """
    done = _ended(client, path, _started(client, path, query, name), name)
    if done.get("url") is None:
        if str(done.get("objectCount")) != "0":
            raise SourceFailed(f"{name}: a bulk operation is complete, and no file is named")
        return
    with tempfile.TemporaryFile() as file:
        size = done.get("fileSize")
        client.fetch(str(done["url"]), file, None if size is None else int(size))
        file.seek(0)
        try:
            text = Text(HashedFile(file), "utf-8")
            with closing(text.stream):
                yield from json_lines.rows(text, stream)
        except Unreadable as error:
            raise SourceFailed(f"{name}: line {error.line} of a bulk operation's file: {error.what}") from None


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


def _ended(client: Client, path: str, operation: str, name: str) -> dict[str, Any]:
    """The operation once it is complete."""
    begun, looked = time.monotonic(), 0
    while time.monotonic() - begun < _LONGEST:
        now = paths.first(client.ask(path, {"id": operation}, _LOOK).content, "data.node") or {}
        status = now.get("status")
        if status == "COMPLETED":
            return dict(now)
        if status not in ("CREATED", "RUNNING"):
            if now.get("errorCode") == "ACCESS_DENIED":
                raise DeclarationError(name, "login", "it may not read what the query of request.bulk asks for")
            raise SourceUnavailable(f"{name}: a bulk operation ended as {status} ({now.get('errorCode') or 'no reason given'})")
        client.pause(looked)
        looked += 1
    raise SourceUnavailable(f"{name}: a bulk operation is not complete after {_LONGEST / 3600:.0f} hours")
