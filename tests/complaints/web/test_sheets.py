"""A sheet of rows: each kind of column as .csv and as .xlsx, what is empty, what cannot be carried."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from complaints.foundation.clock import microseconds
from complaints.web.sheets import Column, Kind, csv_lines, write_xlsx

AT = datetime(2026, 11, 24, 2, 0, 59, tzinfo=UTC)
COLUMNS: list[Column[Any]] = [
    Column("文字", lambda row: row[0]),
    Column("数", lambda row: row[1], Kind.NUMBER),
    Column("金额（元）", lambda row: row[2], Kind.YUAN),
    Column("日", lambda row: row[3], Kind.DAY),
    Column("时", lambda row: row[4], Kind.MOMENT),
]
ROWS = [
    ("退款", 3, 123_450, date(2024, 2, 29), AT),
    ("", 0, -5, date(2026, 1, 4), microseconds(AT)),
    (None, None, None, None, None),
]


def as_xlsx(columns: list[Column[Any]], rows: list[Any], folder: Path, name: str = "x") -> CalamineWorkbook:
    file = io.BytesIO()
    write_xlsx(file, str(folder), name, columns, [rows[:1], rows[1:]])
    assert list(folder.iterdir()) == [], "nothing is left beside the file"
    return CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue()))


def test_each_kind_as_csv() -> None:
    lines = list(csv_lines(COLUMNS, [ROWS[:1], ROWS[1:]]))
    assert len(lines) == 3, "the head, and a piece for each portion"
    assert lines[0].startswith("\ufeff文字,")
    assert list(csv.reader(io.StringIO("".join(lines[1:])))) == [
        ["退款", "3", "1234.50", "2024-02-29", "2026-11-24 10:00"],
        ["", "0", "-0.05", "2026-01-04", "2026-11-24 10:00"],
        ["", "", "", "", ""],
    ]


def test_each_kind_as_xlsx(tmp_path: Path) -> None:
    head, *rows = as_xlsx(COLUMNS, ROWS, tmp_path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert head == ["文字", "数", "金额（元）", "日", "时"]
    moment = datetime(2026, 11, 24, 10, 0, 59)  # noqa: DTZ001 (a cell has no zone)
    assert rows == [
        ["退款", 3.0, 1234.5, date(2024, 2, 29), moment],
        ["", 0.0, -0.05, date(2026, 1, 4), moment],
    ]


@pytest.mark.parametrize("name", ["[a]:*?/\\'b", "很长的名字" * 10, "Sheet"])
def test_any_title_makes_a_sheets_name(name: str, tmp_path: Path) -> None:
    (kept,) = as_xlsx(COLUMNS, ROWS, tmp_path, name).sheet_names
    assert 0 < len(kept) <= 31
    assert not set(kept) & set("[]:*?/\\'")


def test_what_xml_cannot_carry_is_replaced_in_both(tmp_path: Path) -> None:
    columns: list[Column[str]] = [Column("文字", str)]
    text = "a\x00b\x0bc\x1b\ud800\uffff<r>&]]>"
    sheet = as_xlsx(columns, [text], tmp_path).get_sheet_by_index(0).to_python()
    assert sheet[1] == ["a\ufffdb\ufffdc\ufffd\ufffd\ufffd<r>&]]>"]
    assert "a\ufffdb\ufffdc" in "".join(csv_lines(columns, [[text]]))


def test_what_looks_like_marks_of_the_format_is_text(tmp_path: Path) -> None:
    columns: list[Column[str]] = [Column("<r>", str)]
    texts = ["<r><t>x</t></r>", "_x0041_", "http://example.com/", "mailto:a@b.cn", "0123", "1e5", "TRUE"]
    sheet = as_xlsx(columns, texts, tmp_path).get_sheet_by_index(0).to_python()
    cells = [row[0] for row in sheet[1:]]
    assert cells == ["'<r><t>x</t></r>", *texts[1:]]
