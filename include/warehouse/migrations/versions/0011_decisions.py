"""Decisions know the merge or split they are part of and who withdrew them; what waits for a steward is a view.

Revision: 0011
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade():
    for name, kind in (
        ("ruling", sa.Text()),
        ("ruling_id", sa.Uuid()),
        ("withdrawn_by", sa.Text()),
        ("withdrawn_because", sa.Text()),
    ):
        op.add_column("steward_decision", sa.Column(name, kind), schema="identity")
    op.create_index(op.f("ix_steward_decision_ruling_id"), "steward_decision", ["ruling_id"], schema="identity")
    op.execute(sa.text((HERE / "0011_views.sql").read_text(encoding="utf-8")))


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
