"""Whether a last day on a plain weekend moves belongs to the calendar by which a clock was counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "wf_calendar_revision",
        sa.Column("rolls_weekends", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    with op.batch_alter_table("wf_calendar_revision") as batch:
        batch.drop_column("rolls_weekends")
