"""The engine's tables. Ids of people carry no foreign key: who they are is the application's affair.

Instants are microseconds since 1970-01-01 UTC; dates are calendar days in Asia/Shanghai; canonical JSON is
stored as text, so that the bytes that were hashed are the bytes that are kept.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)
PATH = String(200).with_variant(String(200, collation="C"), "postgresql")
"""A unit's path. Byte order on both databases, so that a plain index answers "this unit and all below"."""
Id = BigInteger().with_variant(Integer, "sqlite")

definition = Table(
    "wf_definition",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("source", Text, nullable=False),
    Column("seen_at_us", BigInteger, nullable=False),
)

rule_set = Table(
    "wf_rule_set",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("valid_to", Date),
    Column("fingerprint", String(64), nullable=False),
    Column("source", Text, nullable=False),
    Column("seen_at_us", BigInteger, nullable=False),
)

instance = Table(
    "wf_instance",
    metadata,
    Column("id", Id, primary_key=True),
    Column("procedure", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("subject_type", String(32), nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    Column("parent_id", Id, ForeignKey("wf_instance.id")),
    Column("state", String(64), nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("row_version", Integer, nullable=False),
    Column("head_hash", String(64), nullable=False),
    Column("owner_id", BigInteger, nullable=False),
    Column("first_responder_id", BigInteger, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("vars", Text, nullable=False),
    Column("handover_to", BigInteger),
    Column("handover_unit", PATH),
    Column("next_clock", String(64)),
    Column("next_alert_due", Date),
    Column("next_legal_due", Date),
    Column("started_at_us", BigInteger, nullable=False),
    Column("changed_at_us", BigInteger, nullable=False),
    # the id first: all instances of an application may be of one subject type, which then selects nothing
    UniqueConstraint("subject_id", "subject_type"),
    CheckConstraint("owner_id > 0", name="has_owner"),
    CheckConstraint("first_responder_id > 0", name="has_first_responder"),
    Index("ix_wf_instance_parent", "parent_id"),
    # with the subject: which matters somebody sees at all is asked of the index alone
    Index("ix_wf_instance_unit_due", "unit_path", "procedure", "state", "next_alert_due", "subject_id"),
    # what waits in a state, everywhere or in some units
    Index("ix_wf_instance_state", "procedure", "state", "unit_path"),
    # what is open, by procedure, unit and owner: few, however many have ended
    Index(
        "ix_wf_instance_open",
        "procedure",
        "unit_path",
        "owner_id",
        sqlite_where=text("ended IS 0"),
        postgresql_where=text("ended IS false"),
    ),
    Index("ix_wf_instance_owner_due", "owner_id", "ended", "next_alert_due"),
    Index("ix_wf_instance_first_responder", "first_responder_id", "procedure", "subject_id"),
    Index(
        "ix_wf_instance_handover",
        "handover_to",
        sqlite_where=text("handover_to IS NOT NULL"),
        postgresql_where=text("handover_to IS NOT NULL"),
    ),
)

event = Table(
    "wf_event",
    metadata,
    Column("instance_id", Id, ForeignKey("wf_instance.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("action", String(64), nullable=False),
    Column("from_state", String(64), nullable=False),
    Column("to_state", String(64), nullable=False),
    Column("actor_id", BigInteger, nullable=False),
    Column("grant_id", BigInteger),
    Column("at_us", BigInteger, nullable=False),
    Column("procedure", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Column("changes", Text, nullable=False),
    Column("hash_alg", String(16), nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_wf_event_action_at", "action", "at_us"),
)

private_text = Table(
    "wf_private_text",
    metadata,
    Column("instance_id", Id, ForeignKey("wf_instance.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("field", String(64), primary_key=True),
    Column("salt", String(32), nullable=False),
    Column("text", Text, nullable=False),
)

anchor = Table(
    "wf_anchor",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("algorithm", String(16), nullable=False),
    Column("instances", BigInteger, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("heads_root", String(64), nullable=False),
    Column("heads_digest", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("prior_check", String(16), nullable=False),
    Column("root", String(64), nullable=False),
    Column("public_key", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
)

assignment = Table(
    "wf_assignment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("wf_instance.id"), nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("unit_path", PATH, nullable=False),
    Column("from_seq", Integer, nullable=False),
    Column("to_seq", Integer),
    Column("why", String(64), nullable=False),
    CheckConstraint("to_seq IS NULL OR to_seq > from_seq", name="forward"),
    UniqueConstraint("instance_id", "from_seq"),
    Index(
        "uq_wf_assignment_one_owner",
        "instance_id",
        unique=True,
        sqlite_where=text("to_seq IS NULL"),
        postgresql_where=text("to_seq IS NULL"),
    ),
)

deadline = Table(
    "wf_deadline",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("wf_instance.id"), nullable=False),
    Column("clock", String(64), nullable=False),
    Column("opened_seq", Integer, nullable=False),
    Column("rule_set", String(32), nullable=False),
    Column("start_date", Date, nullable=False),
    Column("n", Integer, nullable=False),
    Column("unit", String(16), nullable=False),
    Column("calendar", String(64), nullable=False),
    Column("nominal", Date, nullable=False),
    Column("alert_due", Date, nullable=False),
    Column("legal_due", Date, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("extended", Boolean, nullable=False),
    Column("met_seq", Integer),
    Column("met_on", Date),
    Column("cancelled_seq", Integer),
    UniqueConstraint("instance_id", "clock", "opened_seq"),
    Index("ix_wf_deadline_clock_due", "clock", "legal_due"),
    # what still runs, by its last day: few, however many were met
    Index(
        "ix_wf_deadline_running",
        "legal_due",
        "alert_due",
        "instance_id",
        sqlite_where=text("met_seq IS NULL AND cancelled_seq IS NULL"),
        postgresql_where=text("met_seq IS NULL AND cancelled_seq IS NULL"),
    ),
)

pause = Table(
    "wf_pause",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("wf_instance.id"), nullable=False),
    Column("clock", String(64), nullable=False),
    Column("opened_seq", Integer, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("paper", String(200), nullable=False),
    Column("approved_by", BigInteger, nullable=False),
    Column("reason", String(64), nullable=False, server_default=""),
    Column("limited_by", String(64), nullable=False, server_default=""),
    Column("end_paper", String(200), nullable=False, server_default=""),
    Index("ix_wf_pause_instance", "instance_id", "clock"),
)

timer = Table(
    "wf_timer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("wf_instance.id"), nullable=False),
    Column("clock", String(64), nullable=False),
    Column("gen", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("step", Integer, nullable=False),
    Column("due_at_us", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("fired_seq", Integer),
    UniqueConstraint("instance_id", "clock", "gen", "kind", "step"),
    # Only what still waits: were the status a column of the index, SQLite would find an instance's timers
    # by reading every armed one, and a step would cost more with each open matter.
    Index(
        "ix_wf_timer_due",
        "due_at_us",
        sqlite_where=text("status = 'armed'"),
        postgresql_where=text("status = 'armed'"),
    ),
)

task = Table(
    "wf_task",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("wf_instance.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", String(64), nullable=False),
    Column("clock", String(64), nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("done_seq", Integer),
    UniqueConstraint("instance_id", "seq", "kind", "person_id"),
    Index("ix_wf_task_person", "person_id", "done_seq"),
)

work = Table(
    "wf_work",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("wf_instance.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("asked_by", BigInteger, nullable=False),
    Column("asked_seq", Integer, nullable=False),
    Column("ended_seq", Integer),
    Column("ended_how", String(16), nullable=False),
    CheckConstraint("person_id > 0", name="has_person"),
    UniqueConstraint("instance_id", "number"),
    # what somebody still has to do: few, however much was done
    Index(
        "ix_wf_work_open",
        "person_id",
        "due_on",
        "instance_id",
        sqlite_where=text("ended_seq IS NULL"),
        postgresql_where=text("ended_seq IS NULL"),
    ),
)

co_handler = Table(
    "wf_co_handler",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, ForeignKey("wf_instance.id"), nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("from_seq", Integer, nullable=False),
    Column("to_seq", Integer),
    UniqueConstraint("instance_id", "person_id", "from_seq"),
    Index(
        "ix_wf_co_handler_present",
        "person_id",
        "instance_id",
        sqlite_where=text("to_seq IS NULL"),
        postgresql_where=text("to_seq IS NULL"),
    ),
)

submission = Table(
    "wf_submission",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("actor_id", BigInteger, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("instance_id", Id, nullable=False),
    Column("seq", Integer, nullable=False),
)

outbox = Table(
    "wf_outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("dedupe_key", String(120), nullable=False, unique=True),
    Column("instance_id", Id, ForeignKey("wf_instance.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("message", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("available_at_us", BigInteger, nullable=False),
    Column("lease_until_us", BigInteger),
    Column("lease", String(32)),
    Column("provider_id", String(120)),
    Column("sent_at_us", BigInteger),
    Column("trouble", String(400)),
    Index("ix_wf_outbox_state", "state", "available_at_us"),
    Index("ix_wf_outbox_instance", "instance_id", "seq"),
)

denial = Table(
    "wf_denial",
    metadata,
    Column("id", Id, primary_key=True),
    Column("instance_id", Id, nullable=False),
    Column("action", String(64), nullable=False),
    Column("actor_id", BigInteger, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Index("ix_wf_denial_instance", "instance_id"),
)

calendar_notice = Table(
    "wf_calendar_notice",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("year", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("number", String(64)),
    # the canonical text whose digest this is; never changed, so that a limit can be counted again years later
    Column("days", Text, nullable=False),
    Column("loaded_at_us", BigInteger, nullable=False),
)

calendar_revision = Table(
    "wf_calendar_revision",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("revision", String(64), nullable=False),
    Column("years", Text, nullable=False),
    Column("statutory", Text, nullable=False),
    Column("rolls_weekends", Boolean, nullable=False, server_default=false()),
    Column("made_at_us", BigInteger, nullable=False),
    # how far the running clocks have been counted again: see `runtime.recount`
    Column("passes", Integer, nullable=False),
    Column("pass_began_us", BigInteger),
    Column("passed_id", Id, nullable=False),
    Column("moved", Integer, nullable=False),
    Column("counted_at_us", BigInteger),
    Index("ix_wf_calendar_revision_revision", "revision"),
)
