"""Windows that were late, and that somebody was told.

Revision: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_TABLE = "Windows that were late: each was told of once, together with all that were late by then. Append-only."


def upgrade():
    op.create_table(
        "late_sync",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False, comment="End of the window that was not staged in time"),
        sa.Column("promised", sa.DateTime(timezone=True), nullable=False, comment="By when it should have been staged"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("source", "due", name=op.f("pk_late_sync")),
        schema="ops",
        comment=_TABLE,
    )
    op.execute("GRANT SELECT ON ops.late_sync TO suki_ingest, suki_resolve, suki_steward, suki_privacy")
    op.execute("GRANT INSERT ON ops.late_sync TO suki_ingest")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
