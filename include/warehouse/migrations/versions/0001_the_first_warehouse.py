"""The first warehouse: five schemas, their tables, views and grants.

Revision: 0001
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade():
    for schema in ("ops", "staging", "identity", "golden", "privacy"):
        op.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
    tables()
    for part in ("views", "grants"):
        op.execute(sa.text((HERE / f"0001_{part}.sql").read_text(encoding="utf-8")))


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")


def tables():
    op.create_table(
        "change_feed",
        sa.Column("change_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False, comment="created, updated, merged, split or removed"),
        sa.Column("fields", sa.ARRAY(sa.Text()), nullable=False, comment="Names of the golden fields that differ"),
        sa.Column("became", sa.Uuid(), nullable=True, comment="The surviving id after a merge"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_change_feed")),
        schema="golden",
    )
    op.create_index(op.f("ix_change_feed_sequence"), "change_feed", ["sequence"], unique=False, schema="golden")
    op.create_table(
        "crosswalk",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_crosswalk")),
        schema="golden",
        comment="Which customer a live source record belongs to now.",
    )
    op.create_index(op.f("ix_crosswalk_customer_id"), "crosswalk", ["customer_id"], unique=False, schema="golden")
    op.create_table(
        "customer",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=True, comment="Name as the customer would write it, in its own script"),
        sa.Column("title", sa.Text(), nullable=True, comment="Form of address: Mr, Dra., 様"),
        sa.Column("given_name", sa.Text(), nullable=True, comment="Given name in its own script"),
        sa.Column("middle_name", sa.Text(), nullable=True, comment="Further given names or patronymic"),
        sa.Column("family_name", sa.Text(), nullable=True, comment="Family name with its particles, in its own script"),
        sa.Column("name_suffix", sa.Text(), nullable=True, comment="Generation: Jr, Sr, II, III"),
        sa.Column("nickname", sa.Text(), nullable=True, comment="What the shop calls the customer"),
        sa.Column("company_name", sa.Text(), nullable=True, comment="Company, where the record is a company or names one"),
        sa.Column("birth_date", sa.Text(), nullable=True, comment="Date of birth, possibly partial"),
        sa.Column("gender", sa.Text(), nullable=True, comment="female, male or other, where the source states it"),
        sa.Column("language", sa.Text(), nullable=True, comment="Preferred language, BCP 47 primary tag"),
        sa.Column("emails", sa.ARRAY(sa.Text()), nullable=True, comment="E-mail addresses as they should be written to"),
        sa.Column("phones", sa.ARRAY(sa.Text()), nullable=True, comment="Phone numbers, E.164"),
        sa.Column(
            "handles", sa.ARRAY(sa.Text()), nullable=True, comment="Social handles as platform:handle, e.g. instagram:jane.doe"
        ),
        sa.Column("loyalty_ids", sa.ARRAY(sa.Text()), nullable=True, comment="Loyalty card numbers"),
        sa.Column(
            "external_ids", sa.ARRAY(sa.Text()), nullable=True, comment="The customer's ids in other systems, as system:id"
        ),
        sa.Column("address_line", sa.Text(), nullable=True, comment="Street lines as written, joined by a comma"),
        sa.Column("city", sa.Text(), nullable=True, comment="City as written locally"),
        sa.Column("subdivision", sa.Text(), nullable=True, comment="State, province or prefecture"),
        sa.Column("postcode", sa.Text(), nullable=True, comment="Postcode in its country's form"),
        sa.Column("country", sa.Text(), nullable=True, comment="ISO 3166-1 alpha-2"),
        sa.Column("email_consent", sa.Boolean(), nullable=True, comment="Agreed to marketing by e-mail; null when never asked"),
        sa.Column("email_consent_at", sa.DateTime(timezone=True), nullable=True, comment="When that answer was given"),
        sa.Column(
            "sms_consent", sa.Boolean(), nullable=True, comment="Agreed to marketing by text message; null when never asked"
        ),
        sa.Column("sms_consent_at", sa.DateTime(timezone=True), nullable=True, comment="When that answer was given"),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=True, comment="First known contact in this source"),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True, comment="Latest known contact in this source"),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("sources", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("record_count", sa.Integer(), nullable=False),
        sa.Column("row_hash", sa.LargeBinary(), nullable=False, comment="sha256 of the row's content"),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer")),
        schema="golden",
        comment="One row per person: the golden record.",
    )
    op.create_table(
        "customer_history",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("from_sequence", sa.BigInteger(), nullable=False),
        sa.Column("to_sequence", sa.BigInteger(), nullable=True),
        sa.Column("row", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "from_sequence", name=op.f("pk_customer_history")),
        schema="golden",
        comment="What we believed of a customer, in recorded time.",
    )
    op.create_table(
        "provenance",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column(
            "record_ids",
            sa.ARRAY(sa.Uuid()),
            nullable=False,
            comment="The source record that supplied the value; several for a set",
        ),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("agreeing", sa.Integer(), nullable=False, comment="Records of the customer that hold the same value"),
        sa.Column("holding", sa.Integer(), nullable=False, comment="Records of the customer that hold any value"),
        sa.PrimaryKeyConstraint("customer_id", "field", name=op.f("pk_provenance")),
        schema="golden",
    )
    op.create_table(
        "alias",
        sa.Column("customer_id", sa.Uuid(), nullable=False, comment="An id that is no longer current"),
        sa.Column("became", sa.Uuid(), nullable=False, comment="The customer that holds its anchor record now"),
        sa.Column("since_sequence", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_alias")),
        schema="identity",
    )
    op.create_table(
        "customer_id_ledger",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("anchor_record_id", sa.Uuid(), nullable=False, comment="customer_id = UUIDv5 of this record's token"),
        sa.Column("minted_by", sa.Uuid(), nullable=False, comment="ops.resolve_run.resolve_id"),
        sa.Column("minted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_id_ledger")),
        schema="identity",
        comment="Every customer id ever published. Append-only; also written to the lake.",
    )
    op.create_table(
        "edge",
        sa.Column("record_a", sa.Uuid(), nullable=False),
        sa.Column("record_b", sa.Uuid(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False, comment="log2 odds"),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("band", sa.Text(), nullable=False, comment="match or review"),
        sa.Column("rule", sa.Text(), nullable=False, comment="The blocking rule that found the pair"),
        sa.Column(
            "evidence",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Comparison > [level, weight]; sums with the prior to the weight",
        ),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record_a", "record_b", name=op.f("pk_edge")),
        schema="identity",
        comment="Scored pairs in the match and review bands; record_a < record_b.",
    )
    op.create_index(op.f("ix_edge_record_b"), "edge", ["record_b"], unique=False, schema="identity")
    op.create_table(
        "match_model",
        sa.Column("model_version", sa.Text(), nullable=False, comment="sha256 of the artefact"),
        sa.Column("artefact", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("model_version", name=op.f("pk_match_model")),
        schema="identity",
        comment="Trained weights, frozen. Exactly one is active; changing it is a promotion.",
    )
    op.create_index(
        "ix_match_model_one_active", "match_model", ["active"], unique=True, schema="identity", postgresql_where=sa.text("active")
    )
    op.create_table(
        "membership",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("from_sequence", sa.BigInteger(), nullable=False, comment="ops.resolve_run.sequence that began it"),
        sa.Column("to_sequence", sa.BigInteger(), nullable=True, comment="The one that ended it; null while it holds"),
        sa.Column("from_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("record_id", "from_sequence", name=op.f("pk_membership")),
        schema="identity",
        comment="Who belonged to which customer, in recorded time.",
    )
    op.create_index(
        "ix_membership_current",
        "membership",
        ["record_id"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("to_sequence IS NULL"),
    )
    op.create_index(op.f("ix_membership_customer_id"), "membership", ["customer_id"], unique=False, schema="identity")
    op.create_table(
        "steward_decision",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("record_a", sa.Uuid(), nullable=False),
        sa.Column("record_b", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False, comment="must_link or cannot_link"),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_steward_decision")),
        schema="identity",
    )
    op.create_table(
        "drift",
        sa.Column("dag_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False, comment="A raw field that is neither mapped nor ignored by name"),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("first_file", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("dag_id", "run_id", "source", "stream", "field", name=op.f("pk_drift")),
        schema="ops",
    )
    op.create_table(
        "manifest",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False, comment="Of the landed rows, not of the file: equal content, equal hash"),
        sa.Column("schema_fingerprint", sa.Text(), nullable=False, comment="sha256 of the sorted raw field names"),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("supersedes", sa.Uuid(), nullable=True, comment="Set only by a privacy rewrite"),
        sa.Column("reason", sa.Text(), nullable=True, comment="Why a landing was superseded"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("manifest_id", name=op.f("pk_manifest")),
        schema="ops",
        comment="One row a landed stream and window: the commit of the landing. Append-only.",
    )
    op.create_index(
        op.f("ix_manifest_source_stream_window_start_window_end_sha256"),
        "manifest",
        ["source", "stream", "window_start", "window_end", "sha256"],
        unique=True,
        schema="ops",
        postgresql_where=sa.text("supersedes IS NULL"),
    )
    op.create_table(
        "quality_result",
        sa.Column("dag_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("suite", sa.Text(), nullable=False),
        sa.Column("expectation", sa.Text(), nullable=False, comment="The expectation's id in its suite"),
        sa.Column("level", sa.Text(), nullable=False, comment="row or batch"),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="What it means, in plain words"),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.Column("evaluated", sa.BigInteger(), nullable=False),
        sa.Column("unexpected", sa.BigInteger(), nullable=False),
        sa.Column("observed", sa.Text(), nullable=True, comment="A count or share, never a value"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint(
            "dag_id", "run_id", "task_id", "source", "stream", "suite", "expectation", name=op.f("pk_quality_result")
        ),
        schema="ops",
        comment="Every expectation's verdict: names and counts, no values.",
    )
    op.create_table(
        "resolve_run",
        sa.Column("resolve_id", sa.Uuid(), nullable=False),
        sa.Column(
            "run_id", sa.Text(), nullable=False, comment="Airflow's run id; a run that is cleared and run again has several"
        ),
        sa.Column("base_resolve_id", sa.Uuid(), nullable=True, comment="The published state this run was computed from"),
        sa.Column("status", sa.Text(), nullable=False, comment="published or held"),
        sa.Column("model_version", sa.Text(), nullable=True),
        sa.Column(
            "report",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Counts: records, pairs, matches, reviews, customers, minted, merged, split, changed ...",
        ),
        sa.Column("content_hash", sa.Text(), nullable=True, comment="Of golden.customer after this run; 64 hex digits"),
        sa.Column(
            "sequence", sa.BigInteger(), nullable=False, comment="Recorded time: 1, 2, 3 ..., counted under the publish lock"
        ),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("resolve_id", name=op.f("pk_resolve_run")),
        sa.UniqueConstraint("sequence"),
        schema="ops",
        comment="One row a resolve run that reached its end.",
    )
    op.create_index(op.f("ix_resolve_run_run_id"), "resolve_run", ["run_id"], unique=False, schema="ops")
    op.create_table(
        "step_count",
        sa.Column("dag_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("rows_in", sa.BigInteger(), nullable=False),
        sa.Column("rows_out", sa.BigInteger(), nullable=False),
        sa.Column("quarantined", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("suppressed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("dag_id", "run_id", "step", "source", "stream", name=op.f("pk_step_count")),
        schema="ops",
        comment="Reconciliation: rows_in = rows_out + quarantined + unchanged + suppressed, checked in the step.",
    )
    op.create_table(
        "suppression",
        sa.Column("token", sa.Uuid(), nullable=False, comment="A record id, or the keyed token of an e-mail or phone"),
        sa.Column("kind", sa.Text(), nullable=False, comment="record, email or phone"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_suppression")),
        schema="privacy",
        comment="Who asked to be forgotten and must not come back.",
    )
    op.create_table(
        "dirty_record",
        sa.Column("mark_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("mark_id", name=op.f("pk_dirty_record")),
        schema="staging",
        comment="Records whose current version changed since they were last published. "
        "Consumed by exact mark, never by watermark.",
    )
    op.create_index(op.f("ix_dirty_record_record_id"), "dirty_record", ["record_id"], unique=False, schema="staging")
    op.create_table(
        "interaction",
        sa.Column("record_id", sa.Uuid(), nullable=False, comment="The interaction's own opaque id"),
        sa.Column(
            "customer_record_id",
            sa.Uuid(),
            nullable=True,
            comment="The customer record of the same source it belongs to; null for a guest",
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("source_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("interaction_type", sa.Text(), nullable=True, comment="order, receipt, ticket, lead, comment, ..."),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True, comment="When it happened"),
        sa.Column("channel", sa.Text(), nullable=True, comment="web, store, instagram, e-mail, ..."),
        sa.Column("store", sa.Text(), nullable=True, comment="Store id, where there is one"),
        sa.Column("status", sa.Text(), nullable=True, comment="The source's own state: paid, refunded, solved, ..."),
        sa.Column(
            "amount",
            sa.Numeric(precision=18, scale=4),
            nullable=True,
            comment="Total in the currency's main unit; negative for a refund",
        ),
        sa.Column("currency", sa.Text(), nullable=True, comment="ISO 4217"),
        sa.Column("item_count", sa.BigInteger(), nullable=True, comment="Number of items bought"),
        sa.Column("subject", sa.Text(), nullable=True, comment="Subject or product line"),
        sa.Column("body", sa.Text(), nullable=True, comment="Free text of a ticket, comment or answer"),
        sa.Column("emails", sa.ARRAY(sa.Text()), nullable=True, comment="E-mail addresses given with the interaction"),
        sa.Column("phones", sa.ARRAY(sa.Text()), nullable=True, comment="Phone numbers given with the interaction"),
        sa.Column("handles", sa.ARRAY(sa.Text()), nullable=True, comment="Social handles given with the interaction"),
        sa.Column(
            "details", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="What else the source knows of it, as JSON"
        ),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_interaction")),
        schema="staging",
        comment="The latest version of each interaction by (source time, delivery, content hash).",
    )
    op.create_index(
        op.f("ix_interaction_customer_record_id"), "interaction", ["customer_record_id"], unique=False, schema="staging"
    )
    op.create_table(
        "quarantine",
        sa.Column(
            "quarantine_id",
            sa.Uuid(),
            nullable=False,
            comment="Derived from manifest, file, position and stage, so a retry adds nothing",
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.Text()), nullable=False, comment="Ids of the expectations the row failed"),
        sa.Column("row", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="The row as it stood"),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("quarantine_id", name=op.f("pk_quarantine")),
        schema="staging",
    )
    op.create_index(op.f("ix_quarantine_manifest_id"), "quarantine", ["manifest_id"], unique=False, schema="staging")
    op.create_index(op.f("ix_quarantine_record_id"), "quarantine", ["record_id"], unique=False, schema="staging")
    op.create_index(op.f("ix_quarantine_source_stage"), "quarantine", ["source", "stage"], unique=False, schema="staging")
    op.create_table(
        "record",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False, comment="A source that restarts its numbering gets a new epoch"),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False, comment="The source's own key; may be an e-mail or a phone"),
        sa.Column("key_id", sa.Text(), nullable=False, comment="Which secret made the token"),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record")),
        schema="staging",
        comment="The only mapping from opaque record ids back to source keys.",
    )
    op.create_index(
        op.f("ix_record_source_epoch_stream_source_key"),
        "record",
        ["source", "epoch", "stream", "source_key"],
        unique=True,
        schema="staging",
    )
    op.create_table(
        "record_version",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("source_time", sa.DateTime(timezone=True), nullable=False, comment="Valid time: when the source first said so"),
        sa.Column(
            "confirmed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Valid time: when the source last repeated it unchanged",
        ),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False, comment="Delivery of the first such word"),
        sa.Column("confirmed_on", sa.Date(), nullable=False, comment="Delivery of the last such word"),
        sa.Column(
            "repeated_at",
            sa.ARRAY(sa.DateTime(timezone=True)),
            nullable=False,
            comment="Valid time: when it was said in between; a word that arrives late may split the version there",
        ),
        sa.Column("repeated_on", sa.ARRAY(sa.Date()), nullable=False, comment="Deliveries of those words"),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False, comment="Lawful purpose, as declared by the source"),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=True, comment="Name as the customer would write it, in its own script"),
        sa.Column("title", sa.Text(), nullable=True, comment="Form of address: Mr, Dra., 様"),
        sa.Column("given_name", sa.Text(), nullable=True, comment="Given name in its own script"),
        sa.Column("middle_name", sa.Text(), nullable=True, comment="Further given names or patronymic"),
        sa.Column("family_name", sa.Text(), nullable=True, comment="Family name with its particles, in its own script"),
        sa.Column("name_suffix", sa.Text(), nullable=True, comment="Generation: Jr, Sr, II, III"),
        sa.Column("nickname", sa.Text(), nullable=True, comment="What the shop calls the customer"),
        sa.Column("company_name", sa.Text(), nullable=True, comment="Company, where the record is a company or names one"),
        sa.Column("given_key", sa.Text(), nullable=True, comment="Romanised, folded given name for comparison"),
        sa.Column("family_key", sa.Text(), nullable=True, comment="Romanised, folded family name for comparison"),
        sa.Column("birth_date", sa.Text(), nullable=True, comment="Date of birth, possibly partial"),
        sa.Column("gender", sa.Text(), nullable=True, comment="female, male or other, where the source states it"),
        sa.Column("language", sa.Text(), nullable=True, comment="Preferred language, BCP 47 primary tag"),
        sa.Column("emails", sa.ARRAY(sa.Text()), nullable=True, comment="E-mail addresses as they should be written to"),
        sa.Column("email_keys", sa.ARRAY(sa.Text()), nullable=True, comment="Canonical e-mail addresses for comparison"),
        sa.Column("phones", sa.ARRAY(sa.Text()), nullable=True, comment="Phone numbers, E.164"),
        sa.Column(
            "handles", sa.ARRAY(sa.Text()), nullable=True, comment="Social handles as platform:handle, e.g. instagram:jane.doe"
        ),
        sa.Column("loyalty_ids", sa.ARRAY(sa.Text()), nullable=True, comment="Loyalty card numbers"),
        sa.Column(
            "external_ids", sa.ARRAY(sa.Text()), nullable=True, comment="The customer's ids in other systems, as system:id"
        ),
        sa.Column("address_line", sa.Text(), nullable=True, comment="Street lines as written, joined by a comma"),
        sa.Column("house_number", sa.Text(), nullable=True, comment="House number taken from the street lines"),
        sa.Column("street_key", sa.Text(), nullable=True, comment="Folded street without number or unit, for comparison"),
        sa.Column("city", sa.Text(), nullable=True, comment="City as written locally"),
        sa.Column("subdivision", sa.Text(), nullable=True, comment="State, province or prefecture"),
        sa.Column("postcode", sa.Text(), nullable=True, comment="Postcode in its country's form"),
        sa.Column("country", sa.Text(), nullable=True, comment="ISO 3166-1 alpha-2"),
        sa.Column("email_consent", sa.Boolean(), nullable=True, comment="Agreed to marketing by e-mail; null when never asked"),
        sa.Column("email_consent_at", sa.DateTime(timezone=True), nullable=True, comment="When that answer was given"),
        sa.Column(
            "sms_consent", sa.Boolean(), nullable=True, comment="Agreed to marketing by text message; null when never asked"
        ),
        sa.Column("sms_consent_at", sa.DateTime(timezone=True), nullable=True, comment="When that answer was given"),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=True, comment="First known contact in this source"),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True, comment="Latest known contact in this source"),
        sa.Column("note", sa.Text(), nullable=True, comment="Free text the staff keep on the customer"),
        sa.Column("flags", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column(
            "repairs", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="Old and new of every repaired value"
        ),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("record_id", "source_time", "content_hash", name=op.f("pk_record_version")),
        schema="staging",
        comment="What a source said of a record, and from when to when. A delete is a version.",
    )
    op.create_table(
        "delivery",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False, comment="Relative to the exports root"),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False, comment="changes or snapshot"),
        sa.Column("scope", sa.Text(), nullable=True, comment="What a snapshot is complete for, e.g. a store"),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column(
            "unkeyed",
            sa.BigInteger(),
            nullable=False,
            comment="Rows without a readable key; a snapshot with any proves no absence",
        ),
        sa.Column("status", sa.Text(), nullable=False, comment="accepted or refused"),
        sa.Column("reason", sa.Text(), nullable=True, comment="Why it was refused"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["manifest_id"], ["ops.manifest.manifest_id"], name=op.f("fk_delivery_manifest_id")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_delivery")),
        schema="ops",
        comment="One row a delivered file of a landing. Append-only.",
    )
    op.create_index(op.f("ix_delivery_manifest_id"), "delivery", ["manifest_id"], unique=False, schema="ops")
    op.create_index(
        op.f("ix_delivery_source_stream_mode_delivered_on"),
        "delivery",
        ["source", "stream", "mode", "delivered_on"],
        unique=False,
        schema="ops",
    )
    op.create_table(
        "staged_manifest",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["manifest_id"], ["ops.manifest.manifest_id"], name=op.f("fk_staged_manifest_manifest_id")),
        sa.PrimaryKeyConstraint("manifest_id", name=op.f("pk_staged_manifest")),
        schema="ops",
        comment="Landings that passed every gate and were staged; only from then on do their snapshots prove absence.",
    )
    op.create_table(
        "locator",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["ops.delivery.delivery_id"], name=op.f("fk_locator_delivery_id")),
        sa.PrimaryKeyConstraint("record_id", "delivery_id", name=op.f("pk_locator")),
        schema="ops",
        comment="Which delivered files hold a record: what a privacy request must rewrite, and what a snapshot lacks.",
    )
    op.create_index(op.f("ix_locator_delivery_id"), "locator", ["delivery_id"], unique=False, schema="ops")
