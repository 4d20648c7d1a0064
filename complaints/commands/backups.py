"""`backup` and `restore`: everything but the keys, proved before it takes the place of what is there."""

from __future__ import annotations

import os
import re
import secrets
import sys
import tempfile
from pathlib import Path

import click
from alembic.script import ScriptDirectory
from sqlalchemy import Text, select, type_coerce
from sqlalchemy.orm import Session

from complaints.app import build_services
from complaints.commands import archives, copies
from complaints.commands.log_checks import told_of, verify_log
from complaints.commands.parts import json_option, opened, tell
from complaints.dossier.file_upkeep import look
from complaints.foundation import encryption
from complaints.foundation.clock import Clock
from complaints.foundation.database import Base, Database
from complaints.foundation.encryption import EncryptedText, FieldCipher, UnreadableError
from complaints.foundation.errors import Conflict, Invalid
from complaints.gateways.file_store import FolderStore
from complaints.migrations import configuration, head, migrate, present, target_metadata
from complaints.organisation.security_log import record
from config import ROOT, Settings

KEY = re.compile(r"(?:(FIELD_KEY|SECRET_KEY)\s*=\s*)?(\S+)")
FIELD_KEY, SECRET_KEY = "FIELD_KEY", "SECRET_KEY"


@click.command(
    help="Write a consistent backup while serving: database and digests; never the keys. Keep the "
    "keys apart: without FIELD_KEY a backup cannot be restored."
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def backup(file: Path, as_json: bool) -> None:
    """Back up to a new file."""
    if file.exists():
        raise Conflict(f"{str(file)!r} exists already: name a new file, such as fangxin-2026-11-24.tar.gz.")
    if not file.absolute().parent.is_dir():
        raise Invalid(f"There is no folder {str(file.absolute().parent)!r}: make it first.")
    with opened() as parts, _working_folder(parts.settings.instance_dir) as folder:
        _say("dumping the database")
        dump = Path(folder) / archives.DUMP
        copies.dump(parts.database, dump)
        attachments = parts.settings.instance_dir / archives.ATTACHMENTS
        # after the dump: every file that it names is already there
        files = archives.described(Path(folder))
        sources = {archives.DUMP: dump}
        for name, facts in (archives.described(attachments) if attachments.is_dir() else {}).items():
            files[f"{archives.ATTACHMENTS}/{name}"] = facts
            sources[f"{archives.ATTACHMENTS}/{name}"] = attachments / name
        with parts.database.reading() as session:
            missing = _missing_files(session, attachments, parts.clock)
        cipher = encryption.cipher()
        manifest = archives.Manifest(
            format=archives.FORMAT,
            made_at=parts.clock.now().isoformat(),
            database=parts.database.url.get_backend_name(),
            revision=head(),
            key_id=cipher.key_id,
            files=files,
        )
        _say(f"writing {len(files)} files to {file}")
        archives.write(file, manifest, sources, cipher)
        with parts.database.writing() as session:
            record(session, parts.clock.now(), "backup", success=True, subject=file.name)
    facts = {
        "file": str(file),
        "bytes": file.stat().st_size,
        "files": len(files),
        "missing files": missing,
        "key id": cipher.key_id,
    }
    tell(facts, as_json=as_json)


@click.command(
    help="Restore a backup. Asks for the keys of the installation it came from, proves them on one record, "
    "checks every digest, migrates, verifies the log, and only then takes the place of the database, which "
    "is kept under another name."
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--key-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file with FIELD_KEY=... and SECRET_KEY=... lines, or with the field key alone.",
)
@json_option
def restore(file: Path, key_file: Path | None, as_json: bool) -> None:
    """Restore from a file."""
    given = _keys(key_file)
    settings = Settings.from_environment({**os.environ, **given})
    cipher = FieldCipher(settings.field_key)
    encryption.configure(cipher)
    stamp = f"{Clock().now():%Y%m%d%H%M%S}{secrets.token_hex(2)}"
    with _working_folder(settings.instance_dir) as folder:
        _say("checking every digest")
        manifest = archives.unpack(file, Path(folder), cipher)
        database = Database(settings.database_url)
        _check_fits(manifest, database)
        _say("bringing the database back beside the one in use")
        copy = copies.restored(database.url, Path(folder) / archives.DUMP, stamp)
        try:
            matters = _proved(copy, settings, cipher)
            with copy.database.reading() as session:
                missing = _missing_files(session, Path(folder) / archives.ATTACHMENTS, Clock())
            with copy.database.writing() as session:
                record(session, Clock().now(), "restore", success=True, subject=file.name)
            kept = copy.replace(stamp)
        finally:
            copy.discard()
        _swap(Path(folder) / archives.ATTACHMENTS, settings.instance_dir / archives.ATTACHMENTS, stamp)
    _install_keys(settings.instance_dir, given, stamp)
    tell(
        {
            "restored": str(file),
            "made at": manifest.made_at,
            "matters verified": matters,
            "missing files": missing,
            "database before": kept or "none",
        },
        as_json=as_json,
    )


def _working_folder(instance_dir: Path) -> tempfile.TemporaryDirectory[str]:
    """Make a folder for its owner alone, on the disk of the instance folder, removed at the end."""
    return tempfile.TemporaryDirectory(prefix=".backup-", dir=instance_dir)


def _keys(key_file: Path | None) -> dict[str, str]:
    """Return the keys given by file, environment, this installation's folder, or at the terminal.

    Never makes one: a new key would open no backup. Raises Invalid where no field key is given.
    """
    given: dict[str, str] = {}
    if key_file is not None:
        for line in key_file.read_text(encoding="utf-8").splitlines():
            found = KEY.fullmatch(line.strip())
            if found:
                given[found[1] or FIELD_KEY] = found[2]
    folder = Path(os.environ.get("INSTANCE_DIR", "").strip() or ROOT / "instance").expanduser()
    if FIELD_KEY in given or os.environ.get(FIELD_KEY, "").strip() or (folder / "field_key").exists():
        return given
    if sys.stdin.isatty():
        given[FIELD_KEY] = click.prompt("FIELD_KEY of the installation the backup came from", hide_input=True)
        return given
    raise Invalid(
        "A backup holds no keys: give FIELD_KEY (and SECRET_KEY) of the installation it came from in the "
        "environment, or in a file with --key-file."
    )


def _check_fits(manifest: archives.Manifest, database: Database) -> None:
    """Raise Conflict where the backup is of another kind of database, or newer than this program."""
    kind = database.url.get_backend_name()
    if manifest.database != kind:
        raise Conflict(
            f"The backup holds a {manifest.database} database, DATABASE_URL names {kind}: "
            f"set DATABASE_URL to a {manifest.database} address."
        )
    known = {one.revision for one in ScriptDirectory.from_config(configuration()).walk_revisions()}
    if manifest.revision not in known:
        raise Conflict(
            f"The backup has revision {manifest.revision}, which this program (revision {head()}) does not "
            "know: install the release it was made with, or a newer one."
        )


def _proved(copy: copies.Copy, settings: Settings, cipher: FieldCipher) -> int:
    """Migrate the copy, prove the key on one record and verify the log; return how many matters were
    verified.
    """
    migrate(copy.database)
    with copy.database.reading() as session:
        if present(session.connection()) != head():
            raise Conflict(
                f"The restored database is not at revision {head()}: take another copy of the backup."
            )
        _prove_key(session, cipher)
    _say("verifying the log of the restored copy")
    found = verify_log(copy.database, build_services(settings, Clock(), copy.database).engine)
    if found.troubles:
        raise Conflict(f"{told_of(copy.database, found.troubles[0])} Nothing was replaced.")
    return found.instances


def _prove_key(session: Session, cipher: FieldCipher) -> None:
    """Decrypt one stored value. Raises Invalid where the key does not open it; an empty database proves
    nothing.
    """
    target_metadata()
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, EncryptedText):
                raw = type_coerce(column, Text)
                stored = session.execute(select(raw).where(raw.is_not(None), raw != "").limit(1)).scalar()
                if stored is not None:
                    try:
                        cipher.decrypt(stored)
                    except UnreadableError as error:
                        raise Invalid(
                            f"The field key does not open {table.name}.{column.name}: {error}."
                        ) from error
                    return


def _missing_files(session: Session, folder: Path, clock: Clock) -> int:
    """Name every file that a matter has and the folder has not, or not as it was; return how many.

    The rest is worth keeping all the same, so neither backup nor restore stops at it.
    """
    found = look(session, FolderStore(folder), clock.now(), digests=True)
    for one in found.missing:
        _say(f"missing: {one.words}")
    for one in found.damaged:
        _say(f"differs from its digest: {one.words}")
    return len(found.missing) + len(found.damaged)


def _swap(restored: Path, place: Path, stamp: str) -> None:
    """Put the restored attachments in place; those before are kept beside them."""
    if not restored.is_dir():
        return
    if place.exists():
        place.rename(place.with_name(f"{place.name}.before-{stamp}"))
    restored.rename(place)


def _install_keys(folder: Path, given: dict[str, str], stamp: str) -> None:
    """Keep keys given by file or at the terminal in the instance folder, where the program looks for them."""
    for name, value in given.items():
        path = folder / name.lower()
        if path.exists() and path.read_text(encoding="ascii").strip() != value:
            path.rename(path.with_name(f"{path.name}.before-{stamp}"))
        if not path.exists():
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(value)


def _say(words: str) -> None:
    """Show progress on standard error."""
    click.echo(words, err=True)
