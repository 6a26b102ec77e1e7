"""Publish: one transaction makes a resolve run's outcome what everybody sees, or changes nothing at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, text

from include.customer import CONSENTS, Type
from include.errors import Conflict
from include.warehouse import beliefs, published, snapshot
from include.warehouse.bulk import analyze, as_hash, by_index, run, statement, stream, sum_of_hashes, types_of
from include.warehouse.copying import Block, Kind, Rows, blocks, copy_rows
from include.warehouse.engine import Bind, lock, transaction
from include.warehouse.errors import DoesNotAddUp
from include.warehouse.tables import (
    GOLDEN_FIELDS,
    alias,
    customer,
    customer_id_ledger,
    dirty_record,
    edge,
    membership,
    proof,
)

_GOLDEN: dict[str, Type] = {
    **{f.name: f.type for f in GOLDEN_FIELDS},
    "region": "text",
    "sources": "texts",
    "record_count": "integer",
}
"""What a golden customer consists of, beside its id and its row hash."""


_SHOWN = 5

CHANGES = ("created", "updated", "merged", "split", "retired", "redirected")
"""What can become of a customer id; the last: it was not current, and answers to another customer than before, or to none."""


@dataclass(frozen=True)
class Publication:
    """What a resolve run found: the state as it shall stand; publishing writes only what differs.

    The state is the whole, or the part that was touched. That part is closed: no matching pair leads out of it, a customer of
    before lies in it with all records or none, and so does the customer who bears the id of one of its records.
    ``snapshot.touched`` makes it so, and what is not so is refused. What grows with the records may come as frames one by one.

    Attributes:
        resolve_id: The run's id; publishing it twice is publishing it once.
        base_resolve_id: The published state it was computed from; None for the first.
        run_id: Airflow's.
        model_version: The match model that scored it.
        counts: What its steps counted, for the report.
        marks: ``mark_id`` of the dirty marks it took into account.
        customers: ``customer_id``, the golden fields, ``region``, ``sources``, ``record_count``, ``row_hash`` (32 bytes).
        proofs: The columns of ``golden.proof``.
        memberships: ``record_id, customer_id`` of every live record but those of ``apart``.
        minted: ``customer_id, anchor_record_id`` of ids that are new.
        aliases: ``customer_id, became`` of every published id that is not current and still resolves; chains followed.
        edges: The columns of ``identity.edge``; of a part all pairs of which at least one record is touched, and one without
            evidence stands as it is.
        touched: None: all of the above is the whole state. Else ``record_id`` of every record, live or gone, of which it tells;
            customers, records and edges beside these stay as they are and are not read.
        apart: ``record_id`` of the live records that make no customer: of match-only sources, and like nobody known.
        belief: Fingerprint of the survivorship and trust that chose the golden values; it comes into force with them.
    """

    resolve_id: str
    base_resolve_id: str | None
    run_id: str
    model_version: str | None
    counts: Mapping[str, Any]
    marks: pd.DataFrame
    customers: Rows
    proofs: Rows
    memberships: Rows
    minted: Rows
    aliases: Rows
    edges: Rows
    touched: pd.DataFrame | None = None
    apart: pd.DataFrame | None = None
    belief: str | None = None


@dataclass(frozen=True)
class PublishReport:
    """What was published.

    Attributes:
        resolve_id: The run.
        sequence: Its place in recorded time.
        content_hash: Of ``golden.customer`` after it: the sum of the row hashes modulo 2^256, 64 hex digits.
        counts: The run's counts; ``customers, live_records, shared_records`` (records of customers with several) of the golden
            table after it; by it ``CHANGES``.
        fresh: Whether this call published it, or an earlier try had.
    """

    resolve_id: str
    sequence: int
    content_hash: str
    counts: dict[str, Any] = field(default_factory=dict)
    fresh: bool = True


def publish(bind: Bind, publication: Publication, *, approved: Mapping[str, int] | None = None) -> PublishReport:
    """Write what differs to the golden tables, and to identity, history, crosswalk and change feed; consume the marks.

    A retry, or a zombie that wakes after its retry, finds the run published and gets the stored report.

    Args:
        bind: Engine or connection acting as ``suki_resolve``.
        publication: The state as it shall stand, the whole or a part.
        approved: The changes that a person said yes to, as ``weigh`` counted them; None where nobody had to.

    Raises:
        Conflict: Another run was published since this one read the warehouse, or another match model put in force: it must start
            again. Or something was approved, and records changed since, or it would change something else.
        DoesNotAddUp: The parts contradict one another, or a live record would be left without its one customer.
    """
    with transaction(bind, "publishing") as connection:
        if (known := _known(connection, publication.resolve_id)) is not None:
            return known
        _copy_change(connection, publication)  # before the lock: a worker may stop while it sends rows
        _copy_rest(connection, publication)
        lock(connection, "publish")
        if (known := _known(connection, publication.resolve_id)) is not None:
            return known
        _check_applies(connection, publication)
        sequence = _take_sequence(connection)
        part = None if publication.touched is None else _Part(connection, publication.base_resolve_id)
        _contradictions(connection, "publish_contradictions")
        if part:
            _contradictions(connection, "publish_outside")
        changes = _changes(connection, part)
        if approved is not None:
            _check_approved(connection, changes, approved)
        totals = part.totals(changes) if part else {}
        content_hash = part.content_hash() if part else ""
        _write(connection, publication, sequence, part)
        _reconcile(connection, part)
        if publication.belief:
            beliefs.put_in_force(connection, publication.belief)
        totals = totals or _totals(connection)
        content_hash = content_hash or table_hash(connection)
        counts = {**publication.counts, **totals, **changes}
        _report(connection, publication, sequence, counts, content_hash)
    return PublishReport(publication.resolve_id, sequence, content_hash, counts)


def weigh(bind: Bind, publication: Publication) -> dict[str, Any] | None:
    """What publishing this would change, with nothing changed: counts and a few opaque ids.

    Args:
        bind: Engine or connection acting as ``suki_resolve``.
        publication: The state as it shall stand, the whole or a part. Its customers are gone through twice; its proofs, minted
            ids, edges and marks are not looked at.

    Returns:
        ``customers_before``; ``changes``: each of ``CHANGES`` > customers; ``fields``: golden field > customers who stay and have
        another value; ``consent_lost``: channel > customers who said yes until now; ``examples``: change > ids. None where it is
        published already.

    Raises:
        Conflict: Another run was published since this one read the warehouse, or another match model put in force.
    """
    with transaction(bind, "weighing what would change") as connection:
        if _known(connection, publication.resolve_id) is not None:
            return None
        _check_applies(connection, publication)
        _copy_looked_at(connection, publication)
        part = None if publication.touched is None else _Part(connection, publication.base_resolve_id)
        changes = _changes(connection, part)
        lost = ", ".join(
            f"count(*) FILTER (WHERE old.{name} AND new.{name} IS NOT TRUE) AS {name.removesuffix('_consent')}"
            for name in CONSENTS
        )
        examples: dict[str, list[str]] = {}
        for change, one in connection.execute(statement("diff_examples"), {"shown": _SHOWN}):
            examples.setdefault(change, []).append(one)
        return {
            "customers_before": int(part.before["customers"] if part else _totals(connection)["customers"]),
            "changes": changes,
            "fields": {row.field: row.customers for row in connection.execute(statement("diff_fields"))},
            "consent_lost": dict(connection.execute(statement("diff_consent", lost=lost)).mappings().one()),
            "examples": examples,
        }


def table_hash(bind: Bind) -> str:
    """Content hash of ``golden.customer`` as it stands: independent of order, collation and version; zeros for an empty table."""
    with transaction(bind, "hashing the golden table") as connection:
        return as_hash(sum_of_hashes(connection, text("SELECT row_hash FROM golden.customer")))


def _known(connection: Connection, resolve_id: str) -> PublishReport | None:
    row = connection.execute(
        text("SELECT sequence, content_hash, report FROM ops.resolve_run WHERE resolve_id = :id"), {"id": UUID(resolve_id)}
    ).one_or_none()
    return None if row is None else PublishReport(resolve_id, row.sequence, row.content_hash, dict(row.report), fresh=False)


def _check_base(connection: Connection, base: str | None) -> None:
    """What this run was computed from is still what is published."""
    latest = published.latest(connection)
    known = latest and latest.resolve_id
    if known != (base and UUID(base)):
        raise Conflict(
            f"This run was computed from the state {base or 'before the first publication'}, but {known or 'none'} is published"
            " now: start the run again."
        )


def _check_applies(connection: Connection, publication: Publication) -> None:
    """It was computed from what is published now, and weighed by the match model that is in force now."""
    _check_base(connection, publication.base_resolve_id)
    active = snapshot.active_version(connection)
    if active is not None and publication.model_version != active:
        raise Conflict(
            f"This run was weighed by the match model {str(publication.model_version)[:12]}, but {active[:12]} was put in force"
            " since: nothing of it is published. Run resolve_customers again."
        )


def _take_sequence(connection: Connection) -> int:
    """The next place in recorded time."""
    # Not a database sequence: those skip a number when an attempt is killed, and a replay must count the same.
    return int(connection.scalar(text("SELECT coalesce(max(sequence), 0) + 1 FROM ops.resolve_run")))


def _check_approved(connection: Connection, changes: Mapping[str, int], approved: Mapping[str, int]) -> None:
    """What was approved is what would be done: nothing landed or was decided since, and it changes what was shown."""
    newer = connection.scalar(
        text(
            "SELECT count(DISTINCT record_id) FROM staging.dirty_record AS mark"
            " WHERE NOT EXISTS (SELECT FROM pg_temp.new_mark WHERE new_mark.mark_id = mark.mark_id)"
        )
    )
    if newer:
        raise Conflict(
            f"{newer:,} records changed since this run was held, so what was approved is no longer what is due: nothing is"
            " published. The next run of resolve_customers takes in both, and asks again if it has to."
        )
    if dict(changes) != dict(approved):
        raise Conflict(
            "What was approved is not what publishing would change now: nothing is published. Run resolve_customers again."
        )


def _copy_change(connection: Connection, publication: Publication) -> None:
    """What tells how the golden table would differ."""
    _copy_customers(connection, publication.customers)
    _copy_members(connection, publication)
    _ready(connection, publication, "new_customer", "customer_id", "row_hash")


def _copy_looked_at(connection: Connection, publication: Publication) -> None:
    """The same for weighing: of the customers who come or stay as they are no value is looked at, so none is sent."""
    copy_rows(connection, "new_hash", types_of(customer, ("customer_id", "row_hash")), publication.customers, {"row_hash": None})
    _copy_members(connection, publication)
    _ready(connection, publication, "new_hash", "customer_id", "row_hash")
    run(connection, "diff_looked_at")
    listed = stream(connection, text("SELECT customer_id::text FROM pg_temp.looked_at"))
    looked_at = pa.array([row[0] for rows in listed for row in rows], pa.string())
    _copy_customers(connection, (_those(block, looked_at) for block in blocks(publication.customers)))
    run(connection, "diff_others")
    _ready(connection, publication, "new_customer", "customer_id", "row_hash")


def _copy_customers(connection: Connection, customers: Rows) -> None:
    golden = types_of(customer, ("customer_id", *_GOLDEN, "row_hash"))
    copy_rows(connection, "new_customer", golden, customers, {**_GOLDEN, "row_hash": None})


def _those(block: Block, ids: pa.Array) -> Block:
    if isinstance(block, pa.Table):
        return block.filter(pc.is_in(block["customer_id"], ids))
    return block[block["customer_id"].map(str).isin(ids.to_pylist())]


def _copy_members(connection: Connection, publication: Publication) -> None:
    copy_rows(connection, "new_member", types_of(membership, ("record_id", "customer_id")), publication.memberships)
    copy_rows(connection, "new_alias", types_of(alias, ("customer_id", "became")), publication.aliases)
    analyze(connection, "new_alias")
    if publication.touched is not None:
        by_index(connection)
        copy_rows(connection, "touched", types_of(membership, ("record_id",)), publication.touched)
        _ready(connection, publication, "touched", "record_id")
    _ready(connection, publication, "new_member", "record_id", "customer_id")


def _ready(connection: Connection, publication: Publication, table: str, *columns: str) -> None:
    """Known to the planner; of a part looked up by the first column. Of a whole state every row is gone through."""
    if publication.touched is not None:
        connection.execute(text(f"CREATE INDEX ON pg_temp.{table} ({columns[0]})"))
    analyze(connection, f"{table} ({', '.join(columns)})")


def _copy_rest(connection: Connection, publication: Publication) -> None:
    told = types_of(proof, [column.name for column in proof.columns])
    copy_rows(connection, "new_proof", told, publication.proofs, {"record_ids": "texts"})
    copy_rows(connection, "new_minted", types_of(customer_id_ledger, ("customer_id", "anchor_record_id")), publication.minted)
    scored = types_of(edge, [column.name for column in edge.columns])
    weights: dict[str, Kind] = {"weight": None, "probability": None, "evidence": "json"}
    copy_rows(connection, "new_edge", scored, publication.edges, weights)
    copy_rows(connection, "new_mark", types_of(dirty_record, ("mark_id",)), publication.marks, {"mark_id": "integer"})
    apart = pd.DataFrame({"record_id": []}) if publication.apart is None else publication.apart
    copy_rows(connection, "new_apart", types_of(membership, ("record_id",)), apart)
    _ready(connection, publication, "new_proof", "customer_id")
    analyze(connection, "new_minted", "new_edge (record_a, record_b, band)", "new_mark")


_CONTRADICTIONS: Mapping[str, str] = {
    "memberless": "{n} customers have no record",
    "nobodys": "{n} records belong to a customer who is not there",
    "miscounted": "{n} customers count other records than they have",
    "twice": "{n} records or customers stand twice",
    "unminted": "{n} customer ids are neither in the ledger nor minted now",
    "dangling": "{n} aliases lead to a customer who is not there",
    "untold": "{n} records have a customer and are not among the touched",
    "unmarked": "{n} marks are of records that are not among the touched",
    "halved": "{n} customers are touched, and records of theirs are not",
    "elsewhere": "{n} customer ids are borne by a customer who was not touched",
    "outside": "{n} matching pairs lead out of what was touched, or pairs lie outside of it",
}


def _contradictions(connection: Connection, asked: str) -> None:
    found = connection.execute(statement(asked)).one()._asdict()
    told = [_CONTRADICTIONS[name].format(n=f"{n:,}") for name, n in found.items() if n]
    if told:
        raise DoesNotAddUp(f"This run contradicts itself, nothing of it is published: {'; '.join(told)}.")


_WITHIN: Mapping[str, str] = {
    "placed": "crosswalk.record_id IN (SELECT record_id FROM pg_temp.touched)",
    "before": "old.customer_id IN (SELECT customer_id FROM pg_temp.touched_customer)",
    # Mostly nobody: then proofs are not gone through.
    "proven": (
        "proof.customer_id IN (SELECT customer_id FROM pg_temp.touched_customer EXCEPT SELECT customer_id FROM pg_temp.new_proof)"
    ),
    "renamed": "alias.customer_id IN (SELECT customer_id FROM pg_temp.touched_alias)",
    "paired": "(edge.record_a, edge.record_b) IN (SELECT record_a, record_b FROM pg_temp.touched_edge)",
}
"""What a statement that takes away is held to when only a part is published."""

_WHOLE: Mapping[str, str] = dict.fromkeys(_WITHIN, "true")


class _Part:
    """The part of the published state that a publication replaces, and what the whole will be, by counting only the part."""

    def __init__(self, connection: Connection, base: str | None) -> None:
        self.connection = connection
        run(connection, "publish_touched")
        analyze(connection, "touched_customer", "touched_alias", "touched_edge")
        found = connection.execute(
            text("SELECT content_hash, report FROM ops.resolve_run WHERE resolve_id = :id"), {"id": base and UUID(base)}
        ).one_or_none()
        self.hash_before = int(found.content_hash, 16) if found else 0
        self.before: Mapping[str, Any] = found.report if found else dict.fromkeys(_TOTALS, 0)

    def totals(self, changes: Mapping[str, int]) -> dict[str, int]:
        """What ``_totals`` will be."""
        records, shared = self.connection.execute(statement("publish_difference")).one()
        shared_before = self.before.get("shared_records")
        if shared_before is None:  # published before it was counted
            shared_before = _totals(self.connection)["shared_records"]
        come, gone = changes["created"] + changes["split"], changes["merged"] + changes["retired"]
        return {
            "customers": self.before["customers"] + come - gone,
            "live_records": self.before["live_records"] + records,
            "shared_records": shared_before + shared,
        }

    def content_hash(self) -> str:
        """What ``table_hash`` will be."""
        before = text("SELECT old.row_hash FROM golden.customer AS old JOIN pg_temp.change USING (customer_id)")
        after = text("SELECT row_hash FROM pg_temp.new_customer JOIN pg_temp.change USING (customer_id)")
        return as_hash(self.hash_before - sum_of_hashes(self.connection, before) + sum_of_hashes(self.connection, after))


def _changes(connection: Connection, part: _Part | None) -> dict[str, int]:
    """List what becomes of each customer that does not stay as it is, and count it."""
    differing = ", ".join(f"CASE WHEN old.{name} IS DISTINCT FROM new.{name} THEN '{name}' END" for name in _GOLDEN)
    connection.execute(text("DROP TABLE IF EXISTS pg_temp.moved, pg_temp.change"))
    for name in ("moved", "changes"):
        connection.execute(statement(f"publish_{name}", differing=differing, **(_WITHIN if part else _WHOLE)))
    analyze(connection, "moved", "change (customer_id, change)")
    counted = connection.execute(text("SELECT change, count(*) FROM pg_temp.change GROUP BY change")).all()
    return {**dict.fromkeys(CHANGES, 0), **{row[0]: row[1] for row in counted}}


def _write(connection: Connection, publication: Publication, sequence: int, part: _Part | None) -> None:
    columns = ", ".join((*_GOLDEN, "row_hash"))
    updates = ", ".join(f"{name} = new.{name}" for name in (*_GOLDEN, "row_hash"))
    lists = {**(_WITHIN if part else _WHOLE), "golden": ", ".join(_GOLDEN), "columns": columns, "updates": updates}
    given = {"sequence": sequence, "resolve_id": UUID(publication.resolve_id)}
    for name in ("history", "customers", "proofs", "memberships", "identity", "edges", "feed", "marks"):
        run(connection, f"publish_{name}", given, **lists)


_TOTALS = ("customers", "live_records", "shared_records")


def _totals(connection: Connection) -> dict[str, int]:
    return dict(zip(_TOTALS, connection.execute(statement("publish_totals")).one(), strict=True))


def _reconcile(connection: Connection, part: _Part | None) -> None:
    unplaced, departed = connection.execute(statement("publish_reconcile_part" if part else "publish_reconcile")).one()
    if unplaced or departed:
        raise DoesNotAddUp(
            f"Nothing is published: {unplaced:,} live records would have no customer and {departed:,} records that are gone would"
            " keep one, though no mark says they changed since."
        )


def _report(
    connection: Connection, publication: Publication, sequence: int, counts: Mapping[str, Any], content_hash: str
) -> None:
    connection.execute(
        statement("resolve_run"),
        {
            "resolve_id": UUID(publication.resolve_id), "run_id": publication.run_id,
            "base": publication.base_resolve_id and UUID(publication.base_resolve_id), "status": "published",
            "model_version": publication.model_version, "report": json.dumps(dict(counts), default=int),
            "content_hash": content_hash, "sequence": sequence,
        },
    )  # fmt: skip
