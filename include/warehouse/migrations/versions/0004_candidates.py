"""Match models trained again: what a candidate would change is kept beside it.

Revision: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "model_comparison",
        sa.Column("dag_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("candidate_version", sa.Text(), nullable=False),
        sa.Column("in_force_version", sa.Text(), nullable=False, comment="The model it was held against"),
        sa.Column("base_resolve_id", sa.Uuid(), comment="The published state that the records were read after"),
        sa.Column(
            "report", postgresql.JSONB(), nullable=False,
            comment="What would change: sentences, counts, weights and opaque ids, no values",
        ),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("dag_id", "run_id", name=op.f("pk_model_comparison")),
        sa.ForeignKeyConstraint(
            ["candidate_version"], ["identity.match_model.model_version"], name=op.f("fk_model_comparison_candidate_version")
        ),
        schema="ops",
        comment="What a match model that was trained again would change. The candidate is not in force.",
    )  # fmt: skip
    op.create_index(op.f("ix_model_comparison_candidate_version"), "model_comparison", ["candidate_version"], schema="ops")
    op.execute("GRANT SELECT ON ops.model_comparison TO suki_ingest, suki_resolve, suki_steward, suki_privacy")
    op.execute("GRANT INSERT, UPDATE ON ops.model_comparison TO suki_resolve")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
