"""The text index, the searches of the last hours, and what finds a person by name.

Hashes of names need the field key, which a revision does not have: `cli init` fills them for rows that exist,
and indexes the matters that exist (`complaints.dossier.search_filling`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WORDS_SQLITE = (
    "CREATE VIRTUAL TABLE search_words USING fts5(words, content='', columnsize=0, detail='none', "
    "tokenize='unicode61 remove_diacritics 0')",
)
_WORDS_POSTGRESQL = (
    "CREATE TABLE search_words (id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
    "ALTER TABLE search_words ALTER COLUMN words SET STORAGE EXTERNAL",
    "ALTER TABLE search_words SET (toast_tuple_target = 128)",
    "CREATE INDEX ix_search_words ON search_words USING gin (words)",
)


def upgrade() -> None:
    op.add_column("consumer", sa.Column("name_hash", sa.String(length=64), server_default="", nullable=False))
    op.create_index(op.f("ix_consumer_name_hash"), "consumer", ["name_hash"], unique=False)
    op.create_index(op.f("ix_matter_registered_by"), "matter", ["registered_by"], unique=False)
    op.create_index("ix_wf_instance_first_responder", "wf_instance", ["first_responder_id"], unique=False)
    op.create_table(
        "search_text",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("subject_type", sa.String(length=8), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("merchant", sa.Text(), nullable=False),
        sa.Column("merchant_code", sa.String(length=18), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_text")),
        sa.UniqueConstraint(
            "subject_id", "subject_type", name=op.f("uq_search_text_subject_id_subject_type")
        ),
    )
    for statement in _WORDS_SQLITE if op.get_bind().dialect.name == "sqlite" else _WORDS_POSTGRESQL:
        op.execute(statement)
    op.create_table(
        "search_query",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_search_query_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_query")),
    )
    op.create_index(op.f("ix_search_query_asked_at"), "search_query", ["asked_at"], unique=False)
    op.create_index(op.f("ix_search_query_person_id"), "search_query", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_search_query_person_id"), table_name="search_query")
    op.drop_index(op.f("ix_search_query_asked_at"), table_name="search_query")
    op.drop_table("search_query")
    op.drop_table("search_words")
    op.drop_table("search_text")
    op.drop_index("ix_wf_instance_first_responder", table_name="wf_instance")
    op.drop_index(op.f("ix_matter_registered_by"), table_name="matter")
    op.drop_index(op.f("ix_consumer_name_hash"), table_name="consumer")
    op.drop_column("consumer", "name_hash")
