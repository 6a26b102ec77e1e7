"""Why a server cannot be reached, in words that say what to look at; neither an address nor a message is ever part of them."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """What is in the way.

    Attributes:
        what: In words.
        passes: Whether the same again may succeed without anybody's help.
    """

    what: str
    passes: bool


_UNKNOWN = Reason("its host's name is not known here; if that stays so, look at how it is spelled", True)
_SEEN: tuple[tuple[tuple[str, ...], Reason], ...] = (
    (
        ("wrong_version_number", "record_layer_failure", "does not support ssl"),
        Reason("what answers there speaks no TLS, which the connection asks for", False),
    ),
    (("certificate_verify_failed", "certificate verify failed"), Reason("its certificate is none that is trusted here", False)),
    (("failed to resolve host", "could not translate host name", "name resolution"), _UNKNOWN),
    (("refused",), Reason("nothing listens at that host and port", True)),
    (("timed out", "timeout"), Reason("nothing answers there in time", True)),
)
"""Words by which drivers, TLS and the system say it."""


def why(problem: BaseException) -> Reason | None:
    """The reason, found in an error or in one it came from; None if it is none of these."""
    errors = list(_chain(problem))
    if any(isinstance(error, socket.gaierror) for error in errors):
        return _UNKNOWN
    said = " ".join(f"{type(error).__name__} {error}" for error in errors).casefold()
    return next((reason for words, reason in _SEEN if any(word in said for word in words)), None)


def _chain(problem: BaseException | None) -> Iterator[BaseException]:
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__
