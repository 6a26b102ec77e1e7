"""The work of a benchmark's own PostgreSQL."""

import psutil

from local.postgres import Server


def cpu_seconds(server: Server) -> float:
    """Seconds of CPU of all of the server's processes, those that ended included."""
    process = server.running()
    assert process is not None
    first = psutil.Process(process.pid)
    times = [first.cpu_times(), *(one.cpu_times() for one in first.children())]
    ended = times[0].children_user + times[0].children_system
    return float(ended + sum(one.user + one.system for one in times))
