"""The weekly audit keeps what it counts, so that a score has a trend.

Revision: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "audit_figure",
        sa.Column("dag_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "dimension", sa.Text(), nullable=False,
            comment="completeness, validity, consistency, uniqueness, timeliness, volume; identity; coverage",
        ),
        sa.Column("source", sa.Text(), nullable=False, comment="Of coverage: country, store or age"),
        sa.Column("scope", sa.Text(), nullable=False, comment="The store; of coverage: which country, store or age"),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("good", sa.Double(), nullable=False),
        sa.Column("whole", sa.Double(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("dag_id", "run_id", "dimension", "source", "scope", "field", name=op.f("pk_audit_figure")),
        schema="ops",
        comment="What each audit counted: good ones among a whole. Names and counts, no values.",
    )  # fmt: skip
    op.execute("GRANT SELECT ON ops.audit_figure TO suki_ingest, suki_resolve, suki_steward, suki_privacy")
    op.execute("GRANT INSERT, DELETE ON ops.audit_figure TO suki_resolve")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
