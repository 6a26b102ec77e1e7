"""One window for every kind of run.

Scheduled runs and backfills carry a data interval; runs triggered with a window in their conf (a bulk load of months) name it; a
run triggered by hand with neither means the last complete day.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from include.batch import Window
from include.errors import DeclarationError

_DAY = timedelta(days=1)
_NO_WINDOW = "are no two dates of which the first lies before the second"
_EXAMPLES = ("2026-08-01", "2026-08-01T00:00Z")


def window_of(context: Mapping[str, Any]) -> Window:
    """The window a run covers.

    Args:
        context: The task's context.

    Returns:
        The params' ``window_start``/``window_end`` if given, else the whole UTC days the data interval ends after, else the last
        whole day. Sources deliver by day: a schedule at 02:00 takes the day before, not the half day since midnight.

    Raises:
        DeclarationError: Only one of the two params is given, they are no dates in order, or the run is a backfill's,
            whose form asks for them too: each of its days would load the whole window.
    """
    params, run = context.get("params") or {}, context["dag_run"]
    start, end = params.get("window_start"), params.get("window_end")
    if start or end:
        if run.run_type == "backfill":
            problem = "leave both empty in a backfill: its days are its date range. A bulk load is a single run"
            raise DeclarationError("run parameters", "window_start, window_end", problem)
        if not (start and end):
            raise DeclarationError("run parameters", "window_start, window_end", "give both or neither")
        try:
            return Window.parse(start, end)
        except ValueError:  # its message quotes what was typed
            raise DeclarationError("run parameters", "window_start, window_end", _NO_WINDOW, _EXAMPLES) from None
    interval_start, interval_end = context.get("data_interval_start"), context.get("data_interval_end")
    if interval_start is not None and interval_end is not None and _midnight(interval_start) < _midnight(interval_end):
        return Window(_midnight(interval_start), _midnight(interval_end))
    return Window(_midnight(run.run_after) - _DAY, _midnight(run.run_after))


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
