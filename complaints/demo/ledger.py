"""A small ledger of three earlier years, imported as an intake officer would; nobody in it exists."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import yaml

from complaints.demo.bureau import CITY_PATH
from complaints.demo.stage import Doors
from complaints.dossier.record_models import ImportStage, LedgerImport
from complaints.foundation.clock import Clock
from complaints.ledgers.importing import (
    digest_of,
    finish,
    judge_rows,
    prepare_rows,
    read_ledger,
    unit_finder,
)
from complaints.organisation.people import actor_by_username

HEADER = (
    "登记编号",
    "投诉人",
    "联系电话",
    "投诉内容",
    "被投诉人",
    "登记日期",
    "办理结果",
    "办结时间",
    "承办单位",
)
UNITS = ("/420600/420606/01/", "/420600/420606/02/", "/420600/420602/02/")
FIRST_YEAR, YEARS = 2022, 3
_FAMILIES = "赵钱孙李周吴郑王冯陈"


def bring(database: Doors, clock: Clock, username: str) -> int:
    """Import the ledger as that person, in one transaction; return how many records there are now."""
    content = _file()
    ledger = read_ledger("历史台账.csv", content, {})
    with database.reading() as session:
        actor = actor_by_username(session, username, clock.today())
        assert actor is not None  # noqa: S101 - the bureau was just founded
        unit_of = unit_finder(session, CITY_PATH, None)
    rows = prepare_rows(ledger, unit_of, clock.today(), lambda _done, _total: None)
    with database.writing() as session:
        judged = judge_rows(session, ledger, rows)
        source = LedgerImport(
            file_name="历史台账.csv",
            digest=digest_of(content),
            size=len(content),
            person_id=actor.id,
            unit_path=CITY_PATH,
            stage=ImportStage.CONFIRMED.value,
            uploaded_at=clock.now(),
        )
        finish(session, source, judged, clock.now())
    return judged.counts.new


def _file() -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([HEADER, *_rows()])
    return written.getvalue().encode()


def _rows() -> Iterator[list[str]]:
    told = yaml.safe_load(Path(__file__).with_name("ledger.yaml").read_text(encoding="utf-8"))
    for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
        for at, (what, shop, answer, days) in enumerate(told):
            received = date(year, 1 + at, 3 + 2 * at)
            yield [
                f"{year}-{at + 1:04d}",
                f"{_FAMILIES[at]}某",
                f"1390710{year % 100:02d}{at:02d}",
                what,
                shop,
                received.isoformat(),
                answer,
                (received + timedelta(days=days + year - FIRST_YEAR)).isoformat() if days else "",
                UNITS[at % len(UNITS)],
            ]
