"""`log anchor` and `log anchor-key`: a signed root over all chains, to be kept elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from complaints.administration.anchoring import anchor_log
from complaints.commands.parts import json_option, opened, tell
from complaints.foundation.errors import Invalid
from config import Settings
from workflows.anchoring import signing_keys
from workflows.anchoring.signing_keys import SigningKeyError


@click.command(
    "anchor",
    help="Sign the root over the heads of all chains with the key of ANCHOR_KEY and write it to a file, to "
    "be kept elsewhere: with it cli log verify --anchor finds what the chains alone cannot show. Of the same "
    "state there is one anchor a day.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file; by default one named by day and number in ANCHOR_DIR.",
)
@json_option
def anchor(out: Path | None, as_json: bool) -> None:
    """Anchor the log."""
    with opened() as parts:
        done = anchor_log(parts.settings, parts.database, parts.clock, out.absolute() if out else None)
    told = done.anchor.statement
    tell(
        {
            "anchor": told.number,
            "day": told.day.isoformat(),
            "root": told.root,
            "instances": told.instances,
            "events": told.events,
            "the one before": told.prior_check,
            "file": str(done.path),
            "new": done.fresh,
        },
        as_json=as_json,
    )


@click.command(
    "anchor-key",
    help="Make a key to sign anchors with: FILE for the one machine that signs, FILE.pub for whoever checks. "
    "FILE must not lie inside INSTANCE_DIR; give its path in ANCHOR_KEY.",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def anchor_key(file: Path, as_json: bool) -> None:
    """Make a key."""
    settings = Settings.from_environment()
    path = file.absolute()
    try:
        public = signing_keys.make(path, settings.instance_dir)
    except SigningKeyError as error:
        raise Invalid(str(error)) from error
    tell({"key": str(path), "public key file": f"{path}.pub", "public key": public}, as_json=as_json)
