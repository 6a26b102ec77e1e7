"""Exports know how far each target is in the change feed.

Revision: 0022
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "export_run",
        sa.Column("target", sa.Text(), nullable=False, comment="What was written to: files, or the connection of a database"),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False, comment="full or changes"),
        sa.Column("purpose", sa.Text(), nullable=False, comment="marketing or service"),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "after_change", sa.BigInteger(), nullable=False, comment="golden.customer_change.change_id after which it took"
        ),
        sa.Column(
            "upto_change", sa.BigInteger(), nullable=False, comment="And up to which; where the target's next export goes on"
        ),
        sa.Column("counts", JSONB(), nullable=False, comment="Table > rows written"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("target", "run_id", name=op.f("pk_export_run")),
        schema="ops",
        comment="What export_crm wrote, and how far in the change feed each target is.",
    )
    op.execute("GRANT SELECT ON ops.export_run TO suki_ingest, suki_resolve, suki_steward, suki_privacy")
    op.execute("GRANT INSERT, UPDATE ON ops.export_run TO suki_resolve")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
