"""Ledger files for tests, invented: nobody in them exists."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

HEADER = (
    "登记编号",
    "投诉人",
    "联系电话",
    "标题",
    "投诉内容",
    "被投诉人",
    "登记日期",
    "办理结果",
    "办结时间",
    "承办单位",
)
KEYS = (
    "number",
    "person",
    "phone",
    "subject",
    "text",
    "merchant",
    "received_at",
    "reply",
    "replied_at",
    "unit",
)
OWN = ("流水号", "谁", "手机号", "题", "说了什么", "店", "哪天", "结果", "何时", "哪里")
"""Names of the same columns that no ledger commonly has, but for the telephone's."""
FIRST: Mapping[str, Any] = {
    "number": "2023-0001",
    "person": "周明",
    "phone": "13800138000",
    "subject": "电饭煲不通电",
    "text": "买的电饭煲三天不通电，商家不退。电话 13800138000。",
    "merchant": "襄阳惠民电器商行",
    "received_at": "2023-03-01",
    "reply": "已调解，退款299元。",
    "replied_at": "2023-03-20",
    "unit": "",
}


def row(**changes: Any) -> list[Any]:
    """Return the cells of one row: the first one's, changed."""
    return [(dict(FIRST) | changes)[key] for key in KEYS]


def as_csv(rows: Sequence[Sequence[Any]], header: Sequence[str] = HEADER, encoding: str = "utf-8") -> bytes:
    """Return a .csv file."""
    written = io.StringIO()
    csv.writer(written).writerows([header, *rows])
    return written.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Sequence[Any]], header: Sequence[str] = HEADER, **options: Any) -> bytes:
    """Return an .xlsx file; days as real dates."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"default_date_format": "yyyy-mm-dd", **options}) as book:
        sheet = book.add_worksheet("台账")
        for at, cells in enumerate([header, *rows]):
            sheet.write_row(at, 0, cells)
    return written.getvalue()


def put(folder: Path, name: str, content: bytes) -> Path:
    """Write a file and return where."""
    path = folder / name
    path.write_bytes(content)
    return path
