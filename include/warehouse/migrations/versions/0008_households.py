"""Who lives together, and who registered again and again, each with the evidence for it.

Revision: 0008
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "household_run",
        sa.Column("resolve_id", sa.Uuid(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("report", postgresql.JSONB(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("resolve_id", name=op.f("pk_household_run")),
        sa.ForeignKeyConstraint(["resolve_id"], ["ops.resolve_run.resolve_id"], name=op.f("fk_household_run_resolve_id")),
        schema="ops",
        comment="One row a publication whose households were found.",
    )
    op.create_table(
        "household",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("worth", sa.Double(), nullable=False),
        sa.Column("since_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("household_id", name=op.f("pk_household")),
        schema="golden",
        comment="Customers who live together.",
    )
    op.create_table(
        "household_member",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("worth", sa.Double(), nullable=False),
        sa.Column("since_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_household_member")),
        schema="golden",
    )
    op.create_index(op.f("ix_household_member_household_id"), "household_member", ["household_id"], schema="golden")
    op.create_table(
        "household_tie",
        sa.Column("customer_a", sa.Uuid(), nullable=False),
        sa.Column("customer_b", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("evidence", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("worth", sa.Double(), nullable=False),
        sa.Column("since_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer_a", "customer_b", name=op.f("pk_household_tie")),
        schema="golden",
        comment="Why two members of a household are held to live together: names, no values; customer_a < customer_b.",
    )
    op.create_index(op.f("ix_household_tie_customer_b"), "household_tie", ["customer_b"], schema="golden")
    op.create_index(op.f("ix_household_tie_household_id"), "household_tie", ["household_id"], schema="golden")
    op.create_table(
        "repeat_registration",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True)),
        sa.Column("last_at", sa.DateTime(timezone=True)),
        sa.Column("since_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "source", name=op.f("pk_repeat_registration")),
        schema="golden",
        comment="Customers with several accounts at one source.",
    )
    op.execute(sa.text(Path(__file__).with_name("0008_household_views.sql").read_text(encoding="utf-8")))


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
