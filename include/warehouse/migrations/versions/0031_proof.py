"""Where golden values come from is kept in one row a customer; a view tells it in a row a value, as it was.

Revision: 0031
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade():
    op.rename_table("provenance", "provenance_by_value", schema="golden")
    op.create_table(
        "proof",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("record_ids", sa.ARRAY(sa.Uuid()), nullable=False, comment="The customer's records that places are of"),
        sa.Column("fields", JSONB(), nullable=False, comment="Field > [rule, agreeing, holding, places of its records]"),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_proof")),
        schema="golden",
        comment="Which records every golden value came from, and by which rule; golden.provenance has a row a value.",
    )
    op.get_bind().exec_driver_sql((HERE / "0031_proof.sql").read_text(encoding="utf-8"))


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
