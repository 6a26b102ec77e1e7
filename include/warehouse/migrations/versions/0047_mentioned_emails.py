"""E-mails in the free text of interactions, to find whose record it is by.

Revision: 0047
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

READ = "customer_record_id, mentioned_email_keys"


def upgrade():
    mentioned = sa.Column(
        "mentioned_email_keys", sa.ARRAY(sa.Text()), comment="Canonical e-mail addresses in its free text, for comparison"
    )
    op.add_column("interaction", mentioned, schema="staging")
    op.create_index(
        "ix_interaction_mentioned",
        "interaction",
        ["customer_record_id"],
        schema="staging",
        postgresql_where="mentioned_email_keys <> '{}'",
    )
    # Whose they are and which, and nothing else of what somebody bought or wrote.
    op.execute(f"GRANT SELECT ({READ}) ON staging.interaction TO suki_resolve, suki_steward")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
