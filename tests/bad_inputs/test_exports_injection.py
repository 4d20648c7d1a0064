"""A list that leaves as a file runs nothing in a spreadsheet, and its texts can be had back."""

from __future__ import annotations

import csv
import io
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from complaints.foundation.spreadsheet_cells import unguarded
from complaints.web.sheets import Column, csv_lines, write_xlsx
from tests.bad_inputs.taking import DESKS, Taking

BEGINS = ("=", "+", "-", "@", "\t", " =", "\u00a0=", "\u3000=", "＝", "＋", "－", "＠", "'=", "<r>")
WORDS = st.lists(
    st.sampled_from([*BEGINS, "cmd|'/c calc'!A0", "退款", "\n", "1+1", '"', ",", ";", " "]), max_size=8
)
ANY_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)


def written(texts: list[str], folder: str) -> tuple[list[str], list[str]]:
    """Return the cells of the texts as .csv and as .xlsx gives them to a program that reads them."""
    columns: list[Column[str]] = [Column("内容", str)]
    lines = csv.reader(io.StringIO("".join(csv_lines(columns, [texts])), newline=""))
    file = io.BytesIO()
    write_xlsx(file, folder, "x", columns, [texts])
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue())).get_sheet_by_index(0)
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    return [line[0] if line else "" for line in lines][1:], [str(row[0]) for row in rows[1:]]


def test_c41_what_could_run_leaves_as_a_text_of_both_formats(taking: Taking) -> None:
    dangerous = [f"{begin}1+1" for begin in BEGINS if not begin.startswith("<")]
    for text in dangerous:
        taking.taken(DESKS[0], title=text, merchant_name=text)
    client = taking.client("intake")
    table = client.get("/intake?export=csv").data.decode("utf-8-sig")
    cells = [cell for line in csv.reader(io.StringIO(table, newline="")) for cell in line]
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/intake?export=xlsx").data))
    cells += [str(cell) for row in book.get_sheet_by_index(0).to_python() for cell in row]
    for cell in cells:
        for line in cell.splitlines():
            assert not line.lstrip(" \u00a0\u3000\t").startswith(tuple("=+-@＝＋－＠")), cell
    for text in dangerous:
        assert text.strip() in [unguarded(cell).strip() for cell in cells]


def test_c41_a_telephone_stays_readable_and_comes_back() -> None:
    columns: list[Column[str]] = [Column("电话", str)]
    (line,) = list(csv.reader(csv_lines(columns, [["+86 138****8000"]])))[1:]
    assert line == ["'+86 138****8000"]
    assert unguarded(line[0]) == "+86 138****8000"


@given(st.lists(st.one_of(WORDS.map("".join), ANY_TEXT), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_c41_every_text_comes_back_from_both_formats(tmp_path_factory: Any, texts: list[str]) -> None:
    texts = [text.replace("\u2028", "").replace("\u2029", "").replace("\x85", "") for text in texts]
    from_csv, from_xlsx = written(texts, str(tmp_path_factory.getbasetemp()))
    assert [unguarded(cell) for cell in from_csv] == texts
    # calamine leaves rows without a cell at the end away
    padded = from_xlsx + [""] * (len(texts) - len(from_xlsx))
    assert [unguarded(cell) for cell in padded] == texts
