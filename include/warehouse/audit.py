"""The weekly audit: what the warehouse holds, counted by dimension of quality, source, store and field, and kept.

Every figure is a number of good ones among a whole, so that scores of fields, stores and sources add up to one another.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import ColumnElement, Connection, Text, and_, cast, column, delete, func, insert, literal, select, table
from sqlalchemy.dialects.postgresql import ARRAY

from include.declarations import checked, read_yaml
from include.warehouse.bulk import dicts, run, statement
from include.warehouse.engine import Bind, transaction
from include.warehouse.tables import GOLDEN_FIELDS, audit_figure, record_version

DECLARATION = Path(__file__).with_name("audit.yml")

_AUDITABLE = tuple(field.name for field in GOLDEN_FIELDS)
_LISTS = frozenset(field.name for field in GOLDEN_FIELDS if field.type == "texts")


class Audit(BaseModel):
    """The declaration of ``audit.yml``."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    fields: Annotated[tuple[str, ...], Field(min_length=1)]
    timely_days: int = Field(gt=0)
    under_represented: float = Field(gt=0, le=1)
    least_customers: int = Field(gt=0)

    @field_validator("fields")
    @classmethod
    def _known(cls, fields: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in fields if name not in _AUDITABLE]
        if unknown:
            raise ValueError(f"there is no {unknown[0]!r}; valid: {', '.join(_AUDITABLE)}")
        return fields


@cache
def load(path: Path = DECLARATION) -> Audit:
    """Read the declaration.

    Raises:
        DeclarationError: A key or field is unknown, or a value is none.
    """
    return checked(Audit, read_yaml(path, path.name), path.name)


def audit(
    bind: Bind, *, dag_id: str, run_id: str, as_of: datetime, doubtful: Sequence[str], declared: Audit | None = None
) -> int:
    """Count everything and keep it as the figures of a run; the same run again replaces them. Returns how many figures there are.

    Args:
        bind: Engine or connection acting as ``suki_resolve``.
        dag_id: Airflow's.
        run_id: Airflow's.
        as_of: The audit's moment.
        doubtful: Flags, as ``field:flag``, that make a value doubtful.
        declared: By default what ``audit.yml`` says.
    """
    declared = declared or load()
    of = {"dag_id": dag_id, "run_id": run_id, "as_of": as_of}
    with transaction(bind, "auditing") as connection:
        connection.execute(delete(audit_figure).where(audit_figure.c.dag_id == dag_id, audit_figure.c.run_id == run_id))
        run(connection, "audit_records", columns=", ".join(("record_id", "source", "confirmed_on", "flags", *declared.fields)))
        rows = [{**of, **figure} for figure in figures_of_fields(connection, declared, doubtful)]
        if rows:
            connection.execute(insert(audit_figure), rows)
        run(connection, "audit_figures", {**of, "days": declared.timely_days})
        return (
            connection.scalar(select(func.count()).where(audit_figure.c.dag_id == dag_id, audit_figure.c.run_id == run_id)) or 0
        )


def figures_of_run(bind: Bind, dag_id: str, run_id: str) -> list[dict[str, Any]]:
    """Rows of ``ops.audit_figure`` of an audit."""
    query = select(audit_figure).where(audit_figure.c.dag_id == dag_id, audit_figure.c.run_id == run_id)
    return dicts(bind, query, "reading an audit")


def earlier_scores(bind: Bind, dag_id: str, run_id: str, audits: int = 12) -> list[dict[str, Any]]:
    """``as_of, dimension, source, scope, field, good, whole`` of the audits before, the latest first."""
    return dicts(bind, statement("audit_earlier"), "reading earlier audits", dag_id=dag_id, run_id=run_id, audits=audits)


def figures_of_fields(connection: Connection, declared: Audit, doubtful: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Completeness, validity and consistency of every field, by source and store: one pass over the records each.

    The records are those of ``pg_temp.audited``.
    """
    typed = record_version.c
    said = table(
        "audited", *(column(n, typed[n].type) for n in ("record_id", "source", "flags", *declared.fields)), schema="pg_temp"
    )
    known = table("record", column("record_id"), column("scope"), schema="staging")
    place = table("crosswalk", column("record_id"), column("customer_id"), schema="golden")
    believed = table(
        "customer", column("customer_id"), column("record_count"), *(column(n) for n in declared.fields), schema="golden"
    )
    scope = func.coalesce(known.c.scope, "")
    counts: dict[str, ColumnElement[Any]] = {}
    for name in declared.fields:
        held = func.cardinality(said.c[name]) > 0 if name in _LISTS else said.c[name].is_not(None)
        marks = [flag for flag in doubtful if flag.startswith(f"{name}:")]
        sound = and_(held, said.c.flags.op("&&")(cast(literal(marks, ARRAY(Text)), ARRAY(Text))).is_not(True))
        agree = said.c[name].op("&&")(believed.c[name]) if name in _LISTS else said.c[name] == believed.c[name]
        shared = and_(held, believed.c.record_count > 1, believed.c[name].is_not(None))
        counts |= {
            f"{name}|completeness|good": func.count().filter(held),
            f"{name}|validity|good": func.count().filter(sound),
            f"{name}|consistency|good": func.count().filter(and_(shared, agree)),
            f"{name}|consistency|whole": func.count().filter(shared),
        }
    query = (
        select(
            said.c.source,
            scope.label("scope"),
            func.count().label("records"),
            *(count.label(name) for name, count in counts.items()),
        )
        .select_from(
            said.join(known, known.c.record_id == said.c.record_id)
            .outerjoin(place, place.c.record_id == said.c.record_id)
            .outerjoin(believed, believed.c.customer_id == place.c.customer_id)
        )
        .group_by(said.c.source, scope)
    )
    for found in connection.execute(query).mappings():
        of = {"source": found["source"], "scope": found["scope"]}
        for name in declared.fields:
            held_rows = found[f"{name}|completeness|good"]
            wholes = {"completeness": found["records"], "validity": held_rows, "consistency": found[f"{name}|consistency|whole"]}
            for dimension, whole in wholes.items():
                yield {**of, "dimension": dimension, "field": name, "good": found[f"{name}|{dimension}|good"], "whole": whole}
