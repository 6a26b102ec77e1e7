"""A changed trust or survivorship is held against a sample of customers, and approved where it changes much.

Revision: 0028
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_TABLE = "Declarations of trust and survivorship: what each was measured to change, who approved it, since when it stands."


def upgrade():
    op.create_table(
        "belief",
        sa.Column("fingerprint", sa.Text(), nullable=False, comment="sha256 of what is declared"),
        sa.Column("declared", JSONB(), nullable=False, comment="The rules of survivorship and every source's trust, whole"),
        sa.Column("owners", ARRAY(sa.Text()), nullable=False, comment="Who answers for what was changed"),
        sa.Column("sampled", sa.BigInteger(), nullable=False, comment="Customers looked at"),
        sa.Column("differing", sa.BigInteger(), nullable=False, comment="Of those, customers who would get another value"),
        sa.Column("asks", sa.Boolean(), nullable=False, comment="Whether that is so much that somebody has to approve it"),
        sa.Column("report", JSONB(), nullable=False, comment="Counts by field and opaque ids; no values"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("in_force_since", sa.DateTime(timezone=True), comment="The latest is in force; null: it never was"),
        sa.Column("approved_by", sa.Text()),
        sa.Column("why", sa.Text()),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_belief")),
        schema="ops",
        comment=_TABLE,
    )
    op.execute("GRANT SELECT ON ops.belief TO suki_ingest, suki_resolve, suki_steward, suki_privacy")
    op.execute("GRANT INSERT ON ops.belief TO suki_resolve")
    op.execute("GRANT UPDATE (owners, sampled, differing, asks, report, in_force_since) ON ops.belief TO suki_resolve")
    op.execute("GRANT UPDATE (approved_by, why, approved_at) ON ops.belief TO suki_steward")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
