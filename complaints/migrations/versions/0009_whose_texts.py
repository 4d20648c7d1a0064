"""The text index knows whose each text is, so that a frequent word costs a person of middle reach no more.

`cli init` fills the column and the words of rows that exist (`complaints.dossier.search_filling`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("search_text", sa.Column("reach", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("search_text", "reach")
