"""The report of what gates found: plain HTML from stored counts, readable at seven in the morning, on a phone, by ear.

It is built from rows of ``ops.quality_result``, ``ops.step_count`` and ``ops.drift``, never from a batch, so no customer's value
can be in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any, Literal, Self

from jinja2 import Environment, PackageLoader, StrictUndefined

from include.quality.verdict import CLOSES

Row = Mapping[Any, Any]
State = Literal["closed", "warned", "quarantined", "open"]

_STATES: dict[State, str] = {
    "closed": "Closed",
    "warned": "Open, with warnings",
    "quarantined": "Open, rows quarantined",
    "open": "Open",
}
_WORST_FIRST: tuple[State, ...] = ("closed", "warned", "quarantined", "open")


@dataclass(frozen=True)
class GateFinding:
    """One gate's stored results."""

    task_id: str
    source: str
    stream: str
    suite: str
    results: tuple[Row, ...]

    @property
    def state(self) -> State:
        """How it ended."""
        if any(closes(row) for row in self.results):
            return "closed"
        failed = [row for row in self.results if not row["success"]]
        if any(row["severity"] == "warning" for row in failed):
            return "warned"
        return "quarantined" if failed else "open"

    @property
    def state_in_words(self) -> str:
        """The same for people."""
        return _STATES[self.state]

    @property
    def subject(self) -> str:
        """Whose rows it judged; empty where the suite's name says it, as for all customers together."""
        return "" if self.suite == self.stream else f"{self.source}.{self.stream}"

    @property
    def quarantined(self) -> bool:
        """Whether rows stopped at it."""
        return any(row["severity"] != "warning" for row in self.failed)

    @property
    def by_importance(self) -> list[Row]:
        """What closed it first, then what else did not hold, then what did."""
        return sorted(self.results, key=lambda row: (not closes(row), row["success"], row["severity"] != "critical"))

    @property
    def failed(self) -> list[Row]:
        """What did not hold."""
        return [row for row in self.by_importance if not row["success"]]


@dataclass(frozen=True)
class RunFinding:
    """Everything the gates of one run (or one task of it) found."""

    dag_id: str
    run_id: str
    gates: tuple[GateFinding, ...]
    task_id: str | None = None
    counts: tuple[Row, ...] = ()
    drift: tuple[Row, ...] = ()
    replays: tuple[Row, ...] = ()
    deliveries: tuple[Row, ...] = ()
    read_to: tuple[Row, ...] = ()
    recorded_at: datetime | None = field(default=None)

    def with_reading(self, deliveries: Sequence[Row], read_to: Sequence[Row]) -> Self:
        """The same with what is to be said of its reading, on the pages of the tasks that read.

        Args:
            deliveries: Rows of ``ops.delivery``, of which there is something to say.
            read_to: Rows of ``ops.watermark`` of the run's source.
        """
        return replace(
            self,
            deliveries=tuple(deliveries) if self.task_id in (None, "extract") else (),
            read_to=tuple(read_to) if self.task_id in (None, "extract", "stage") else (),
        )

    @property
    def state(self) -> State:
        """The worst of its gates."""
        return next((state for state in _WORST_FIRST if any(gate.state == state for gate in self.gates)), "open")

    @property
    def state_in_words(self) -> str:
        """The same for people."""
        return _STATES[self.state] if self.gates else "Nothing judged"

    @property
    def sentence(self) -> str:
        """The one sentence to read."""
        closed = [gate for gate in self.gates if gate.state == "closed"]
        if not self.gates:
            return self._nothing_judged
        if closed:
            names = ", ".join(f"{gate.suite} for {gate.subject}" if gate.subject else gate.suite for gate in closed)
            gates = f"{len(self.gates)} gate{'s' * (len(self.gates) != 1)}"
            return f"{len(closed)} of {gates} closed, and nothing of those batches went on: {names}."
        gates = {1: "The gate is", 2: "Both gates are"}.get(len(self.gates), f"All {len(self.gates)} gates are")
        warned = sum(gate.state == "warned" for gate in self.gates)
        quarantined = sum(gate.quarantined for gate in self.gates)
        beside = ((warned, "with warnings"), (quarantined, "with rows quarantined"))
        return ", ".join([f"{gates} open", *(f"{number} {what}" for number, what in beside if number)]) + "."

    @property
    def _nothing_judged(self) -> str:
        if self.task_id is None:
            return "No gate has reported yet."
        if self.counts:
            return "This step judges nothing. What it did with the rows stands below."
        return "This step has nothing to report: it neither judges nor counts rows, or it has not run."

    @property
    def cleaned(self) -> bool:
        """Whether there is a profile and a cleaning of it to look at."""
        return any(row["step"] == "clean" for row in self.counts)

    @property
    def unbalanced(self) -> list[Row]:
        """Steps whose counts do not add up; there should never be one."""
        return [row for row in self.counts if not balanced(row)]


def closes(row: Row) -> bool:
    """Whether a stored result closed its gate."""
    return bool((row["observed"] or "").endswith(CLOSES))


def balanced(row: Row) -> bool:
    """Whether a step's counts add up: nothing is lost."""
    left = row["rows_out"] + row["quarantined"] + row["unchanged"] + row["suppressed"]
    return bool(row["rows_in"] == left)


def run_finding(
    dag_id: str,
    run_id: str,
    results: Sequence[Row],
    counts: Sequence[Row] = (),
    drift: Sequence[Row] = (),
    replays: Sequence[Row] = (),
    *,
    task_id: str | None = None,
) -> RunFinding:
    """Put the stored rows of one run together.

    Args:
        dag_id: The run's Dag.
        run_id: The run.
        results: Rows of ``ops.quality_result``.
        counts: Rows of ``ops.step_count``.
        drift: Rows of ``ops.drift``.
        replays: Rows of ``ops.replay_difference``.
        task_id: Only this task is shown; drift is the mapping's, what a replay changes stands with the gates, too.
    """
    mine = [row for row in results if task_id in (None, row["task_id"])]
    counts = [row for row in counts if task_id in (None, row["step"])]
    drift = drift if task_id in (None, "map") else []
    replays = replays if task_id in (None, "stage") or str(task_id).startswith("gate_") else []
    key = lambda row: (row["task_id"], row["source"], row["stream"], row["suite"])  # noqa: E731
    gates = [GateFinding(*of, tuple(rows)) for of, rows in groupby(sorted(mine, key=key), key)]
    gates.sort(key=lambda gate: _WORST_FIRST.index(gate.state))
    when = max((row["recorded_at"] for row in mine if row.get("recorded_at")), default=None)
    return RunFinding(dag_id, run_id, tuple(gates), task_id, tuple(counts), tuple(drift), tuple(replays), recorded_at=when)


def latest_findings(results: Iterable[Row]) -> list[RunFinding]:
    """Runs of which results are stored, the latest first."""
    key = lambda row: (row["dag_id"], row["run_id"])  # noqa: E731
    found = [run_finding(*of, list(rows)) for of, rows in groupby(sorted(results, key=key), key)]
    return sorted(found, key=lambda run: run.recorded_at.timestamp() if run.recorded_at else 0.0, reverse=True)


def run_page(run: RunFinding) -> str:
    """HTML of one run or task."""
    return templates().get_template("run.html").render(run=run)


def runs_page(runs: Sequence[RunFinding]) -> str:
    """HTML of the latest runs."""
    return templates().get_template("runs.html").render(runs=runs)


def problem_page(title: str, sentence: str) -> str:
    """HTML that says why there is no report."""
    return templates().get_template("problem.html").render(title=title, sentence=sentence)


@cache
def templates() -> Environment:
    """The pages' templates, with what they all use."""
    environment = Environment(
        loader=PackageLoader("include.quality"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["count"] = lambda number: f"{number:,}"
    environment.filters["moment"] = lambda when: when.strftime("%Y-%m-%d %H:%M UTC") if when else ""
    environment.filters["words"] = lambda name: name.replace("_", " ")
    environment.globals.update(closes=closes, balanced=balanced)
    return environment
