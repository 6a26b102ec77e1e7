"""How good each delivery was is kept by run, store and field.

Revision: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_TABLE = "How good each delivery was, by store and field: good ones among a whole. Names and counts, no values."


def upgrade():
    of = ("dag_id", "run_id", "source", "stream")
    op.create_table(
        "run_figure",
        *(sa.Column(name, sa.Text(), nullable=False) for name in of),
        sa.Column("scope", sa.Text(), nullable=False, comment="The store; empty where the stream has none"),
        sa.Column(
            "dimension", sa.Text(), nullable=False, comment="volume, completeness, validity, uniqueness, timeliness; consistency"
        ),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), comment="The day that was delivered; null: the window was no single day"),
        sa.Column("good", sa.Double(), nullable=False),
        sa.Column("whole", sa.Double(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint(*of, "scope", "dimension", "field", name=op.f("pk_run_figure")),
        schema="ops",
        comment=_TABLE,
    )
    op.create_index(op.f("ix_run_figure_source_stream_day"), "run_figure", ["source", "stream", "day"], schema="ops")
    op.execute("GRANT SELECT ON ops.run_figure TO suki_ingest, suki_resolve, suki_steward, suki_privacy")
    op.execute("GRANT INSERT, UPDATE, DELETE ON ops.run_figure TO suki_ingest, suki_resolve")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
