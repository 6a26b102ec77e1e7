"""How many rows a run may land by what its source declares of a day: of a week's window seven times that."""

from datetime import datetime, timedelta
from math import ceil

from include.batch import Window
from include.sources import Source, Stream


def volume_of(source: Source, stream: Stream, window: Window, read_to: datetime | None) -> tuple[int, int | None] | None:
    """The least and the most rows of a stream in a window; None where nothing is declared, or a first reading brings everything.

    Args:
        source: Its declaration.
        stream: Which of its streams.
        window: What the run covers.
        read_to: Of a table or an API: how far it was read before, since a run goes on from there. None: never.
    """
    declared = stream.volume
    if declared is None or (read_to is None and not stream.files):
        return None
    begin = window.start if stream.files or read_to is None else min(window.start, read_to)
    days = 1.0 if stream.all_of_now else (window.end - begin) / timedelta(days=1)
    lapsed = source.admission is not None and window.end.date() > source.admission.expires  # then nobody is what is right
    most = None if declared.most is None else ceil(declared.most * days)
    return (0 if lapsed else int(declared.least * days)), most
