"""A text longer than a cell, which an export carries over into a second sheet, comes back as it was."""

from __future__ import annotations

import csv
import io
import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from python_calamine import CalamineWorkbook

from complaints.foundation.spreadsheet_cells import LONGEST
from complaints.ledgers.contents import Prepared, prepare
from complaints.ledgers.importing import Ledger, read_ledger
from complaints.ledgers.judging import Verdict
from complaints.ledgers.models import Outcome
from complaints.ledgers.refused_rows import write_refused
from complaints.web import sheets
from complaints.web.sheets import Column, write_xlsx
from tests.complaints.ledgers.sheets import as_csv

COLUMNS: list[Column[Any]] = [
    Column("编号", lambda row: row[0]),
    Column("登记日期", lambda _row: "2023-01-01"),
    Column("投诉内容", lambda row: row[1]),
]
NASTY = "'=+-@ ＝＋\na甲1\u3000"


def exported(app: Flask, folder: Path, texts: list[str], language: str = "zh_Hans_CN") -> bytes:
    """Return an export with these texts."""
    file = io.BytesIO()
    rows = [(f"n{at}", text) for at, text in enumerate(texts)]
    with app.test_request_context(), force_locale(language):
        write_xlsx(file, str(folder), "x", COLUMNS, [rows])
    return file.getvalue()


def sheet_of(content: bytes, at: int) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(at).to_python()


def texts_of(ledger: Ledger) -> list[str]:
    rows = prepare(ledger.table, ledger.columns, lambda _word: "/1/", date(2026, 11, 24), ledger.lines)
    return [row.content.text for row in rows if isinstance(row, Prepared)]


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
def test_lines_that_could_run_come_back_from_the_second_sheet(
    app: Flask, tmp_path: Path, language: str
) -> None:
    texts = [
        "甲" * 33_000 + "\n- 第二项",
        "甲" * (LONGEST - 90) + "\n第一项\n- 第二项\n=1+1\n" + "乙" * 80,
        "甲" * 33_000 + "\n'- 引号是自己的",
        "=" * 70_000,
        "短的\n- 第二项",
    ]
    content = exported(app, tmp_path, texts, language)
    for row in sheet_of(content, 1)[1:]:
        assert not row[2].startswith(("=", "-"))
    assert texts_of(read_ledger("a.xlsx", content, {})) == texts


def test_however_a_text_is_cut_it_comes_back(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cells of twelve signs."""
    monkeypatch.setattr(sheets, "LONGEST", sheets._SAID + 12)
    chance = random.Random(12315)
    texts = [f"甲{''.join(chance.choices(NASTY, k=chance.randrange(4, 60)))}乙" for _text in range(500)]
    assert texts_of(read_ledger("a.xlsx", exported(app, tmp_path, texts), {})) == texts


def test_a_cell_from_which_somebody_took_the_mark_stays_whole(app: Flask, tmp_path: Path) -> None:
    text = "他说 … (没有说完" + "甲" * 33_000 + "末尾"
    ledger = read_ledger("a.xlsx", exported(app, tmp_path, [text]), {})
    cells = ledger.lines[0].cells
    beginning, mark = str(cells[2]).rsplit(" …", 1)
    assert mark == "（下接工作表“续表”）"
    for said in (f" …{mark}", " … (goes on in the sheet “Continued”)", ""):
        cells[2] = f"{beginning}{said}"
        assert texts_of(ledger) == [text]


def test_a_refused_row_is_written_with_the_whole_of_its_text(app: Flask, tmp_path: Path) -> None:
    text = "甲" * 33_000 + "\n- 第二项"
    ledger = read_ledger("a.xlsx", exported(app, tmp_path, [text]), {})
    row = next(prepare(ledger.table, ledger.columns, lambda _w: "/1/", date(2020, 1, 1), ledger.lines))
    written = write_refused(tmp_path / "a.xlsx", ledger, [Verdict(row, Outcome.REFUSED, [])])
    _head, [number, day, said, _why] = csv.reader(io.StringIO(written.read_text("utf-8-sig"), newline=""))
    assert said == text.replace("\n-", "\n'-")
    again = read_ledger("b.csv", as_csv([[number, day, said]], ("编号", "登记日期", "投诉内容")), {})
    assert texts_of(again) == [text]
