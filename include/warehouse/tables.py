"""The warehouse's one schema, as SQLAlchemy metadata.

Five schemas by purpose: ``ops`` (what ran), ``staging`` (what sources say), ``identity`` (who is who), ``golden`` (what we
believe), ``privacy`` (what must not be). Every column carries a classification (``internal``, ``personal`` or ``sensitive``;
test-enforced). Migrations create exactly this; a test compares the two.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.types import TypeEngine

from include.customer import CUSTOMER_FIELDS, INTERACTION_FIELDS, Field

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

SCHEMAS = ("ops", "staging", "identity", "golden", "privacy")
ROLES = ("suki_ingest", "suki_resolve", "suki_steward", "suki_analyst", "suki_privacy")

_SQL_TYPES: dict[str, TypeEngine[Any]] = {
    "text": Text(),
    "texts": ARRAY(Text()),
    "date": Text(),  # may be partial, see include.customer
    "timestamp": DateTime(timezone=True),
    "boolean": Boolean(),
    "integer": BigInteger(),
    "number": Numeric(18, 4),
    "json": JSONB(),
}


def _col(name: str, kind: object, *args: object, classification: str = "internal", **kwargs: object) -> Column[object]:
    return Column(name, kind, *args, info={"classification": classification}, **kwargs)  # type: ignore[arg-type]


def _canonical(fields: tuple[Field, ...]) -> list[Column[object]]:
    return [_col(f.name, _SQL_TYPES[f.type], classification=f.classification, comment=f.meaning) for f in fields]


def _now() -> Column[object]:
    return _col("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now())


def _of_a_run() -> list[Column[object]]:
    """Whose figures these are: one stream in one run."""
    return [_col(name, Text, nullable=False) for name in ("dag_id", "run_id", "source", "stream")]


# --- ops: what ran ------------------------------------------------------------------------------------------------------------

manifest = Table(
    "manifest",
    metadata,
    _col("manifest_id", Uuid, primary_key=True),
    _col("source", Text, nullable=False),
    _col("stream", Text, nullable=False),
    _col("kind", Text, nullable=False),
    _col("window_start", DateTime(timezone=True), nullable=False),
    _col("window_end", DateTime(timezone=True), nullable=False),
    _col("uri", Text, nullable=False),
    _col("rows", BigInteger, nullable=False),
    _col("sha256", Text, nullable=False, comment="Of the landed rows, not of the file: equal content, equal hash"),
    _col("schema_fingerprint", Text, nullable=False, comment="sha256 of the sorted raw field names"),
    _col("run_id", Text, nullable=False),
    _col("supersedes", Uuid, comment="Set only by a privacy rewrite"),
    _col("reason", Text, comment="Why a landing was superseded"),
    _now(),
    Index(
        None, "source", "stream", "window_start", "window_end", "sha256", unique=True, postgresql_where=text("supersedes IS NULL")
    ),
    schema="ops",
    comment="One row a landed stream and window: the commit of the landing. Append-only.",
)

delivery = Table(
    "delivery",
    metadata,
    _col("delivery_id", Uuid, primary_key=True),
    _col("manifest_id", Uuid, ForeignKey("ops.manifest.manifest_id"), nullable=False, index=True),
    _col("source", Text, nullable=False),
    _col("stream", Text, nullable=False),
    _col("file", Text, nullable=False, comment="Relative to the exports root"),
    _col("delivered_on", Date, nullable=False),
    _col("mode", Text, nullable=False, comment="changes or snapshot"),
    _col("scope", Text, comment="What a snapshot is complete for, e.g. a store"),
    _col("sha256", Text, nullable=False),
    _col("rows", BigInteger, nullable=False),
    _col("unkeyed", BigInteger, nullable=False, comment="Rows without a readable key; a snapshot with any proves no absence"),
    _col("status", Text, nullable=False, comment="accepted or refused"),
    _col("reason", Text, comment="Why it was refused"),
    _now(),
    _col("read_as", Text, comment="What nobody declared and the file showed: its encoding, the mark between its fields"),
    _col("copy", Integer, nullable=False, server_default="0", comment="How often the file was replaced for its day before"),
    Index(None, "source", "stream", "mode", "delivered_on"),
    schema="ops",
    comment="One row a delivered file of a landing. Append-only.",
)

watermark = Table(
    "watermark",
    metadata,
    _col("source", Text, primary_key=True),
    _col("stream", Text, primary_key=True),
    _col("read_to", DateTime(timezone=True), nullable=False, comment="Source time up to which it was read; never moves back"),
    _col("run_id", Text, nullable=False, comment="The run that read so far"),
    _now(),
    _col("gap_from", DateTime(timezone=True), comment="The latest time in which no run read: its begin, in source time"),
    _col("gap_to", DateTime(timezone=True), comment="Its end, from where a run went on"),
    _col("gap_run_id", Text, comment="The run that read what was missed"),
    schema="ops",
    comment="How far each stream of a table or an API has been read. Files need none: their dates say it.",
)

staged_manifest = Table(
    "staged_manifest",
    metadata,
    _col("manifest_id", Uuid, ForeignKey("ops.manifest.manifest_id"), primary_key=True),
    _now(),
    schema="ops",
    comment="Landings that passed every gate and were staged; only from then on do their snapshots prove absence.",
)

locator = Table(
    "locator",
    metadata,
    _col("record_id", Uuid, nullable=False),
    _col("delivery_id", Uuid, ForeignKey("ops.delivery.delivery_id"), nullable=False),
    PrimaryKeyConstraint("record_id", "delivery_id"),
    Index(None, "delivery_id"),
    schema="ops",
    comment="Which delivered files hold a record: what a privacy request must rewrite, and what a snapshot lacks.",
)

step_count = Table(
    "step_count",
    metadata,
    _col("dag_id", Text, nullable=False),
    _col("run_id", Text, nullable=False),
    _col("step", Text, nullable=False),
    _col("source", Text, nullable=False),
    _col("stream", Text, nullable=False),
    _col("rows_in", BigInteger, nullable=False),
    _col("rows_out", BigInteger, nullable=False),
    _col("quarantined", BigInteger, nullable=False, server_default="0"),
    _col("unchanged", BigInteger, nullable=False, server_default="0"),
    _col("suppressed", BigInteger, nullable=False, server_default="0"),
    _now(),
    PrimaryKeyConstraint("dag_id", "run_id", "step", "source", "stream"),
    schema="ops",
    comment="Reconciliation: rows_in = rows_out + quarantined + unchanged + suppressed, checked in the step.",
)

quality_result = Table(
    "quality_result",
    metadata,
    _col("dag_id", Text, nullable=False),
    _col("run_id", Text, nullable=False),
    _col("task_id", Text, nullable=False),
    _col("source", Text, nullable=False),
    _col("stream", Text, nullable=False),
    _col("suite", Text, nullable=False),
    _col("expectation", Text, nullable=False, comment="The expectation's id in its suite"),
    _col("level", Text, nullable=False, comment="row or batch"),
    _col("severity", Text, nullable=False),
    _col("reason", Text, nullable=False, comment="What it means, in plain words"),
    _col("success", Boolean, nullable=False),
    _col("evaluated", BigInteger, nullable=False),
    _col("unexpected", BigInteger, nullable=False),
    _col("observed", Text, comment="A count or share, never a value"),
    _now(),
    _col("owner", Text, comment="Whom to ask"),
    PrimaryKeyConstraint("dag_id", "run_id", "task_id", "source", "stream", "suite", "expectation"),
    schema="ops",
    comment="Every expectation's verdict: names and counts, no values.",
)

measure = Table(
    "measure",
    metadata,
    _col("source", Text, nullable=False),
    _col("stream", Text, nullable=False),
    _col("suite", Text, nullable=False),
    _col("measure", Text, nullable=False, comment="As the suite declares it"),
    _col("day", Date, nullable=False, comment="The day that was delivered"),
    _col("figure", Double, nullable=False, comment="A count or a share"),
    _col("dag_id", Text, nullable=False),
    _col("run_id", Text, nullable=False),
    _now(),
    PrimaryKeyConstraint("source", "stream", "suite", "measure", "day"),
    schema="ops",
    comment="What the gates measured of each day they let through: by it a later day of the same weekday is judged.",
)

belief = Table(
    "belief",
    metadata,
    _col("fingerprint", Text, primary_key=True, comment="sha256 of what is declared"),
    _col("declared", JSONB, nullable=False, comment="The rules of survivorship and every source's trust, whole"),
    _col("owners", ARRAY(Text), nullable=False, comment="Who answers for what was changed"),
    _col("sampled", BigInteger, nullable=False, comment="Customers looked at"),
    _col("differing", BigInteger, nullable=False, comment="Of those, customers who would get another value"),
    _col("asks", Boolean, nullable=False, comment="Whether that is so much that somebody has to approve it"),
    _col("report", JSONB, nullable=False, comment="Counts by field and opaque ids; no values"),
    _now(),
    _col("in_force_since", DateTime(timezone=True), comment="The latest is in force; null: it never was"),
    _col("approved_by", Text, classification="personal"),
    _col("why", Text, classification="sensitive"),
    _col("approved_at", DateTime(timezone=True)),
    schema="ops",
    comment="Declarations of trust and survivorship: what each was measured to change, who approved it, since when it stands.",
)

late_sync = Table(
    "late_sync",
    metadata,
    _col("source", Text, nullable=False),
    _col("due", DateTime(timezone=True), nullable=False, comment="End of the window that was not staged in time"),
    _col("promised", DateTime(timezone=True), nullable=False, comment="By when it should have been staged"),
    _now(),
    PrimaryKeyConstraint("source", "due"),
    schema="ops",
    comment="Windows that were late: each was told of once, together with all that were late by then. Append-only.",
)

drift = Table(
    "drift",
    metadata,
    *_of_a_run(),
    _col("field", Text, nullable=False, comment="A raw field, by the name it has now; one that is gone, by the name it had"),
    _col("rows", BigInteger, nullable=False),
    _col("first_file", Text, nullable=False),
    _now(),
    _col("change", Text, nullable=False, server_default="added", comment="added, removed, renamed or retyped"),
    _col("was", Text, comment="Its kind before; of a renamed one its name"),
    _col("now", Text, comment="Its kind now"),
    _col("reaction", Text, nullable=False, server_default="report", comment="What is declared for it: accept, report or refuse"),
    PrimaryKeyConstraint("dag_id", "run_id", "source", "stream", "field"),
    schema="ops",
    comment="How the raw fields of a delivery differ from those declared and those of the deliveries before.",
)

field_shape = Table(
    "field_shape",
    metadata,
    _col("manifest_id", Uuid, ForeignKey("ops.manifest.manifest_id"), primary_key=True),
    _col("rows", BigInteger, nullable=False, comment="Rows looked at: some of each chunk"),
    _col("fields", JSONB, nullable=False, comment="Raw field > kind of value > rows; no values"),
    _now(),
    schema="ops",
    comment="What the raw fields of a landing looked like.",
)

replay_difference = Table(
    "replay_difference",
    metadata,
    *_of_a_run(),
    _col("preview", Boolean, nullable=False, comment="Whether it was only asked what would change"),
    _col(
        "report", JSONB, nullable=False, comment="Counts by field, rows newly set aside and released, some opaque ids; no values"
    ),
    _now(),
    PrimaryKeyConstraint("dag_id", "run_id", "source", "stream"),
    schema="ops",
    comment="What running a window again from landing changed, or would change.",
)

cleaning = Table(
    "cleaning",
    metadata,
    _col("source", Text, nullable=False),
    _col("cleaning_version", Integer, nullable=False, comment="1, 2, 3 ..., as each first cleaned rows of the source"),
    _col("standards_version", Integer, nullable=False, comment="Version of the declared standard"),
    _col("standards_owner", Text, nullable=False, comment="Who answers for it"),
    _col("cleaners", Text, nullable=False, comment="sha256 of standard, cleaners and their libraries"),
    _col(
        "declaration",
        Text,
        nullable=False,
        comment="sha256 of what the source declares of its rows, and of the habits learned of it",
    ),
    _now(),
    PrimaryKeyConstraint("source", "cleaning_version"),
    Index(None, "source", "standards_version", "cleaners", "declaration", unique=True),
    schema="ops",
    comment="What decided what a value became. Of two readings of one delivered word the one by the later cleaning counts.",
)

reading_change = Table(
    "reading_change",
    metadata,
    _col("source", Text, nullable=False),
    _col("standards_version", Integer, nullable=False, comment="As in ops.cleaning, with the next two"),
    _col("cleaners", Text, nullable=False),
    _col("declaration", Text, nullable=False),
    _col("standards_owner", Text, nullable=False, comment="Who answers for the standard"),
    _col("source_owner", Text, nullable=False, comment="Who answers for the mapping"),
    _col("sampled", BigInteger, nullable=False, comment="Rows looked at: of what landed last"),
    _col("differing", BigInteger, nullable=False, comment="Of those, rows that would be read otherwise"),
    _col("asks", Boolean, nullable=False, comment="Whether that is so much that somebody has to approve it"),
    _col("report", JSONB, nullable=False, comment="Sentences, counts by field and opaque ids; no values"),
    _now(),
    _col("approved_by", Text, classification="personal"),
    _col("why", Text, classification="sensitive"),
    _col("approved_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("source", "standards_version", "cleaners", "declaration"),
    schema="ops",
    comment="Changed mappings, standards and cleaners: what each was measured to change beforehand, and who approved it.",
)

field_profile = Table(
    "field_profile",
    metadata,
    *_of_a_run(),
    _col("field", Text, nullable=False),
    _col("manifest_id", Uuid, nullable=False),
    _col("rows", BigInteger, nullable=False),
    _col("filled", BigInteger, nullable=False),
    _col("distinct_values", BigInteger, nullable=False),
    _col("shortest", Integer, comment="Characters of the shortest value"),
    _col("longest", Integer),
    _col("outliers", BigInteger, nullable=False, comment="Values of a length (an amount: a size) far from the others'"),
    _col("patterns", JSONB, nullable=False, comment="Mask > rows; masks that few values have are counted together"),
    _col("compared_runs", Integer, nullable=False, comment="Earlier deliveries of the stream it was compared with"),
    _col("filled_before", Double, comment="Share of rows filled in those"),
    _col("drift", Double, comment="0: the same patterns as in those; 1: none of them"),
    _col("drifted", Boolean, nullable=False),
    _now(),
    PrimaryKeyConstraint("dag_id", "run_id", "source", "stream", "field"),
    Index(None, "source", "stream", "manifest_id", "run_id"),
    schema="ops",
    comment="What a delivery looked like before it was cleaned: masks and counts, no values.",
)

field_quality = Table(
    "field_quality",
    metadata,
    *_of_a_run(),
    _col("field", Text, nullable=False),
    _col("cleaning_version", Integer, nullable=False),
    _col("rows", BigInteger, nullable=False),
    _col("delivered", BigInteger, nullable=False, comment="kept + repaired + flagged + emptied"),
    _col("kept", BigInteger, nullable=False),
    _col("repaired", BigInteger, nullable=False),
    _col("flagged", BigInteger, nullable=False),
    _col("emptied", BigInteger, nullable=False),
    _col("derived", BigInteger, nullable=False, comment="Filled from another field of the record"),
    _col("inferred", BigInteger, nullable=False, comment="Filled from evidence"),
    _col("doubtful", BigInteger, nullable=False, comment="Held after cleaning, with a flag that makes it doubtful"),
    _now(),
    PrimaryKeyConstraint("dag_id", "run_id", "source", "stream", "field"),
    schema="ops",
    comment="What became of the values of a field: the before and after of one run.",
)

run_figure = Table(
    "run_figure",
    metadata,
    *_of_a_run(),
    _col("scope", Text, nullable=False, comment="The store; empty where the stream has none"),
    _col("dimension", Text, nullable=False, comment="volume, completeness, validity, uniqueness, timeliness; consistency"),
    _col("field", Text, nullable=False),
    _col("day", Date, comment="The day that was delivered; null: the window was no single day"),
    _col("good", Double, nullable=False),
    _col("whole", Double, nullable=False),
    _now(),
    PrimaryKeyConstraint("dag_id", "run_id", "source", "stream", "scope", "dimension", "field"),
    Index(None, "source", "stream", "day"),
    schema="ops",
    comment="How good each delivery was, by store and field: good ones among a whole. Names and counts, no values.",
)

date_order_seen = Table(
    "date_order_seen",
    metadata,
    *_of_a_run(),
    _col("scope", Text, nullable=False, comment="The store; empty where the stream has none"),
    _col("day_first", BigInteger, nullable=False),
    _col("month_first", BigInteger, nullable=False),
    _col("either", BigInteger, nullable=False, comment="Dates that can be read both ways"),
    _now(),
    PrimaryKeyConstraint("dag_id", "run_id", "source", "stream", "scope"),
    schema="ops",
    comment="What all-numeric dates showed of the order in which a store writes day and month.",
)

learned_order = Table(
    "learned_order",
    metadata,
    _col("source", Text, nullable=False),
    _col("stream", Text, nullable=False),
    _col("scope", Text, nullable=False, comment="The store; empty where the stream has none"),
    _col("version", Integer, nullable=False, comment="The highest stands"),
    _col("date_order", Text, comment="DMY or MDY; null takes back what was learned before"),
    _col("evidence", JSONB, nullable=False, comment="Dates seen, by what they showed"),
    _now(),
    PrimaryKeyConstraint("source", "stream", "scope", "version"),
    schema="ops",
    comment="Habits learned of stores that declare none: frozen until learned anew. Append-only.",
)

resolve_run = Table(
    "resolve_run",
    metadata,
    _col("resolve_id", Uuid, primary_key=True),
    _col("run_id", Text, nullable=False, index=True, comment="Airflow's run id; a run that is cleared and run again has several"),
    _col("base_resolve_id", Uuid, comment="The published state this run was computed from"),
    _col("status", Text, nullable=False, comment="published or held"),
    _col("model_version", Text),
    _col(
        "report",
        JSONB,
        nullable=False,
        comment="Counts: records, pairs, matches, reviews, customers, minted, merged, split, changed ...",
    ),
    _col("content_hash", Text, comment="Of golden.customer after this run; 64 hex digits"),
    _col(
        "sequence", BigInteger, nullable=False, unique=True, comment="Recorded time: 1, 2, 3 ..., counted under the publish lock"
    ),
    _now(),
    schema="ops",
    comment="One row a resolve run that reached its end.",
)

resolve_diff = Table(
    "resolve_diff",
    metadata,
    _col("resolve_id", Uuid, primary_key=True),
    _col("dag_id", Text, nullable=False),
    _col("run_id", Text, nullable=False),
    _col("base_resolve_id", Uuid, comment="The published state it was computed from"),
    _col("diff", JSONB, nullable=False, comment="What it would change: counts by change, field and channel, a few opaque ids"),
    _col("held_because", ARRAY(Text), nullable=False, comment="Which declared limits it exceeds; empty: published unasked"),
    _col("marks", Text, nullable=False, comment="sha256 of the marks it took into account"),
    _col("resolution", JSONB, comment="Where a held run's rows lie in the lake"),
    _col("answer", Text, comment="Of a held run: approved, refused, or silence"),
    _col("answered_by", Text, classification="personal"),
    _col("answered_at", DateTime(timezone=True)),
    _now(),
    Index(None, "dag_id", "run_id"),
    schema="ops",
    comment="What each resolve run would change, said before it was published.",
)

export_run = Table(
    "export_run",
    metadata,
    _col("target", Text, nullable=False, comment="What was written to: files, or the connection of a database"),
    _col("run_id", Text, nullable=False),
    _col("mode", Text, nullable=False, comment="full or changes"),
    _col("purpose", Text, nullable=False, comment="marketing or service"),
    _col("as_of", DateTime(timezone=True), nullable=False),
    _col("after_change", BigInteger, nullable=False, comment="golden.customer_change.change_id after which it took"),
    _col("upto_change", BigInteger, nullable=False, comment="And up to which; where the target's next export goes on"),
    _col("counts", JSONB, nullable=False, comment="Table > rows written"),
    _now(),
    PrimaryKeyConstraint("target", "run_id"),
    schema="ops",
    comment="What export_crm wrote, and how far in the change feed each target is.",
)

model_comparison = Table(
    "model_comparison",
    metadata,
    _col("dag_id", Text, nullable=False),
    _col("run_id", Text, nullable=False),
    _col("candidate_version", Text, ForeignKey("identity.match_model.model_version"), nullable=False, index=True),
    _col("in_force_version", Text, nullable=False, comment="The model it was held against"),
    _col("base_resolve_id", Uuid, comment="The published state that the records were read after"),
    _col("report", JSONB, nullable=False, comment="What would change: sentences, counts, weights and opaque ids, no values"),
    _now(),
    PrimaryKeyConstraint("dag_id", "run_id"),
    schema="ops",
    comment="What a match model that was trained again would change. The candidate is not in force.",
)

household_run = Table(
    "household_run",
    metadata,
    _col("resolve_id", Uuid, ForeignKey("ops.resolve_run.resolve_id"), primary_key=True),
    _col("content_hash", Text, nullable=False, comment="Of households, ties and repeat registrations after it; 64 hex digits"),
    _col("report", JSONB, nullable=False, comment="Counts: households, customers in them, ties, repeat registrations, changes"),
    _now(),
    schema="ops",
    comment="One row a publication whose households were found.",
)

audit_figure = Table(
    "audit_figure",
    metadata,
    _col("dag_id", Text, nullable=False),
    _col("run_id", Text, nullable=False),
    _col("as_of", DateTime(timezone=True), nullable=False),
    _col(
        "dimension",
        Text,
        nullable=False,
        comment="completeness, validity, consistency, uniqueness, timeliness, volume; identity; coverage",
    ),
    _col("source", Text, nullable=False, comment="Of coverage: country, store or age"),
    _col("scope", Text, nullable=False, comment="The store; of coverage: which country, store or age"),
    _col("field", Text, nullable=False),
    _col("good", Double, nullable=False),
    _col("whole", Double, nullable=False),
    _now(),
    PrimaryKeyConstraint("dag_id", "run_id", "dimension", "source", "scope", "field"),
    schema="ops",
    comment="What each audit counted: good ones among a whole. Names and counts, no values.",
)

freshness = Table(
    "freshness",
    metadata,
    _col("day", Date, nullable=False),
    _col("segment", Text, nullable=False, comment="all, country or store"),
    _col("name", Text, nullable=False, comment="Which country or store; empty: not known, or all"),
    _col("point", Text, nullable=False, comment="email, phone or address"),
    _col("held", BigInteger, nullable=False),
    _col("valid", BigInteger, nullable=False, comment="verified or stated"),
    _col("stale", BigInteger, nullable=False),
    _col("bounced", BigInteger, nullable=False),
    _col("expected_valid", Double, nullable=False, comment="Of those held, by the declared half-life"),
    _now(),
    PrimaryKeyConstraint("day", "segment", "name", "point"),
    schema="ops",
    comment="How much of what is held still reaches somebody, by segment: counts, no values.",
)

source_registry = Table(
    "source_registry",
    metadata,
    _col("source", Text, primary_key=True, comment="The name of its folder"),
    _col("title", Text, nullable=False),
    _col("channel", Text, comment="By which way its people come"),
    _col("owner", Text, nullable=False),
    _col("steward", Text, comment="Who says what a value means"),
    _col("contact", Text, nullable=False),
    _col("data", ARRAY(Text), nullable=False, comment="customers, interactions"),
    _col("countries", ARRAY(Text), nullable=False, comment="By declaration; empty: stated in its rows"),
    _col("trust", Double, nullable=False, comment="Of fields that have no figure of their own"),
    _col("schedule", Text, comment="Cron expression, UTC; null: midnight"),
    _col("freshness_hours", Integer, comment="Promised: hours after a run's window until its rows are here"),
    _col("purpose", Text, nullable=False),
    _col("lawful_basis", Text),
    _col("origin", Text, nullable=False, comment="own or third_party"),
    _col("expires", Date, comment="Of a third party's list: its last day"),
    _col("match_only", Boolean, nullable=False, comment="Whether it may only add to customers who are known"),
    _col("enabled", Boolean, nullable=False, comment="Whether it has a Dag"),
    _now(),
    schema="ops",
    comment="The register of sources, as declared: who answers for each, on what ground it is kept, when it comes.",
)

source_stream = Table(
    "source_stream",
    metadata,
    _col("source", Text, nullable=False),
    _col("stream", Text, nullable=False),
    _col("kind", Text, nullable=False, comment="customers or interactions"),
    _col("comes_as", Text, nullable=False, comment="Files of a format, a table or answers of an API"),
    _col("volume_least", BigInteger, comment="Rows of a day: the least that is declared"),
    _col("volume_most", BigInteger, comment="Rows of a day: the most that is declared"),
    _col("left_out", Integer, nullable=False, comment="Raw fields that are ignored by name"),
    _now(),
    PrimaryKeyConstraint("source", "stream"),
    schema="ops",
    comment="Streams of the registered sources: what their rows are, and how many a day brings.",
)

source_field = Table(
    "source_field",
    metadata,
    _col("source", Text, nullable=False),
    _col("stream", Text, nullable=False),
    _col("field", Text, nullable=False, comment="The canonical field"),
    _col("classification", Text, nullable=False, comment="internal, personal or sensitive"),
    _col("trust", Double, comment="How far it is believed; of people alone"),
    _col("read_from", ARRAY(Text), nullable=False, comment="The raw fields it is read from; none: a constant"),
    _now(),
    PrimaryKeyConstraint("source", "stream", "field"),
    schema="ops",
    comment="Fields that the streams of registered sources give, with how careful to be with them. Names, no values.",
)

# --- staging: what sources say ------------------------------------------------------------------------------------------------

record = Table(
    "record",
    metadata,
    _col("record_id", Uuid, primary_key=True),
    _col("source", Text, nullable=False),
    _col("epoch", Integer, nullable=False, comment="A source that restarts its numbering gets a new epoch"),
    _col("stream", Text, nullable=False),
    _col(
        "source_key", Text, nullable=False, classification="personal", comment="The source's own key; may be an e-mail or a phone"
    ),
    _col("key_id", Text, nullable=False, comment="Which secret made the token"),
    _col("scope", Text),
    _now(),
    Index(None, "source", "epoch", "stream", "source_key", unique=True),
    schema="staging",
    comment="The only mapping from opaque record ids back to source keys.",
)

record_version = Table(
    "record_version",
    metadata,
    _col("record_id", Uuid, nullable=False),
    _col("source_time", DateTime(timezone=True), nullable=False, comment="Valid time: when the source first said so"),
    _col(
        "confirmed_at", DateTime(timezone=True), nullable=False, comment="Valid time: when the source last repeated it unchanged"
    ),
    _col("content_hash", Text, nullable=False),
    _col("delivered_on", Date, nullable=False, comment="Delivery of the first such word"),
    _col("confirmed_on", Date, nullable=False, comment="Delivery of the last such word"),
    _col(
        "repeated_at",
        ARRAY(DateTime(timezone=True)),
        nullable=False,
        comment="Valid time: when it was said in between; a word that arrives late may split the version there",
    ),
    _col("repeated_on", ARRAY(Date), nullable=False, comment="Deliveries of those words"),
    _col("repeated_for", ARRAY(Integer), nullable=False, comment="How many days in a row each of those was said, from then on"),
    _col(
        "cleaning_version",
        Integer,
        nullable=False,
        comment="Which cleaning read the first such word (ops.cleaning); 0: an unknown one",
    ),
    _col("confirmed_by", Integer, nullable=False, comment="Which cleaning read the last such word"),
    _col("repeated_by", ARRAY(Integer), nullable=False, comment="Which cleanings read those between"),
    _col("source", Text, nullable=False),
    _col("stream", Text, nullable=False),
    _col("scope", Text),
    _col("deleted", Boolean, nullable=False),
    _col("region", Text, nullable=False),
    _col("purpose", Text, nullable=False, comment="Lawful purpose, as declared by the source"),
    _col("manifest_id", Uuid, nullable=False),
    *_canonical(CUSTOMER_FIELDS),
    _col("flags", ARRAY(Text), classification="internal"),
    _col("changes", JSONB, classification="sensitive", comment="What cleaning did to each value that was not simply kept"),
    _now(),
    PrimaryKeyConstraint("record_id", "source_time", "content_hash"),
    Index("ix_record_version_home", "street_key", "house_number"),  # who shares a home, phone or mailbox: households
    Index("ix_record_version_phones", "phones", postgresql_using="gin"),
    Index("ix_record_version_email_keys", "email_keys", postgresql_using="gin"),
    schema="staging",
    comment="What a source said of a record, and from when to when. A delete is a version.",
)

dirty_record = Table(
    "dirty_record",
    metadata,
    _col("mark_id", BigInteger, Identity(), primary_key=True),
    _col("record_id", Uuid, nullable=False, index=True),
    _col("reason", Text, nullable=False),
    _now(),
    schema="staging",
    comment="Records whose current version changed since they were last published. Consumed by exact mark, never by watermark.",
)

order_mark = Table(
    "order_mark",
    metadata,
    _col("mark_id", BigInteger, Identity(), primary_key=True),
    _col("customer_record_id", Uuid, nullable=False, comment="The account that ordered"),
    _now(),
    schema="staging",
    comment="Accounts of which an order or receipt came or changed since repeat registrations were scored. "
    "Consumed by exact mark, never by watermark.",
)

interaction = Table(
    "interaction",
    metadata,
    _col("record_id", Uuid, primary_key=True, comment="The interaction's own opaque id"),
    _col(
        "customer_record_id", Uuid, index=True, comment="The customer record of the same source it belongs to; null for a guest"
    ),
    _col("source", Text, nullable=False),
    _col("stream", Text, nullable=False),
    _col("source_time", DateTime(timezone=True), nullable=False),
    _col("delivered_on", Date, nullable=False),
    _col("content_hash", Text, nullable=False),
    _col("deleted", Boolean, nullable=False),
    _col("region", Text, nullable=False),
    _col("manifest_id", Uuid, nullable=False),
    _col("cleaning_version", Integer, nullable=False, comment="Which cleaning read it (ops.cleaning); 0: an unknown one"),
    *_canonical(tuple(f for f in INTERACTION_FIELDS if f.name != "customer_key")),
    _col("flags", ARRAY(Text)),
    _col("changes", JSONB, classification="sensitive", comment="What cleaning did to each value that was not simply kept"),
    _now(),
    _col(
        "copy",
        Integer,
        nullable=False,
        server_default="0",
        comment="How often the file it came in was replaced for its day before",
    ),
    Index("ix_interaction_mentioned", "customer_record_id", postgresql_where=text("mentioned_email_keys <> '{}'")),
    schema="staging",
    comment="The latest version of each interaction by (source time, delivery, copy of the file, cleaning, content hash).",
)

quarantine = Table(
    "quarantine",
    metadata,
    _col(
        "quarantine_id",
        Uuid,
        primary_key=True,
        comment="Derived from manifest, file, position and stage, so a retry adds nothing",
    ),
    _col("source", Text, nullable=False),
    _col("stream", Text, nullable=False),
    _col("stage", Text, nullable=False),
    _col("record_id", Uuid, index=True),
    _col("manifest_id", Uuid, nullable=False, index=True),
    _col("file", Text, nullable=False),
    _col("position", BigInteger, nullable=False),
    _col("reasons", ARRAY(Text), nullable=False, comment="Ids of the expectations the row failed"),
    _col("row", JSONB, classification="sensitive", comment="The row as it stood; null once its person asked to be forgotten"),
    _col("run_id", Text, nullable=False),
    _now(),
    _col("customer_record_id", Uuid, index=True, comment="Whose interaction it is, where that can be told"),
    Index(None, "source", "stage"),
    schema="staging",
)

quarantine_event = Table(
    "quarantine_event",
    metadata,
    _col("event_id", BigInteger, Identity(always=True), primary_key=True),
    _col("quarantine_id", Uuid, ForeignKey("staging.quarantine.quarantine_id"), nullable=False, index=True),
    _col("state", Text, nullable=False, comment="waiting (set aside again), released, replayed or discarded"),
    _col("stage", Text, comment="Where it was set aside again"),
    _col("reasons", ARRAY(Text), comment="Ids of the expectations it failed then"),
    _col("run_id", Text, comment="The run that did it"),
    _col("actor", Text, classification="personal", comment="Or the person"),
    _col("why", Text, classification="sensitive"),
    _now(),
    Index(None, "quarantine_id", "run_id", "state", unique=True, postgresql_where=text("run_id IS NOT NULL")),
    schema="staging",
    comment="What became of a quarantined row, append-only: the newest event is its state; without one it waits.",
)

# --- identity: who is who -----------------------------------------------------------------------------------------------------

match_model = Table(
    "match_model",
    metadata,
    _col("model_version", Text, primary_key=True, comment="sha256 of the artefact"),
    _col("artefact", JSONB, nullable=False),
    _col("active", Boolean, nullable=False),
    _now(),
    Index("ix_match_model_one_active", "active", unique=True, postgresql_where=text("active")),
    schema="identity",
    comment="Trained weights, frozen. Exactly one is active; changing it is a promotion.",
)

model_promotion = Table(
    "model_promotion",
    metadata,
    _col("dag_id", Text, nullable=False),
    _col("run_id", Text, nullable=False),
    _col("model_version", Text, ForeignKey("identity.match_model.model_version"), nullable=False, index=True),
    _col("replaced", Text, nullable=False, comment="The model whose place it took"),
    _col("actor", Text, nullable=False, classification="personal", comment="Who asked for it"),
    _col("reason", Text, nullable=False),
    _col("approved_by", Text, classification="personal", comment="Who approved it; null where the change was too small to ask"),
    _col("share", Double, nullable=False, comment="Of the customers, those it was measured to merge or split"),
    _now(),
    PrimaryKeyConstraint("dag_id", "run_id"),
    schema="identity",
    comment="Which match model was put in force when, by whom and why. Append-only.",
)

edge = Table(
    "edge",
    metadata,
    _col("record_a", Uuid, nullable=False),
    _col("record_b", Uuid, nullable=False, index=True),
    _col("weight", Double, nullable=False, comment="log2 odds"),
    _col("probability", Double, nullable=False),
    _col("band", Text, nullable=False, comment="match or review"),
    _col("rule", Text, nullable=False, comment="The blocking rule that found the pair"),
    _col("evidence", JSONB, nullable=False, comment="Comparison > [level, weight]; sums with the prior to the weight"),
    _col("model_version", Text, nullable=False),
    PrimaryKeyConstraint("record_a", "record_b"),
    schema="identity",
    comment="Scored pairs in the match and review bands; record_a < record_b.",
)

membership = Table(
    "membership",
    metadata,
    _col("record_id", Uuid, nullable=False),
    _col("customer_id", Uuid, nullable=False),
    _col("from_sequence", BigInteger, nullable=False, comment="ops.resolve_run.sequence that began it"),
    _col("to_sequence", BigInteger, comment="The one that ended it; null while it holds"),
    _col("from_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    _col("to_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("record_id", "from_sequence"),
    Index("ix_membership_current", "record_id", unique=True, postgresql_where=text("to_sequence IS NULL")),
    schema="identity",
    comment="Who belonged to which customer, in recorded time.",
)

customer_id_ledger = Table(
    "customer_id_ledger",
    metadata,
    _col("customer_id", Uuid, primary_key=True),
    _col("anchor_record_id", Uuid, nullable=False, index=True, comment="customer_id = UUIDv5 of this record's token"),
    _col("minted_by", Uuid, nullable=False, comment="ops.resolve_run.resolve_id"),
    _col("minted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    schema="identity",
    comment="Every customer id ever published. Append-only; also written to the lake.",
)

alias = Table(
    "alias",
    metadata,
    _col("customer_id", Uuid, primary_key=True, comment="An id that is no longer current"),
    _col("became", Uuid, nullable=False, index=True, comment="The customer that holds its anchor record now"),
    _col("since_sequence", BigInteger, nullable=False),
    _now(),
    schema="identity",
)

steward_decision = Table(
    "steward_decision",
    metadata,
    _col("decision_id", Uuid, primary_key=True),
    _col("record_a", Uuid, nullable=False),
    _col("record_b", Uuid, nullable=False),
    _col("decision", Text, nullable=False, comment="must_link or cannot_link"),
    _col("actor", Text, nullable=False, classification="personal"),
    _col("reason", Text, nullable=False, classification="sensitive"),
    _col("ruling", Text, comment="merge or split: what it is a part of; null where it stands alone"),
    _col("ruling_id", Uuid, index=True, comment="Which merge or split; its decisions are withdrawn together by this id"),
    _col("withdrawn_at", DateTime(timezone=True)),
    _col("withdrawn_by", Text, classification="personal"),
    _col("withdrawn_because", Text, classification="sensitive"),
    _now(),
    schema="identity",
    comment="What stewards decided of pairs of records. Append-only: one that is withdrawn stays, with who did so and why.",
)

# --- golden: what we believe --------------------------------------------------------------------------------------------------

_NOT_GOLDEN = {"given_key", "family_key", "email_keys", "house_number", "street_key", "note"}
GOLDEN_FIELDS: tuple[Field, ...] = tuple(f for f in CUSTOMER_FIELDS if f.name not in _NOT_GOLDEN)

customer = Table(
    "customer",
    metadata,
    _col("customer_id", Uuid, primary_key=True),
    *_canonical(GOLDEN_FIELDS),
    _col("region", Text, nullable=False),
    _col("sources", ARRAY(Text), nullable=False),
    _col("record_count", Integer, nullable=False),
    _col("row_hash", LargeBinary, nullable=False, comment="sha256 of the row's content"),
    Index("ix_customer_record_count", "record_count"),  # the largest customer is looked at after every run
    schema="golden",
    comment="One row per person: the golden record.",
)

proof = Table(
    "proof",
    metadata,
    _col("customer_id", Uuid, primary_key=True),
    _col("record_ids", ARRAY(Uuid), nullable=False, comment="The customer's records that places are of"),
    _col("fields", JSON, nullable=False, comment="Field > [rule, agreeing, holding, places of its records]"),
    schema="golden",
    comment="Which records every golden value came from, and by which rule; golden.provenance has a row a value.",
)

pin = Table(
    "pin",
    metadata,
    _col("pin_id", Uuid, primary_key=True),
    _col("record_id", Uuid, nullable=False, index=True, comment="The record it is of: it goes where that record goes"),
    _col("field", Text, nullable=False, comment="The golden field it was given for"),
    _col("given", JSONB, nullable=False, classification="sensitive", comment="Field > value, of all fields that move with it"),
    _col("overrode", JSONB, nullable=False, classification="sensitive", comment="Field > what the record said then"),
    _col("actor", Text, nullable=False, classification="personal"),
    _col("reason", Text, nullable=False, classification="sensitive"),
    _col("withdrawn_at", DateTime(timezone=True)),
    _col("withdrawn_by", Text, classification="personal"),
    _col("withdrawn_because", Text, classification="sensitive"),
    _now(),
    schema="golden",
    comment="Values that stewards gave. Append-only: one that is withdrawn stays, with who did so and why.",
)

crosswalk = Table(
    "crosswalk",
    metadata,
    _col("record_id", Uuid, primary_key=True),
    _col("customer_id", Uuid, nullable=False, index=True),
    _col("source", Text, nullable=False),
    _col("stream", Text, nullable=False),
    schema="golden",
    comment="Which customer a live source record belongs to now.",
)

customer_period = Table(
    "customer_period",
    metadata,
    _col("customer_id", Uuid, nullable=False),
    _col("from_sequence", BigInteger, nullable=False),
    _col("to_sequence", BigInteger),
    _col("row", JSONB, classification="sensitive", comment="What it was; null while it holds: golden.customer has it"),
    _now(),
    PrimaryKeyConstraint("customer_id", "from_sequence"),
    schema="golden",
    comment="From which publication to which we believed what of a customer; golden.customer_history has every row.",
)

customer_change = Table(
    "customer_change",
    metadata,
    _col("change_id", BigInteger, Identity(), primary_key=True),
    _col("sequence", BigInteger, nullable=False, index=True),
    _col("customer_id", Uuid, nullable=False, index=True),
    _col(
        "change",
        Text,
        nullable=False,
        comment="created, updated, merged, split or retired; redirected: an id that was not current answers to another now",
    ),
    _col("fields", ARRAY(Text), nullable=False, comment="Names of the golden fields that differ"),
    _col("became", Uuid, comment="Merged or redirected: who answers to the id from now on; null: nobody"),
    _now(),
    _col("split_from", ARRAY(Uuid), nullable=False, comment="Split: the customers who live on and held its records until now"),
    _col("gained", ARRAY(Uuid), nullable=False, comment="Source records that are this customer's from now on"),
    _col("lost", ARRAY(Uuid), nullable=False, comment="Source records that were this customer's until now"),
    Index("ix_customer_change_split_from", "split_from", postgresql_using="gin", postgresql_where=text("split_from <> '{}'")),
    schema="golden",
    comment="What became of every customer, in the order it happened: ids and names of fields, no values. Replayed from the first"
    " row it gives the ids, who answers to each, and the crosswalk.",
)

declared = Table(
    "declared",
    metadata,
    _col("name", Text, primary_key=True),
    _col("value", JSONB, nullable=False),
    _now(),
    schema="golden",
    comment="Declarations that views read: brought in by suki migrate.",
)

household = Table(
    "household",
    metadata,
    _col("household_id", Uuid, primary_key=True, comment="Minted of its earliest member; stays with most of the members"),
    _col("members", Integer, nullable=False),
    _col("worth", Double, nullable=False, comment="0 to 1: the best tie of the member that is tied least"),
    _col("since_sequence", BigInteger, nullable=False, comment="The publication since which this row stands as it does"),
    schema="golden",
    comment="Customers who live together.",
)

household_member = Table(
    "household_member",
    metadata,
    _col("customer_id", Uuid, primary_key=True),
    _col("household_id", Uuid, nullable=False, index=True),
    _col("worth", Double, nullable=False, comment="0 to 1: the customer's best tie to another member"),
    _col("since_sequence", BigInteger, nullable=False),
    schema="golden",
)

household_tie = Table(
    "household_tie",
    metadata,
    _col("customer_a", Uuid, nullable=False),
    _col("customer_b", Uuid, nullable=False, index=True),
    _col("household_id", Uuid, nullable=False, index=True),
    _col(
        "evidence",
        ARRAY(Text),
        nullable=False,
        comment="What both share: home, door, phone, mailbox, family_name; few_names: few family names are known at that number",
    ),
    _col("worth", Double, nullable=False, comment="0 to 1, by what is shared"),
    _col("since_sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("customer_a", "customer_b"),
    schema="golden",
    comment="Why two members of a household are held to live together: names, no values; customer_a < customer_b.",
)

repeat_registration = Table(
    "repeat_registration",
    metadata,
    _col("customer_id", Uuid, nullable=False),
    _col("source", Text, nullable=False),
    _col("accounts", Integer, nullable=False, comment="Living records of the customer in the source"),
    _col("score", Double, nullable=False, comment="0 to 1: how far this looks like registering again on purpose"),
    _col("flagged", Boolean, nullable=False, comment="Whether the score is high enough to count"),
    _col("evidence", JSONB, nullable=False, comment="Name of the evidence > how many pieces of it; no values"),
    _col("first_at", DateTime(timezone=True), classification="personal", comment="First registration known"),
    _col("last_at", DateTime(timezone=True), classification="personal"),
    _col("since_sequence", BigInteger, nullable=False),
    _col("first_orders", Text, comment="Hash of the accounts' first orders it was scored by; null where there were none"),
    PrimaryKeyConstraint("customer_id", "source"),
    schema="golden",
    comment="Customers with several accounts at one source.",
)

refresh_due = Table(
    "refresh_due",
    metadata,
    _col("customer_id", Uuid, nullable=False),
    _col("point", Text, nullable=False, comment="email, phone or address; profile: the customer is reached by none"),
    _col("place", Integer, nullable=False, comment="Which of the customer's golden e-mails or phones, from 1"),
    _col("state", Text, nullable=False, comment="stale, bounced or abandoned"),
    _col("last_evidence", DateTime(timezone=True), comment="Latest sign of it"),
    _col("still_valid", Double, nullable=False, comment="0 to 1, by the declared half-life"),
    _col("touchpoint", Text, nullable=False, comment="Where they are met next, as declared"),
    _col("listed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("customer_id", "point", "place"),
    schema="golden",
    comment="Contact points that no longer reach a person, and persons who are reached by none: no values.",
)

# --- privacy ------------------------------------------------------------------------------------------------------------------

suppression = Table(
    "suppression",
    metadata,
    _col("token", Uuid, primary_key=True, comment="A record id, or the keyed token of an e-mail or phone"),
    _col("kind", Text, nullable=False, comment="record, email or phone"),
    _col("reason", Text, nullable=False),
    _col("actor", Text, nullable=False, classification="personal"),
    _now(),
    schema="privacy",
    comment="Who asked to be forgotten and must not come back.",
)
