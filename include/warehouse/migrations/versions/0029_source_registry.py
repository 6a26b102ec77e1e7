"""The register of sources stands in the warehouse: who answers for what, on what ground, and how careful to be with each field.

Revision: 0029
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade():
    op.create_table(
        "source_registry",
        sa.Column("source", sa.Text(), nullable=False, comment="The name of its folder"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), comment="By which way its people come"),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("steward", sa.Text(), comment="Who says what a value means"),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("data", sa.ARRAY(sa.Text()), nullable=False, comment="customers, interactions"),
        sa.Column("countries", sa.ARRAY(sa.Text()), nullable=False, comment="By declaration; empty: stated in its rows"),
        sa.Column("trust", sa.Double(), nullable=False, comment="Of fields that have no figure of their own"),
        sa.Column("schedule", sa.Text(), comment="Cron expression, UTC; null: midnight"),
        sa.Column("freshness_hours", sa.Integer(), comment="Promised: hours after a run's window until its rows are here"),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("lawful_basis", sa.Text()),
        sa.Column("origin", sa.Text(), nullable=False, comment="own or third_party"),
        sa.Column("expires", sa.Date(), comment="Of a third party's list: its last day"),
        sa.Column("match_only", sa.Boolean(), nullable=False, comment="Whether it may only add to customers who are known"),
        sa.Column("enabled", sa.Boolean(), nullable=False, comment="Whether it has a Dag"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_registry")),
        schema="ops",
        comment="The register of sources, as declared: who answers for each, on what ground it is kept, when it comes.",
    )
    op.create_table(
        "source_stream",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="customers or interactions"),
        sa.Column("comes_as", sa.Text(), nullable=False, comment="Files of a format, a table or answers of an API"),
        sa.Column("volume_least", sa.BigInteger(), comment="Rows of a day: the least that is declared"),
        sa.Column("volume_most", sa.BigInteger(), comment="Rows of a day: the most that is declared"),
        sa.Column("left_out", sa.Integer(), nullable=False, comment="Raw fields that are ignored by name"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("source", "stream", name=op.f("pk_source_stream")),
        schema="ops",
        comment="Streams of the registered sources: what their rows are, and how many a day brings.",
    )
    op.create_table(
        "source_field",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False, comment="The canonical field"),
        sa.Column("classification", sa.Text(), nullable=False, comment="internal, personal or sensitive"),
        sa.Column("trust", sa.Double(), comment="How far it is believed; of people alone"),
        sa.Column("read_from", sa.ARRAY(sa.Text()), nullable=False, comment="The raw fields it is read from; none: a constant"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("source", "stream", "field", name=op.f("pk_source_field")),
        schema="ops",
        comment="Fields that the streams of registered sources give, with how careful to be with them. Names, no values.",
    )
    op.get_bind().exec_driver_sql((HERE / "0029_source_registry.sql").read_text(encoding="utf-8"))


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
