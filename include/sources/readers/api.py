"""HTTP APIs: what changed in a window, page by page; a page counts once it is whole."""

import hashlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from include.batch import Window
from include.errors import SourceFailed
from include.sources import paths
from include.sources.declaration import Request, Source, Stream
from include.sources.mapping import moment_of
from include.sources.readers.api_client import Answer, Client
from include.sources.readers.rows import RawRow, unread
from include.sources.readers.windowed import WindowDelivery, has_passed, start

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Services want some moment to begin with; none of their customers is older."""


@dataclass
class ApiDelivery(WindowDelivery):
    """What an API gives for a window."""

    client: Client = field(repr=False, kw_only=True)

    @property
    def request(self) -> Request:
        """What is declared of the request."""
        assert self.stream.request is not None
        return self.stream.request

    @property
    def mode(self) -> Literal["changes", "snapshot"]:
        """A snapshot where the API cannot be asked for changes."""
        return "changes" if self.request.since else "snapshot"

    @property
    def file(self) -> str:
        """A name like a file's; it says where a record came from."""
        return f"{self.source.name}/{self.delivered_on}/{self.stream.name}.api"

    def __iter__(self) -> Iterator[RawRow]:
        """Records in the order of the pages.

        Raises:
            DeclarationError: The login is refused, or there is no such resource. Trying again does not help.
            SourceUnavailable: The service cannot be reached or is busy. Trying again may help.
            SourceFailed: Its answers are not as declared, or its pages never end. Trying again does not help.
        """
        digest, self.rows = hashlib.sha256(), 0
        for answer in self._answers():
            for record in self._records(answer):
                if not isinstance(record, dict):
                    self.rows += 1
                    yield unread(self.rows, "not_an_object", json.dumps(record, ensure_ascii=False))
                elif not self._is_later(record):
                    self.rows += 1
                    digest.update(json.dumps(record, sort_keys=True).encode())
                    yield RawRow(self.rows, record)
        self.sha256 = digest.hexdigest()

    def _is_later(self, record: dict[str, Any]) -> bool:
        moment = moment_of(record, self.stream) if self.mode == "changes" else None
        return moment is not None and moment >= self.window.end

    def _answers(self) -> Iterator[Answer]:
        """Every page; none is asked for twice."""
        request = self.request
        query = (self.source.folder / request.graphql).read_text(encoding="utf-8") if request.graphql else None
        params = {**request.params, **self._since()}
        if request.pages is None:
            yield self.client.ask(request.path, params, query)
        elif request.pages.by == "number":
            yield from self._numbered(params, query)
        else:
            yield from self._chained(params, query)

    def _numbered(self, params: dict[str, Any], query: str | None) -> Iterator[Answer]:
        """Until a page is empty: how many records a page holds is the service's to change, so a short one is not the last."""
        before: list[Any] = []
        for number in itertools.count(1):
            answer = self.client.ask(self.request.path, {**params, self._page_param: number}, query)
            records = self._records(answer)
            if not records:
                return
            if records == before:
                raise self._endless()
            yield answer
            before = records

    def _chained(self, params: dict[str, Any], query: str | None) -> Iterator[Answer]:
        """Each page names the next, by a Link header or a cursor."""
        request, path, seen = self.request, self.request.path, set[str]()
        while True:
            answer = self.client.ask(path, params, query)
            yield answer
            by_link = request.pages is not None and request.pages.by == "link"
            following = answer.next_page if by_link else self._cursor(answer.content)
            if following is None:
                return
            if following in seen:
                raise self._endless()
            seen.add(following)
            if by_link:
                path, params = following, {}
            else:  # a cursor knows what it is a cursor of; a query must be asked whole each time
                kept = params if query else request.params
                params = {**kept, self._page_param: following}

    @property
    def _page_param(self) -> str:
        """What the next page is asked for with, where no link names it."""
        return str(self.request.pages and self.request.pages.param)

    def _since(self) -> dict[str, Any]:
        since = self.request.since
        if since is None:
            return {}
        moment = self.read_from or _BEGINNING
        value = str(int(moment.timestamp())) if since.form == "unix" else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {since.param: since.template.replace("{since}", value)}

    def _cursor(self, content: Any) -> str | None:
        """The next page's cursor; None on the last page."""
        pages = self.request.pages
        assert pages is not None
        if (pages.last and _value(content, pages.last) is True) or (pages.more and _value(content, pages.more) is False):
            return None
        found = _value(content, str(pages.next))
        if found is None and (pages.last or pages.more):
            raise SourceFailed(f"{self._name}: an answer is not the last page and names no next one at '{pages.next}'")
        return None if found is None else str(found)

    def _records(self, answer: Answer) -> list[Any]:
        at = self.request.records
        found = answer.content if at is None else _value(answer.content, at)
        if not isinstance(found, list):
            raise SourceFailed(f"{self._name}: an answer has no list of records at '{at or '(the whole answer)'}'")
        return found

    def _endless(self) -> SourceFailed:
        return SourceFailed(f"{self._name}: the service names a page as the next one that was read already: it would never end")

    @property
    def _name(self) -> str:
        return f"{self.source.name}.{self.stream.name} (connection {self.source.connection})"


def read(source: Source, stream: Stream, window: Window, client: Client, read_to: datetime | None) -> list[ApiDelivery]:
    """What an API gives for a window.

    Args:
        source: Whose.
        stream: Which of its streams; one with a ``request``.
        window: Of source time. Where an earlier window was never read, it begins where reading ended.
        client: Asks the service.
        read_to: Up to when the stream has been read; None if it never was, and then everything is asked for.

    Returns:
        One delivery; none of a snapshot whose window has passed.
    """
    request = stream.request
    assert request is not None
    if request.since is None and has_passed(window, read_to):
        return []
    return [ApiDelivery(source, stream, window, start(window, read_to, request.overlap_minutes), client=client)]


def _value(content: Any, path: str) -> Any:
    return next(iter(paths.find(content, paths.parse(path, flat=False))), None)
