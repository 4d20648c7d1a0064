"""The application's command line, one file a group. A new command adds its line to COMMANDS.

Every command ends with 0 on success and another code on failure, and prints errors to standard error as one
sentence.
"""

from __future__ import annotations

import sys
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from complaints.commands import (
    accounts,
    audit,
    backups,
    bench,
    calendars,
    demonstration,
    files,
    health,
    importing,
    ledgers,
    log_export,
    logs,
    procedures,
    searching,
    serving,
    setting_up,
    tree,
    working,
)
from complaints.foundation.errors import Problem
from config import SettingsError
from workflows.calendars.working_calendar import CalendarError
from workflows.definition_files import DefinitionError

COMMANDS: tuple[click.Command, ...] = (
    setting_up.init,
    accounts.user,
    tree.unit,
    demonstration.demo,
    serving.serve,
    serving.up,
    working.work,
    audit.audit,
    ledgers.payouts,
    importing.import_,
    procedures.procedures,
    calendars.calendar,
    logs.log,
    backups.backup,
    backups.restore,
    searching.search,
    files.attachments,
    health.health,
    bench.bench,
)


class _OneSentence(click.Group):
    """Says what people can mend in one sentence, without a traceback."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(context)
        except (Problem, SettingsError, DefinitionError, CalendarError) as problem:
            raise click.ClickException(_both_languages(problem)) from problem
        except OperationalError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise click.ClickException(
                f"The database cannot be used ({reason}): check DATABASE_URL, or run cli init first."
            ) from error


def _both_languages(problem: Exception) -> str:
    """Return what is wrong in English and, of what the bureau's own files say, in Chinese."""
    sentence, zh = str(problem), getattr(problem, "zh", "")
    return sentence if zh in ("", sentence) else f"{sentence}\n{zh}"


@click.group(
    cls=_OneSentence,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Fangxin: the 12315 hotline of a market supervision bureau.",
)
def cli() -> None:
    """Hold the commands."""


logs.log.add_command(log_export.export)
for _command in COMMANDS:
    cli.add_command(_command)


def main() -> None:
    """Run the command line."""
    cli(prog_name="cli", args=sys.argv[1:])
