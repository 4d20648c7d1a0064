"""The ledger of pauses keeps why a clock stood still and which clock limited the waiting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

COLUMNS = ("reason", "limited_by")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("wf_pause", sa.Column(name, sa.String(64), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("wf_pause") as table:
        for name in reversed(COLUMNS):
            table.drop_column(name)
