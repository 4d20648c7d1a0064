"""The engine's tables: definitions, instances, events, clocks, timers, what is to be sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from complaints.migrations.released_triggers import (
    ENGINE_POSTGRESQL,
    ENGINE_POSTGRESQL_DROP,
    ENGINE_SQLITE,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wf_calendar_year",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("loaded_at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_wf_calendar_year")),
    )
    op.create_table(
        "wf_definition",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("seen_at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_wf_definition")),
    )
    op.create_table(
        "wf_denial",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wf_denial")),
    )
    op.create_index("ix_wf_denial_instance", "wf_denial", ["instance_id"], unique=False)
    op.create_table(
        "wf_instance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("procedure", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject_type", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("first_responder_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "unit_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("vars", sa.Text(), nullable=False),
        sa.Column("handover_to", sa.BigInteger(), nullable=True),
        sa.Column(
            "handover_unit",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("next_clock", sa.String(length=64), nullable=True),
        sa.Column("next_alert_due", sa.Date(), nullable=True),
        sa.Column("next_legal_due", sa.Date(), nullable=True),
        sa.Column("started_at_us", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_us", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("first_responder_id > 0", name=op.f("ck_wf_instance_has_first_responder")),
        sa.CheckConstraint("owner_id > 0", name=op.f("ck_wf_instance_has_owner")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["wf_instance.id"], name=op.f("fk_wf_instance_parent_id_wf_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wf_instance")),
        sa.UniqueConstraint(
            "subject_id", "subject_type", name=op.f("uq_wf_instance_subject_id_subject_type")
        ),
    )
    op.create_index(
        "ix_wf_instance_handover",
        "wf_instance",
        ["handover_to"],
        unique=False,
        sqlite_where=sa.text("handover_to IS NOT NULL"),
        postgresql_where=sa.text("handover_to IS NOT NULL"),
    )
    op.create_index(
        "ix_wf_instance_owner_due", "wf_instance", ["owner_id", "ended", "next_alert_due"], unique=False
    )
    op.create_index("ix_wf_instance_parent", "wf_instance", ["parent_id"], unique=False)
    op.create_index("ix_wf_instance_state", "wf_instance", ["procedure", "state", "unit_path"], unique=False)
    op.create_index(
        "ix_wf_instance_unit_due",
        "wf_instance",
        ["unit_path", "procedure", "state", "next_alert_due"],
        unique=False,
    )
    op.create_table(
        "wf_submission",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_wf_submission")),
    )
    op.create_table(
        "wf_assignment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "unit_path",
            sa.String(length=200).with_variant(sa.String(length=200, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("from_seq", sa.Integer(), nullable=False),
        sa.Column("to_seq", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=64), nullable=False),
        sa.CheckConstraint("to_seq IS NULL OR to_seq > from_seq", name=op.f("ck_wf_assignment_forward")),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["wf_instance.id"], name=op.f("fk_wf_assignment_instance_id_wf_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wf_assignment")),
        sa.UniqueConstraint("instance_id", "from_seq", name=op.f("uq_wf_assignment_instance_id_from_seq")),
    )
    op.create_index(
        "uq_wf_assignment_one_owner",
        "wf_assignment",
        ["instance_id"],
        unique=True,
        sqlite_where=sa.text("to_seq IS NULL"),
        postgresql_where=sa.text("to_seq IS NULL"),
    )
    op.create_table(
        "wf_calendar_day",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=False),
        sa.Column("statutory", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["year"], ["wf_calendar_year.year"], name=op.f("fk_wf_calendar_day_year_wf_calendar_year")
        ),
        sa.PrimaryKeyConstraint("year", "day", name=op.f("pk_wf_calendar_day")),
    )
    op.create_table(
        "wf_deadline",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clock", sa.String(length=64), nullable=False),
        sa.Column("opened_seq", sa.Integer(), nullable=False),
        sa.Column("rule_set", sa.String(length=32), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("nominal", sa.Date(), nullable=False),
        sa.Column("alert_due", sa.Date(), nullable=False),
        sa.Column("legal_due", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("met_seq", sa.Integer(), nullable=True),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("cancelled_seq", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["wf_instance.id"], name=op.f("fk_wf_deadline_instance_id_wf_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wf_deadline")),
        sa.UniqueConstraint(
            "instance_id", "clock", "opened_seq", name=op.f("uq_wf_deadline_instance_id_clock_opened_seq")
        ),
    )
    op.create_index("ix_wf_deadline_clock_due", "wf_deadline", ["clock", "legal_due"], unique=False)
    op.create_table(
        "wf_event",
        sa.Column("instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("from_state", sa.String(length=64), nullable=False),
        sa.Column("to_state", sa.String(length=64), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("grant_id", sa.BigInteger(), nullable=True),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("procedure", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("hash_alg", sa.String(length=16), nullable=False),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["wf_instance.id"], name=op.f("fk_wf_event_instance_id_wf_instance")
        ),
        sa.PrimaryKeyConstraint("instance_id", "seq", name=op.f("pk_wf_event")),
    )
    op.create_index("ix_wf_event_action_at", "wf_event", ["action", "at_us"], unique=False)
    op.create_table(
        "wf_outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("dedupe_key", sa.String(length=120), nullable=False),
        sa.Column("instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("available_at_us", sa.BigInteger(), nullable=False),
        sa.Column("lease_until_us", sa.BigInteger(), nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("provider_id", sa.String(length=120), nullable=True),
        sa.Column("sent_at_us", sa.BigInteger(), nullable=True),
        sa.Column("trouble", sa.String(length=400), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["wf_instance.id"], name=op.f("fk_wf_outbox_instance_id_wf_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wf_outbox")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_wf_outbox_dedupe_key")),
    )
    op.create_index("ix_wf_outbox_instance", "wf_outbox", ["instance_id", "seq"], unique=False)
    op.create_index("ix_wf_outbox_state", "wf_outbox", ["state", "available_at_us"], unique=False)
    op.create_table(
        "wf_pause",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clock", sa.String(length=64), nullable=False),
        sa.Column("opened_seq", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("paper", sa.String(length=200), nullable=False),
        sa.Column("approved_by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["wf_instance.id"], name=op.f("fk_wf_pause_instance_id_wf_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wf_pause")),
    )
    op.create_index("ix_wf_pause_instance", "wf_pause", ["instance_id", "clock"], unique=False)
    op.create_table(
        "wf_private_text",
        sa.Column("instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["wf_instance.id"], name=op.f("fk_wf_private_text_instance_id_wf_instance")
        ),
        sa.PrimaryKeyConstraint("instance_id", "seq", "field", name=op.f("pk_wf_private_text")),
    )
    op.create_table(
        "wf_task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("clock", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("done_seq", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["wf_instance.id"], name=op.f("fk_wf_task_instance_id_wf_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wf_task")),
        sa.UniqueConstraint(
            "instance_id", "seq", "kind", "person_id", name=op.f("uq_wf_task_instance_id_seq_kind_person_id")
        ),
    )
    op.create_index("ix_wf_task_person", "wf_task", ["person_id", "done_seq"], unique=False)
    op.create_table(
        "wf_timer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instance_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("clock", sa.String(length=64), nullable=False),
        sa.Column("gen", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("due_at_us", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("fired_seq", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["wf_instance.id"], name=op.f("fk_wf_timer_instance_id_wf_instance")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wf_timer")),
        sa.UniqueConstraint(
            "instance_id",
            "clock",
            "gen",
            "kind",
            "step",
            name=op.f("uq_wf_timer_instance_id_clock_gen_kind_step"),
        ),
    )
    op.create_index(
        "ix_wf_timer_due",
        "wf_timer",
        ["due_at_us"],
        unique=False,
        sqlite_where=sa.text("status = 'armed'"),
        postgresql_where=sa.text("status = 'armed'"),
    )
    if op.get_bind().dialect.name == "sqlite":
        triggers = [f"CREATE TRIGGER {name} {body}" for name, body in ENGINE_SQLITE.items()]
    else:
        triggers = list(ENGINE_POSTGRESQL)
    for statement in triggers:
        op.execute(sa.text(statement))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        dropped = [f"DROP TRIGGER {name}" for name in ENGINE_SQLITE]
    else:
        dropped = list(ENGINE_POSTGRESQL_DROP)
    for statement in dropped:
        op.execute(sa.text(statement))
    op.drop_index(
        "ix_wf_timer_due",
        table_name="wf_timer",
        sqlite_where=sa.text("status = 'armed'"),
        postgresql_where=sa.text("status = 'armed'"),
    )
    op.drop_table("wf_timer")
    op.drop_index("ix_wf_task_person", table_name="wf_task")
    op.drop_table("wf_task")
    op.drop_table("wf_private_text")
    op.drop_index("ix_wf_pause_instance", table_name="wf_pause")
    op.drop_table("wf_pause")
    op.drop_index("ix_wf_outbox_state", table_name="wf_outbox")
    op.drop_index("ix_wf_outbox_instance", table_name="wf_outbox")
    op.drop_table("wf_outbox")
    op.drop_index("ix_wf_event_action_at", table_name="wf_event")
    op.drop_table("wf_event")
    op.drop_index("ix_wf_deadline_clock_due", table_name="wf_deadline")
    op.drop_table("wf_deadline")
    op.drop_table("wf_calendar_day")
    op.drop_index(
        "uq_wf_assignment_one_owner",
        table_name="wf_assignment",
        sqlite_where=sa.text("to_seq IS NULL"),
        postgresql_where=sa.text("to_seq IS NULL"),
    )
    op.drop_table("wf_assignment")
    op.drop_table("wf_submission")
    op.drop_index("ix_wf_instance_unit_due", table_name="wf_instance")
    op.drop_index("ix_wf_instance_state", table_name="wf_instance")
    op.drop_index("ix_wf_instance_parent", table_name="wf_instance")
    op.drop_index("ix_wf_instance_owner_due", table_name="wf_instance")
    op.drop_index(
        "ix_wf_instance_handover",
        table_name="wf_instance",
        sqlite_where=sa.text("handover_to IS NOT NULL"),
        postgresql_where=sa.text("handover_to IS NOT NULL"),
    )
    op.drop_table("wf_instance")
    op.drop_index("ix_wf_denial_instance", table_name="wf_denial")
    op.drop_table("wf_denial")
    op.drop_table("wf_definition")
    op.drop_table("wf_calendar_year")
