"""What the database itself refuses, whoever asks: an event changed or removed, a state written without its event.

The house test that only the engine writes a state guards our own code; these triggers guard against everybody else's.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

_ONLY_BY_EVENT = "a workflow row changes only together with its event"
_APPEND_ONLY = "events are only added, never changed or removed"
_FIRST_RESPONDER = "the first responder stays responsible to the end"

_SQLITE = (
    f"""CREATE TRIGGER wf_event_no_update BEFORE UPDATE ON wf_event
        BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END""",
    f"""CREATE TRIGGER wf_event_no_delete BEFORE DELETE ON wf_event
        BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END""",
    f"""CREATE TRIGGER wf_instance_starts_empty BEFORE INSERT ON wf_instance
        WHEN NEW.seq <> 0 OR NEW.state <> ''
        BEGIN SELECT RAISE(ABORT, '{_ONLY_BY_EVENT}'); END""",
    f"""CREATE TRIGGER wf_instance_no_delete BEFORE DELETE ON wf_instance
        BEGIN SELECT RAISE(ABORT, '{_ONLY_BY_EVENT}'); END""",
    f"""CREATE TRIGGER wf_instance_by_event BEFORE UPDATE ON wf_instance
        WHEN NEW.id <> OLD.id OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS (
            SELECT 1 FROM wf_event AS e
            WHERE e.instance_id = NEW.id AND e.seq = NEW.seq AND e.to_state = NEW.state AND e.hash = NEW.head_hash)
        BEGIN SELECT RAISE(ABORT, '{_ONLY_BY_EVENT}'); END""",
    f"""CREATE TRIGGER wf_instance_first_responder BEFORE UPDATE ON wf_instance
        WHEN NEW.first_responder_id <> OLD.first_responder_id
        BEGIN SELECT RAISE(ABORT, '{_FIRST_RESPONDER}'); END""",
)
_SQLITE_NAMES = (
    "wf_event_no_update",
    "wf_event_no_delete",
    "wf_instance_starts_empty",
    "wf_instance_no_delete",
    "wf_instance_by_event",
    "wf_instance_first_responder",
)

_POSTGRESQL = (
    f"""CREATE FUNCTION wf_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{_APPEND_ONLY}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    """CREATE TRIGGER wf_event_append_only BEFORE UPDATE OR DELETE ON wf_event
        FOR EACH ROW EXECUTE FUNCTION wf_event_append_only()""",
    """CREATE TRIGGER wf_event_no_truncate BEFORE TRUNCATE ON wf_event
        FOR EACH STATEMENT EXECUTE FUNCTION wf_event_append_only()""",
    f"""CREATE FUNCTION wf_instance_by_event() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.seq <> 0 OR NEW.state <> '' THEN
                    RAISE EXCEPTION '{_ONLY_BY_EVENT}' USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW;
            END IF;
            IF TG_OP = 'DELETE' OR NEW.id <> OLD.id OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS (
                SELECT 1 FROM wf_event AS e
                WHERE e.instance_id = NEW.id AND e.seq = NEW.seq AND e.to_state = NEW.state AND e.hash = NEW.head_hash)
            THEN
                RAISE EXCEPTION '{_ONLY_BY_EVENT}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF NEW.first_responder_id <> OLD.first_responder_id THEN
                RAISE EXCEPTION '{_FIRST_RESPONDER}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$""",
    """CREATE TRIGGER wf_instance_by_event BEFORE INSERT OR UPDATE OR DELETE ON wf_instance
        FOR EACH ROW EXECUTE FUNCTION wf_instance_by_event()""",
)
_POSTGRESQL_DROP = (
    "DROP TRIGGER wf_instance_by_event ON wf_instance",
    "DROP TRIGGER wf_event_no_truncate ON wf_event",
    "DROP TRIGGER wf_event_append_only ON wf_event",
    "DROP FUNCTION wf_instance_by_event()",
    "DROP FUNCTION wf_event_append_only()",
)


def create_triggers(connection: Connection) -> None:
    """Put the triggers on the engine's tables, which must exist."""
    statements = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    for statement in statements:
        connection.execute(text(statement))


def drop_triggers(connection: Connection) -> None:
    """Take the triggers off again; only a downgrade that removes the tables does this."""
    if connection.dialect.name == "sqlite":
        for name in _SQLITE_NAMES:
            connection.execute(text(f"DROP TRIGGER {name}"))
        return
    for statement in _POSTGRESQL_DROP:
        connection.execute(text(statement))
