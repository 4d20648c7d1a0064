"""Lists as files: what is on the screen, all of it, masked, safe in a spreadsheet, logged, within limits."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from complaints.organisation.models import SecurityEvent
from complaints.web import exports
from tests.bureau import SignIn
from tests.complaints.counted_queries import statements
from tests.factories import PHONE, Matters


@pytest.fixture(autouse=True)
def _no_exports_yet(standing_app: Flask, standing_as: SignIn) -> None:
    """Let each test take as many lists away as it needs."""
    with standing_as.city.database.writing() as session:
        session.execute(delete(SecurityEvent).where(SecurityEvent.kind == exports.LOGGED))


@pytest.fixture
def desk(standing_as: SignIn, standing_matters: Matters) -> FlaskClient:
    """The intake desk, where two new complaints wait, one of them dangerous in a spreadsheet."""
    client = standing_as("intake")
    if "=HYPERLINK" not in client.get("/intake").text:
        standing_matters.a_complaint(title='=HYPERLINK("http://x","y") 退款')
        standing_matters.a_complaint(title="㐂 𠮷 超市\u3000少找零钱 <b> & 👨\u200d👩\u200d👧", name="=陈")
    return client


def lines(answer: TestResponse) -> list[list[str]]:
    """Return the lines of a .csv file."""
    assert answer.status_code == 200, answer.text
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def cells(answer: TestResponse, sheet: int = 0) -> list[list[Any]]:
    """Return the rows of an .xlsx file."""
    assert answer.status_code == 200, answer.text
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(sheet).to_python()


def test_a_list_leaves_as_csv_with_its_rows_in_their_order(desk: FlaskClient) -> None:
    head, *rows = lines(desk.get("/intake?export=csv"))
    page = desk.get("/intake").text
    numbers = [row[head.index("编号")] for row in rows]
    assert len(numbers) == 2
    assert page.index(numbers[0]) < page.index(numbers[1])
    assert rows[0][head.index("事项")] == '\'=HYPERLINK("http://x","y") 退款'
    assert rows[1][head.index("事项")].startswith("㐂 𠮷 超市\u3000少找零钱 <b> & 👨\u200d👩\u200d👧")
    assert rows[0][head.index("提醒日")] == "2026-12-03"


def test_the_same_list_leaves_as_xlsx_with_real_dates(desk: FlaskClient) -> None:
    answer = desk.get("/intake?export=xlsx")
    head, *rows = cells(answer)
    texts = lines(desk.get("/intake?export=csv"))
    assert head == texts[0]
    assert rows[0][head.index("事项")] == '\'=HYPERLINK("http://x","y") 退款'
    assert rows[0][head.index("提醒日")].isoformat() == "2026-12-03"
    assert rows[0][head.index("接收时间")] == datetime(2026, 11, 24, 10, 0)  # noqa: DTZ001 (a cell has no zone)
    assert [[str(cell) for cell in row[:2]] for row in rows] == [row[:2] for row in texts[1:]]


def test_the_file_is_named_after_list_unit_and_day_and_is_kept_nowhere(desk: FlaskClient) -> None:
    answer = desk.get("/intake?export=xlsx")
    said = answer.headers["Content-Disposition"]
    assert said.startswith("attachment; filename=\"export.xlsx\"; filename*=UTF-8''%E5%88%86%E6%B5%81")
    assert said.endswith("_2026-11-24.xlsx")
    assert said.isascii()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    assert "text/csv" in desk.get("/intake?export=csv").headers["Content-Type"]


def test_an_empty_list_leaves_with_its_head_alone(desk: FlaskClient) -> None:
    assert len(lines(desk.get("/intake?tab=returned&export=csv"))) == 1
    assert len(cells(desk.get("/intake?tab=returned&export=xlsx"))) == 1


def test_each_export_is_in_the_security_log(desk: FlaskClient, standing_as: SignIn) -> None:
    lines(desk.get("/intake?export=csv"))
    with standing_as.city.database.reading() as session:
        line = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "export")).one()
    assert (line.subject, line.success) == ("intake.new csv 2", True)
    assert line.actor_id == standing_as.city.person_ids["intake"]


def test_no_full_number_and_no_name_leaves(desk: FlaskClient) -> None:
    for address in ("/intake?export=csv", "/intake?export=csv&tab=dispatched"):
        said = desk.get(address).text
        assert PHONE not in said
        assert "陈晓民" not in said


def test_who_may_not_see_a_list_may_not_take_it_away(standing_as: SignIn) -> None:
    for who in ("handler", "station", "auditor", "system_admin"):
        assert standing_as(who).get("/intake?export=csv").status_code == 403


def test_an_unknown_format_shows_the_page(desk: FlaskClient) -> None:
    answer = desk.get("/intake?export=pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"


def test_a_list_too_long_is_refused_with_a_sentence(
    desk: FlaskClient, standing_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 1)
    answer = desk.get("/intake?export=csv")
    assert answer.status_code == 422
    assert "该列表超过 1 行" in answer.text
    with standing_as.city.database.reading() as session:
        line = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "export")).one()
    assert (line.subject, line.success) == ("intake.new refused 2", False)


def test_too_many_exports_in_an_hour_are_refused_and_an_hour_later_not(
    desk: FlaskClient, standing_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_EXPORTS", 2)
    for _turn in range(2):
        lines(desk.get("/intake?export=csv"))
    refused = desk.get("/intake?export=csv")
    assert refused.status_code == 429
    assert "一小时内已导出 2 个列表" in refused.text
    standing_as.city.clock.move(minutes=-1)  # set back: what a clock wrote that ran ahead counts for nothing
    assert standing_as("intake").get("/intake?export=csv").status_code == 200
    standing_as.city.clock.move(hours=1, minutes=1, seconds=1)
    assert standing_as("intake").get("/intake?export=csv").status_code == 200


def test_a_portion_takes_the_same_number_of_queries_whatever_its_length(
    desk: FlaskClient, standing_as: SignIn, standing_matters: Matters, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = standing_as.city.database
    asked = len(statements(database, lambda: lines(desk.get("/intake?export=csv"))))
    monkeypatch.setattr(exports, "PORTION", 1)
    in_two = len(statements(database, lambda: lines(desk.get("/intake?export=csv"))))
    per_portion = in_two - asked
    assert 0 < per_portion <= 10
    assert len(lines(desk.get("/intake?export=csv"))) == 3


def test_a_matter_that_has_gone_out_of_sight_meanwhile_is_left_out(standing_app: Flask) -> None:
    listing = exports.Listing(
        "x", "x", [exports.Column("x", str)], [1, 2, 3], lambda ids: [i for i in ids if i != 2]
    )
    with standing_app.test_request_context("/?export=csv"):
        assert [list(rows) for rows in exports._portions(listing)] == [[1, 3]]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_memory_does_not_grow_with_the_list(
    standing_app: Flask, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive: list[int] = []

    def read(ids: Any) -> list[str]:
        alive.append(len(ids))
        return [f"{one} {'退款' * 1_000}" for one in ids]

    def size(rows: int) -> int:
        listing = exports.Listing("x", "x", [exports.Column("x", str)], range(rows), read)
        with standing_app.test_request_context(f"/?export={form}"):
            tracemalloc.start()
            body = exports._csv(listing) if form == "csv" else exports._sent(exports._xlsx(listing))
            sent = sum(len(part) for part in body)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert sent > 0
        return peak

    monkeypatch.setattr(exports, "PORTION", 50)
    size(60)
    small, large = size(400), size(1_200)
    assert max(alive) == exports.PORTION
    # all of them would be 3.2 MB more
    assert large < small + 1_000_000
