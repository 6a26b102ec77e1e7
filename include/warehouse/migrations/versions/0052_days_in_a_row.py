"""What a source without a clock repeats each day is kept as the first day and how many they are, not as an entry a day.

Revision: 0052
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade():
    column = sa.Column(
        "repeated_for",
        sa.ARRAY(sa.Integer()),
        nullable=False,
        server_default="{}",
        comment="How many days in a row each of those was said, from then on",
    )
    op.add_column("record_version", column, schema="staging")
    # Each entry is a day of its own; days in a row become one when the record is next told of.
    op.execute(
        "UPDATE staging.record_version SET repeated_for = array_fill(1, ARRAY[cardinality(repeated_at)])"
        " WHERE cardinality(repeated_at) > 0"
    )
    op.alter_column("record_version", "repeated_for", server_default=None, schema="staging")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
