"""What the database itself refuses, whoever asks: a changed or lost event, a state without its event.

The house test that only the engine writes a state guards our own code; these triggers guard against everybody
else's.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

ONLY_BY_EVENT = "a workflow row changes only together with its event"
APPEND_ONLY = "events are only added at the end, never changed or removed"
FIRST_RESPONDER = "the first responder stays responsible to the end"
ANCHORS_FOLLOW = "anchors of the log are only added at the end, never changed or removed"

# SQLite's INSERT OR REPLACE removes the old row without asking a delete trigger: the insert triggers refuse.
_SQLITE = {
    "wf_event_follows": """BEFORE INSERT ON wf_event
        WHEN NOT EXISTS (
            SELECT 1 FROM wf_instance AS i
            WHERE i.id = NEW.instance_id AND i.seq = NEW.seq - 1 AND i.head_hash = NEW.prev_hash)
        BEGIN SELECT RAISE(ABORT, '{append_only}'); END""",
    "wf_event_no_update": """BEFORE UPDATE ON wf_event
        BEGIN SELECT RAISE(ABORT, '{append_only}'); END""",
    "wf_event_no_delete": """BEFORE DELETE ON wf_event
        BEGIN SELECT RAISE(ABORT, '{append_only}'); END""",
    "wf_instance_starts_empty": """BEFORE INSERT ON wf_instance
        WHEN NEW.seq <> 0 OR NEW.state <> '' OR EXISTS (SELECT 1 FROM wf_instance AS i WHERE i.id = NEW.id)
        BEGIN SELECT RAISE(ABORT, '{only_by_event}'); END""",
    "wf_instance_no_delete": """BEFORE DELETE ON wf_instance
        BEGIN SELECT RAISE(ABORT, '{only_by_event}'); END""",
    "wf_instance_by_event": """BEFORE UPDATE ON wf_instance
        WHEN NEW.id <> OLD.id OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS (
            SELECT 1 FROM wf_event AS e
            WHERE e.instance_id = NEW.id AND e.seq = NEW.seq AND e.to_state = NEW.state
                AND e.hash = NEW.head_hash)
        BEGIN SELECT RAISE(ABORT, '{only_by_event}'); END""",
    "wf_instance_first_responder": """BEFORE UPDATE ON wf_instance
        WHEN NEW.first_responder_id <> OLD.first_responder_id
        BEGIN SELECT RAISE(ABORT, '{first_responder}'); END""",
    "wf_anchor_follows": """BEFORE INSERT ON wf_anchor
        WHEN NEW.number <> 1 + (SELECT count(*) FROM wf_anchor) OR NEW.number > 1 AND NOT EXISTS (
            SELECT 1 FROM wf_anchor AS a WHERE a.number = NEW.number - 1 AND a.root = NEW.previous)
        BEGIN
            SELECT RAISE(ABORT, '{anchors_follow}');
        END""",
    "wf_anchor_no_update": """BEFORE UPDATE ON wf_anchor
        BEGIN
            SELECT RAISE(ABORT, '{anchors_follow}');
        END""",
    "wf_anchor_no_delete": """BEFORE DELETE ON wf_anchor
        BEGIN
            SELECT RAISE(ABORT, '{anchors_follow}');
        END""",
}

_POSTGRESQL = (
    """CREATE FUNCTION wf_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF EXISTS (
                    SELECT 1 FROM wf_instance AS i
                    WHERE i.id = NEW.instance_id AND i.seq = NEW.seq - 1 AND i.head_hash = NEW.prev_hash)
                THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION '{append_only}' USING ERRCODE = 'integrity_constraint_violation';
        END $$""",
    """CREATE TRIGGER wf_event_append_only BEFORE INSERT OR UPDATE OR DELETE ON wf_event
        FOR EACH ROW EXECUTE FUNCTION wf_event_append_only()""",
    """CREATE TRIGGER wf_event_no_truncate BEFORE TRUNCATE ON wf_event
        FOR EACH STATEMENT EXECUTE FUNCTION wf_event_append_only()""",
    """CREATE FUNCTION wf_instance_by_event() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.seq <> 0 OR NEW.state <> '' THEN
                    RAISE EXCEPTION '{only_by_event}' USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW;
            END IF;
            IF TG_OP = 'DELETE' THEN
                RAISE EXCEPTION '{only_by_event}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF NEW.first_responder_id <> OLD.first_responder_id THEN
                RAISE EXCEPTION '{first_responder}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF NEW.id <> OLD.id OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS (
                SELECT 1 FROM wf_event AS e
                WHERE e.instance_id = NEW.id AND e.seq = NEW.seq AND e.to_state = NEW.state
                    AND e.hash = NEW.head_hash)
            THEN
                RAISE EXCEPTION '{only_by_event}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$""",
    """CREATE TRIGGER wf_instance_by_event BEFORE INSERT OR UPDATE OR DELETE ON wf_instance
        FOR EACH ROW EXECUTE FUNCTION wf_instance_by_event()""",
    """CREATE FUNCTION wf_anchor_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.number = 1 + (SELECT count(*) FROM wf_anchor) AND (NEW.number = 1 OR EXISTS (
                    SELECT 1 FROM wf_anchor AS a WHERE a.number = NEW.number - 1 AND a.root = NEW.previous))
                THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION '{anchors_follow}' USING ERRCODE = 'integrity_constraint_violation';
        END $$""",
    """CREATE TRIGGER wf_anchor_append_only BEFORE INSERT OR UPDATE OR DELETE ON wf_anchor
        FOR EACH ROW EXECUTE FUNCTION wf_anchor_append_only()""",
    """CREATE TRIGGER wf_anchor_no_truncate BEFORE TRUNCATE ON wf_anchor
        FOR EACH STATEMENT EXECUTE FUNCTION wf_anchor_append_only()""",
)
_POSTGRESQL_DROP = (
    "DROP TRIGGER wf_anchor_no_truncate ON wf_anchor",
    "DROP TRIGGER wf_anchor_append_only ON wf_anchor",
    "DROP FUNCTION wf_anchor_append_only()",
    "DROP TRIGGER wf_instance_by_event ON wf_instance",
    "DROP TRIGGER wf_event_no_truncate ON wf_event",
    "DROP TRIGGER wf_event_append_only ON wf_event",
    "DROP FUNCTION wf_instance_by_event()",
    "DROP FUNCTION wf_event_append_only()",
)


def create_triggers(connection: Connection) -> None:
    """Put the triggers on the engine's tables, which must exist."""
    if connection.dialect.name == "sqlite":
        statements = [f"CREATE TRIGGER {name} {body}" for name, body in _SQLITE.items()]
    else:
        statements = list(_POSTGRESQL)
    for statement in statements:
        connection.execute(text(_with_sentences(statement)))


def drop_triggers(connection: Connection) -> None:
    """Take the triggers off again; only a downgrade that removes the tables does this."""
    if connection.dialect.name == "sqlite":
        for name in _SQLITE:
            connection.execute(text(f"DROP TRIGGER {name}"))
        return
    for statement in _POSTGRESQL_DROP:
        connection.execute(text(statement))


def _with_sentences(statement: str) -> str:
    return (
        statement.replace("{append_only}", APPEND_ONLY)
        .replace("{only_by_event}", ONLY_BY_EVENT)
        .replace("{first_responder}", FIRST_RESPONDER)
        .replace("{anchors_follow}", ANCHORS_FOLLOW)
    )
