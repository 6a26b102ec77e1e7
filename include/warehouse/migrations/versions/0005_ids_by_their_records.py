"""The ids of a few records are found without reading those of all: a run that touches little reads little.

Revision: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index(op.f("ix_customer_id_ledger_anchor_record_id"), "customer_id_ledger", ["anchor_record_id"], schema="identity")
    op.create_index(op.f("ix_alias_became"), "alias", ["became"], schema="identity")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
