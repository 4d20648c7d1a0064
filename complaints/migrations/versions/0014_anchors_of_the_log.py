"""The anchors of the log: one signed root over the heads of all chains, only ever appended to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SQLITE = {
    "wf_anchor_follows": """BEFORE INSERT ON wf_anchor
        WHEN NEW.number <> 1 + (SELECT count(*) FROM wf_anchor) OR NEW.number > 1 AND NOT EXISTS (
            SELECT 1 FROM wf_anchor AS a WHERE a.number = NEW.number - 1 AND a.root = NEW.previous)
        BEGIN
            SELECT RAISE(ABORT, 'anchors of the log are only added at the end, never changed or removed');
        END""",
    "wf_anchor_no_update": """BEFORE UPDATE ON wf_anchor
        BEGIN
            SELECT RAISE(ABORT, 'anchors of the log are only added at the end, never changed or removed');
        END""",
    "wf_anchor_no_delete": """BEFORE DELETE ON wf_anchor
        BEGIN
            SELECT RAISE(ABORT, 'anchors of the log are only added at the end, never changed or removed');
        END""",
}
POSTGRESQL = (
    """CREATE FUNCTION wf_anchor_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                IF NEW.number = 1 + (SELECT count(*) FROM wf_anchor) AND (NEW.number = 1 OR EXISTS (
                    SELECT 1 FROM wf_anchor AS a WHERE a.number = NEW.number - 1 AND a.root = NEW.previous))
                THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION 'anchors of the log are only added at the end, never changed or removed'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$""",
    """CREATE TRIGGER wf_anchor_append_only BEFORE INSERT OR UPDATE OR DELETE ON wf_anchor
        FOR EACH ROW EXECUTE FUNCTION wf_anchor_append_only()""",
    """CREATE TRIGGER wf_anchor_no_truncate BEFORE TRUNCATE ON wf_anchor
        FOR EACH STATEMENT EXECUTE FUNCTION wf_anchor_append_only()""",
)
POSTGRESQL_DROP = (
    "DROP TRIGGER wf_anchor_no_truncate ON wf_anchor",
    "DROP TRIGGER wf_anchor_append_only ON wf_anchor",
    "DROP FUNCTION wf_anchor_append_only()",
)


def upgrade() -> None:
    op.create_table(
        "wf_anchor",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("algorithm", sa.String(length=16), nullable=False),
        sa.Column("instances", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("heads_root", sa.String(length=64), nullable=False),
        sa.Column("heads_digest", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("prior_check", sa.String(length=16), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_wf_anchor")),
    )
    if op.get_bind().dialect.name == "sqlite":
        statements = [f"CREATE TRIGGER {name} {body}" for name, body in SQLITE.items()]
    else:
        statements = list(POSTGRESQL)
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        dropped = [f"DROP TRIGGER {name}" for name in SQLITE]
    else:
        dropped = list(POSTGRESQL_DROP)
    for statement in dropped:
        op.execute(statement)
    op.drop_table("wf_anchor")
