"""Anchors the log: signs the root over all chains, keeps it, and writes its file for a place elsewhere.

The anchor before is held against the log first, where its file is at hand, and the new one says how that came
out. The file is written first and gets its name once the anchor is kept. A crash in between leaves an anchor
without a file; the next try of the same day makes another, or the same one where nothing has happened since.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.foundation.errors import Conflict, Invalid
from config import Settings
from workflows.anchoring import anchor_statements, signing_keys
from workflows.anchoring.anchor_statements import Anchor, AnchorFile, AnchorFileError
from workflows.anchoring.signing_keys import SigningKeyError
from workflows.runtime import anchors
from workflows.runtime.anchors import Draft, Overtaken

TRIES = 3
"""So often an anchor is begun again because somebody else has made one meanwhile."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """What came of it. `fresh` tells that the anchor is new; `path` where its file is."""

    anchor: Anchor
    path: Path
    fresh: bool


def anchor_log(settings: Settings, database: Database, clock: Clock, out: Path | None = None) -> Anchored:
    """Anchor the log as it stands now and write the file, by default into ANCHOR_DIR.

    Raises Invalid where key or file cannot be used, and Conflict where others anchor without end.
    """
    for _try in range(TRIES):
        draft = _draft(settings, database, clock)
        path = out or _place(settings, draft.anchor)
        _refuse_inside(path, settings.instance_dir)
        staged = _stage(path, anchor_statements.written(draft.anchor, draft.heads))
        try:
            if draft.fresh:
                with database.writing() as session:
                    anchors.keep(session.connection(), draft.anchor)
            staged.replace(path)
        except Overtaken:
            continue
        finally:
            staged.unlink(missing_ok=True)
        return Anchored(draft.anchor, path, draft.fresh)
    raise Conflict("Others anchor the log at the same time: try again.")


def is_due(settings: Settings, database: Database, clock: Clock) -> bool:
    """Tell whether the worker has still to make today's anchor and write its file."""
    if settings.log.anchor_key is None or settings.log.anchor_dir is None:
        return False
    with database.snapshot() as connection:
        last = anchors.last(connection)
    # not only an earlier day: a clock that ran ahead for a while would keep back every anchor until then
    return last is None or last.statement.day != clock.today() or not _place(settings, last).exists()


def read_file(path: Path) -> AnchorFile:
    """Read an anchor's file. Raises Invalid where it is none."""
    try:
        return anchor_statements.read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Invalid(f"The anchor {path} cannot be read ({error.strerror}): name another file.") from error
    except (AnchorFileError, UnicodeDecodeError) as error:
        raise Invalid(f"The anchor {path} cannot be used: {error}.") from error


def _stage(path: Path, text: str) -> Path:
    """Write the file whole under another name beside its place. Raises Invalid where it cannot be written.

    So a full disk or a folder that is not there is met before the anchor is kept.
    """
    staged = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with staged.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        staged.unlink(missing_ok=True)
        raise Invalid(
            f"The anchor cannot be written to {path} ({error.strerror}): name another place."
        ) from error
    return staged


def file_name(anchor: Anchor) -> str:
    """Return the name of an anchor's file: its day and its number."""
    return f"anchor-{anchor.statement.day.isoformat()}-{anchor.statement.number:06}.json"


def _draft(settings: Settings, database: Database, clock: Clock) -> Draft:
    if settings.log.anchor_key is None:
        raise Invalid(
            "No key is named to sign with: make one with cli log anchor-key FILE and set ANCHOR_KEY to it."
        )
    try:
        key = signing_keys.load(settings.log.anchor_key, settings.instance_dir)
    except SigningKeyError as error:
        raise Invalid(str(error)) from error
    with database.snapshot() as connection:
        return anchors.draft(
            connection,
            key,
            settings.log.algorithm,
            day=clock.today(),
            at_us=clock.now_us(),
            prior_check=_prior_check(settings, connection),
        )


def _prior_check(settings: Settings, connection: Connection) -> str:
    """Say how the anchor before stands, where its file lies in ANCHOR_DIR."""
    last = anchors.last(connection)
    if last is None or settings.log.anchor_dir is None:
        return anchors.UNCHECKED
    try:
        kept = read_file(_place(settings, last))
    except Invalid:
        return anchors.UNCHECKED
    if kept.anchor != last or not last.signed or next(anchors.check_against(connection, kept), None):
        return anchors.BROKEN
    return anchors.STANDS


def _place(settings: Settings, anchor: Anchor) -> Path:
    if settings.log.anchor_dir is None:
        raise Invalid("No place is named for the file: give --out FILE, or set ANCHOR_DIR to a folder.")
    return settings.log.anchor_dir / file_name(anchor)


def _refuse_inside(path: Path, folder: Path) -> None:
    if signing_keys.is_inside(path, folder):
        raise Invalid(f"{path} lies inside INSTANCE_DIR: an anchor is kept apart from what it vouches for.")
