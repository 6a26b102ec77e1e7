"""What a resolve run starts from: the records as they stand, the marks of what changed, and what was decided before."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, CursorResult, TextClause, text

from include.customer import CUSTOMER_FIELDS, Type
from include.warehouse import published
from include.warehouse.bulk import analyze, by_index, copy_in, dicts, statement, temp_table, types_of
from include.warehouse.engine import Bind, lock, transaction
from include.warehouse.reading import frames, table, tables
from include.warehouse.tables import edge, membership

SNAPSHOT_COLUMNS = (
    "record_id", "source", "stream", "scope", "region", "source_time", "first_source_time", "flags", "mentioned_email_keys",
    *(field.name for field in CUSTOMER_FIELDS),
)  # fmt: skip
"""``source_time`` is when the source began to say what it says now, ``first_source_time`` when it first spoke of the record,
``mentioned_email_keys`` are those in the free text of the record's interactions."""

_TYPES: dict[str, Type] = {
    **dict.fromkeys(SNAPSHOT_COLUMNS, "text"),
    "customer_id": "text",
    "source_time": "timestamp",
    "first_source_time": "timestamp",
    "flags": "texts",
    "mentioned_email_keys": "texts",
    **{field.name: field.type for field in CUSTOMER_FIELDS},
}

_OF_EDGE = ("record_a", "record_b", "weight", "probability", "band", "rule", "evidence", "model_version")

_FIRST = "(SELECT min(source_time) FROM staging.record_version WHERE record_version.record_id = seed.record_id)"
MENTIONED = (
    '(SELECT array_agg(DISTINCT one COLLATE "C") FROM staging.interaction, unnest(interaction.mentioned_email_keys) AS one'
    " WHERE interaction.customer_record_id = now.record_id AND interaction.mentioned_email_keys <> '{}')"
)
"""The e-mails mentioned in the interactions of a record ``now``."""
_CONTENT = ", ".join(f"now.{field.name}" for field in CUSTOMER_FIELDS)


def current_customers(bind: Bind) -> pd.DataFrame:
    """Every live customer record: ``SNAPSHOT_COLUMNS``, sorted by record id."""
    blocks = list(customer_blocks(bind))
    return pd.concat(blocks, ignore_index=True) if len(blocks) > 1 else blocks[0]


def customer_blocks(bind: Bind) -> Iterator[pd.DataFrame]:
    """The same in blocks of at most 50,000 rows, at least one; memory holds one at a time."""
    with transaction(bind, "reading the current records") as connection:
        yield from whole_frames(connection, statement("current_customers", content=_CONTENT), SNAPSHOT_COLUMNS)


def customer_tables(bind: Bind) -> Iterator[pa.Table]:
    """The same as Arrow tables."""
    with transaction(bind, "reading the current records") as connection:
        yield from tables(connection, statement("current_customers", content=_CONTENT), _kinds(SNAPSHOT_COLUMNS))


def customers_among(bind: Bind, records: Iterable[str]) -> pd.DataFrame:
    """The live ones of some records, as ``current_customers`` gives them; no other is read."""
    with transaction(bind, "reading some records") as connection:
        seed(connection, records)
        blocks = list(whole_frames(connection, _among(SNAPSHOT_COLUMNS), SNAPSHOT_COLUMNS))
    return pd.concat(blocks, ignore_index=True) if len(blocks) > 1 else blocks[0]


def table_among(bind: Bind, records: Iterable[str], columns: Collection[str]) -> pa.Table:
    """The same as an Arrow table, of some columns alone."""
    names = [name for name in SNAPSHOT_COLUMNS if name in columns]
    with transaction(bind, "reading some records") as connection:
        seed(connection, records)
        return table(connection, _among(names), _kinds(names))


def _among(columns: Iterable[str]) -> TextClause:
    told = {"record_id": "now.record_id::text", "first_source_time": _FIRST, "mentioned_email_keys": MENTIONED}
    return statement("customers_among", columns=", ".join(told.get(name, f"now.{name}") for name in columns))


def _kinds(columns: Iterable[str]) -> dict[str, Type]:
    return {name: _TYPES[name] for name in columns}


def whole_frames(connection: Connection, query: TextClause, names: Sequence[str]) -> Iterator[pd.DataFrame]:
    """Blocks of a query for some of ``SNAPSHOT_COLUMNS``, or ``customer_id``, in the types the core expects; at least one."""
    some = False
    for frame in frames(connection, query, _kinds(names)):
        some = True
        yield frame
    if not some:
        yield frame_of([], names)


def edges_among(bind: Bind, records: Iterable[str]) -> pd.DataFrame:
    """The published edges with an end among some records, as ``edges`` gives them."""
    with transaction(bind, "reading the edges of some records") as connection:
        seed(connection, records)
        found = table(connection, statement("edges_among"), dict.fromkeys(_OF_EDGE, "text"))
    frame: pd.DataFrame = found.to_pandas()
    return frame.astype(object).astype({"weight": float, "probability": float})


def members_among(bind: Bind, records: Iterable[str]) -> pd.DataFrame:
    """``record_id, customer_id`` of some records, as ``previous_memberships`` gives them."""
    with transaction(bind, "reading the memberships of some records") as connection:
        seed(connection, records)
        return _framed(connection.execute(statement("members_among")))


def claim_dirty(bind: Bind) -> pd.DataFrame:
    """``mark_id, record_id, reason`` of every mark there is.

    Read the marks before the records: then what changes in between keeps a mark that this run does not consume.
    """
    asked = text("SELECT mark_id, record_id::text, reason FROM staging.dirty_record ORDER BY mark_id")
    with transaction(bind, "reading the marks") as connection:  # where everything is new they are as many as records
        marks = table(connection, asked, {"mark_id": "integer", "record_id": "text", "reason": "text"})
    return pd.DataFrame({name: marks.column(name).to_numpy() for name in marks.column_names}, copy=False)


def latest_resolve_id(bind: Bind) -> str | None:
    """The published state that a run starting now is computed from."""
    latest = published.latest(bind)
    return None if latest is None else str(latest.resolve_id)


def latest_model(bind: Bind) -> str | None:
    """The match model that scored what is published."""
    latest = published.latest(bind)
    found: str | None = latest and latest.model_version
    return found


def previous_memberships(bind: Bind) -> pd.DataFrame:
    """``record_id, customer_id`` that hold until now, of records since deleted too."""
    return _frame(
        bind,
        "SELECT record_id::text, customer_id::text FROM identity.membership WHERE to_sequence IS NULL ORDER BY record_id",
        "reading the memberships",
    )


def ledger(bind: Bind) -> pd.DataFrame:
    """``customer_id, anchor_record_id, minted_at`` of every id ever published, oldest first."""
    return _frame(
        bind,
        "SELECT customer_id::text, anchor_record_id::text, minted_at FROM identity.customer_id_ledger"
        " ORDER BY minted_at, customer_id",
        "reading the ledger",
    )


def aliases(bind: Bind) -> pd.DataFrame:
    """``customer_id, became`` of every published id that is no longer current."""
    return _frame(bind, "SELECT customer_id::text, became::text FROM identity.alias ORDER BY customer_id", "reading the aliases")


@dataclass(frozen=True)
class Identities:
    """The ids that are at stake when some records are grouped anew, as published.

    Attributes:
        memberships: ``record_id, customer_id`` that hold until now, of those records.
        ledger: ``customer_id, anchor_record_id, minted_at``, oldest first, of the ids they bear, of those minted for one of them,
            and of those that stand for one they bear.
        aliases: ``customer_id, became`` of the last.
        published: ``customers, live_records, shared_records`` of the whole golden table as the last run left it; zeros before.
        theirs: The same of the customers who hold these records.
    """

    memberships: pd.DataFrame
    ledger: pd.DataFrame
    aliases: pd.DataFrame
    published: Mapping[str, int]
    theirs: Mapping[str, int]

    @property
    def others(self) -> dict[str, int]:
        """What there is beside them, as the gates ask it: ``other_customers, other_records, other_shared``."""
        names = {"other_customers": "customers", "other_records": "live_records", "other_shared": "shared_records"}
        return {other: self.published[name] - self.theirs[name] for other, name in names.items()}


def touched(bind: Bind, records: Iterable[str]) -> pd.DataFrame:
    """``record_id`` of everything that may become another customer with these records: what a publication of a part must tell of.

    Args:
        bind: Engine or connection acting as ``suki_resolve``.
        records: What changed, and both ends of every pair that matches newly.
    """
    with transaction(bind, "reading what a change touches") as connection:
        seed(connection, records)
        given = connection.execute(statement("decisions")).all()
        joined = [(a, b) for a, b, decision in given if decision == "must_link"]
        temp_table(connection, "joined", types_of(edge, ("record_a", "record_b")))
        copy_in(connection, "joined", ("record_a", "record_b"), joined)
        connection.execute(text("CREATE INDEX ON pg_temp.joined (record_a)"))
        connection.execute(text("CREATE INDEX ON pg_temp.joined (record_b)"))
        analyze(connection, "joined")
        return _framed(connection.execute(statement("touched")))


def identities(bind: Bind, records: Iterable[str]) -> Identities:
    """The ids at stake when these records, all that ``touched`` named, are grouped anew; read in one transaction."""
    with transaction(bind, "reading the customer ids of what was touched") as connection:
        seed(connection, records)
        connection.execute(text("DROP TABLE IF EXISTS pg_temp.borne, pg_temp.at_stake"))
        for one in ("identities_borne", "identities_at_stake"):
            connection.execute(statement(one))
        analyze(connection, "borne", "at_stake")
        memberships, ids, became, theirs = (
            _framed(connection.execute(statement(f"identities_{what}")))
            for what in ("memberships", "ledger", "aliases", "totals")
        )
        latest = published.latest(connection)
        report = latest and latest.report
        if report is not None and "shared_records" not in report:  # published before it was counted
            report = connection.execute(statement("publish_totals")).mappings().one()
        return Identities(
            memberships, ids, became,
            {name: int(report[name]) if report else 0 for name in theirs.columns},
            {name: int(theirs[name].iloc[0]) for name in theirs.columns},
        )  # fmt: skip


def seed(connection: Connection, records: Iterable[str]) -> None:
    """Record ids to the temporary table ``seed``, for statements on some records."""
    by_index(connection)
    temp_table(connection, "seed", types_of(membership, ("record_id",)))
    copy_in(connection, "seed", ("record_id",), ((record_id,) for record_id in dict.fromkeys(map(str, records))))
    connection.execute(text("CREATE INDEX ON pg_temp.seed (record_id)"))
    analyze(connection, "seed")


def decisions(bind: Bind) -> pd.DataFrame:
    """``record_a, record_b, decision``: the latest decision on each pair that was not withdrawn, record_a < record_b."""
    return _frame(bind, statement("decisions").text, "reading the decisions")


def edges(bind: Bind) -> pd.DataFrame:
    """The published edges: ``record_a, record_b, weight, probability, band, rule, evidence, model_version``."""
    return _frame(
        bind,
        "SELECT record_a::text, record_b::text, weight, probability, band, rule, evidence::text, model_version FROM identity.edge"
        " ORDER BY record_a, record_b",
        "reading the edges",
    )


def suppressed_tokens(bind: Bind) -> frozenset[str]:
    """Tokens of who must not come back."""
    found = _frame(bind, "SELECT token::text FROM privacy.suppression", "reading the suppression list")
    return frozenset(found["token"])


def crosswalk(bind: Bind) -> pd.DataFrame:
    """``record_id, customer_id, source, stream`` as published."""
    return _frame(
        bind,
        "SELECT record_id::text, customer_id::text, source, stream FROM golden.crosswalk ORDER BY record_id",
        "reading the crosswalk",
    )


def resolve(bind: Bind, customer_id: str) -> str | None:
    """Who answers to a customer id now, whenever it was published; None once nobody does, or if it never was."""
    with transaction(bind, "resolving a customer id") as connection:
        found = connection.scalar(
            text("SELECT customer_id FROM golden.v_customer_id WHERE published_id = :id"), {"id": UUID(customer_id)}
        )
    return None if found is None else str(found)


def was_published(bind: Bind, customer_id: str) -> bool:
    """Whether this ever was a customer's id."""
    with transaction(bind, "resolving a customer id") as connection:
        known = text("SELECT EXISTS (SELECT FROM golden.v_customer_id WHERE published_id = :id)")
        return bool(connection.scalar(known, {"id": UUID(customer_id)}))


def records_of(bind: Bind, customer_id: str) -> list[dict[str, str]]:
    """``record_id, source, stream`` of the live records a customer is made of."""
    wanted = text(
        "SELECT record_id::text, source, stream FROM golden.crosswalk WHERE customer_id = :id ORDER BY source, stream, record_id"
    )
    return dicts(bind, wanted, "reading the records of a customer", id=UUID(customer_id))


def active_model(bind: Bind) -> Any:
    """The artefact of the active match model, as JSON; None before the first."""
    with transaction(bind, "reading the match model") as connection:
        return connection.scalar(text("SELECT artefact FROM identity.match_model WHERE active"))


def active_version(bind: Bind) -> str | None:
    """The version of the active match model; None before the first."""
    with transaction(bind, "reading which match model is in force") as connection:
        found: str | None = connection.scalar(text("SELECT model_version FROM identity.match_model WHERE active"))
        return found


def save_model(bind: Bind, version: str, artefact: Mapping[str, Any] | str) -> Any:
    """Keep a match model and return the active one's artefact.

    The first becomes active. A later one does only when promoted (``promotions``): two runs that both found none and trained
    go on with one model.
    """
    as_text = artefact if isinstance(artefact, str) else json.dumps(artefact, ensure_ascii=False)
    with transaction(bind, "keeping the match model") as connection:
        lock(connection, "model")
        given = {"version": version, "artefact": as_text}
        connection.execute(
            text(
                "INSERT INTO identity.match_model (model_version, artefact, active)"
                " VALUES (:version, CAST(:artefact AS jsonb), false) ON CONFLICT DO NOTHING"
            ),
            given,
        )
        connection.execute(
            text(
                "UPDATE identity.match_model SET active = true WHERE model_version = :version"
                " AND NOT EXISTS (SELECT FROM identity.match_model WHERE active)"
            ),
            given,
        )
        return connection.scalar(text("SELECT artefact FROM identity.match_model WHERE active"))


def _frame(bind: Bind, query: str, doing: str) -> pd.DataFrame:
    with transaction(bind, doing) as connection:
        return _framed(connection.execute(text(query)))


def _framed(found: CursorResult[Any]) -> pd.DataFrame:
    rows = found.all()
    # Object columns: an empty frame must not turn ids into floats.
    return pd.DataFrame([tuple(row) for row in rows], columns=list(found.keys()), dtype=None if rows else object)


def frame_of(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> pd.DataFrame:
    """Rows of some of ``SNAPSHOT_COLUMNS``, or of ``customer_id``, as a frame in the types the core expects."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pd.DataFrame({name: _column(list(values), _TYPES[name]) for name, values in zip(names, columns, strict=True)})


def _column(values: list[Any], kind: Type) -> "pd.Series[Any]":
    if kind == "timestamp":
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object), utc=True)).astype("datetime64[us, UTC]")
    if kind == "texts":
        values = [[] if value is None else value for value in values]
    return pd.Series(values, dtype=object)
