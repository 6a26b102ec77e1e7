"""What is stale is listed with where to ask for it anew, and the share that is still valid is kept by segment.

Revision: 0019
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "refresh_due",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "point", sa.Text(), nullable=False, comment="email, phone or address; profile: the customer is reached by none"
        ),
        sa.Column("place", sa.Integer(), nullable=False, comment="Which of the customer's golden e-mails or phones, from 1"),
        sa.Column("state", sa.Text(), nullable=False, comment="stale, bounced or abandoned"),
        sa.Column("last_evidence", sa.DateTime(timezone=True), comment="Latest sign of it"),
        sa.Column("still_valid", sa.Double(), nullable=False, comment="0 to 1, by the declared half-life"),
        sa.Column("touchpoint", sa.Text(), nullable=False, comment="Where they are met next, as declared"),
        sa.Column("listed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "point", "place", name=op.f("pk_refresh_due")),
        schema="golden",
        comment="Contact points that no longer reach a person, and persons who are reached by none: no values.",
    )
    op.create_table(
        "freshness",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False, comment="all, country or store"),
        sa.Column("name", sa.Text(), nullable=False, comment="Which country or store; empty: not known, or all"),
        sa.Column("point", sa.Text(), nullable=False, comment="email, phone or address"),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("valid", sa.BigInteger(), nullable=False, comment="verified or stated"),
        sa.Column("stale", sa.BigInteger(), nullable=False),
        sa.Column("bounced", sa.BigInteger(), nullable=False),
        sa.Column("expected_valid", sa.Double(), nullable=False, comment="Of those held, by the declared half-life"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("day", "segment", "name", "point", name=op.f("pk_freshness")),
        schema="ops",
        comment="How much of what is held still reaches somebody, by segment: counts, no values.",
    )
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
