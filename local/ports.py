"""Ports of 127.0.0.1 that a server may take."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from local.problem import Problem

_HOST = "127.0.0.1"


def choose_port(asked: int | None, remembered: int | None, among: range, variable: str, what: str) -> int:
    """A port nobody listens on, for a server that has the range to itself; ``held_port`` says which."""
    with held_port(asked, remembered, among, variable, what) as port:
        return port


@contextmanager
def held_port(asked: int | None, remembered: int | None, among: range, variable: str, what: str) -> Iterator[int]:
    """A port nobody listens on, kept from every other platform that chooses one until the block ends: by then its server listens.

    Two platforms that start in the same second would else choose the same one, and the later find the other's server on it.
    What keeps it is the UDP port of its number: one process has it at a time, whoever's it is, and it goes with the process.

    Args:
        asked: The one somebody asked for; it is taken as it is.
        remembered: The one to try first.
        among: Those to try then, in order.
        variable: What asks for one.
        what: Who will listen.

    Raises:
        Problem: The one asked for is taken, or all are.
    """
    if asked is not None:
        if not port_is_free(asked):
            raise Problem(
                f"Port {asked}, asked for by {variable}, is taken. Set {variable} to a free one, or unset it to have one chosen."
            )
        yield asked
        return
    for port in [*among] if remembered is None else [remembered, *among]:
        with socket.socket(type=socket.SOCK_DGRAM) as hold:
            if _bound(hold, port) and port_is_free(port):
                yield port
                return
    raise Problem(f"No free port for {what} between {among.start} and {among.stop - 1}. Set {variable} to a free one.")


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return _bound(probe, port)


def _bound(one: socket.socket, port: int) -> bool:
    try:
        one.bind((_HOST, port))
    except OSError:
        return False
    return True
