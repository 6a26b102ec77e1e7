"""How far the streams of tables and APIs have been read.

Revision: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "watermark",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column(
            "read_to", sa.DateTime(timezone=True), nullable=False, comment="Source time up to which it was read; never moves back"
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="The run that read so far"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("source", "stream", name=op.f("pk_watermark")),
        schema="ops",
        comment="How far each stream of a table or an API has been read. Files need none: their dates say it.",
    )
    op.execute("GRANT SELECT ON ops.watermark TO suki_ingest, suki_resolve, suki_steward, suki_privacy")
    op.execute("GRANT INSERT, UPDATE ON ops.watermark TO suki_ingest")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
