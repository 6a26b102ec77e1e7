"""Ports of 127.0.0.1 that a server may take."""

import socket

from local.problem import Problem


def choose_port(asked: int | None, remembered: int | None, among: range, variable: str, what: str) -> int:
    """A port of 127.0.0.1 nobody listens on: the asked one or a Problem, else the remembered one, else the first free one."""
    if asked is not None:
        if not port_is_free(asked):
            raise Problem(
                f"Port {asked}, asked for by {variable}, is taken. Set {variable} to a free one, or unset it to have one chosen."
            )
        return asked
    candidates: list[int] = [*among] if remembered is None else [remembered, *among]
    for port in candidates:
        if port_is_free(port):
            return port
    raise Problem(f"No free port for {what} between {among.start} and {among.stop - 1}. Set {variable} to a free one.")


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
