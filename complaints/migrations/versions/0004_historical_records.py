"""Ledgers of earlier years: imports, historical records, reports by row, conflicts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_PATH = sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "ledger_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("stored_name", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_path", _PATH, nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("skip_refused", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("failure", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("conflicting", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("flagged", sa.Integer(), nullable=False),
        sa.Column("leased_by", sa.String(length=100), nullable=False),
        sa.Column("leased_until_us", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('uploaded', 'checked', 'confirmed', 'done', 'failed', 'dropped')",
            name=op.f("ck_ledger_import_stage"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_import")),
    )
    op.create_index(op.f("ix_ledger_import_digest"), "ledger_import", ["digest"], unique=False)
    op.create_index(op.f("ix_ledger_import_unit_path"), "ledger_import", ["unit_path"], unique=False)
    op.create_table(
        "historical_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("unit_path", _PATH, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("person_hash", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("merchant", sa.String(length=200), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replied_on", sa.Date(), nullable=True),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["ledger_import.id"], name=op.f("fk_historical_record_import_id_ledger_import")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_historical_record")),
        sa.UniqueConstraint("unit_path", "number", name=op.f("uq_historical_record_unit_path_number")),
    )
    op.create_index("ix_historical_record_import", "historical_record", ["import_id", "row"], unique=False)
    op.create_index(op.f("ix_historical_record_merchant"), "historical_record", ["merchant"], unique=False)
    op.create_index(op.f("ix_historical_record_number"), "historical_record", ["number"], unique=False)
    op.create_index(
        op.f("ix_historical_record_person_hash"), "historical_record", ["person_hash"], unique=False
    )
    op.create_index(
        op.f("ix_historical_record_phone_hash"), "historical_record", ["phone_hash"], unique=False
    )
    op.create_index(
        op.f("ix_historical_record_received_on"), "historical_record", ["received_on"], unique=False
    )
    op.create_table(
        "ledger_line",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('new', 'same', 'conflicting', 'refused')", name=op.f("ck_ledger_line_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["ledger_import.id"], name=op.f("fk_ledger_line_import_id_ledger_import")
        ),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_ledger_line")),
    )
    op.create_index("ix_ledger_line_outcome", "ledger_line", ["import_id", "outcome", "row"], unique=False)
    op.create_table(
        "ledger_conflict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("old_digest", sa.String(length=64), nullable=False),
        sa.Column("new_digest", sa.String(length=64), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("choice", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(choice = '') = (settled_at IS NULL)", name=op.f("ck_ledger_conflict_settled")),
        sa.CheckConstraint("choice IN ('', 'keep', 'take')", name=op.f("ck_ledger_conflict_choice")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["ledger_import.id"], name=op.f("fk_ledger_conflict_import_id_ledger_import")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["historical_record.id"],
            name=op.f("fk_ledger_conflict_record_id_historical_record"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_conflict")),
        sa.UniqueConstraint("record_id", "new_digest", name=op.f("uq_ledger_conflict_record_id_new_digest")),
    )
    op.create_index(op.f("ix_ledger_conflict_import_id"), "ledger_conflict", ["import_id"], unique=False)
    op.create_index(op.f("ix_ledger_conflict_record_id"), "ledger_conflict", ["record_id"], unique=False)
    op.create_table(
        "record_disclosure_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["historical_record.id"],
            name=op.f("fk_record_disclosure_log_record_id_historical_record"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_disclosure_log")),
    )
    op.create_index(
        op.f("ix_record_disclosure_log_person_id"), "record_disclosure_log", ["person_id"], unique=False
    )
    op.create_index(
        op.f("ix_record_disclosure_log_record_id"), "record_disclosure_log", ["record_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_record_disclosure_log_record_id"), table_name="record_disclosure_log")
    op.drop_index(op.f("ix_record_disclosure_log_person_id"), table_name="record_disclosure_log")
    op.drop_table("record_disclosure_log")
    op.drop_index(op.f("ix_ledger_conflict_record_id"), table_name="ledger_conflict")
    op.drop_index(op.f("ix_ledger_conflict_import_id"), table_name="ledger_conflict")
    op.drop_table("ledger_conflict")
    op.drop_index("ix_ledger_line_outcome", table_name="ledger_line")
    op.drop_table("ledger_line")
    op.drop_index(op.f("ix_historical_record_received_on"), table_name="historical_record")
    op.drop_index(op.f("ix_historical_record_phone_hash"), table_name="historical_record")
    op.drop_index(op.f("ix_historical_record_person_hash"), table_name="historical_record")
    op.drop_index(op.f("ix_historical_record_number"), table_name="historical_record")
    op.drop_index(op.f("ix_historical_record_merchant"), table_name="historical_record")
    op.drop_index("ix_historical_record_import", table_name="historical_record")
    op.drop_table("historical_record")
    op.drop_index(op.f("ix_ledger_import_unit_path"), table_name="ledger_import")
    op.drop_index(op.f("ix_ledger_import_digest"), table_name="ledger_import")
    op.drop_table("ledger_import")
