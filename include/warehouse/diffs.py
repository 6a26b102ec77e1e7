"""What resolve runs would change, kept as each said it; and what became of those that were held."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import null, select, text, update
from sqlalchemy.dialects.postgresql import insert

from include.errors import Conflict, SukiError
from include.warehouse import published
from include.warehouse.engine import Bind, transaction
from include.warehouse.tables import resolve_diff

Answer = Literal["approved", "refused", "silence"]


class NotHeld(SukiError):
    """No held run answers to what was asked for."""


@dataclass(frozen=True)
class Held:
    """A run that was not published because it would change too much.

    Attributes:
        resolve_id: Its id.
        dag_id: The Dag that held it.
        run_id: Its run.
        diff: What it would change, as ``publish.weigh`` counted it.
        held_because: Which limits it exceeds.
        resolution: Where its rows lie.
        answer: What somebody said to it already.
    """

    resolve_id: str
    dag_id: str
    run_id: str
    diff: Mapping[str, Any]
    held_because: Sequence[str]
    resolution: Mapping[str, Any]
    answer: str | None


@dataclass(frozen=True)
class Weighed:
    """What a run would change, to be kept.

    Attributes:
        resolve_id: The run.
        dag_id: Its Dag.
        run_id: Airflow's run.
        base: The published state it was computed from.
        diff: As ``publish.weigh`` counted it.
        held_because: Which limits it exceeds; none: it goes on to be published.
        marks: The marks it took into account.
        resolution: Where its rows lie, for the publication that somebody approves.
    """

    resolve_id: str
    dag_id: str
    run_id: str
    base: str | None
    diff: Mapping[str, Any]
    held_because: Sequence[str]
    marks: Iterable[int]
    resolution: Mapping[str, Any]


def keep(bind: Bind, weighed: Weighed) -> None:
    """Keep what a run would change; a retry's takes the place of its own earlier one.

    Args:
        bind: Engine or connection acting as ``suki_resolve``.
        weighed: What it would change.
    """
    row = {
        "resolve_id": UUID(weighed.resolve_id), "dag_id": weighed.dag_id, "run_id": weighed.run_id,
        "base_resolve_id": weighed.base and UUID(weighed.base), "diff": dict(weighed.diff),
        "held_because": list(weighed.held_because), "marks": _digest(weighed.marks),
        "resolution": dict(weighed.resolution) if weighed.held_because else null(),
    }  # fmt: skip
    with transaction(bind, "keeping what would change") as connection:
        wanted = insert(resolve_diff).values(row)
        news = {name: wanted.excluded[name] for name in row if name != "resolve_id"}
        connection.execute(wanted.on_conflict_do_update(index_elements=["resolve_id"], set_=news))


def of_run(bind: Bind, dag_id: str, run_id: str) -> dict[str, Any] | None:
    """The latest row of ``ops.resolve_diff`` of a run; None if it said nothing."""
    c = resolve_diff.c
    wanted = select(resolve_diff).where(c.dag_id == dag_id, c.run_id == run_id).order_by(c.recorded_at.desc()).limit(1)
    with transaction(bind, "reading what would change") as connection:
        found = connection.execute(wanted).mappings().first()
        return None if found is None else dict(found)


def held_with(bind: Bind, base: str | None, marks: Iterable[int], decided_by: str) -> str | None:
    """Airflow's run id of the run that was held over exactly these marks, decided by the same: it would find the same again."""
    c = resolve_diff.c
    wanted = (
        select(c.run_id)
        .where(c.base_resolve_id == (base and UUID(base)), c.marks == _digest(marks))
        .where(c.resolution["decided_by"].astext == decided_by)
        .order_by(c.recorded_at.desc())
        .limit(1)
    )
    with transaction(bind, "reading which runs were held") as connection:
        found: str | None = connection.scalar(wanted)
    return found


def held(bind: Bind, resolve_id: str | None = None) -> Held:
    """A held run: the one of this id, else the latest.

    Raises:
        NotHeld: There is none.
        Conflict: It was published meanwhile, or another run was.
    """
    c = resolve_diff.c
    wanted = select(resolve_diff).where(c.resolution.is_not(None)).order_by(c.recorded_at.desc()).limit(1)
    if resolve_id is not None:
        try:
            wanted = wanted.where(c.resolve_id == UUID(resolve_id))
        except ValueError:
            raise NotHeld(f"'{resolve_id}' is no id of a resolve run: the log of the held run's task `hold` names it.") from None
    with transaction(bind, "reading the held run") as connection:
        row = connection.execute(wanted).mappings().first()
        if row is None:
            raise NotHeld(f"No run {resolve_id} was held." if resolve_id else "No run is held: there is nothing to approve.")
        latest = published.latest(connection)
    if (latest and latest.resolve_id) not in (row["base_resolve_id"], row["resolve_id"]):
        raise Conflict(
            f"The run {row['run_id']} no longer applies: another was published since it was held, and took in what was held."
            " If something still waits, the next run of resolve_customers asks again."
        )
    return Held(
        str(row["resolve_id"]), row["dag_id"], row["run_id"], row["diff"], row["held_because"], row["resolution"], row["answer"]
    )


def answer(bind: Bind, resolve_id: str, given: Answer, by: str | None) -> None:
    """Keep what was said to a held run, and by whom."""
    said = update(resolve_diff).where(resolve_diff.c.resolve_id == UUID(resolve_id))
    with transaction(bind, "keeping the answer to a held run") as connection:
        connection.execute(said.values(answer=given, answered_by=by, answered_at=text("now()")))


def _digest(marks: Iterable[int]) -> str:
    return sha256(",".join(map(str, sorted(marks))).encode()).hexdigest()
