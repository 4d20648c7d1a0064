"""The first tables: reference data, organisation, sign-ins, drafts, matters, and the engine's own."""

from __future__ import annotations

from alembic import op

from complaints.migrations import target_metadata
from complaints.payouts import triggers as ledger_triggers
from workflows.runtime.triggers import create_triggers, drop_triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for metadata in target_metadata():
        metadata.create_all(op.get_bind())
    create_triggers(op.get_bind())
    ledger_triggers.create_triggers(op.get_bind())


def downgrade() -> None:
    ledger_triggers.drop_triggers(op.get_bind())
    drop_triggers(op.get_bind())
    for metadata in reversed(target_metadata()):
        metadata.drop_all(op.get_bind())
