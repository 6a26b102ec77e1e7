"""Who is put on the suppression list leaves the quarantine in the same moment.

Revision: 0017
"""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade():
    op.get_bind().exec_driver_sql((HERE / "0017_forgotten_in_quarantine.sql").read_text(encoding="utf-8"))


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
