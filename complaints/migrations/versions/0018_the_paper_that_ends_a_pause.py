"""The ledger of pauses keeps the paper with which a clock went on, beside the one by which it stood still."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wf_pause", sa.Column("end_paper", sa.String(200), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("wf_pause") as table:
        table.drop_column("end_paper")
