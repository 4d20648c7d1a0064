"""`health`: whether this installation can work, line by line."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatch
from pathlib import Path

import click
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from complaints.administration import heartbeats, queries
from complaints.commands.parts import Parts, json_option, opened, print_json
from complaints.commands.procedure_choice import check_versions
from complaints.foundation.clock import local_moment
from complaints.gateways import choose
from complaints.gateways.scanning import ScanFailed
from complaints.migrations import head, present
from workflows.calendars.working_calendar import CalendarError
from workflows.definition_files import DefinitionError
from workflows.runtime import anchors, calendar_table

LEAST_FREE_BYTES = 500 * 1024 * 1024
LONGEST_WAIT = timedelta(minutes=15)
"""A message that could have been sent for longer is a backlog."""
NOTICE_MONTH = 12
"""From this month on the next year's holiday notice is usually out."""
OLDEST_ANCHOR_DAYS = 1
"""Calendar days; today's may still be to come."""
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
CHINESE_FONTS = ("noto*cjk*", "*songti*", "*simsun*", "*wqy*", "*sourcehan*", "*simfang*", "*fandol*")

OK, ATTENTION, TROUBLE = "ok", "attention", "trouble"


@dataclass(frozen=True, slots=True)
class Found:
    """How one thing is: `ok`; `attention`, which works today; or `trouble`, with what to do."""

    state: str
    words: str


@click.command(
    help="Say whether database, procedures, worker, outbox, calendar, log, disk and fonts are fit for work. "
    "Ends with 1 where something is in trouble; what only needs attention is told."
)
@json_option
def health(as_json: bool) -> None:
    """Check and print."""
    with opened(migrated=False) as parts:
        found = {"database": _database(parts)}
        if found["database"].state == OK:
            found["procedures"] = _procedures(parts)
            with parts.database.reading() as session:
                for name, check in _IN_DATABASE.items():
                    found[name] = check(session, parts)
        found |= {"disk": _disk(parts), "scanner": _scanner(parts), "fonts": _fonts()}
    if as_json:
        print_json({name: {"state": one.state, "words": one.words} for name, one in found.items()})
    else:
        for name, one in found.items():
            click.echo(f"{name}: {one.state}" + (f" ({one.words})" if one.words else ""))
    if any(one.state == TROUBLE for one in found.values()):
        raise SystemExit(1)


def _database(parts: Parts) -> Found:
    """Say whether the database answers and has the right revision."""
    try:
        with parts.database.reading() as session:
            session.execute(text("SELECT 1"))
            found = present(session.connection())
    except SQLAlchemyError as error:
        return Found(TROUBLE, f"unreachable, {type(error).__name__}: check DATABASE_URL and the server")
    if found != head():
        return Found(TROUBLE, f"at revision {found or 'none'}, needed {head()}: run cli init")
    return Found(OK, f"revision {found}")


def _procedures(parts: Parts) -> Found:
    """Say whether all procedures are proved, and those by which matters run are here, unchanged."""
    try:
        check_versions(parts)
    except DefinitionError as error:
        return Found(TROUBLE, f"nothing can be served: {error}")
    return Found(OK, "verified and unchanged")


def _worker(session: Session, parts: Parts) -> Found:
    """Say whether a worker lives."""
    alive = heartbeats.alive(session, parts.clock.now())
    if alive:
        return Found(OK, f"alive: {alive}")
    seen = heartbeats.last_seen(session)
    when = f"last seen {seen:%Y-%m-%dT%H:%M:%SZ}" if seen else "never seen"
    return Found(TROUBLE, f"no worker is alive, {when}: start cli worker")


def _outbox(session: Session, parts: Parts) -> Found:
    """Say whether messages leave in time, and how many wait for a person."""
    oldest = queries.oldest_waiting_us(session)
    if oldest is not None and parts.clock.now_us() - oldest > LONGEST_WAIT // timedelta(microseconds=1):
        since = f"{local_moment(oldest):%Y-%m-%d %H:%M}"
        return Found(TROUBLE, f"a message has waited since {since}: see whether a worker runs")
    waiting = queries.for_a_person(session)
    if waiting:
        return Found(ATTENTION, f"{waiting} messages wait for a person: see /admin/outbox")
    return Found(OK, "")


def _calendar(session: Session, parts: Parts) -> Found:
    """Say through which day working days are announced, or that the table was changed past the program."""
    changed = calendar_table.changed(session.connection())
    if changed:
        return Found(TROUBLE, changed[0])
    try:
        known = calendar_table.read_calendar(session.connection())
    except CalendarError:
        return Found(TROUBLE, "no working calendar is loaded: run cli init")
    today = parts.clock.today()
    through = f"announced through {known.announced_through}"
    if today > known.announced_through:
        return Found(TROUBLE, f"{through}: due dates are provisional, see cli calendar load")
    if known.rolls_weekends != parts.settings.roll_weekends:
        now = "move" if known.rolls_weekends else "stay"
        return Found(ATTENTION, f"ROLL_WEEKENDS was changed, but last days on weekends {now}: run cli init")
    if today > known.final_through:
        return Found(
            ATTENTION, f"{through}, final only through {known.final_through}: load next year's notice"
        )
    if today.month >= NOTICE_MONTH and known.announced_through.year == today.year:
        return Found(ATTENTION, f"{through}: next year's notice should be out")
    return Found(OK, through)


def _anchor(session: Session, parts: Parts) -> Found:
    """Say how old the last anchor of the log is, and how the one before stood when it was made."""
    last = anchors.last(session.connection())
    if last is None:
        how = "set ANCHOR_KEY and ANCHOR_DIR, see cli log anchor-key"
        return Found(ATTENTION, f"none: a log that was written anew would not be found, {how}")
    told = last.statement
    words = f"number {told.number} of {told.day}, root {told.root}"
    if told.prior_check == anchors.BROKEN:
        return Found(TROUBLE, f"the anchor before {words} does not stand: run cli log verify --anchor FILE")
    days = (parts.clock.today() - told.day).days
    if days > OLDEST_ANCHOR_DAYS:
        return Found(ATTENTION, f"{days} days old ({words}): see whether a worker runs with ANCHOR_KEY")
    return Found(OK, words)


def _disk(parts: Parts) -> Found:
    """Say whether there is room in the instance folder."""
    free = shutil.disk_usage(parts.settings.instance_dir).free
    words = f"{free // (1024 * 1024)} MiB free in {parts.settings.instance_dir}"
    return Found(OK, words) if free >= LEAST_FREE_BYTES else Found(TROUBLE, f"only {words}: make room")


def _scanner(parts: Parts) -> Found:
    """Say whether uploads are scanned for viruses."""
    try:
        version = choose.scanner(parts.settings).health()
    except ScanFailed as failed:
        return Found(TROUBLE, f"{failed}: no file can be uploaded until it answers, see SCANNER_URL")
    return Found(OK, version or "none: uploads are not scanned for viruses, see SCANNER_URL")


def _fonts() -> Found:
    """Say whether this machine has a Chinese font for papers; pages use the reader's own fonts."""
    listing = shutil.which("fc-list")
    if listing:
        command = [listing, ":lang=zh", "family"]
        told = subprocess.run(command, capture_output=True, check=False, timeout=20)  # noqa: S603 (fixed)
        if told.stdout.strip():
            return Found(OK, "")
    elif any(_font_files(folder) for folder in FONT_FOLDERS):
        return Found(OK, "")
    return Found(ATTENTION, "no Chinese font: papers made here need one, e.g. fonts-noto-cjk")


def _font_files(folder: Path) -> bool:
    """Tell whether a file of a known Chinese font lies in the folder; for machines without fontconfig."""
    names = (path.name.lower() for path in folder.rglob("*") if path.is_file())
    return any(fnmatch(name, pattern) for name in names for pattern in CHINESE_FONTS)


_IN_DATABASE: dict[str, Callable[[Session, Parts], Found]] = {
    "worker": _worker,
    "outbox": _outbox,
    "calendar": _calendar,
    "anchor": _anchor,
}
