"""`import ledger`: historical records from a ledger file."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from complaints.commands.parts import Parts, json_option, opened, path_of_unit, print_json
from complaints.dossier.record_models import ImportStage, LedgerImport
from complaints.foundation.errors import Invalid
from complaints.ledgers.actions import safe_name
from complaints.ledgers.contents import Prepared, Row
from complaints.ledgers.headers import LARGEST_MAP, read_map
from complaints.ledgers.importing import (
    Judged,
    Ledger,
    Progress,
    alone,
    digest_of,
    finish,
    home_of,
    judge_rows,
    prepare_rows,
    read_ledger,
    unit_finder,
)
from complaints.ledgers.models import Outcome
from complaints.ledgers.refused_rows import write_refused
from complaints.ledgers.sentences import say
from complaints.ledgers.tables import check_size
from complaints.organisation.people import SYSTEM_ID

A_LINE_EVERY = 2000
"""Rows between two lines about the progress, in a pipe."""
SHOWN = 20
"""Rows of each kind that are printed; `--json` has them all."""
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group("import", help="Records from files of other times and systems.")
def import_() -> None:
    """Hold the imports."""


@import_.command(
    help="Historical records from FILE, .xlsx or .csv (UTF-8, UTF-16 with its mark, or GB18030). Every row "
    "is reported as new, same, conflicting or refused. A refused row stops the file; conflicts are settled "
    "on the page Ledgers. It may be stopped at any time and begun again; the same file twice changes nothing."
)
@click.argument("file", type=_FILE)
@click.option(
    "--map", "map_file", type=_FILE, help="YAML with field: column header, where the headers differ."
)
@click.option(
    "--unit", default="", help="The unit whose ledger it is, for rows that name none: code or path."
)
@click.option("--dry-run", is_flag=True, help="Report only; change nothing.")
@click.option(
    "--skip-refused",
    is_flag=True,
    help="Import the others; the refused rows go into FILE-refused.csv beside it.",
)
@json_option
def ledger(
    file: Path, map_file: Path | None, unit: str, dry_run: bool, skip_refused: bool, as_json: bool
) -> None:
    """Import a ledger."""
    with opened() as parts:
        started = time.perf_counter()
        with parts.database.reading() as session:
            own = path_of_unit(session, unit)
            unit_of = unit_finder(session, own, None)
        check_size(file.stat().st_size)
        content = file.read_bytes()
        mapping = _mapping(map_file)
        read = read_ledger(file.name, content, mapping)
        with _progress(quiet=as_json) as progress:
            rows = prepare_rows(read, unit_of, parts.clock.today(), progress)
        with parts.database.reading() as session:
            home = own or home_of(session, rows)
        prepared = time.perf_counter()
        source = LedgerImport(
            file_name=safe_name(file.name),
            digest=digest_of(content),
            size=len(content),
            person_id=SYSTEM_ID,
            unit_path=home,
            mapping=mapping,
            skip_refused=skip_refused,
            stage=ImportStage.CONFIRMED.value,
            uploaded_at=parts.clock.now(),
        )
        judged, written = _judge_and_write(parts, source, read, rows, dry_run=dry_run)
        done = time.perf_counter()
        beside = None
        if skip_refused and judged.counts.refused and not dry_run:
            beside = write_refused(file, read, judged.verdicts)
    facts = _facts(judged, written, beside, prepared - started, done - prepared)
    if as_json:
        print_json(facts | {"rows": _rows(judged)})
    else:
        _print(facts, judged)
    if judged.counts.refused and not skip_refused:
        what = "Nothing would be imported" if dry_run else "Nothing was imported"
        raise Invalid(
            f"{what}: {judged.counts.refused} rows are refused. Correct them, or leave them out with "
            f"--skip-refused."
        )


def _mapping(file: Path | None) -> dict[str, str]:
    """Return what the map file says; nothing without one."""
    if file is None:
        return {}
    with file.open("rb") as stream:
        return read_map(stream.read(LARGEST_MAP + 1))


def _judge_and_write(
    parts: Parts, source: LedgerImport, read: Ledger, rows: Sequence[Row], *, dry_run: bool
) -> tuple[Judged, bool]:
    """Compare, and write in the same transaction; a file that brings nothing new leaves no trace."""
    if dry_run:
        with parts.database.reading() as session:
            return judge_rows(session, read, rows), False
    with parts.database.writing() as session:
        alone(session)
        judged = judge_rows(session, read, rows)
        refused = judged.counts.refused and not source.skip_refused
        writes = not refused and any(
            one.raises_conflict or one.outcome is Outcome.NEW for one in judged.verdicts
        )
        if writes:
            finish(session, source, judged, parts.clock.now())
    return judged, writes


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Progress]:
    """Give what shows the progress: a bar on a terminal, plain lines in a pipe, nothing for programs."""
    if quiet:
        yield lambda _done, _total: None
    elif sys.stderr.isatty():
        with click.progressbar(length=1, label="Reading", file=sys.stderr) as bar:

            def draw(done: int, total: int) -> None:
                bar.length = max(total, 1)
                bar.update(done - bar.pos)

            yield draw
    else:

        def say_so(done: int, total: int) -> None:
            if done % A_LINE_EVERY == 0 or done == total:
                click.echo(f"read {done} of {total} rows", err=True)

        yield say_so


def _facts(
    judged: Judged, written: bool, refused_file: Path | None, before: float, inside: float
) -> dict[str, Any]:
    counts = judged.counts
    return {
        "new": counts.new,
        "same": counts.same,
        "conflicting": counts.conflicting,
        "refused": counts.refused,
        "flagged": counts.flagged,
        "written": written,
        "refused rows in": str(refused_file) if refused_file else "",
        "notes": [say(one) for one in judged.notes],
        "seconds before the transaction": round(before, 2),
        "seconds in the transaction": round(inside, 2),
    }


def _rows(judged: Judged) -> list[dict[str, Any]]:
    return [
        {
            "row": one.row.row,
            "number": one.row.content.number if isinstance(one.row, Prepared) else one.row.number,
            "outcome": one.outcome.value,
            "why": [
                say(why) for why in (*one.whys, *(one.row.flags if isinstance(one.row, Prepared) else ()))
            ],
        }
        for one in judged.verdicts
    ]


def _print(facts: dict[str, Any], judged: Judged) -> None:
    rows = [one for one in _rows(judged) if one["why"]]
    for outcome in Outcome:
        some = [one for one in rows if one["outcome"] == outcome.value]
        for one in some[:SHOWN]:
            click.echo(f"row {one['row']}  {one['number'] or '-'}  {outcome.value}: {' '.join(one['why'])}")
        if some[SHOWN:]:
            click.echo(
                f"… and {len(some) - SHOWN} more {outcome.value} rows with something to say (--json has all)"
            )
    for note in facts["notes"]:
        click.echo(note)
    counts = "  ".join(f"{name} {facts[name]}" for name in (*Outcome, "flagged"))
    click.echo(f"{counts}  of {len(judged.verdicts)} rows")
    if facts["refused rows in"]:
        click.echo(f"refused rows: {facts['refused rows in']}")
    click.echo(
        f"{facts['seconds before the transaction']} s before the transaction, "
        f"{facts['seconds in the transaction']} s in it"
    )
    click.echo("imported" if facts["written"] else "nothing was changed")
