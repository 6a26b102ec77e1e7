"""A delivered file knows how often its content was replaced for its day, under the same name, before it was this.

Revision: 0045
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0042"
branch_labels = None
depends_on = None

COUNTED = """
    UPDATE ops.delivery SET copy = counted.copy
    FROM (
        SELECT delivery_id, count(*) FILTER (WHERE other) OVER (
            PARTITION BY source, stream, file, delivered_on ORDER BY recorded_at, delivery_id
        ) AS copy
        FROM (
            SELECT delivery.*, sha256 <> lag(sha256) OVER (
                PARTITION BY source, stream, file, delivered_on ORDER BY recorded_at, delivery_id
            ) AS other
            FROM ops.delivery
            WHERE status = 'accepted' AND file !~ '[.](table|api)$'
        ) AS told
    ) AS counted
    WHERE counted.delivery_id = delivery.delivery_id AND counted.copy > 0
"""


def upgrade():
    for schema, table, comment in (
        ("ops", "delivery", "How often the file was replaced for its day before"),
        ("staging", "interaction", "How often the file it came in was replaced for its day before"),
    ):
        op.add_column(table, sa.Column("copy", sa.Integer(), nullable=False, server_default="0", comment=comment), schema=schema)
    op.execute(COUNTED)
    op.create_table_comment(
        "interaction",
        "The latest version of each interaction by (source time, delivery, copy of the file, cleaning, content hash).",
        schema="staging",
    )


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
