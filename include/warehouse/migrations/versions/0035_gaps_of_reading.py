"""When a table or an API was not read in its time is kept, until it happens again.

Revision: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade():
    for name, kind, comment in (
        ("gap_from", sa.DateTime(timezone=True), "The latest time in which no run read: its begin, in source time"),
        ("gap_to", sa.DateTime(timezone=True), "Its end, from where a run went on"),
        ("gap_run_id", sa.Text(), "The run that read what was missed"),
    ):
        op.add_column("watermark", sa.Column(name, kind, comment=comment), schema="ops")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
