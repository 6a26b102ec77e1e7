"""The profile knows all homes, the household, the tier and repeat registrations; consent expires, and is told with its proof.

Revision: 0015
"""

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade():
    op.get_bind().exec_driver_sql((HERE / "0015_profile.sql").read_text(encoding="utf-8"))


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
