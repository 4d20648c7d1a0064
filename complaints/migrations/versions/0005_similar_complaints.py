"""Similar complaints: signatures of their texts, and which were linked or merged.

Complaints that exist already get their signatures here.
"""

from __future__ import annotations

import hashlib
import struct
import unicodedata
from itertools import pairwise

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STANDS = sa.text("ended_at IS NULL")
_MERGED_NOW = sa.text("kind = 'merge' AND ended_at IS NULL")
_AT_ONCE = 200


def upgrade() -> None:
    signatures = op.create_table(
        "text_signature",
        sa.Column("value", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("matter_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("value", "matter_id", name=op.f("pk_text_signature")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "matter_relation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('link', 'merge')", name=op.f("ck_matter_relation_kind")),
        sa.CheckConstraint("matter_id <> other_id", name=op.f("ck_matter_relation_two")),
        sa.ForeignKeyConstraint(
            ["matter_id"], ["matter.id"], name=op.f("fk_matter_relation_matter_id_matter")
        ),
        sa.ForeignKeyConstraint(["other_id"], ["matter.id"], name=op.f("fk_matter_relation_other_id_matter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_relation")),
    )
    op.create_index(op.f("ix_matter_relation_matter_id"), "matter_relation", ["matter_id"], unique=False)
    op.create_index(op.f("ix_matter_relation_other_id"), "matter_relation", ["other_id"], unique=False)
    op.create_index(
        "uq_matter_relation_pair",
        "matter_relation",
        ["kind", "matter_id", "other_id"],
        unique=True,
        sqlite_where=_STANDS,
        postgresql_where=_STANDS,
    )
    op.create_index(
        "uq_matter_relation_merged",
        "matter_relation",
        ["matter_id"],
        unique=True,
        sqlite_where=_MERGED_NOW,
        postgresql_where=_MERGED_NOW,
    )
    _sign(op.get_bind(), signatures)


def _sign(connection: sa.Connection, signatures: sa.Table) -> None:
    """Write the signatures of the complaints that exist, some at a time."""
    matter = sa.table("matter", sa.column("id"), sa.column("kind"), sa.column("facts"))
    last = 0
    while True:
        some = connection.execute(
            sa.select(matter.c.id, matter.c.facts)
            .where(matter.c.id > last, matter.c.kind == "complaint")
            .order_by(matter.c.id)
            .limit(_AT_ONCE)
        ).all()
        if not some:
            return
        last = some[-1].id
        rows = [{"value": value, "matter_id": one.id} for one in some for value in _signature(one.facts)]
        if rows:
            connection.execute(sa.insert(signatures), rows)


def _signature(facts: str) -> list[int]:
    """Return forty numbers, each made of the three smallest hashes in its band of the pairs of letters.

    Digits are no letters, so that numbers, which pages mask, play no part.
    """
    letters = [one for one in unicodedata.normalize("NFKC", facts).lower() if one.isalpha()][:1500]
    pairs = {first + second for first, second in pairwise(letters)}
    if len(pairs) < 6:
        return []
    hashed = (struct.unpack("<120I", hashlib.shake_128(one.encode()).digest(480)) for one in pairs)
    smallest = list(map(min, *hashed))
    bands = (struct.pack("<B3I", place, *smallest[3 * place : 3 * place + 3]) for place in range(40))
    return [struct.unpack("<q", hashlib.blake2b(one, digest_size=8).digest())[0] for one in bands]


def downgrade() -> None:
    op.drop_index(
        "uq_matter_relation_merged",
        table_name="matter_relation",
        sqlite_where=_MERGED_NOW,
        postgresql_where=_MERGED_NOW,
    )
    op.drop_index(
        "uq_matter_relation_pair",
        table_name="matter_relation",
        sqlite_where=_STANDS,
        postgresql_where=_STANDS,
    )
    op.drop_index(op.f("ix_matter_relation_other_id"), table_name="matter_relation")
    op.drop_index(op.f("ix_matter_relation_matter_id"), table_name="matter_relation")
    op.drop_table("matter_relation")
    op.drop_table("text_signature")
