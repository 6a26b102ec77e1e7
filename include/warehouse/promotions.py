"""Putting a trained match model in force: one transaction, remembered for ever, and only if it is still what was looked at."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text, update

from include.errors import Conflict, SukiError
from include.warehouse.engine import Bind, lock, transaction
from include.warehouse.tables import dirty_record, match_model, model_comparison, model_promotion


class NoSuchCandidate(SukiError):
    """No trained model answers to what was asked for; the sentence says which do."""


@dataclass(frozen=True)
class Candidate:
    """A trained model that is not in force, and what it would change.

    Attributes:
        version: The candidate's.
        in_force: Version of the model it was held against, which is still in force.
        compared_at: When.
        compared_by: ``dag_id`` and ``run_id`` of the run that compared them.
        publications_since: Publications since the records were read.
        report: What would change, as stored.
    """

    version: str
    in_force: str
    compared_at: datetime
    compared_by: tuple[str, str]
    publications_since: int
    report: Mapping[str, Any]

    @property
    def share(self) -> float:
        """Share of the customers that would merge or split; 1 where it cannot be told."""
        change = self.report.get("customers") or {}
        now = (change.get("customers") or {}).get("now", 0)
        touched = change.get("merging", 0) + change.get("splits_in_all", 0)
        return min(touched / now, 1.0) if now else 1.0


def candidate(bind: Bind, asked: str | None = None) -> Candidate:
    """The candidate to put in force: the one whose version begins as asked, else the one that was compared last.

    Raises:
        NoSuchCandidate: There is none, several begin so, or it is in force already.
        Conflict: The model it was held against is no longer in force.
    """
    c, m = model_comparison.c, match_model.c
    with transaction(bind, "reading candidate models") as connection:
        known = list(dict.fromkeys(connection.scalars(select(c.candidate_version).order_by(c.recorded_at.desc()))))
        found = [version for version in known if version.startswith(asked)] if asked else known[:1]
        if len(found) != 1:
            raise NoSuchCandidate(_unclear(asked, known, len(found)))
        latest = select(model_comparison).where(c.candidate_version == found[0]).order_by(c.recorded_at.desc()).limit(1)
        row = connection.execute(latest).mappings().one()
        active = connection.scalar(select(m.model_version).where(m.active))
        if found[0] == active:
            raise NoSuchCandidate(f"The model {found[0][:12]} is in force already.")
        if row["in_force_version"] != active:
            raise Conflict(
                f"The candidate {found[0][:12]} was held against {row['in_force_version'][:12]}, but {str(active)[:12]} is in"
                " force now: run train_match_model again."
            )
        since = connection.scalar(
            text(
                "SELECT count(*) FROM ops.resolve_run WHERE status = 'published' AND sequence >"
                " coalesce((SELECT sequence FROM ops.resolve_run WHERE resolve_id = :base), 0)"
            ),
            {"base": row["base_resolve_id"]},
        )
    return Candidate(
        found[0], row["in_force_version"], row["recorded_at"], (row["dag_id"], row["run_id"]), int(since or 0), row["report"]
    )


def _unclear(asked: str | None, known: list[str], times: int) -> str:
    if not known:
        return "There is no candidate model: run train_match_model."
    listed = ", ".join(version[:12] for version in known[:5])
    return f"{times or 'No'} candidate models begin with '{asked}'. Candidates, the latest first: {listed}."


@dataclass(frozen=True)
class Promotion:
    """What is put in force, and on whose word.

    Attributes:
        dag_id: The Dag that does it.
        run_id: Its run; promoting twice in one run is promoting once.
        version: The candidate.
        in_force: The model it takes the place of.
        actor: Who asked for it.
        reason: Why.
        approved_by: Who approved it; None where nobody had to.
        share: Share of the customers it was measured to merge or split.
    """

    dag_id: str
    run_id: str
    version: str
    in_force: str
    actor: str
    reason: str
    approved_by: str | None
    share: float


def promote(bind: Bind, promotion: Promotion) -> bool:
    """Put a candidate in force and mark a record, so that the next resolve run weighs everything anew.

    Args:
        bind: Engine or connection acting as ``suki_resolve``.
        promotion: What, and on whose word.

    Returns:
        Whether this call did it, or an earlier try of the run had.

    Raises:
        Conflict: Another model is in force by now.
    """
    p, m = model_promotion.c, match_model.c
    with transaction(bind, "putting a match model in force") as connection:
        lock(connection, "publish")  # no run may publish by the old model after this
        lock(connection, "model")
        own = select(p.model_version).where(p.dag_id == promotion.dag_id, p.run_id == promotion.run_id)
        if connection.scalar(own):
            return False
        active = connection.scalar(select(m.model_version).where(m.active))
        if active != promotion.in_force:
            raise Conflict(
                f"{promotion.version[:12]} was to take the place of {promotion.in_force[:12]}, but {str(active)[:12]} is in force"
                " now: nothing is changed. Run train_match_model again."
            )
        connection.execute(update(match_model).where(m.active).values(active=False))
        connection.execute(update(match_model).where(m.model_version == promotion.version).values(active=True))
        said = {name: value for name, value in asdict(promotion).items() if name not in ("version", "in_force")}
        connection.execute(insert(model_promotion).values(model_version=promotion.version, replaced=promotion.in_force, **said))
        _mark_one(connection)
    return True


def _mark_one(connection: Connection) -> None:
    one = text("SELECT record_id FROM staging.current_record ORDER BY record_id LIMIT 1").columns(dirty_record.c.record_id)
    found = connection.execute(one).scalar()
    if found is not None:
        connection.execute(insert(dirty_record).values(record_id=found, reason="a match model was put in force"))
