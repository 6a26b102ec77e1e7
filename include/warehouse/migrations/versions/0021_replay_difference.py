"""What running a window again from landing changes.

Revision: 0021
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_REPORT = "Counts by field, rows newly set aside and released, some opaque ids; no values"


def upgrade():
    op.create_table(
        "replay_difference",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("dag_id", "run_id", "source", "stream")),
        sa.Column("preview", sa.Boolean(), nullable=False, comment="Whether it was only asked what would change"),
        sa.Column("report", JSONB(), nullable=False, comment=_REPORT),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("dag_id", "run_id", "source", "stream", name=op.f("pk_replay_difference")),
        schema="ops",
        comment="What running a window again from landing changed, or would change.",
    )
    op.execute("GRANT SELECT ON ops.replay_difference TO suki_ingest, suki_resolve, suki_steward, suki_privacy")
    op.execute("GRANT INSERT, UPDATE ON ops.replay_difference TO suki_ingest")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
