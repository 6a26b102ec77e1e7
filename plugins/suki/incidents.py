"""One cause that makes many tasks fail is one incident: who fails of it first gathers the others, and tells of all at once.

Tasks of several Dags and machines know nothing of one another, so each leaves a note in the lake, or on its own machine where the
lake is what is down. Names of Dags, runs and tasks, no values.
"""

import json
import logging
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import uuid4

from airflow.sdk import ObjectStoragePath

from suki import connections

log = logging.getLogger(__name__)

GATHERED = timedelta(seconds=8)
"""How long others are waited for: Airflow ends what a task does 20 s after it failed ([core] task_success_overtime)."""

OVER = timedelta(minutes=15)
"""After so long the same cause is another incident."""

KEPT = timedelta(days=7)
"""Notes are removed after so long, by whoever tells next."""

_FIRST, _MORE, _TOLD = "first", "more", "told"
_MOMENT = "%Y%m%dT%H%M%S.%f"


class Failure(NamedTuple):
    """A task that failed for good."""

    dag_id: str
    run_id: str
    task_id: str


def gather(cause: str, failure: Failure) -> list[Failure]:
    """All that failed of one cause, where this one is to tell of it; nothing, where somebody else does or did.

    Args:
        cause: What is down.
        failure: Who asks.
    """
    try:
        return _gathered(_folder(cause), failure)
    except Exception as problem:  # noqa: BLE001  # whatever keeps tasks from finding one another, each is told of
        log.warning("Told alone: what else failed of it cannot be looked up (%s).", type(problem).__name__)
        return [failure]


def _gathered(folder: ObjectStoragePath, failure: Failure) -> list[Failure]:
    if leading := _leading(_names(folder), datetime.now(UTC)):
        _note(folder, _MORE, failure, of=_key(leading))
        return []
    mine = _note(folder, _FIRST, failure)
    time.sleep(GATHERED.total_seconds())
    names = _names(folder)
    if _leading(names, _moment(mine)) != mine:  # two began at once: the earlier one tells
        return []
    (folder / mine.replace(_FIRST, _TOLD, 1)).write_text("{}")
    noted = [
        name for name in names
        if (name.startswith(_FIRST) and _moment(name) >= _moment(mine)) or name.endswith(f"-of-{_key(mine)}.json")
    ]  # fmt: skip
    failures = sorted({Failure(*json.loads((folder / name).read_text())) for name in noted})
    for name in names:
        if _moment(mine) - _moment(name) > KEPT:
            (folder / name).unlink(missing_ok=True)
    return failures


def _leading(names: Sequence[str], now: datetime) -> str | None:
    """Who tells of the incident that is going on. One that was to tell and never did, for it was killed, leads nobody."""
    told = {name.replace(_TOLD, _FIRST, 1) for name in names if name.startswith(_TOLD)}
    open_ = [
        name for name in names
        if name.startswith(_FIRST) and now - _moment(name) < (OVER if name in told else 2 * GATHERED)
    ]  # fmt: skip
    return min(open_, default=None)


def _note(folder: ObjectStoragePath, kind: str, failure: Failure, of: str | None = None) -> str:
    """Leave a note, named by kind, moment and key; where another tells of the failure, by the key of that one too."""
    name = f"{kind}-{datetime.now(UTC):{_MOMENT}}-{uuid4().hex[:8]}" + (f"-of-{of}.json" if of else ".json")
    (folder / name).write_text(json.dumps(failure))
    return name


def _names(folder: ObjectStoragePath) -> list[str]:
    return [path.name for path in folder.iterdir()]


def _moment(name: str) -> datetime:
    return datetime.strptime(name.split("-")[1], _MOMENT).replace(tzinfo=UTC)


def _key(name: str) -> str:
    return name.removesuffix(".json").split("-")[2]


def _folder(cause: str) -> ObjectStoragePath:
    """Where notes of a cause lie."""
    here = ObjectStoragePath(f"file://{tempfile.gettempdir()}/suki")
    root = here if connections.LAKE in cause else connections.lake_root()
    folder = root / "incidents" / sha256(cause.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder
