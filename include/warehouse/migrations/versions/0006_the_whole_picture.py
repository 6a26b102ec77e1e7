"""The whole picture: what is known of each customer as of a moment, with what it declares beside it.

Revision: 0006
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade():
    op.create_table(
        "declared",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_declared")),
        schema="golden",
        comment="Declarations that views read: brought in by suki migrate.",
    )
    op.get_bind().exec_driver_sql((HERE / "0006_profile.sql").read_text(encoding="utf-8"))


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
