"""Which matters a person sees at all is answered by an index alone, without reading the rows."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_UNIT_DUE = ["unit_path", "procedure", "state", "next_alert_due"]


def upgrade() -> None:
    op.drop_index("ix_wf_instance_unit_due", table_name="wf_instance")
    op.create_index("ix_wf_instance_unit_due", "wf_instance", [*_UNIT_DUE, "subject_id"], unique=False)
    op.drop_index("ix_wf_instance_first_responder", table_name="wf_instance")
    op.create_index(
        "ix_wf_instance_first_responder",
        "wf_instance",
        ["first_responder_id", "procedure", "subject_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_wf_instance_first_responder", table_name="wf_instance")
    op.create_index("ix_wf_instance_first_responder", "wf_instance", ["first_responder_id"], unique=False)
    op.drop_index("ix_wf_instance_unit_due", table_name="wf_instance")
    op.create_index("ix_wf_instance_unit_due", "wf_instance", _UNIT_DUE, unique=False)
