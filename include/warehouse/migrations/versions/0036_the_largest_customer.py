"""The largest customer is found by an index: every run looks at it, and a small one should not go over all customers for it.

Revision: 0036
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_customer_record_count", "customer", ["record_count"], schema="golden")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
