"""How alembic runs here.

On the connection that `migrate` gives it, or on DATABASE_URL for its own command line.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from complaints.dossier.search_words import is_word_table
from complaints.foundation.database import Database
from complaints.migrations import target_metadata
from config import Settings


def run(connection: Connection) -> None:
    """Run the revisions on the connection."""
    context.configure(
        connection=connection,
        target_metadata=target_metadata(),
        render_as_batch=True,
        compare_type=True,
        include_name=include_name,
        render_item=render_item,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


def include_name(name: str | None, _kind: str, _parents: Any) -> bool:
    """Leave out what no model describes: the words of the text index, kept in each database's own way."""
    return not is_word_table(name or "")


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our own column types as what the database sees.

    So that a revision never needs the application's code.
    """
    if kind != "type":
        return False
    names = {"Instant": "sa.DateTime(timezone=True)", "EncryptedText": "sa.Text()"}
    return names.get(type(item).__name__, False)


def main() -> None:
    """Use the given connection, or open the database of the environment."""
    given: Connection | None = context.config.attributes.get("connection")
    if given is not None:
        run(given)
        return
    database = Database(Settings.from_environment().database_url)
    with database.writing() as session:
        run(session.connection())
    database.dispose()


main()
