"""What gates measured is kept by day, so that a later day can be held against it; a verdict names its owner.

Revision: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("quality_result", sa.Column("owner", sa.Text(), comment="Whom to ask"), schema="ops")
    op.create_table(
        "measure",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("suite", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False, comment="As the suite declares it"),
        sa.Column("day", sa.Date(), nullable=False, comment="The day that was delivered"),
        sa.Column("figure", sa.Double(), nullable=False, comment="A count or a share"),
        sa.Column("dag_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("source", "stream", "suite", "measure", "day", name=op.f("pk_measure")),
        schema="ops",
        comment="What the gates measured of each day they let through: by it a later day of the same weekday is judged.",
    )
    op.execute("GRANT SELECT ON ops.measure TO suki_ingest, suki_resolve, suki_steward, suki_privacy")
    op.execute("GRANT INSERT, UPDATE ON ops.measure TO suki_ingest")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
