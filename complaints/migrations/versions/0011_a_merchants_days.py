"""A merchant's complaints of the last weeks are counted by an index alone, however many it has in all."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_matter_merchant_kind", table_name="matter")
    op.create_index("ix_matter_merchant_kind", "matter", ["merchant_id", "kind", "received_on"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_matter_merchant_kind", table_name="matter")
    op.create_index("ix_matter_merchant_kind", "matter", ["merchant_id", "kind"], unique=False)
