"""What each dated rule set said is kept, as the procedures are: a set by which clocks ran never changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wf_rule_set",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("seen_at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_wf_rule_set")),
    )


def downgrade() -> None:
    op.drop_table("wf_rule_set")
