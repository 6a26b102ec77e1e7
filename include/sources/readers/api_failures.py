"""What a service says of a failure: whether and when it passes, and if it does not, who has to mend what.

Neither an address with its parameters nor a body is ever part of a sentence: they may hold a secret, or a customer.
"""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from include.errors import DeclarationError, SourceFailed
from include.sources import paths

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses of what passes."""

# Meta's Graph API answers nearly every failure with 400 and tells by a code which it is:
# developers.facebook.com/docs/graph-api/guides/error-handling, .../overview/rate-limiting
_GRAPH_PASSING = frozenset({1, 2, 4, 17, 32, 341, 613, *range(80000, 80015)})
_GRAPH_LOGIN = frozenset({102, 190})
_GRAPH_GRANT = frozenset({10, *range(200, 300)})


class TryAgain(Exception):
    """It may succeed at once or soon.

    Attributes:
        why: In words, without values.
        wait: Seconds the service asks to be left alone for.
    """

    def __init__(self, why: str, wait: float = 0.0) -> None:
        self.why, self.wait = why, wait
        super().__init__(why)


def judge(got: httpx.Response, path: str, where: str) -> None:
    """Raise what a status says, but for those of success.

    Args:
        got: The answer.
        path: What was asked for.
        where: The connection, for sentences.

    Raises:
        TryAgain: It may pass.
        DeclarationError: The login is refused, or there is nothing at the path.
        SourceFailed: What is asked is refused.
    """
    status, place = got.status_code, path.partition("?")[0] if not path.startswith("http") else "the next page"
    code = _graph_code(got)
    if status in PASSING or code in _GRAPH_PASSING:
        raise TryAgain(f"answers {status}", asked_to_wait(got))
    if code in _GRAPH_LOGIN:
        raise DeclarationError(where, "token", f"the service refuses it: it is wrong or has expired (code {code})")
    if code in _GRAPH_GRANT:
        raise DeclarationError(where, "token", f"it may not read {place} (code {code})")
    if got.is_redirect:
        raise DeclarationError(where, "host, login", f"sends {place} on to another page ({status}): to sign in, or it has moved")
    if status == 401:
        raise DeclarationError(where, "login, password", "the service refuses them (401), or their token has expired")
    if status == 403:
        raise DeclarationError(where, "login", f"it may not read {place} (403)")
    if status in (404, 410):
        raise DeclarationError(where, "host", f"the service has nothing at {place} ({status})")
    if not got.is_success:
        raise SourceFailed(f"the service of {where} refuses what is asked of {place} ({status})")


def content_of(got: httpx.Response, where: str) -> Any:
    """The JSON of an answer whose status is of success.

    Args:
        got: The answer.
        where: The connection, for sentences.

    Raises:
        TryAgain: It is no JSON, or the service throttles.
        DeclarationError: It is a web page, or the login may not read what the query asks for.
        SourceFailed: It holds errors.
    """
    if is_page(got) or got.content[:200].lstrip().startswith((b"<!", b"<html", b"<HTML")):
        raise DeclarationError(where, "host, login", "the service answers with a web page: its own to sign in, or a proxy's")
    try:
        content = json.loads(got.content)
    except (ValueError, RecursionError):
        raise TryAgain("answers what is no JSON") from None
    _throttled(content, where)
    return content


def is_page(got: httpx.Response) -> bool:
    """Whether an answer says of itself that it is a web page."""
    return got.headers.get("content-type", "").partition(";")[0].strip().casefold() in ("text/html", "application/xhtml+xml")


def _throttled(content: Any, where: str) -> None:
    """GraphQL answers 200 whatever it thinks; Shopify tells its points and how fast they come back."""
    errors = content.get("errors") if isinstance(content, dict) else None
    if not errors:
        return
    codes = [paths.first(error, "extensions.code") for error in errors] if isinstance(errors, list) else []
    if "THROTTLED" in codes:
        cost = paths.first(content, "extensions.cost") or {}
        status = cost.get("throttleStatus") or {}
        missing = (cost.get("requestedQueryCost") or 0) - (status.get("currentlyAvailable") or 0)
        raise TryAgain("throttles", max(missing / (status.get("restoreRate") or 50), 0.0))
    if "ACCESS_DENIED" in codes:
        raise DeclarationError(where, "login", "it may not read what the query asks for")
    raise SourceFailed(f"the service of {where} answers the query with errors")


def _graph_code(answer: httpx.Response) -> int | None:
    """The code of Meta's that a refusal holds; None of any other service's."""
    if answer.is_success or not answer.content.startswith(b'{"error"'):
        return None
    try:
        code = paths.first(json.loads(answer.content), "error.code")
    except (ValueError, RecursionError):
        return None
    return code if isinstance(code, int) else None


def asked_to_wait(answer: httpx.Response) -> float:
    """Retry-After, in seconds or as a date (RFC 9110, section 10.2.3)."""
    text = answer.headers.get("retry-after", "").strip()
    if not text:
        return 0.0
    try:
        return max(0.0, float(text))  # in this order "nan" is no time to wait: as the second it would be for ever
    except ValueError:
        pass
    try:
        return max((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return 0.0
