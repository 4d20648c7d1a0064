"""A ledger whose columns are not known: the officer says on the page which is which; the file stays here."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
import xlsxwriter
from flask.testing import FlaskClient
from sqlalchemy import select, text

from complaints.dossier.record_models import LedgerImport
from complaints.ledgers import queue
from complaints.ledgers.leases import Bench
from complaints.ledgers.models import LedgerLine
from config import Settings
from tests.bureau import Bureau, SignIn, post
from tests.complaints.ledgers.rooms import checked, records
from tests.complaints.ledgers.sheets import HEADER, OWN, as_csv, as_xlsx, row
from tests.complaints.ledgers.test_room import files_left

KNOWN = {"column_1": "number", "column_2": "person", "column_3": "phone", "column_5": "text"}
ALL = {**KNOWN, "column_6": "merchant", "column_7": "received_at", "column_8": "reply"}


def stands(city: Bureau, import_id: int) -> tuple[str, str]:
    """Return stage and code of the failure."""
    with city.database.reading() as session:
        here = session.get_one(LedgerImport, import_id)
        return here.stage, here.failure.get("code", "")


def choose(client: FlaskClient, import_id: int, head: str = "1-1", **columns: str) -> Any:
    """Send the choice."""
    return post(client, f"/ledgers/{import_id}/columns", head=head, **columns)


def chosen_on(page: str) -> dict[str, str]:
    """Return what the page shows as chosen, by column; what is left aside is left out."""
    found = {}
    for name, options in re.findall(
        r'<select[^>]*name="(column_[0-9]+)"[^>]*>(.*?)</select>', page, re.DOTALL
    ):
        marked = re.search(r'<option selected value="([^"]+)"', options)
        if marked:
            found[name] = marked[1]
    return found


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_ledger_with_other_names_is_taken_by_what_the_officer_says_of_each_column(
    client_as: SignIn, city: Bureau, settings: Settings, kind: str
) -> None:
    client = client_as("intake")
    rows = [row(), row(number="2023-0002", person="吴静", phone=13900139000, received_at="2023-05-06")]
    content = as_csv(rows, OWN) if kind == "csv" else as_xlsx(rows, OWN)
    brought = checked(client, f"a.{kind}", content)
    page = brought.page.text
    assert stands(city, brought.id) == ("failed", "no_header")
    assert len(files_left(settings)) == 1
    for words in (
        "流水号",
        "说了什么",
        "2023-0001",
        "2023-0002",
        "138****8000",
        "139****9000",
        "各列是什么？",
    ):
        assert words in page, words
    assert "13800138000" not in page
    assert "13900139000" not in page
    assert chosen_on(page) == {"column_3": "phone"}
    sent = choose(client, brought.id, **ALL)
    assert sent.status_code == 303, sent.text
    report = client.get(f"/ledgers/{brought.id}").text
    assert stands(city, brought.id) == ("checked", "")
    assert "题, 何时, 哪里" in report
    assert post(client, f"/ledgers/{brought.id}/confirm").status_code == 303
    found = [(one.number, one.person, one.phone, one.merchant, one.reply_in_full) for one in records(city)]
    assert found == [
        ("2023-0001", "周明", "13800138000", "襄阳惠民电器商行", "已调解，退款299元。"),
        ("2023-0002", "吴静", "13900139000", "襄阳惠民电器商行", "已调解，退款299元。"),
    ]
    assert files_left(settings) == []


def test_what_is_wrong_is_said_and_what_was_chosen_is_kept(client_as: SignIn, city: Bureau) -> None:
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([row()], OWN))
    cases = {
        "两列对应同一项目“编号”：A 流水号, D 题": ALL | {"column_4": "number"},
        "还没有为以下项目选定列：接收时间": {name: key for name, key in ALL.items() if name != "column_7"},
        "还没有为以下项目选定列：编号": {"column_2": "person"},
        "台账中没有第11列": ALL | {"column_11": "unit"},
        "请从所列项目中选择一项": ALL | {"column_9": "nummer"},
    }
    for sentence, given in cases.items():
        answer = choose(client, brought.id, **given)
        assert (answer.status_code, sentence in html.unescape(answer.text)) == (422, True), sentence
        kept = {key: value for key, value in given.items() if key != "column_11" and value != "nummer"}
        assert kept.items() <= chosen_on(answer.text).items(), sentence
        assert stands(city, brought.id) == ("failed", "no_header")
    gone = choose(client, brought.id, "1-77", **ALL)
    assert (gone.status_code, "作为表头的那一行不存在" in gone.text) == (422, True)
    assert choose(client, brought.id, **ALL).status_code == 303
    assert stands(city, brought.id) == ("checked", "")


def test_columns_with_the_same_name_and_without_one_are_told_apart_by_their_place(
    client_as: SignIn, city: Bureau
) -> None:
    header = ["编号", "", "内容", "内容", "登记日期"]
    brought = checked(
        client_as("intake"), "a.xlsx", as_xlsx([["7", "周明", "甲", "乙", "2023-03-01"]], header)
    )
    assert stands(city, brought.id) == ("failed", "same_header")
    client = client_as("intake")
    fields = {"column_1": "number", "column_2": "person", "column_4": "text", "column_5": "received_at"}
    assert choose(client, brought.id, **fields).status_code == 303
    assert post(client, f"/ledgers/{brought.id}/confirm").status_code == 303
    [record] = records(city)
    assert (record.person, record.text) == ("周明", "乙")


def test_of_two_columns_that_mean_the_same_the_officer_takes_one(client_as: SignIn, city: Bureau) -> None:
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([["9", *row()]], ["编号", *HEADER]))
    assert stands(city, brought.id) == ("failed", "double")
    known = chosen_on(brought.page.text)
    assert "number" not in known.values()
    assert (known["column_3"], known["column_8"]) == ("person", "received_at")
    assert choose(client, brought.id, **known, column_2="number").status_code == 303
    assert post(client, f"/ledgers/{brought.id}/confirm").status_code == 303
    assert [one.number for one in records(city)] == ["2023-0001"]


def test_the_names_may_stand_in_another_line_of_another_sheet(client_as: SignIn, city: Bureau) -> None:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as book:
        cover = book.add_worksheet("说明")
        cover.write_row(0, 0, ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一"])
        sheet = book.add_worksheet("数据")
        for at, cells in enumerate([["樊城区 2023年"], OWN, row()]):
            sheet.write_row(at, 0, cells)
    client = client_as("intake")
    brought = checked(client, "a.xlsx", written.getvalue())
    assert "数据 第2行" in brought.page.text
    other = client.get(f"/ledgers/{brought.id}/columns?head=2-2")
    assert (other.status_code, "流水号" in other.text) == (200, True)
    wrong = choose(client, brought.id, "2-2", column_1="number")
    assert 'value="2-2" selected' in wrong.text
    assert choose(client, brought.id, "2-2", **ALL).status_code == 303
    assert "说明" in client.get(f"/ledgers/{brought.id}").text
    assert post(client, f"/ledgers/{brought.id}/confirm").status_code == 303
    assert [one.number for one in records(city)] == ["2023-0001"]


def test_the_last_line_as_header_leaves_the_file_and_the_choice(client_as: SignIn, city: Bureau) -> None:
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([row()], OWN))
    assert choose(client, brought.id, "1-2", **ALL).status_code == 303
    assert stands(city, brought.id) == ("failed", "no_rows")
    page = client.get(f"/ledgers/{brought.id}").text
    assert 'value="1-2" selected' in page
    assert chosen_on(page) == ALL
    assert choose(client, brought.id, **ALL).status_code == 303
    assert stands(city, brought.id) == ("checked", "")


def test_a_checked_ledger_is_checked_again_by_other_columns(client_as: SignIn, city: Bureau) -> None:
    """The wrong day was taken: every row is refused until another column is."""
    client = client_as("intake")
    header = [*OWN[:6], "登记日期", "办结时间", *OWN[8:]]
    header[0], header[4] = "编号", "内容"
    brought = checked(client, "a.csv", as_csv([row(received_at="不详")], header))
    assert stands(city, brought.id) == ("checked", "")
    assert f"/ledgers/{brought.id}/columns" in brought.page.text
    page = client.get(f"/ledgers/{brought.id}/columns").text
    known = chosen_on(page)
    assert known["column_7"] == "received_at"
    moved = {name: key for name, key in known.items() if key not in ("received_at", "replied_at")}
    report = client.get(f"/ledgers/{brought.id}").text
    sent = choose(client, brought.id, **moved, column_9="received_at")
    assert sent.status_code == 303, sent.text[sent.text.find("note is-late") :][:900]
    seen = re.search(r'name="columns"[^>]*value="([0-9a-f]+)"', report)
    assert seen
    # who still looks at the report of before decides about another one
    late = post(client, f"/ledgers/{brought.id}/confirm", columns=seen[1])
    assert (late.status_code, "各列已重新指定" in late.text) == (409, True)
    assert post(client, f"/ledgers/{brought.id}/confirm").status_code == 303
    assert [str(one.received_on) for one in records(city)] == ["2023-03-20"]
    assert client.get(f"/ledgers/{brought.id}/columns").status_code == 303
    again = choose(client, brought.id, **ALL)
    assert (again.status_code, "其间已导入" in again.text) == (409, True)


def test_a_large_ledger_waits_with_its_columns_and_names_lie_sealed(
    client_as: SignIn, city: Bureau, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "SMALL", 0)
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([row()], OWN))
    bench = Bench(city.database, city.clock, queue.store_in(settings.instance_dir), "one")
    assert queue.work_off(bench) == 1
    assert "等待指定各列" in client.get("/ledgers").text
    with city.database.reading() as session:
        stored = str(session.scalar(text("SELECT notes FROM ledger_import")))
    assert "sealed" in stored
    assert "周明" not in stored
    assert "u5468" not in stored
    assert choose(client, brought.id, **ALL).status_code == 303
    twice = choose(client, brought.id, **ALL)
    assert (twice.status_code, "正在核对" in twice.text) == (409, True)
    assert queue.work_off(bench) == 1
    assert stands(city, brought.id) == ("checked", "")
    assert post(client, f"/ledgers/{brought.id}/confirm").status_code == 303
    assert queue.work_off(bench) == 1
    assert len(records(city)) == 1
    with city.database.reading() as session:
        assert "sealed" not in str(session.scalar(select(LedgerImport.notes)))


def test_a_ledger_that_waits_for_its_columns_is_dropped_with_its_file(
    client_as: SignIn, city: Bureau, settings: Settings
) -> None:
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([row()], OWN))
    assert post(client, f"/ledgers/{brought.id}/drop").status_code == 303
    assert files_left(settings) == []
    gone = choose(client, brought.id, **ALL)
    assert (gone.status_code, "其间已被放弃" in gone.text) == (409, True)
    with city.database.reading() as session:
        assert session.scalar(select(LedgerImport.notes)) == []
        assert session.scalar(select(LedgerLine.row)) is None


def test_of_two_who_choose_at_once_the_second_is_told(client_as: SignIn, city: Bureau) -> None:
    """Also where the first choice came to nothing, and the ledger still waits for its columns."""
    client = client_as("intake")
    for head, stage in (("1-1", ("checked", "")), ("1-2", ("failed", "no_rows"))):
        brought = checked(client, "a.csv", as_csv([row()], OWN))
        began = re.search(r'name="columns"[^>]*value="([0-9a-f]+)"', brought.page.text)
        assert began
        assert choose(client, brought.id, head, columns=began[1], **ALL).status_code == 303
        assert stands(city, brought.id) == stage
        other = {**KNOWN, "column_4": "subject", "column_9": "received_at"}
        late = choose(client, brought.id, columns=began[1], **other)
        assert (late.status_code, "各列已重新指定，未作任何更改" in late.text) == (409, True)
        assert chosen_on(late.text) == other
        assert stands(city, brought.id) == stage
        with city.database.reading() as session:
            assert session.get_one(LedgerImport, brought.id).mapping["received_at"] == "7"
        now = re.search(r'name="columns"[^>]*value="([0-9a-f]+)"', late.text)
        assert now
        assert choose(client, brought.id, columns=now[1], **other).status_code == 303
        assert stands(city, brought.id) == ("checked", "")


def test_whose_ledger_it_is_not_does_not_choose(client_as: SignIn, city: Bureau) -> None:
    brought = checked(client_as("intake"), "a.csv", as_csv([row()], OWN))
    head = client_as("head")
    assert head.get(f"/ledgers/{brought.id}/columns").status_code == 404
    assert choose(head, brought.id, **ALL).status_code == 404
    assert client_as("handler").get(f"/ledgers/{brought.id}/columns").status_code == 403
    assert stands(city, brought.id) == ("failed", "no_header")
