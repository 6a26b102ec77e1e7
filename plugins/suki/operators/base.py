"""What every Suki operator shares: errors that a tired person can act on, and that carry no customer's value."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from traceback import extract_tb
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowNotFoundException, AirflowSkipException

from include import heap
from include.batch import Batch
from include.errors import SukiError
from suki.chatter import withheld_chatter


class TaskFailed(AirflowException):
    """A step failed in a way that a retry may mend.

    Attributes:
        cause: What is down, where others fail of it too.
    """

    cause: str | None = None


class FailedForGood(AirflowFailException):
    """A step failed in a way that no retry mends.

    Attributes:
        cause: As of ``TaskFailed``.
    """

    cause: str | None = None


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn errors into Airflow's, typed by recovery and safe to log.

    Suki's own errors are sentences without values: a source that is not there (yet), or whose file may still be on its way, is
    worth a retry, the others fail the task at once. Of anything unexpected only the type and the places in the code are kept,
    because messages of pandas or a database may quote a customer's row. Of Airflow's own, those pass that say nothing but
    what a step says itself or what connection is missing.
    """
    try:
        yield
    except SukiError as problem:
        failed = (TaskFailed if problem.retry else FailedForGood)(str(problem))
        failed.cause = problem.cause
        raise failed from None
    except (TaskFailed, AirflowSkipException, AirflowNotFoundException):
        raise
    except SystemExit as problem:
        if problem.code is None or isinstance(problem.code, int):
            raise
        raise TaskFailed("The step was ended by sys.exit (its message is withheld: it may quote a customer's row)") from None
    except Exception as problem:  # noqa: BLE001  # whatever it is, its message must not reach the log
        places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in extract_tb(problem.__traceback__)][-6:]
        kind = f"{type(problem).__module__}.{type(problem).__name__}"
        raise TaskFailed(f"{kind} at {' > '.join(places)} (its message is withheld: it may quote a customer's row)") from None


class SukiOperator(BaseOperator):
    """Base of the steps: subclasses write ``run`` in place of ``execute``."""

    ui_color = "#eef3f8"

    def execute(self, context: Any) -> Any:
        """Run the step with its errors made plain."""
        heap.settle_for_a_task()
        with plain_errors(), withheld_chatter():
            return self.run(context)

    @abstractmethod
    def run(self, context: Any) -> Any:
        """Do the step's work and return what XCom may carry."""


class BatchOperator(SukiOperator):
    """Base of the ingest steps after extract: takes batches, gives batches.

    Args:
        batches: What the step before returned; in a Dag file, its output.
        again: Whether the rows are a few of some landings, back from quarantine: then they are judged one by one and not as a
            delivery, those that are refused stay where they are, and those that are staged leave it.
    """

    template_fields = ("batches",)

    def __init__(self, *, batches: Any, again: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.batches, self.again = batches, again

    def received(self) -> list[list[Batch]]:
        """The batches by stream: one of each, and where rows run again, one of each landing they came with.

        What a step records it records of a stream, so it must have seen all of it.
        """
        streams: dict[tuple[str, str], list[Batch]] = {}
        for batch in map(Batch.from_xcom, self.batches):
            streams.setdefault((batch.source, batch.stream), []).append(batch)
        return list(streams.values())

    def ran(self, of: Batch, context: Any) -> dict[str, Any]:
        """Under what a step keeps what it says of a batch's stream."""
        return {"dag_id": self.dag_id, "run_id": context["run_id"], "source": of.source, "stream": of.stream}


def answered_by(answer: Mapping[str, Any] | None) -> str | None:
    """Who gave what an approval returned, by name; None where nobody did."""
    user = (answer or {}).get("responded_by_user") or {}
    name = user.get("name") or user.get("id")
    return str(name) if name else None


def day_of(batches: list[Batch]) -> date | None:
    """The day that was delivered; None where the window is no single one."""
    start, end = min(batch.window.start for batch in batches), max(batch.window.end for batch in batches)
    return start.date() if end - start == timedelta(days=1) else None


def is_judged(context: Any) -> bool:
    """Whether a run is held against earlier days; a backfill is not, nor whatever was triggered to be taken as it is."""
    return bool((context.get("params") or {}).get("learned_bounds", True)) and context["dag_run"].run_type != "backfill"


def doubtful_of(kind: str) -> frozenset[str]:
    """Flags, as ``field:flag``, that make a value doubtful."""
    from include.cleaning.reasons import doubtful_flags
    from include.customer import FIELDS

    return frozenset(doubtful_flags(field.name for field in FIELDS[kind]))


def total(batches: list[Batch]) -> int:
    """How many rows batches hold."""
    return sum(batch.rows for batch in batches)
