"""What libraries say while a step works is not repeated: a warning or a log line may quote a customer's row.

Their level and place are kept, so that whoever wants to know can look into the code or run the step in a test.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OURS = ("suki", "include", "airflow", "task")
"""First parts of the names of loggers whose lines are written without values, by us or by Airflow."""

CHATTY = ("azure", "great_expectations", "recordlinkage")
"""Libraries that tell of every step or request; recordlinkage writes it to the output for errors."""

log = logging.getLogger("suki.chatter")


@contextmanager
def withheld_chatter() -> Iterator[None]:
    """Let only our own lines and Airflow's through, in this process, until the end."""
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    make, show = logging.getLogRecordFactory(), warnings.showwarning
    logging.setLogRecordFactory(lambda *given, **more: _plain(make(*given, **more)))
    warnings.showwarning = _show  # type: ignore[assignment]  # takes more than it needs
    try:
        yield
    finally:
        warnings.showwarning = show
        logging.setLogRecordFactory(make)


def _plain(record: logging.LogRecord) -> logging.LogRecord:
    # A handler that copies a record makes an empty one first, without a name; what it copies has been here already.
    if not record.name or record.name.partition(".")[0] in OURS:
        return record
    place = f"{Path(record.pathname).name}:{record.lineno}"
    record.msg = f"{record.name} says something at {place}, which is withheld: it may quote a row."
    record.args, record.exc_info, record.exc_text, record.stack_info = (), None, None, None
    return record


def _show(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any) -> None:  # noqa: ARG001 - Python's form
    log.warning("%s at %s:%s (its text is withheld: it may quote a row)", category.__name__, Path(filename).name, lineno)
