"""What is open is counted and listed without passing what has ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_wf_instance_open",
        "wf_instance",
        ["procedure", "unit_path", "owner_id"],
        unique=False,
        sqlite_where=sa.text("ended IS 0"),
        postgresql_where=sa.text("ended IS false"),
    )


def downgrade() -> None:
    op.drop_index("ix_wf_instance_open", table_name="wf_instance")
