"""The limits that still run have an index of their own: the supervisor's exceptions ask these few."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RUNNING = "met_seq IS NULL AND cancelled_seq IS NULL"


def upgrade() -> None:
    op.create_index(
        "ix_wf_deadline_running",
        "wf_deadline",
        ["legal_due", "alert_due", "instance_id"],
        unique=False,
        sqlite_where=sa.text(RUNNING),
        postgresql_where=sa.text(RUNNING),
    )


def downgrade() -> None:
    op.drop_index("ix_wf_deadline_running", table_name="wf_deadline")
