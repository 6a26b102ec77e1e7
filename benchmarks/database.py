"""The work of a benchmark's own PostgreSQL."""

from contextlib import suppress

import psutil

from local.postgres import Server


def cpu_seconds(server: Server) -> float:
    """Seconds of CPU of all of the server's processes, those that ended included."""
    process = server.running()
    assert process is not None
    first = psutil.Process(process.pid)
    times = []
    for one in first.children():
        with suppress(psutil.NoSuchProcess):  # it ends between two looks, and its work is among that of those that ended
            times.append(one.cpu_times())
    own = first.cpu_times()
    ended = own.children_user + own.children_system
    return float(ended + sum(one.user + one.system for one in (own, *times)))
