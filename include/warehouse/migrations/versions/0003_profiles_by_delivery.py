"""Earlier profiles are looked up by delivery: the index that served a look by the time of recording has no reader any more.

Revision: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.drop_index(op.f("ix_field_profile_source_stream_field_recorded_at"), "field_profile", schema="ops")
    op.create_index(
        op.f("ix_field_profile_source_stream_manifest_id_run_id"), "field_profile",
        ["source", "stream", "manifest_id", "run_id"], schema="ops",
    )  # fmt: skip


def downgrade():
    raise NotImplementedError("the warehouse holds what cannot be had again: it only moves forward")
