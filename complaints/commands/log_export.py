"""`log export`: the histories of matters for process mining, as XES or OCEL, without anybody's name."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import click
from sqlalchemy import Connection, select

from complaints.app import build_services
from complaints.commands.parts import Parts, json_option, opened, tell, with_progress
from complaints.dossier.models import Matter
from complaints.foundation.clock import SHANGHAI
from complaints.foundation.errors import Invalid, NotFound
from complaints.organisation.models import RoleGrant, Unit
from complaints.organisation.security_log import record
from workflows.export.ocel import write_ocel
from workflows.export.pseudonyms import Pseudonyms
from workflows.export.traces import Reader, Selection, Standpoint
from workflows.export.xes import write_xes
from workflows.runtime.moments import microseconds

WRITERS = {"xes": write_xes, "ocel": write_ocel}
DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command(
    help="Write the histories of matters for process mining: XES (IEEE 1849) or OCEL 2.0 (JSON). People are "
    "pseudonyms that differ from export to export; no free text, no personal value, no number of a matter "
    "goes out. A history is whole or left out: --from and --to ask for the day on which a matter began."
)
@click.option("--format", "kind", type=click.Choice(sorted(WRITERS)), required=True, help="xes or ocel.")
@click.option("--procedure", help="Only this procedure; without it, all of them.")
@click.option("--from", "first", type=DAY, help="Only what began on this day or later (YYYY-MM-DD).")
@click.option("--to", "last", type=DAY, help="Only what began on this day or earlier.")
@click.option(
    "--out",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write; one that is there is replaced when the new one is whole.",
)
@click.option("--numbers", is_flag=True, help="Write the numbers of matters, too; needs --reason.")
@click.option("--reason", default="", help="Why the numbers are needed; it is kept in the security log.")
@json_option
def export(
    kind: str,
    procedure: str | None,
    first: datetime | None,
    last: datetime | None,
    target: Path,
    numbers: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Export the log."""
    reason = reason.strip()
    if numbers and not reason:
        raise Invalid("Numbers of matters lead back to people: say with --reason why they are needed.")
    if first and last and last < first:
        raise Invalid(f"The first day {first:%Y-%m-%d} is after the last day {last:%Y-%m-%d}: swap them.")
    if not target.absolute().parent.is_dir():
        raise Invalid(f"There is no folder {str(target.absolute().parent)!r}: make it first.")
    wanted = Selection(procedure, _begin_of(first), _begin_of(last, days=1))
    with opened() as parts:
        try:
            written = _write(parts, kind, wanted, target, reason if numbers else "", quiet=as_json)
        except OSError as error:
            raise Invalid(
                f"The log cannot be written ({error.strerror or error}): what was there before is unchanged. "
                "Mend this, then export again."
            ) from error
    tell({"file": str(target), "format": kind, "histories": written, **_size(target)}, as_json=as_json)


def _write(parts: Parts, kind: str, wanted: Selection, target: Path, reason: str, *, quiet: bool) -> int:
    """Write the file beside its place, log that it was made, then put it there; return its histories."""
    draft = target.with_name(f".{target.name}.part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file, parts.database.snapshot() as connection:
            reader = _reader(parts, connection, numbers=bool(reason))
            _check_name(reader, wanted)
            total = reader.count(connection, wanted)
            histories = with_progress(reader.read(connection, wanted), total, "exported", quiet=quiet)
            written = WRITERS[kind](histories, file)
            file.flush()
            os.fsync(file.fileno())
        about = f"{kind} {wanted.procedure or 'all'} {written} {target.name}"
        with parts.database.writing() as session:
            # before the file is there: no log leaves without a line about it
            subject = f"{about} with numbers: {reason}" if reason else about
            record(session, parts.clock.now(), "log_export", success=True, subject=subject)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return written


def _reader(parts: Parts, connection: Connection, *, numbers: bool) -> Reader:
    granted = select(RoleGrant.id, RoleGrant.role, Unit.path).join(Unit, Unit.id == RoleGrant.unit_id)

    def numbers_of(subjects: Sequence[int]) -> Mapping[int, str]:
        found = connection.execute(select(Matter.id, Matter.number).where(Matter.id.in_(subjects)))
        return {row.id: row.number for row in found}

    return Reader(
        build_services(parts.settings, parts.clock, parts.database).engine.library,
        Pseudonyms(),
        {row.id: Standpoint(row.role, row.path) for row in connection.execute(granted)},
        numbers_of if numbers else None,
    )


def _check_name(reader: Reader, wanted: Selection) -> None:
    """Raise NotFound for a procedure that does not exist."""
    names = sorted({one.name for one in reader.library.procedures})
    if wanted.procedure is not None and wanted.procedure not in names:
        raise NotFound(f"There is no procedure {wanted.procedure!r}: write one of {', '.join(names)}.")


def _begin_of(day: datetime | None, days: int = 0) -> int | None:
    """Return when the day, or so many days later, begins in Asia/Shanghai, in UTC microseconds."""
    if day is None:
        return None
    try:
        begin: date = day.date() + timedelta(days=days)
        return microseconds(datetime.combine(begin, time(), SHANGHAI))
    except OverflowError as error:
        raise Invalid(f"The day {day:%Y-%m-%d} is outside of every calendar: give a nearer one.") from error


def _size(target: Path) -> dict[str, int]:
    return {"bytes": target.stat().st_size}
