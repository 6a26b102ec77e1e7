"""The change feed is whole: who merged into whom, who split from whom, which records moved.

Revision: 0010
"""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade():
    op.get_bind().exec_driver_sql((HERE / "0010_customer_change.sql").read_text(encoding="utf-8"))


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
