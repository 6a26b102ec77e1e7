"""Stewards pin golden values; what became of each pin is a view.

Revision: 0014
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade():
    op.create_table(
        "pin",
        sa.Column("pin_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False, comment="The record it is of: it goes where that record goes"),
        sa.Column("field", sa.Text(), nullable=False, comment="The golden field it was given for"),
        sa.Column("given", postgresql.JSONB(), nullable=False, comment="Field > value, of all fields that move with it"),
        sa.Column("overrode", postgresql.JSONB(), nullable=False, comment="Field > what the record said then"),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.Text()),
        sa.Column("withdrawn_because", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("pin_id", name=op.f("pk_pin")),
        schema="golden",
        comment="Values that stewards gave. Append-only: one that is withdrawn stays, with who did so and why.",
    )
    op.create_index(op.f("ix_pin_record_id"), "pin", ["record_id"], schema="golden")
    op.get_bind().exec_driver_sql((HERE / "0014_pins.sql").read_text(encoding="utf-8"))


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
