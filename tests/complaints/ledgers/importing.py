"""Importing a ledger's bytes into the test's database, as command and worker do."""

from __future__ import annotations

from collections.abc import Mapping

from complaints.dossier.record_models import HistoricalRecord, ImportStage, LedgerImport
from complaints.ledgers.importing import (
    Judged,
    alone,
    digest_of,
    finish,
    judge_rows,
    prepare_rows,
    read_ledger,
    unit_finder,
)
from complaints.ledgers.sentences import say
from tests.bureau import COUNTY, Bureau
from tests.complaints.ledgers.rooms import records
from tests.complaints.ledgers.sheets import as_csv


def take(
    city: Bureau, content: bytes, name: str = "台账.csv", mapping: Mapping[str, str] | None = None
) -> Judged:
    """Import what can be, refused rows left out; raises FileRefused."""
    ledger = read_ledger(name, content, mapping or {})
    with city.database.reading() as session:
        unit_of = unit_finder(session, COUNTY, [COUNTY])
    rows = prepare_rows(ledger, unit_of, city.clock.today(), lambda _done, _total: None)
    with city.database.writing() as session:
        alone(session)
        judged = judge_rows(session, ledger, rows)
        source = LedgerImport(
            file_name=name,
            digest=digest_of(content),
            size=len(content),
            person_id=0,
            unit_path=COUNTY,
            mapping=dict(mapping or {}),
            stage=ImportStage.CONFIRMED.value,
            uploaded_at=city.clock.now(),
        )
        finish(session, source, judged, city.clock.now())
    return judged


def take_rows(city: Bureau, *rows: list[object]) -> Judged:
    """Import rows as .csv."""
    return take(city, as_csv(rows))


def only(city: Bureau) -> HistoricalRecord:
    """Return the only record there is."""
    [record] = records(city)
    return record


def said(judged: Judged) -> list[str]:
    """Return what the report says of each row, in one sentence a row."""
    flags = [list(getattr(one.row, "flags", ())) for one in judged.verdicts]
    return [" ".join(map(say, [*one.whys, *more])) for one, more in zip(judged.verdicts, flags, strict=True)]


def outcomes(judged: Judged) -> list[str]:
    """Return what becomes of each row."""
    return [one.outcome.value for one in judged.verdicts]
