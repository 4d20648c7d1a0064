"""The triggers as revisions 0001 and 0003 put them into databases. Released: a change is a new revision.

What a new database must end up with stands in `workflows.runtime.triggers` and `complaints.payouts.triggers`;
a house test compares.
"""

from __future__ import annotations

ENGINE_SQLITE = {
    "wf_event_follows": """BEFORE INSERT ON wf_event
        WHEN NOT EXISTS (
            SELECT 1 FROM wf_instance AS i
            WHERE i.id = NEW.instance_id AND i.seq = NEW.seq - 1 AND i.head_hash = NEW.prev_hash)
        BEGIN SELECT RAISE(ABORT, 'events are only added at the end, never changed or removed'); END""",
    "wf_event_no_update": """BEFORE UPDATE ON wf_event
        BEGIN SELECT RAISE(ABORT, 'events are only added at the end, never changed or removed'); END""",
    "wf_event_no_delete": """BEFORE DELETE ON wf_event
        BEGIN SELECT RAISE(ABORT, 'events are only added at the end, never changed or removed'); END""",
    "wf_instance_starts_empty": """BEFORE INSERT ON wf_instance
        WHEN NEW.seq <> 0 OR NEW.state <> '' OR EXISTS (SELECT 1 FROM wf_instance AS i WHERE i.id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'a workflow row changes only together with its event'); END""",
    "wf_instance_no_delete": """BEFORE DELETE ON wf_instance
        BEGIN SELECT RAISE(ABORT, 'a workflow row changes only together with its event'); END""",
    "wf_instance_by_event": """BEFORE UPDATE ON wf_instance
        WHEN NEW.id <> OLD.id OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS (
            SELECT 1 FROM wf_event AS e
            WHERE e.instance_id = NEW.id AND e.seq = NEW.seq AND e.to_state = NEW.state
                AND e.hash = NEW.head_hash)
        BEGIN SELECT RAISE(ABORT, 'a workflow row changes only together with its event'); END""",
    "wf_instance_first_responder": """BEFORE UPDATE ON wf_instance
        WHEN NEW.first_responder_id <> OLD.first_responder_id
        BEGIN SELECT RAISE(ABORT, 'the first responder stays responsible to the end'); END""",
}

ENGINE_POSTGRESQL = (
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
            RAISE EXCEPTION 'events are only added at the end, never changed or removed'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$""",
    """CREATE TRIGGER wf_event_append_only BEFORE INSERT OR UPDATE OR DELETE ON wf_event
        FOR EACH ROW EXECUTE FUNCTION wf_event_append_only()""",
    """CREATE TRIGGER wf_event_no_truncate BEFORE TRUNCATE ON wf_event
        FOR EACH STATEMENT EXECUTE FUNCTION wf_event_append_only()""",
    """CREATE FUNCTION wf_instance_by_event() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.seq <> 0 OR NEW.state <> '' THEN
                    RAISE EXCEPTION 'a workflow row changes only together with its event'
                        USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW;
            END IF;
            IF TG_OP = 'DELETE' THEN
                RAISE EXCEPTION 'a workflow row changes only together with its event'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF NEW.first_responder_id <> OLD.first_responder_id THEN
                RAISE EXCEPTION 'the first responder stays responsible to the end'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF NEW.id <> OLD.id OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS (
                SELECT 1 FROM wf_event AS e
                WHERE e.instance_id = NEW.id AND e.seq = NEW.seq AND e.to_state = NEW.state
                    AND e.hash = NEW.head_hash)
            THEN
                RAISE EXCEPTION 'a workflow row changes only together with its event'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$""",
    """CREATE TRIGGER wf_instance_by_event BEFORE INSERT OR UPDATE OR DELETE ON wf_instance
        FOR EACH ROW EXECUTE FUNCTION wf_instance_by_event()""",
)
ENGINE_POSTGRESQL_DROP = (
    "DROP TRIGGER wf_instance_by_event ON wf_instance",
    "DROP TRIGGER wf_event_no_truncate ON wf_event",
    "DROP TRIGGER wf_event_append_only ON wf_event",
    "DROP FUNCTION wf_instance_by_event()",
    "DROP FUNCTION wf_event_append_only()",
)

LEDGER_SQLITE = {
    "ledger_entry_no_update": """BEFORE UPDATE ON ledger_entry
        BEGIN SELECT RAISE(ABORT, 'entries of the ledger are only added, never changed or removed'); END""",
    "ledger_entry_no_delete": """BEFORE DELETE ON ledger_entry
        BEGIN SELECT RAISE(ABORT, 'entries of the ledger are only added, never changed or removed'); END""",
}
LEDGER_POSTGRESQL = (
    """CREATE FUNCTION ledger_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'entries of the ledger are only added, never changed or removed'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$""",
    """CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry
        FOR EACH ROW EXECUTE FUNCTION ledger_entry_append_only()""",
    """CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_append_only()""",
)
LEDGER_POSTGRESQL_DROP = (
    "DROP TRIGGER ledger_entry_no_truncate ON ledger_entry",
    "DROP TRIGGER ledger_entry_append_only ON ledger_entry",
    "DROP FUNCTION ledger_entry_append_only()",
)
