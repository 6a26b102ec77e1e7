"""A resolve run says what it would change before it publishes, and is held where that is too much.

Revision: 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "resolve_diff",
        sa.Column("resolve_id", sa.Uuid(), nullable=False),
        sa.Column("dag_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("base_resolve_id", sa.Uuid(), comment="The published state it was computed from"),
        sa.Column(
            "diff", JSONB(), nullable=False, comment="What it would change: counts by change, field and channel, a few opaque ids"
        ),
        sa.Column(
            "held_because", sa.ARRAY(sa.Text()), nullable=False,
            comment="Which declared limits it exceeds; empty: published unasked",
        ),
        sa.Column("marks", sa.Text(), nullable=False, comment="sha256 of the marks it took into account"),
        sa.Column("resolution", JSONB(), comment="Where a held run's rows lie in the lake"),
        sa.Column("answer", sa.Text(), comment="Of a held run: approved, refused, or silence"),
        sa.Column("answered_by", sa.Text()),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("resolve_id", name=op.f("pk_resolve_diff")),
        schema="ops",
        comment="What each resolve run would change, said before it was published.",
    )  # fmt: skip
    op.create_index(op.f("ix_resolve_diff_dag_id_run_id"), "resolve_diff", ["dag_id", "run_id"], schema="ops")
    op.execute("GRANT SELECT ON ops.resolve_diff TO suki_ingest, suki_resolve, suki_steward, suki_privacy")
    op.execute("GRANT INSERT, UPDATE ON ops.resolve_diff TO suki_resolve")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
