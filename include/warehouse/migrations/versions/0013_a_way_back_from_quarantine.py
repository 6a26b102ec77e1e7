"""Quarantined rows have a way back: what became of each is written down, and nothing of it is taken back.

Revision: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "quarantine_event",
        sa.Column("event_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("quarantine_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting (set aside again), released, replayed or discarded"),
        sa.Column("stage", sa.Text(), comment="Where it was set aside again"),
        sa.Column("reasons", sa.ARRAY(sa.Text()), comment="Ids of the expectations it failed then"),
        sa.Column("run_id", sa.Text(), comment="The run that did it"),
        sa.Column("actor", sa.Text(), comment="Or the person"),
        sa.Column("why", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_quarantine_event")),
        sa.ForeignKeyConstraint(
            ["quarantine_id"], ["staging.quarantine.quarantine_id"], name=op.f("fk_quarantine_event_quarantine_id")
        ),
        schema="staging",
        comment="What became of a quarantined row, append-only: the newest event is its state; without one it waits.",
    )
    op.create_index(op.f("ix_quarantine_event_quarantine_id"), "quarantine_event", ["quarantine_id"], schema="staging")
    op.create_index(
        op.f("ix_quarantine_event_quarantine_id_run_id_state"), "quarantine_event", ["quarantine_id", "run_id", "state"],
        unique=True, schema="staging", postgresql_where=sa.text("run_id IS NOT NULL"),
    )  # fmt: skip
    op.execute(
        """
        CREATE VIEW staging.quarantine_now AS
        SELECT
            quarantine.quarantine_id, quarantine.source, quarantine.stream, quarantine.record_id, quarantine.manifest_id,
            quarantine.file, quarantine.position, coalesce(event.state, 'waiting') AS state,
            coalesce(event.stage, quarantine.stage) AS stage, coalesce(event.reasons, quarantine.reasons) AS reasons,
            coalesce(event.run_id, quarantine.run_id) AS run_id, quarantine.recorded_at AS set_aside_at,
            coalesce(event.recorded_at, quarantine.recorded_at) AS since, quarantine."row"
        FROM staging.quarantine
        LEFT JOIN LATERAL (
            SELECT * FROM staging.quarantine_event
            WHERE quarantine_event.quarantine_id = quarantine.quarantine_id
            ORDER BY event_id DESC
            LIMIT 1
        ) AS event ON true
        """
    )
    op.execute("GRANT SELECT, INSERT ON staging.quarantine_event TO suki_ingest, suki_steward")
    op.execute("GRANT SELECT ON staging.quarantine_now TO suki_ingest, suki_steward, suki_privacy")
    op.execute("GRANT SELECT ON staging.quarantine_event TO suki_privacy")


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
