"""The conflicts of ledgers that wait have an index of their own: every page of an intake desk counts them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OPEN = "settled_at IS NULL"


def upgrade() -> None:
    op.create_index(
        "ix_ledger_conflict_open",
        "ledger_conflict",
        ["record_id"],
        unique=False,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )


def downgrade() -> None:
    op.drop_index("ix_ledger_conflict_open", table_name="ledger_conflict")
