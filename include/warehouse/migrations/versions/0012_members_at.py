"""Who was in a customer on a day, as believed on another.

Revision: 0012
"""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade():
    op.get_bind().exec_driver_sql((HERE / "0012_members_at.sql").read_text(encoding="utf-8"))


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
