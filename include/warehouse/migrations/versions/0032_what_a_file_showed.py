"""What nobody declared and a delivered file showed of itself is kept with it.

Revision: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade():
    what = "What nobody declared and the file showed: its encoding, the mark between its fields"
    op.add_column("delivery", sa.Column("read_as", sa.Text(), comment=what), schema="ops")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
