"""A changed mapping, standard or cleaner is held against a sample, and approved where it changes much.

Revision: 0025
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_TABLE = "Changed mappings, standards and cleaners: what each was measured to change beforehand, and who approved it."


def upgrade():
    which = ("source", "standards_version", "cleaners", "declaration")
    op.create_table(
        "reading_change",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("standards_version", sa.Integer(), nullable=False, comment="As in ops.cleaning, with the next two"),
        sa.Column("cleaners", sa.Text(), nullable=False),
        sa.Column("declaration", sa.Text(), nullable=False),
        sa.Column("standards_owner", sa.Text(), nullable=False, comment="Who answers for the standard"),
        sa.Column("source_owner", sa.Text(), nullable=False, comment="Who answers for the mapping"),
        sa.Column("sampled", sa.BigInteger(), nullable=False, comment="Rows looked at: of what landed last"),
        sa.Column("differing", sa.BigInteger(), nullable=False, comment="Of those, rows that would be read otherwise"),
        sa.Column("asks", sa.Boolean(), nullable=False, comment="Whether that is so much that somebody has to approve it"),
        sa.Column("report", JSONB(), nullable=False, comment="Sentences, counts by field and opaque ids; no values"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("approved_by", sa.Text()),
        sa.Column("why", sa.Text()),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint(*which, name=op.f("pk_reading_change")),
        schema="ops",
        comment=_TABLE,
    )
    op.execute("GRANT SELECT ON ops.reading_change TO suki_ingest, suki_resolve, suki_steward, suki_privacy")
    op.execute("GRANT INSERT ON ops.reading_change TO suki_ingest")
    op.execute("GRANT UPDATE (sampled, differing, asks, report) ON ops.reading_change TO suki_ingest")
    op.execute("GRANT UPDATE (approved_by, why, approved_at) ON ops.reading_change TO suki_steward")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
