"""Whose orders came since repeat registrations were scored is on a mark.

Revision: 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "order_mark",
        sa.Column("mark_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_record_id", sa.Uuid(), nullable=False, comment="The account that ordered"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("mark_id", name=op.f("pk_order_mark")),
        schema="staging",
        comment="Accounts of which an order or receipt came or changed since repeat registrations were scored. "
        "Consumed by exact mark, never by watermark.",
    )
    op.execute("GRANT INSERT ON staging.order_mark TO suki_ingest")
    op.execute("GRANT SELECT, DELETE ON staging.order_mark TO suki_resolve")
    op.execute("GRANT SELECT ON staging.order_mark TO suki_privacy")
    # What came before there were marks is looked at once more.
    op.execute(
        "INSERT INTO staging.order_mark (customer_record_id) SELECT placed.record_id FROM golden.repeat_registration AS known"
        " JOIN golden.crosswalk AS placed ON placed.customer_id = known.customer_id AND placed.source = known.source"
    )


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
