"""Match models are put in force by a run, with who asked, why, and who approved.

Revision: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "model_promotion",
        sa.Column("dag_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("replaced", sa.Text(), nullable=False, comment="The model whose place it took"),
        sa.Column("actor", sa.Text(), nullable=False, comment="Who asked for it"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), comment="Who approved it; null where the change was too small to ask"),
        sa.Column("share", sa.Double(), nullable=False, comment="Of the customers, those it was measured to merge or split"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("dag_id", "run_id", name=op.f("pk_model_promotion")),
        sa.ForeignKeyConstraint(
            ["model_version"], ["identity.match_model.model_version"], name=op.f("fk_model_promotion_model_version")
        ),
        schema="identity",
        comment="Which match model was put in force when, by whom and why. Append-only.",
    )
    op.create_index(op.f("ix_model_promotion_model_version"), "model_promotion", ["model_version"], schema="identity")
    op.execute("GRANT SELECT ON identity.model_promotion TO suki_resolve, suki_steward, suki_privacy")
    op.execute("GRANT INSERT ON identity.model_promotion TO suki_resolve")
    op.execute("GRANT INSERT ON staging.dirty_record TO suki_resolve")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
