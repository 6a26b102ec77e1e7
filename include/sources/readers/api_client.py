"""One HTTP API: asked no more often than declared, and again where that may help.

No more than in ``api_failures`` is an address with its parameters or a body ever part of a sentence.
"""

import logging
import threading
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import httpx
import tenacity

from include.errors import DeclarationError, PlaceLost, SourceFailed, SourceUnavailable
from include.sources.declaration import RateLimit
from include.sources.readers.api_failures import PASSING, TryAgain, asked_to_wait, content_of, is_page, judge
from include.sources.readers.api_pace import Pace
from include.sources.readers.unreached import why

LONGEST_WAIT = 600.0
"""Seconds a service may ask to be left alone for; beyond that the task gives up its place and is tried again later."""

_TRIES = 6
_LONGEST_PAUSE = 30.0
_TIMEOUT = httpx.Timeout(60.0, connect=15.0)


@dataclass(frozen=True)
class Login:
    """How a service knows who asks.

    Attributes:
        base_url: Scheme and host, and a port or path before every request's own.
        connection_id: The Airflow connection it came from, for sentences.
        user: With ``password``, for Basic authentication.
        token: A token that stays.
        token_url: Where an access token is got, with ``user`` and ``password`` as the client's id and secret; with it none of the
            above is sent to the service itself.
        refresh_token: What a new access token is got with; without it the client's own credentials.
        headers: Further ones; their values are secrets too.
    """

    base_url: str
    connection_id: str
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    token_url: str | None = None
    refresh_token: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Client:
    """Asks a service. Close it after use.

    Args:
        login: How the service knows who asks.
        limit: How often it may be asked; None as often as it answers.
        first_wait: Seconds before the first try again; they double, with jitter.
        longest_stay: Seconds to stand by while the service works on what it was asked for; None as long as it takes.
    """

    def __init__(self, login: Login, limit: RateLimit | None, first_wait: float = 1.0, longest_stay: float | None = None) -> None:
        self.longest_stay = longest_stay
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log every address with its parameters
        self._where = f"connection {login.connection_id}"
        self._token_url = login.token_url
        self._pace = Pace(limit)
        self._host, self._first_wait = httpx.URL(login.base_url), first_wait
        self._tries = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TryAgain), stop=tenacity.stop_after_attempt(_TRIES), reraise=True,
            sleep=self._pace.rest,
            wait=self._patience(tenacity.wait_exponential_jitter(first_wait, max=60.0, jitter=first_wait)),
        )  # fmt: skip
        try:
            self._http = httpx.Client(
                base_url=login.base_url, headers={"Accept": "application/json", **login.headers}, auth=_auth(login),
                timeout=_TIMEOUT,
                event_hooks={"request": [lambda _: self._pace.wait()], "response": [lambda _: self._pace.answered()]},
            )  # fmt: skip
        except httpx.InvalidURL:
            raise DeclarationError(self._where, "host", "is no address of a service", ("https://example.zendesk.com",)) from None

    def close(self) -> None:
        """End the connections, and what was asked for that nobody waits for any more."""
        self._pace.stop()
        self._http.close()

    @property
    def at_once(self) -> int:
        """How many answers must be waited for at the same time so that all of the limit is used."""
        return self._pace.at_once

    def ask(self, path: str, params: Mapping[str, Any], query: str | None = None, body: bool = False) -> "Answer":
        """One answer of the service, whole.

        Args:
            path: Of the resource, or an address the service itself gave for its next page.
            params: In the address, or of GraphQL the variables.
            query: Of GraphQL; it is posted.
            body: Whether the parameters are posted as JSON, in place of standing in the address; dots go into members.

        Raises:
            DeclarationError: The login is refused, or there is nothing at the path.
            SourceUnavailable: The service cannot be reached, failed, or wants to be left alone for long.
            SourceFailed: It answers what is no answer.
        """
        try:
            return self._tries(self._once, path, params, query, body)
        except TryAgain as last:
            raise self._given_up(last) from None

    def fetch(self, url: str, into: IO[bytes], size: int | None, begin: int = 0) -> None:
        """A file the service has laid down elsewhere. Its address is its own key: no login is sent there.

        Args:
            url: Where it lies.
            into: What it is written to, from the start.
            size: How long it must be, in bytes, if the service says so.
            begin: From which byte on it is wanted (RFC 9110, section 14.2).

        Raises:
            SourceUnavailable: It cannot be had whole.
        """
        try:
            self._tries(self._fetched, url, into, size, begin)
        except TryAgain as last:
            raise self._given_up(last) from None

    def pause(self, looked: int) -> None:
        """Wait before an operation of the service is looked at again; longer each time."""
        time.sleep(min(self._first_wait * 2**looked, _LONGEST_PAUSE))

    def _patience(self, own: Callable[[tenacity.RetryCallState], float]) -> Callable[[tenacity.RetryCallState], float]:
        """What the service asks for, or ours if that is longer; meanwhile nothing else is asked of it either."""

        def wait(state: tenacity.RetryCallState) -> float:
            problem = state.outcome.exception() if state.outcome else None
            asked = problem.wait if isinstance(problem, TryAgain) else 0.0
            if asked > LONGEST_WAIT:
                raise SourceUnavailable(f"the service of {self._where} asks to be left alone for {asked:,.0f} seconds")
            self._pace.hold(asked)
            return asked + min(own(state), 1.0) if asked else own(state)

        return wait

    def _given_up(self, last: TryAgain) -> SourceUnavailable:
        return SourceUnavailable(f"the service of {self._where} {last.why}, {_TRIES} times in a row")

    def _fetched(self, url: str, into: IO[bytes], size: int | None, begin: int) -> None:
        into.seek(0)
        into.truncate()
        part = {"Range": f"bytes={begin}-", "Accept-Encoding": "identity"} if begin else {}
        try:
            with httpx.stream("GET", url, timeout=_TIMEOUT, follow_redirects=True, headers=part) as got:
                if begin and got.status_code in (404, 410, 416):
                    raise PlaceLost(f"the service of {self._where} has the rest of its file no more ({got.status_code})")
                if not got.is_success:
                    raise TryAgain(f"gives a file that cannot be had ({got.status_code})", asked_to_wait(got))
                if is_page(got):
                    raise TryAgain("gives a web page in place of its file: a proxy's, or one that says what is wrong")
                skip = begin if got.status_code == httpx.codes.OK else 0  # who knows no parts gives the whole
                for block in got.iter_bytes():
                    into.write(block[skip:])
                    skip = max(skip - len(block), 0)
        except (httpx.TransportError, httpx.DecodingError) as problem:
            raise TryAgain(f"gives a file that breaks off ({type(problem).__name__})") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise SourceFailed(f"the service of {self._where} gives no address of its file") from None
        if size is not None and begin + into.tell() != size:
            raise TryAgain("gives a file that is not as long as it says")

    def _once(self, path: str, params: Mapping[str, Any], query: str | None, body: bool) -> "Answer":
        url = self._http.base_url.join(path) if path.startswith("http") else httpx.URL(path)
        if url.host and (url.host, url.port, url.scheme) != (self._host.host, self._host.port, self._host.scheme):
            raise SourceFailed(f"the service of {self._where} names a next page on another host; its login is not sent there")
        try:
            if query is not None:
                got = self._http.post(url, json={"query": query, "variables": dict(params)})
            elif body:
                got = self._http.post(url, json=_members(params))
            else:
                got = self._http.get(url, params=dict(params) or None)
        except httpx.TransportError as problem:
            raise self._unreached(problem) from None
        except httpx.DecodingError:
            raise TryAgain("sends what cannot be unpacked") from None
        finally:
            self._pace.ended()
        judge(got, path, self._where)
        content = content_of(got, self._where)
        link = got.links.get("next", {}).get("url")
        return Answer(content, str(got.url.join(link)) if link else None)

    def _unreached(self, problem: httpx.TransportError) -> DeclarationError | TryAgain:
        key = "host" if str(problem.request.url) != self._token_url else "extra.token_url"
        if isinstance(problem, httpx.UnsupportedProtocol):
            return DeclarationError(self._where, key, "lacks http:// or https://", ("https://example.zendesk.com",))
        reason = why(problem)
        if reason is None:
            return TryAgain(f"cannot be reached or breaks off ({type(problem).__name__})")
        if not reason.passes:
            return DeclarationError(self._where, key, reason.what)
        return TryAgain(f"cannot be reached ({key}: {reason.what})")


@dataclass(frozen=True)
class Answer:
    """What a service answered.

    Attributes:
        content: The JSON.
        next_page: The address its Link header names for the next page.
    """

    content: Any = field(repr=False)
    next_page: str | None = field(repr=False)


class _OAuth(httpx.Auth):
    """An access token, got when there is none and again once when it is refused (RFC 6749)."""

    requires_response_body = True

    def __init__(self, login: Login) -> None:
        self._login, self._token = login, ""
        self._getting = threading.Lock()
        """Of several that find a token expired, one gets another: each may end those before it."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        fresh = yield from self._renewed("")
        used = self._token
        request.headers["Authorization"] = f"Bearer {used}"
        answer = yield request
        if answer.status_code == 401 and not fresh:
            yield from self._renewed(used)
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _renewed(self, used: str) -> Generator[httpx.Request, httpx.Response, bool]:
        """Get another token than the one that was used, unless somebody has; whether it was got now."""
        with self._getting:
            if self._token != used:
                return False
            yield from self._get_token()
            return True

    def _get_token(self) -> Generator[httpx.Request, httpx.Response, None]:
        login = self._login
        given = {"grant_type": "client_credentials"}
        if login.refresh_token:
            given = {"grant_type": "refresh_token", "refresh_token": login.refresh_token}
        given |= {"client_id": login.user or "", "client_secret": login.password or ""}
        answer = yield httpx.Request("POST", str(login.token_url), data=given, headers={"Accept": "application/json"})
        if answer.status_code in PASSING:
            raise TryAgain(f"gives no token now ({answer.status_code})", asked_to_wait(answer))
        where = f"connection {login.connection_id}"
        if is_page(answer) or answer.is_redirect or answer.status_code in (404, 410):
            raise DeclarationError(where, "extra.token_url", f"gives no tokens but a web page or nothing ({answer.status_code})")
        try:
            self._token = str(answer.json()["access_token"]) if answer.is_success else ""
        except (ValueError, KeyError, TypeError):
            self._token = ""
        if not self._token:
            problem = f"no access token is given for them ({answer.status_code})"
            raise DeclarationError(where, "login, password, extra.refresh_token", problem)


def _auth(login: Login) -> httpx.Auth | None:
    if login.token_url:
        return _OAuth(login)
    if login.token:
        return _Bearer(login.token)
    return httpx.BasicAuth(login.user, login.password or "") if login.user else None


class _Bearer(httpx.Auth):
    """A token that stays."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _members(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as a JSON body: ``query.filter.since`` is the member ``since`` of ``filter`` of ``query``."""
    body: dict[str, Any] = {}
    for name, value in params.items():
        *above, last = name.split(".")
        inner = body
        for part in above:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return body


_SECRETS = frozenset({
    "access_token", "token", "auth", "api_key", "apikey", "key", "secret", "client_secret", "signature", "sig", "password",
})  # fmt: skip


def without_secrets(address: str) -> str:
    """A next page's address as it may be kept: some services write into it the asker's token, which goes along anyway."""
    if not address.startswith("http"):
        return address
    url = httpx.URL(address)
    kept = [(name, value) for name, value in url.params.multi_items() if name.casefold() not in _SECRETS]
    return address if len(kept) == len(url.params.multi_items()) else str(url.copy_with(params=kept))
