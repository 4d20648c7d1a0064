"""Runs the command line as in life, on the test's database."""

from __future__ import annotations

from click.testing import CliRunner, Result

from complaints.commands import cli
from config import Settings


def run(settings: Settings, *arguments: str, **environment: str) -> Result:
    """Run one command and return what it printed and how it ended."""
    given = {
        "DATABASE_URL": settings.database_url,
        "INSTANCE_DIR": str(settings.instance_dir),
        "FIELD_KEY": settings.field_key.hex(),
        "SECRET_KEY": settings.secret_key,
    }
    return CliRunner().invoke(cli, arguments, env=given | environment)
