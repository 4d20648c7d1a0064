"""The matters: parties, numbers, mediation, the payouts and their ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from complaints.migrations.released_triggers import (
    LEDGER_POSTGRESQL,
    LEDGER_POSTGRESQL_DROP,
    LEDGER_SQLITE,
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consumer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("gender", sa.String(length=10), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("id_type", sa.String(length=20), nullable=False),
        sa.Column("id_number", sa.Text(), nullable=False),
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("reply_channel", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consumer")),
    )
    op.create_index(op.f("ix_consumer_id_hash"), "consumer", ["id_hash"], unique=False)
    op.create_index(op.f("ix_consumer_phone_hash"), "consumer", ["phone_hash"], unique=False)
    op.create_table(
        "delivered_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivered_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_delivered_message_message_id")),
    )
    op.create_table(
        "merchant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("initials", sa.String(length=120), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("unit_path", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant")),
    )
    op.create_index(op.f("ix_merchant_initials"), "merchant", ["initials"], unique=False)
    op.create_index(op.f("ix_merchant_name"), "merchant", ["name"], unique=False)
    op.create_index(op.f("ix_merchant_uscc"), "merchant", ["uscc"], unique=False)
    op.create_table(
        "number_series",
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("region_code", "day", name=op.f("pk_number_series")),
    )
    op.create_table(
        "payout_fund",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_payout_fund_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_fund")),
    )
    op.create_table(
        "matter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered_by", sa.Integer(), nullable=False),
        sa.Column("source_path", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("category_code", sa.String(length=12), nullable=False),
        sa.Column("problem_code", sa.String(length=12), nullable=False),
        sa.Column("demands", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("consent_publish", sa.Boolean(), nullable=False),
        sa.Column("consent_entrust", sa.Boolean(), nullable=False),
        sa.Column("notice_version", sa.String(length=20), nullable=False),
        sa.Column("consumer_id", sa.Integer(), nullable=True),
        sa.Column("merchant_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("amount_fen IS NULL OR amount_fen >= 0", name=op.f("ck_matter_amount")),
        sa.ForeignKeyConstraint(
            ["consumer_id"], ["consumer.id"], name=op.f("fk_matter_consumer_id_consumer")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name=op.f("fk_matter_merchant_id_merchant")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["matter.id"], name=op.f("fk_matter_parent_id_matter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter")),
        sa.UniqueConstraint("number", name=op.f("uq_matter_number")),
    )
    op.create_index(op.f("ix_matter_consumer_id"), "matter", ["consumer_id"], unique=False)
    op.create_index("ix_matter_merchant_kind", "matter", ["merchant_id", "kind"], unique=False)
    op.create_index(op.f("ix_matter_parent_id"), "matter", ["parent_id"], unique=False)
    op.create_index("ix_matter_received", "matter", ["kind", "received_on"], unique=False)
    op.create_index(op.f("ix_matter_registered_at"), "matter", ["registered_at"], unique=False)
    op.create_table(
        "disclosure_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["matter_id"], ["matter.id"], name=op.f("fk_disclosure_log_matter_id_matter")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_log")),
    )
    op.create_index(op.f("ix_disclosure_log_matter_id"), "disclosure_log", ["matter_id"], unique=False)
    op.create_index(op.f("ix_disclosure_log_person_id"), "disclosure_log", ["person_id"], unique=False)
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("debit", sa.String(length=12), nullable=False),
        sa.Column("credit", sa.String(length=12), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'funded') = (matter_id IS NULL)", name=op.f("ck_ledger_entry_matter")),
        sa.CheckConstraint(
            "credit IN ('fund', 'receivable', 'written_off', 'external')", name=op.f("ck_ledger_entry_credit")
        ),
        sa.CheckConstraint(
            "debit IN ('fund', 'receivable', 'written_off', 'external')", name=op.f("ck_ledger_entry_debit")
        ),
        sa.CheckConstraint(
            "kind IN ('funded', 'paid', 'recovered', 'written_off')", name=op.f("ck_ledger_entry_kind")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_ledger_entry_amount")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_ledger_entry_two_sides")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_ledger_entry_matter_id_matter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("matter_id", "seq", name=op.f("uq_ledger_entry_matter_id_seq")),
    )
    op.create_index(
        "uq_ledger_entry_paid_once",
        "ledger_entry",
        ["matter_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'paid'"),
        postgresql_where=sa.text("kind = 'paid'"),
    )
    op.create_table(
        "mediation_session",
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("consumer_offer_fen", sa.BigInteger(), nullable=True),
        sa.Column("merchant_offer_fen", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "consumer_offer_fen IS NULL OR consumer_offer_fen >= 0",
            name=op.f("ck_mediation_session_consumer_offer"),
        ),
        sa.CheckConstraint(
            "merchant_offer_fen IS NULL OR merchant_offer_fen >= 0",
            name=op.f("ck_mediation_session_merchant_offer"),
        ),
        sa.ForeignKeyConstraint(
            ["matter_id"], ["matter.id"], name=op.f("fk_mediation_session_matter_id_matter")
        ),
        sa.PrimaryKeyConstraint("matter_id", "seq", name=op.f("pk_mediation_session")),
    )
    op.create_table(
        "purchase",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("paid_matter_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'paid') = (paid_matter_id IS NOT NULL)", name=op.f("ck_purchase_paid_by")
        ),
        sa.CheckConstraint("state IN ('open', 'paid')", name=op.f("ck_purchase_state")),
        sa.ForeignKeyConstraint(
            ["paid_matter_id"], ["matter.id"], name=op.f("fk_purchase_paid_matter_id_matter")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_purchase")),
    )
    op.create_table(
        "payout",
        sa.Column("matter_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purchase_key", sa.String(length=64), nullable=False),
        sa.Column("person_key", sa.String(length=64), nullable=False),
        sa.Column("claim", sa.String(length=64), nullable=True),
        sa.Column("goods", sa.String(length=120), nullable=False),
        sa.Column("receipt_number", sa.String(length=80), nullable=False),
        sa.Column("bought_on", sa.Date(), nullable=False),
        sa.Column("claimed_fen", sa.BigInteger(), nullable=False),
        sa.Column("verified_fen", sa.BigInteger(), nullable=True),
        sa.Column("approved_fen", sa.BigInteger(), nullable=True),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("recovered_fen", sa.BigInteger(), nullable=False),
        sa.Column("written_off_fen", sa.BigInteger(), nullable=False),
        sa.Column("case_number", sa.String(length=120), nullable=False),
        sa.Column("not_filed_decision", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "approved_fen IS NULL OR (verified_fen IS NOT NULL AND approved_fen BETWEEN 1 AND verified_fen)",
            name=op.f("ck_payout_approved"),
        ),
        sa.CheckConstraint("claimed_fen > 0", name=op.f("ck_payout_claimed")),
        sa.CheckConstraint(
            "paid_fen = 0 OR (approved_fen IS NOT NULL AND paid_fen BETWEEN 1 AND approved_fen)",
            name=op.f("ck_payout_paid"),
        ),
        sa.CheckConstraint(
            "recovered_fen >= 0 AND written_off_fen >= 0 AND recovered_fen + written_off_fen <= paid_fen",
            name=op.f("ck_payout_recovered"),
        ),
        sa.CheckConstraint(
            "verified_fen IS NULL OR verified_fen BETWEEN 1 AND claimed_fen", name=op.f("ck_payout_verified")
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_payout_matter_id_matter")),
        sa.ForeignKeyConstraint(["person_key"], ["purchase.key"], name=op.f("fk_payout_person_key_purchase")),
        sa.ForeignKeyConstraint(
            ["purchase_key"], ["purchase.key"], name=op.f("fk_payout_purchase_key_purchase")
        ),
        sa.PrimaryKeyConstraint("matter_id", name=op.f("pk_payout")),
        sa.UniqueConstraint("claim", name=op.f("uq_payout_claim")),
    )
    op.create_index(op.f("ix_payout_person_key"), "payout", ["person_key"], unique=False)
    op.create_index(op.f("ix_payout_purchase_key"), "payout", ["purchase_key"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        triggers = [f"CREATE TRIGGER {name} {body}" for name, body in LEDGER_SQLITE.items()]
    else:
        triggers = list(LEDGER_POSTGRESQL)
    for statement in triggers:
        op.execute(sa.text(statement))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        dropped = [f"DROP TRIGGER {name}" for name in LEDGER_SQLITE]
    else:
        dropped = list(LEDGER_POSTGRESQL_DROP)
    for statement in dropped:
        op.execute(sa.text(statement))
    op.drop_index(op.f("ix_payout_purchase_key"), table_name="payout")
    op.drop_index(op.f("ix_payout_person_key"), table_name="payout")
    op.drop_table("payout")
    op.drop_table("purchase")
    op.drop_table("mediation_session")
    op.drop_index(
        "uq_ledger_entry_paid_once",
        table_name="ledger_entry",
        sqlite_where=sa.text("kind = 'paid'"),
        postgresql_where=sa.text("kind = 'paid'"),
    )
    op.drop_table("ledger_entry")
    op.drop_index(op.f("ix_disclosure_log_person_id"), table_name="disclosure_log")
    op.drop_index(op.f("ix_disclosure_log_matter_id"), table_name="disclosure_log")
    op.drop_table("disclosure_log")
    op.drop_index(op.f("ix_matter_registered_at"), table_name="matter")
    op.drop_index("ix_matter_received", table_name="matter")
    op.drop_index(op.f("ix_matter_parent_id"), table_name="matter")
    op.drop_index("ix_matter_merchant_kind", table_name="matter")
    op.drop_index(op.f("ix_matter_consumer_id"), table_name="matter")
    op.drop_table("matter")
    op.drop_table("payout_fund")
    op.drop_table("number_series")
    op.drop_index(op.f("ix_merchant_uscc"), table_name="merchant")
    op.drop_index(op.f("ix_merchant_name"), table_name="merchant")
    op.drop_index(op.f("ix_merchant_initials"), table_name="merchant")
    op.drop_table("merchant")
    op.drop_table("delivered_message")
    op.drop_index(op.f("ix_consumer_phone_hash"), table_name="consumer")
    op.drop_index(op.f("ix_consumer_id_hash"), table_name="consumer")
    op.drop_table("consumer")
