"""Work beside the states of a matter, and who handles it beside its owner."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = "ended_seq IS NULL"
PRESENT = "to_seq IS NULL"


def upgrade() -> None:
    op.create_table(
        "wf_work",
        sa.Column("id", ID, nullable=False),
        sa.Column("instance_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_seq", sa.Integer(), nullable=False),
        sa.Column("ended_seq", sa.Integer(), nullable=True),
        sa.Column("ended_how", sa.String(16), nullable=False),
        sa.CheckConstraint("person_id > 0", name=op.f("ck_wf_work_has_person")),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["wf_instance.id"], name=op.f("fk_wf_work_instance_id_wf_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wf_work")),
        sa.UniqueConstraint("instance_id", "number", name=op.f("uq_wf_work_instance_id_number")),
    )
    op.create_index(
        "ix_wf_work_open",
        "wf_work",
        ["person_id", "due_on", "instance_id"],
        unique=False,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
    op.create_table(
        "wf_co_handler",
        sa.Column("id", ID, nullable=False),
        sa.Column("instance_id", ID, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("from_seq", sa.Integer(), nullable=False),
        sa.Column("to_seq", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["wf_instance.id"], name=op.f("fk_wf_co_handler_instance_id_wf_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wf_co_handler")),
        sa.UniqueConstraint(
            "instance_id",
            "person_id",
            "from_seq",
            name=op.f("uq_wf_co_handler_instance_id_person_id_from_seq"),
        ),
    )
    op.create_index(
        "ix_wf_co_handler_present",
        "wf_co_handler",
        ["person_id", "instance_id"],
        unique=False,
        sqlite_where=sa.text(PRESENT),
        postgresql_where=sa.text(PRESENT),
    )


def downgrade() -> None:
    op.drop_index("ix_wf_co_handler_present", table_name="wf_co_handler")
    op.drop_table("wf_co_handler")
    op.drop_index("ix_wf_work_open", table_name="wf_work")
    op.drop_table("wf_work")
