"""What can go wrong with a store, as sentences: a wrong declaration fails the task at once, an absent store is worth a retry.

A store's own messages are not passed on: they may hold a signed address. Only its error code and the place in our words are.
"""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from airflow.sdk import ObjectStoragePath

from include.errors import DeclarationError, SourceUnavailable, SukiError
from include.sources.readers.unreached import why

_NO_STORE, _NO_ADDRESS = "no store", "no address"
_PAGE = "no store answers there but a web page: one to sign in, or a proxy's"
_MENDED: tuple[tuple[frozenset[str], str, str], ...] = (
    (frozenset({_NO_STORE}), "extra.endpoint_url", _PAGE),
    (frozenset({_NO_ADDRESS}), "extra.endpoint_url", "is no address of a store"),
    (frozenset({"NoSuchBucket"}), "extra.path", "there is no bucket {bucket}; make it, or name another"),
    (
        frozenset({"AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect"}),
        "extra.region_name",
        "the bucket {bucket} lies in another region ({code})",
    ),
    (
        frozenset({"InvalidAccessKeyId", "InvalidSecurity", "InvalidToken", "NotSignedUp", "SignatureDoesNotMatch"}),
        "login, password",
        "the store refuses them ({code})",
    ),
    (
        frozenset({"ExpiredToken", "TokenRefreshRequired"}),
        "extra.aws_session_token",
        "it has expired ({code}); give a new one, or a login that stays",
    ),
)
"""By the code a store answers with, or what we make of an answer that is none: the key of its connection to mend, and why.
Codes of S3: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""


@contextmanager
def plain_storage_errors(connection_id: str, path: ObjectStoragePath) -> Iterator[None]:
    """Turn a store's errors into Suki's.

    Args:
        connection_id: Whose store it is.
        path: What was about to be read or written.

    Raises:
        DeclarationError: The store refuses the connection's login, or has no such bucket.
        SourceUnavailable: It cannot be reached, lacks the file, or failed.
    """
    try:
        yield
    except SukiError:
        raise
    except Exception as problem:
        sentence = _told(problem, connection_id, path)
        if sentence is None:
            raise
        if not isinstance(problem, FileNotFoundError):
            sentence.cause = f"connection {connection_id}"
        raise sentence from None


def require(connection_id: str, root: ObjectStoragePath) -> None:
    """Look at a store's root once, so that what is wrong with the store is not told as a file that is missing.

    Asking whether a path of an object store exists answers no for every error there is.
    """
    with plain_storage_errors(connection_id, root):
        try:
            root.fs.ls(root.path, detail=False)
        except FileNotFoundError as problem:
            if _code(problem) == "NoSuchBucket" or _is_page(problem) or _lacks_bucket(root):
                raise
            # A folder that is not there, or a prefix that holds nothing: what it lacks is told by whoever looks for it.


def _told(problem: Exception, connection_id: str, path: ObjectStoragePath) -> SukiError | None:
    """The error as one of ours; None if it is none of a store's."""
    where = f"connection {connection_id}"
    if wrong := _wrong_connection(problem, path):
        return DeclarationError(where, *wrong)
    if isinstance(problem, FileNotFoundError):
        return SourceUnavailable(f"{path} is not there ({where})")
    if path.protocol == "file":
        said = problem.strerror if isinstance(problem, OSError) else None
        return SourceUnavailable(f"{path} cannot be read or written ({where}): {said}") if said else None
    if isinstance(problem, OSError) or _is_of_the_store(problem):
        reason = None if _code(problem) else why(problem)
        if reason and not reason.passes:
            return DeclarationError(where, "extra.endpoint_url", reason.what)
        seen = reason.what if reason else _code(problem) or type(problem).__name__
        return SourceUnavailable(f"the store of {where} cannot be reached or failed at {path.namespace} ({seen})")
    return None


def _wrong_connection(problem: Exception, path: ObjectStoragePath) -> tuple[str, str] | None:
    """Which key of the connection must be mended, and why; None if that is not it."""
    code = _NO_ADDRESS if isinstance(problem, ValueError) and "Invalid endpoint" in str(problem) else _code(problem)
    if _is_page(problem):
        code = _NO_STORE
    if (isinstance(problem, FileNotFoundError) or _status(problem) == 404) and _lacks_bucket(path):
        code = "NoSuchBucket"
    if path.protocol in _GOOGLE and (wrong := _wrong_at_google(problem, path)):
        return wrong
    for codes, key, what in _MENDED:
        if code in codes:
            return key, what.format(bucket=repr(path.bucket), code=code)
    if path.protocol in _OTHERS and _status(problem) in (401, 403):
        return "login, password, extra", f"the store refuses them, or they may not use {path.namespace} ({_status(problem)})"
    if isinstance(problem, PermissionError) and path.protocol != "file":
        return "extra.path", f"the login may not use {path.namespace}, or there is no such bucket"
    return None


def _wrong_at_google(problem: Exception, path: ObjectStoragePath) -> tuple[str, str] | None:
    """What Google's library tells by Python's own errors: an answer that is no JSON, and whatever may not be done.

    A gateway's own page, that it cannot get through just now, is none of them.
    """
    page = isinstance(problem, json.JSONDecodeError) or re.search(r"<(!doctype )?html", str(problem), re.IGNORECASE) is not None
    if page and (_status(problem) or 0) < 500:
        return "extra.gcs.endpoint", _PAGE
    if isinstance(problem, OSError) and str(problem).startswith("Forbidden: "):
        return "login, password, extra", f"the store refuses them, or they may not use {path.namespace} (403)"
    return None


def _code(problem: BaseException) -> str | None:
    """The store's error code: S3's library gives it as a Python error whose cause carries it."""
    return str(_answer(problem).get("Error", {}).get("Code") or "") or None


def _is_page(problem: BaseException) -> bool:
    """Whether the error is made of an answer that is a web page, which S3's library tells by a status alone.

    A gateway's own page, that it cannot get through just now, is none.
    """
    answer = _answer(problem).get("ResponseMetadata", {})
    page = str(answer.get("HTTPHeaders", {}).get("content-type", "")).startswith("text/html")
    return page and answer.get("HTTPStatusCode") not in (502, 503, 504)


def _answer(problem: BaseException) -> dict[str, Any]:
    """What S3 answered, as its library tells it; nothing of any other store."""
    answers = (getattr(error, "response", None) for error in (problem, problem.__cause__))
    return next((answer for answer in answers if isinstance(answer, dict)), {})


def _lacks_bucket(path: ObjectStoragePath) -> bool:
    """Whether a store of Azure's or Google's has no bucket of the path's name; it says the same of a file it lacks."""
    if path.protocol not in _OTHERS:
        return False
    try:
        path.fs.ls(path.bucket, detail=False)
    except FileNotFoundError:
        return True
    return False


def _status(problem: BaseException) -> int | None:
    """The status a store of Azure's or Google's answered with, as their libraries tell it."""
    for error in (problem, problem.__cause__, problem.__context__):
        for name in ("status_code", "code", "status"):
            if str(status := getattr(error, name, "")).isdigit():
                return int(status)
    return None


def _is_of_the_store(problem: Exception) -> bool:
    """Whether an error that Python has no name for comes from a store's library, which only who uses it has loaded."""
    kinds = [
        getattr(library, name)
        for module, names in _LIBRARIES.items()
        if (library := sys.modules.get(module)) is not None
        for name in names
    ]
    return isinstance(problem, tuple(kinds))


_LIBRARIES: dict[str, tuple[str, ...]] = {
    "botocore.exceptions": ("BotoCoreError", "ClientError"),
    "azure.core.exceptions": ("AzureError",),
    "gcsfs.retry": ("HttpError",),
    "google.auth.exceptions": ("GoogleAuthError",),
}
_GOOGLE = frozenset({"gs", "gcs"})
_OTHERS = frozenset({"abfs", "abfss", "adl"}) | _GOOGLE
"""Stores that tell what is wrong by an HTTP status, where S3 has codes."""
