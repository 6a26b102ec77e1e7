"""A publication writes no index that nobody reads, and has room on their pages for rows it replaces.

Revision: 0046
"""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade():
    op.drop_index("ix_membership_customer_id", "membership", schema="identity")
    op.drop_index("ix_customer_change_split_from", "customer_change", schema="golden")
    op.create_index(
        "ix_customer_change_split_from",
        "customer_change",
        ["split_from"],
        schema="golden",
        postgresql_using="gin",
        postgresql_where="split_from <> '{}'",
    )
    # Of the rows that come from now on: a row that is replaced on its page leaves the indexes as they are.
    op.execute("ALTER TABLE golden.customer SET (fillfactor = 90)")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
