"""Repeat registrations are scored near what changed: each remembers the first orders it was scored by.

Revision: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade():
    comment = "Hash of the accounts' first orders it was scored by; null where there were none"
    op.add_column("repeat_registration", sa.Column("first_orders", sa.Text, comment=comment), schema="golden")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
