"""How raw fields change from delivery to delivery: what they looked like is kept, and what became of them.

Revision: 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_DRIFT = "How the raw fields of a delivery differ from those declared and those of the deliveries before."


def upgrade():
    for column in (
        sa.Column(
            "change", sa.Text(), nullable=False, server_default="added", comment="added, removed, renamed or retyped"
        ),
        sa.Column("was", sa.Text(), comment="Its kind before; of a renamed one its name"),
        sa.Column("now", sa.Text(), comment="Its kind now"),
        sa.Column(
            "reaction", sa.Text(), nullable=False, server_default="report",
            comment="What is declared for it: accept, report or refuse",
        ),
    ):  # fmt: skip
        op.add_column("drift", column, schema="ops")
    op.alter_column(
        "drift", "field", schema="ops", existing_type=sa.Text(), existing_nullable=False,
        existing_comment="A raw field that is neither mapped nor ignored by name",
        comment="A raw field, by the name it has now; one that is gone, by the name it had",
    )  # fmt: skip
    op.create_table_comment("drift", _DRIFT, schema="ops")
    op.create_table(
        "field_shape",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False, comment="Rows looked at: some of each chunk"),
        sa.Column("fields", JSONB(), nullable=False, comment="Raw field > kind of value > rows; no values"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("manifest_id", name=op.f("pk_field_shape")),
        sa.ForeignKeyConstraint(["manifest_id"], ["ops.manifest.manifest_id"], name=op.f("fk_field_shape_manifest_id")),
        schema="ops",
        comment="What the raw fields of a landing looked like.",
    )
    op.execute("GRANT SELECT ON ops.field_shape TO suki_ingest, suki_resolve, suki_steward, suki_privacy")
    op.execute("GRANT INSERT, UPDATE ON ops.field_shape TO suki_ingest")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
