"""Households are found near what changed: who shares a home, phone or mailbox is looked up.

Revision: 0023
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade():
    of = {"table_name": "record_version", "schema": "staging"}
    op.create_index("ix_record_version_home", columns=["street_key", "house_number"], **of)
    op.create_index("ix_record_version_phones", columns=["phones"], postgresql_using="gin", **of)
    op.create_index("ix_record_version_email_keys", columns=["email_keys"], postgresql_using="gin", **of)


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
