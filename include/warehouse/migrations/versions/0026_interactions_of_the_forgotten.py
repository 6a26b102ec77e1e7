"""Orders and messages of who is put on the suppression list leave the quarantine with their own records.

Revision: 0026
"""

from pathlib import Path

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade():
    op.get_bind().exec_driver_sql((HERE / "0026_interactions_of_the_forgotten.sql").read_text(encoding="utf-8"))


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
