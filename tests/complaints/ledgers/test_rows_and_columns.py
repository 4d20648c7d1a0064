"""What the page that asks for the columns takes of a ledger, and that the report names what it does not."""

from __future__ import annotations

import pytest

from complaints.dossier.record_models import LedgerImport
from tests.bureau import Bureau, SignIn, post
from tests.complaints.ledgers.rooms import checked, records
from tests.complaints.ledgers.sheets import HEADER, OWN, as_csv, as_xlsx, row
from tests.complaints.ledgers.test_columns import ALL, choose, chosen_on


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_of_a_file_without_a_header_every_row_is_taken(client_as: SignIn, city: Bureau, kind: str) -> None:
    rows = [[number, "2023-03-01", "鞋开胶", "退款"] for number in ("9001", "9002", "9003")]
    content = as_csv(rows[1:], rows[0]) if kind == "csv" else as_xlsx(rows[1:], rows[0])
    client = client_as("intake")
    brought = checked(client, f"a.{kind}", content)
    assert "第1行作为列名，不作为记录" in brought.page.text
    assert "没有表头行：第一行就是记录" in brought.page.text
    page = client.get(f"/ledgers/{brought.id}/columns?head=1-0").text
    assert "没有一行作为列名：每一行都是记录" in page
    assert "9001</span>" in page
    fields = {"column_1": "number", "column_2": "received_at", "column_3": "subject"}
    assert choose(client, brought.id, "1-0", **fields).status_code == 303
    report = client.get(f"/ledgers/{brought.id}").text
    assert "未采用的列：D" in report
    assert "表头以上" not in report
    again = client.get(f"/ledgers/{brought.id}/columns").text
    assert ('value="1-0" selected' in again, chosen_on(again)) == (True, fields)
    assert post(client, f"/ledgers/{brought.id}/confirm").status_code == 303
    assert [one.number for one in records(city)] == ["9001", "9002", "9003"]


def test_rows_above_the_header_are_named_in_the_report(client_as: SignIn) -> None:
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([row(), OWN, row(number="2")], ["樊城区"]))
    assert choose(client, brought.id, "1-3", **ALL).status_code == 303
    assert "表头以上未采用的行：1, 2。" in client.get(f"/ledgers/{brought.id}").text
    known = checked(client, "b.csv", as_csv([HEADER, row()], ["樊城区"]))
    assert "表头以上未采用的行：1。" in known.page.text


def test_a_column_beyond_the_header_is_offered_and_refuses_no_row(client_as: SignIn, city: Bureau) -> None:
    client = client_as("intake")
    rows = [["7", "2023-03-01", "鞋开胶"], ["8", "2023-03-02", "锅漏水", "急"]]
    fields = {"column_1": "number", "column_2": "received_at", "column_3": "subject"}
    brought = checked(client, "a.csv", as_csv(rows, ["单号", "收到"]))
    assert 'name="column_4"' in brought.page.text
    assert choose(client, brought.id, **fields).status_code == 303
    report = client.get(f"/ledgers/{brought.id}").text
    assert "未采用的列：D" in report
    assert post(client, f"/ledgers/{brought.id}/confirm").status_code == 303
    assert [(one.number, one.subject) for one in records(city)] == [("7", "鞋开胶"), ("8", "锅漏水")]


def test_a_column_that_the_page_did_not_show_still_refuses_its_row(client_as: SignIn, city: Bureau) -> None:
    client = client_as("intake")
    rows = [[str(at), "2023-03-01", "鞋开胶"] for at in range(1, 13)]
    brought = checked(client, "a.csv", as_csv([*rows, ["13", "2023-03-01", "鞋开胶", "急"]], ["单号"]))
    fields = {"column_1": "number", "column_2": "received_at", "column_3": "subject"}
    assert choose(client, brought.id, **fields).status_code == 303
    with city.database.reading() as session:
        here = session.get_one(LedgerImport, brought.id)
        assert (here.new, here.refused) == (12, 1)


EMPTY_BESIDE = (["登记号", *HEADER], ["单号", "登记编号", "登记编号", *HEADER[1:]], ["备注", "备注", *HEADER])
"""Heads before the known ones that mean the same as another; nothing stands below them."""


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("header", EMPTY_BESIDE)
def test_an_empty_column_that_means_the_same_as_another_stops_no_ledger(
    client_as: SignIn, city: Bureau, kind: str, header: list[str]
) -> None:
    blank = [""] * (len(header) - len(HEADER))
    rows = [[*blank, *row()], [*[" " for _one in blank], *row(number="2023-0002")]]
    content = as_csv(rows, header) if kind == "csv" else as_xlsx(rows, header)
    client = client_as("intake")
    brought = checked(client, f"a.{kind}", content)
    assert f"未采用的列：{header[0]}" in brought.page.text
    assert post(client, f"/ledgers/{brought.id}/confirm").status_code == 303
    assert [one.number for one in records(city)] == ["2023-0001", "2023-0002"]


@pytest.mark.parametrize("header", EMPTY_BESIDE[:2])
def test_one_value_in_such_a_column_and_a_person_is_asked(
    client_as: SignIn, city: Bureau, header: list[str]
) -> None:
    blank = [""] * (len(header) - len(HEADER))
    rows = [[*blank, *row()], ["7", *blank[1:], *row(number="2023-0002")]]
    brought = checked(client_as("intake"), "a.csv", as_csv(rows, header))
    with city.database.reading() as session:
        assert session.get_one(LedgerImport, brought.id).failure["code"] == "double"
    assert records(city) == []
