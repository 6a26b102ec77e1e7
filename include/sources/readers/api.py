"""HTTP APIs: what changed in a window, page by page; a page counts once it is whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from include.batch import Window
from include.errors import SourceFailed
from include.sources import paths
from include.sources.declaration import SCOPE, Bulk, Request, Source, Stream
from include.sources.mapping import moment_of
from include.sources.readers import api_bulk
from include.sources.readers import api_records as records
from include.sources.readers.api_ahead import numbered, one_ahead
from include.sources.readers.api_client import Answer, Client, without_secrets
from include.sources.readers.columns import rows_of
from include.sources.readers.windowed import Page, Place, WindowDelivery, has_passed, start

_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Services want some moment to begin with; none of their customers is older."""

_ERRORS = frozenset({"error", "errors"})
"""Members of an answer that is none, whatever its status: one without records may lack their list, and hold none of these."""


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
        part = f"_{self.scope}" if self.scope else ""
        return f"{self.source.name}/{self.delivered_on}/{self.stream.name}{part}.api"

    def pages(self, after: Place | None = None) -> Iterator[Page]:
        """Records in the order of the pages, or of the file the service writes of much at once.

        Raises:
            DeclarationError: The login is refused, or there is no such resource. Trying again does not help.
            SourceUnavailable: The service cannot be reached or is busy. Trying again may help.
            SourceFailed: Its answers are not as declared, or its pages never end. Trying again does not help.
        """
        bulk = self.request.bulk
        return self._at_once(bulk, after) if bulk and self._is_much(bulk) else self._paged(after)

    def _is_much(self, bulk: Bulk) -> bool:
        return self.read_from is None or self.window.end - self.read_from > timedelta(days=bulk.days)

    def _at_once(self, bulk: Bulk, after: Place | None) -> Iterator[Page]:
        query = (self.source.folder / bulk.graphql).read_text(encoding="utf-8").replace("{since}", self._moment("iso8601"))
        for rows, place in api_bulk.pages(self.client, self._path, query, self.stream, self._name, after):
            yield [row for row in rows_of([rows]) if row.problem or not self._is_later(row.raw)], place

    def _paged(self, after: Place | None) -> Iterator[Page]:
        for answer, place in self._answers(after):
            yield list(records.rows(self._records(answer), answer.content, self.stream, self._is_later)), place

    def _is_later(self, record: Mapping[str, Any]) -> bool:
        moment = moment_of(record, self.stream) if self.mode == "changes" else None
        return moment is not None and moment >= self.window.end

    def _answers(self, after: Place | None) -> Iterator[tuple[Answer, Place | None]]:
        """Every page behind a place, and the place behind it; none is asked for twice."""
        request = self.request
        query = (self.source.folder / request.graphql).read_text(encoding="utf-8") if request.graphql else None
        params = {**request.params, **self._since()}
        if request.pages is None:
            yield self._asked(self._path, params, query), None
        elif request.pages.by == "number":
            yield from self._numbered(params, query, after["number"] if after else 1)
        else:
            path, params = (after["path"], after["params"]) if after else (self._path, params)
            yield from one_ahead(self._chained(path, params, query))

    def _asked(self, path: str, params: Mapping[str, Any], query: str | None) -> Answer:
        return self.client.ask(path, params, query, body=self.request.send == "body")

    @property
    def _path(self) -> str:
        return self.request.path.replace(SCOPE, self.scope or "")

    def _numbered(self, params: dict[str, Any], query: str | None, begin: int) -> Iterator[tuple[Answer, Place | None]]:
        """Until a page is empty: how many records a page holds is the service's to change, so a short one is not the last."""
        before: list[Any] = []

        def ask(number: int) -> tuple[Answer, list[Any]]:
            answer = self._asked(self._path, {**params, self._page_param: number}, query)
            return answer, self._records(answer)

        pages = numbered(ask, begin, lambda: self.client.at_once, lambda page: not page[1])
        for number, (answer, found) in enumerate(pages, begin):
            if found == before:
                raise self._endless()
            yield answer, {"number": number + 1}
            before = found

    def _chained(self, path: str, params: Mapping[str, Any], query: str | None) -> Iterator[tuple[Answer, Place | None]]:
        """Each page names the next, by a Link header or a cursor."""
        request, seen = self.request, set[str]()
        by_link = request.pages is not None and request.pages.by == "link"
        whole = query is not None or request.send == "body" or (request.pages is not None and request.pages.whole)
        while True:
            answer = self._asked(path, params, query)
            self._records(answer)  # an answer without any is told as that, and not as one without a next page
            following = self._link(answer) if by_link else self._cursor(answer.content)
            if following is None:
                yield answer, None
                return
            if following in seen:
                raise self._endless()
            seen.add(following)
            if by_link:
                path, params = following, {}
            else:
                params = {**(params if whole else request.params), self._page_param: following}
            yield answer, {"path": without_secrets(path), "params": params}

    @property
    def _page_param(self) -> str:
        """What the next page is asked for with, where no link names it."""
        return str(self.request.pages and self.request.pages.param)

    def _since(self) -> dict[str, Any]:
        since = self.request.since
        if since is None:
            return {}
        return {since.param: since.template.replace("{since}", self._moment(since.form))}

    def _moment(self, form: Literal["unix", "iso8601"]) -> str:
        """From when on changes are asked for."""
        moment = self.read_from or _BEGINNING
        return str(int(moment.timestamp())) if form == "unix" else moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _link(self, answer: Answer) -> str | None:
        """The next page's address; None on the last page."""
        pages = self.request.pages
        return _named(paths.first(answer.content, pages.next) if pages and pages.next else answer.next_page)

    def _cursor(self, content: Any) -> str | None:
        """The next page's cursor; None on the last page."""
        pages = self.request.pages
        assert pages is not None
        if (pages.last and paths.first(content, pages.last) is True) or (
            pages.more and paths.first(content, pages.more) is False
        ):
            return None
        found = _named(paths.first(content, str(pages.next)))
        if found is None and (pages.last or pages.more):
            raise SourceFailed(f"{self._name}: an answer is not the last page and names no next one at '{pages.next}'")
        return found

    def _records(self, answer: Answer) -> list[Any]:
        at = self.request.records
        found = answer.content if at is None else paths.first(answer.content, at)
        if found is None and self.request.absent and isinstance(answer.content, dict) and not _ERRORS & answer.content.keys():
            return []
        if not isinstance(found, list):
            raise SourceFailed(f"{self._name}: an answer has no list of records at '{at or '(the whole answer)'}'")
        return found

    def _endless(self) -> SourceFailed:
        return SourceFailed(f"{self._name}: the service names a page as the next one that was read already: it would never end")

    @property
    def _name(self) -> str:
        return f"{self.source.name}.{self.stream.name} (connection {self.source.connection})"


def _named(found: Any) -> str | None:
    """What names a next page. Some services say of the last that an empty text, or false, is behind it."""
    return None if paths.is_empty(found) or found is False else str(found)


def read(source: Source, stream: Stream, window: Window, client: Client, read_to: datetime | None) -> list[ApiDelivery]:
    """What an API gives for a window.

    Args:
        source: Whose.
        stream: Which of its streams; one with a ``request``.
        window: Of source time. Where an earlier window was never read, it begins where reading ended.
        client: Asks the service.
        read_to: Up to when the stream has been read; None if it never was, and then everything is asked for.

    Returns:
        One delivery, or one for each scope the path is asked for; none of a snapshot whose window has passed.
    """
    request = stream.request
    assert request is not None
    if request.since is None and has_passed(window, read_to):
        return []
    begin = start(window, read_to, request.overlap_minutes)
    return [ApiDelivery(source, stream, window, begin, scope, client=client) for scope in stream.scopes or (None,)]
