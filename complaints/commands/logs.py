"""`log`: whether the event log is whole, whether every row is what its events tell, and its anchors."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import click

from complaints.administration.anchoring import read_file
from complaints.app import build_services
from complaints.commands.anchoring import anchor, anchor_key
from complaints.commands.erasing import erase
from complaints.commands.log_checks import NOT_COVERED, OF_ALL, OF_EACH, Checked, told_of, verify_log
from complaints.commands.parts import json_option, opened, print_json
from complaints.foundation.errors import Invalid
from config import Settings
from workflows.anchoring import signing_keys
from workflows.anchoring.anchor_statements import AnchorFile
from workflows.anchoring.signing_keys import SigningKeyError


@click.group(help="The event log: check its chain and replay it, sign and check its anchors.")
def log() -> None:
    """Hold the commands on the log."""


log.add_command(anchor)
log.add_command(anchor_key)
log.add_command(erase)


@log.command(
    help="Check the hash chain of every matter and replay it against its rows. Names the first bad event and "
    "ends with 1 where something does not fit. Against an anchor kept elsewhere it also finds cut tails, "
    "lost matters and chains that were written anew."
)
@click.option("--instance", "instance_id", type=int, help="Check only this one.")
@click.option(
    "--anchor",
    "anchor_files",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="File of an anchor to hold the log against; may be given several times.",
)
@click.option(
    "--public-key",
    "key_files",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="The key that must have signed the anchors, kept apart from them; several where it was changed. By "
    "default that of ANCHOR_KEY; without one the key that an anchor names itself is taken.",
)
@click.option("--all", "every", is_flag=True, help="Go on after the first bad matter and name each.")
@json_option
def verify(
    instance_id: int | None,
    anchor_files: tuple[Path, ...],
    key_files: tuple[Path, ...],
    every: bool,
    as_json: bool,
) -> None:
    """Verify all or one."""
    with opened() as parts:
        keys = [_public_key(path) for path in key_files] or _signing_key(parts.settings)
        kept = [_trusted(path, keys) for path in anchor_files]
        if kept and not keys:
            click.echo(
                "Warning: each anchor is believed by the key in its own file; give --public-key to be sure "
                "that it is yours.",
                err=True,
            )
        engine = build_services(parts.settings, parts.clock, parts.database).engine
        found = verify_log(
            parts.database, engine, instance_id, quiet=as_json, against=kept, keys=keys, every=every
        )
        told = [told_of(parts.database, one) for one in found.troubles]
    if as_json:
        first = found.troubles[0] if found.troubles else None
        print_json(
            {
                "checked": found.instances,
                "anchors": found.anchors,
                "title and facts not told": found.untold,
                "not covered": NOT_COVERED,
                "whole": first is None,
                "instance": first.instance_id if first else None,
                "event": first.seq if first else None,
                "trouble": told[0] if told else None,
                "troubles": told,
            }
        )
    if told:
        for one in told[:-1]:
            click.echo(f"Error: {one}", err=True)
        raise click.ClickException(told[-1])
    if not as_json:
        click.echo(_sentence(found, instance_id is None, _on_anchors(found, len(kept), keys)))


def _sentence(found: Checked, is_whole: bool, on_anchors: str) -> str:
    """Say what was checked, and what is not covered."""
    besides = f"; {OF_ALL}" if is_whole else ""
    untold = f" Of {found.untold} matters the log does not tell title and facts." if found.untold else ""
    return (
        f"{found.instances} matters checked: every chain is whole, and as the events tell are {OF_EACH}"
        f"{besides}; {on_anchors}.{untold}\nNot covered: {'; '.join(NOT_COVERED)}."
    )


def _trusted(path: Path, keys: Collection[str]) -> AnchorFile:
    """Read an anchor's file. Raises Invalid where it was not signed, or by none of the keys."""
    kept = read_file(path)
    if not kept.anchor.signed:
        raise Invalid(f"The anchor {path} is not signed by the key it names: it was changed.")
    if keys and kept.anchor.public_key not in keys:
        raise Invalid(
            f"The anchor {path} was signed by another key than the one given or set. Where the key was "
            "changed, name the earlier one, too, with --public-key."
        )
    return kept


def _public_key(path: Path) -> str:
    try:
        return signing_keys.load_public(path)
    except SigningKeyError as error:
        raise Invalid(str(error)) from error


def _signing_key(settings: Settings) -> list[str]:
    """Return the public part of ANCHOR_KEY, or nothing where it is not set or not for this user to read."""
    if settings.log.anchor_key is None:
        return []
    try:
        key = signing_keys.load(settings.log.anchor_key, settings.instance_dir)
    except SigningKeyError as error:
        click.echo(f"Warning: no anchor is held against ANCHOR_KEY; give --public-key. {error}", err=True)
        return []
    return [key.public_key().public_bytes_raw().hex()]


def _on_anchors(found: Checked, n: int, keys: Collection[str]) -> str:
    if n:
        return f"all that {n} anchor{'s' if n > 1 else ''} named still stands"
    whose = "the key given or set" if keys else "the key that it names itself (give --public-key)"
    several = "s follow on each other, each" if found.anchors != 1 else ""
    return f"{found.anchors} anchor{several} signed by {whose}"
