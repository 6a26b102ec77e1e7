"""Every change on the record: what cleaning did, by which standard; profiles before it and tallies after it.

Revision: 0002
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade():
    op.execute("DROP VIEW staging.current_record")
    op.execute("DROP VIEW staging.latest_version")
    columns()
    tables()
    for part in ("views", "grants"):
        op.execute(sa.text((HERE / f"0002_{part}.sql").read_text(encoding="utf-8")))


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")


def columns():
    op.alter_column("record_version", "repairs", new_column_name="changes", schema="staging")
    # Words from before are by an unknown cleaning: number 0 loses against any that reads them again.
    for name in ("cleaning_version", "confirmed_by"):
        op.add_column("record_version", sa.Column(name, sa.Integer(), nullable=False, server_default="0"), schema="staging")
        op.alter_column("record_version", name, server_default=None, schema="staging")
    repeated = sa.Column("repeated_by", sa.ARRAY(sa.Integer()), nullable=False, server_default="{}")
    op.add_column("record_version", repeated, schema="staging")
    op.execute(
        "UPDATE staging.record_version SET repeated_by = array_fill(0, ARRAY[cardinality(repeated_at)])"
        " WHERE cardinality(repeated_at) > 0"
    )
    op.alter_column("record_version", "repeated_by", server_default=None, schema="staging")
    op.add_column(
        "interaction", sa.Column("cleaning_version", sa.Integer(), nullable=False, server_default="0"), schema="staging"
    )
    op.alter_column("interaction", "cleaning_version", server_default=None, schema="staging")
    op.add_column("interaction", sa.Column("flags", sa.ARRAY(sa.Text())), schema="staging")
    op.add_column("interaction", sa.Column("changes", postgresql.JSONB()), schema="staging")


def tables():
    op.create_table(
        "cleaning",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("cleaning_version", sa.Integer(), nullable=False),
        sa.Column("standards_version", sa.Integer(), nullable=False),
        sa.Column("standards_owner", sa.Text(), nullable=False),
        sa.Column("cleaners", sa.Text(), nullable=False),
        sa.Column("declaration", sa.Text(), nullable=False),
        recorded_at(),
        sa.PrimaryKeyConstraint("source", "cleaning_version", name=op.f("pk_cleaning")),
        schema="ops",
        comment="What decided what a value became. Of two readings of one delivered word the one by the later cleaning counts.",
    )
    op.create_index(
        op.f("ix_cleaning_source_standards_version_cleaners_declaration"), "cleaning",
        ["source", "standards_version", "cleaners", "declaration"], unique=True, schema="ops",
    )  # fmt: skip
    op.create_table(
        "field_profile",
        *of_a_run("field"),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        *counts("rows", "filled", "distinct_values"),
        sa.Column("shortest", sa.Integer()),
        sa.Column("longest", sa.Integer()),
        *counts("outliers"),
        sa.Column("patterns", postgresql.JSONB(), nullable=False),
        sa.Column("compared_runs", sa.Integer(), nullable=False),
        sa.Column("filled_before", sa.Double()),
        sa.Column("drift", sa.Double()),
        sa.Column("drifted", sa.Boolean(), nullable=False),
        recorded_at(),
        sa.PrimaryKeyConstraint("dag_id", "run_id", "source", "stream", "field", name=op.f("pk_field_profile")),
        schema="ops",
        comment="What a delivery looked like before it was cleaned: masks and counts, no values.",
    )
    op.create_index(
        op.f("ix_field_profile_source_stream_field_recorded_at"), "field_profile",
        ["source", "stream", "field", "recorded_at"], schema="ops",
    )  # fmt: skip
    op.create_table(
        "field_quality",
        *of_a_run("field"),
        sa.Column("cleaning_version", sa.Integer(), nullable=False),
        *counts("rows", "delivered", "kept", "repaired", "flagged", "emptied", "derived", "inferred", "doubtful"),
        recorded_at(),
        sa.PrimaryKeyConstraint("dag_id", "run_id", "source", "stream", "field", name=op.f("pk_field_quality")),
        schema="ops",
        comment="What became of the values of a field: the before and after of one run.",
    )
    op.create_table(
        "date_order_seen",
        *of_a_run("scope"),
        *counts("day_first", "month_first", "either"),
        recorded_at(),
        sa.PrimaryKeyConstraint("dag_id", "run_id", "source", "stream", "scope", name=op.f("pk_date_order_seen")),
        schema="ops",
        comment="What all-numeric dates showed of the order in which a store writes day and month.",
    )
    op.create_table(
        "learned_order",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("source", "stream", "scope")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("date_order", sa.Text()),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        recorded_at(),
        sa.PrimaryKeyConstraint("source", "stream", "scope", "version", name=op.f("pk_learned_order")),
        schema="ops",
        comment="Habits learned of stores that declare none: frozen until learned anew. Append-only.",
    )


def of_a_run(*more):
    names = ("dag_id", "run_id", "source", "stream", *more)
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def counts(*names):
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def recorded_at():
    return sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
