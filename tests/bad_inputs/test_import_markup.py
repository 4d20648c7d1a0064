"""Bad inputs 37 and 42 to 44 as far as they come in ledgers: names of files, heads, titles, cells."""

from __future__ import annotations

import html
import io
import re

import pytest
import xlsxwriter
from sqlalchemy import select

from complaints.dossier.record_models import LedgerImport
from complaints.organisation.models import SecurityEvent
from config import Settings
from tests.bad_inputs.test_markup import SCRIPTS, TEMPLATES, check
from tests.bureau import Bureau, SignIn, post
from tests.complaints.ledgers.importing import only, outcomes, said, take, take_rows
from tests.complaints.ledgers.rooms import bring, checked, records
from tests.complaints.ledgers.sheets import HEADER, as_csv, as_xlsx, row
from tests.complaints.ledgers.test_room import files_left

WORDS = (*SCRIPTS, TEMPLATES, "../../etc/passwd", "..\\..\\windows", "%2e%2e%2f", "file:///etc/passwd")
TITLES = ("<b onload=x>{{config}}", "<script>alert(1)<x>")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("/etc/x.csv", "x.csv"),
        ("\u202evsc.台账.csv", "vsc.台账.csv"),
        ("看\u200b不\u2066见\ufeff.csv", "看不见.csv"),
        ("长" * 200 + ".csv", "长" * 83 + ".csv"),
        ("陈晓民13800138000身份证420602199003071235.csv", "陈晓民138****8000身份证420602********1235.csv"),
        ("通话 138-0013-8000 ０７１０－３５１２３４５.csv", "通话 138****8000 0710-****345.csv"),
        (
            "台账'><img src=x onerror=alert(1)>{{7*7}}${x}.csv",
            "台账'><img src=x onerror=alert(1)>{{7*7}}${x}.csv",
        ),
    ],
)
def test_c37_the_name_of_a_ledger_leads_nowhere_and_says_only_what_it_may(
    client_as: SignIn, settings: Settings, given: str, kept: str
) -> None:
    brought = checked(client_as("intake"), given, as_csv([row()]))
    assert f"<h2>{kept}</h2>" in html.unescape(brought.page.text)
    assert kept in html.unescape(client_as("intake").get("/ledgers").text)
    assert not re.search("13800138000|138-0013-8000|19900307", brought.page.text)
    check(brought.page.text, given)
    [file] = files_left(settings)
    assert re.fullmatch("[0-9a-f]{32}", file.name)


@pytest.mark.parametrize("given", ["CON", ".htaccess", "a.csv\0.exe", "\u202efdp.exe", "台账.csv.exe", "  "])
def test_c37_a_name_that_says_nothing_or_lies_is_refused(
    client_as: SignIn, city: Bureau, settings: Settings, given: str
) -> None:
    answer = bring(client_as("intake"), given, as_csv([row()]))
    assert answer.status_code in (303, 422)
    if answer.status_code == 303:
        answer = client_as("intake").get(answer.headers["Location"])
    assert re.search("既不是|请选择", answer.text), given
    assert records(city) == []
    assert files_left(settings) == []


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_c42_c43_what_would_run_elsewhere_is_words_in_a_cell(
    client_as: SignIn, city: Bureau, kind: str
) -> None:
    rows = [row(number=f"n{at}{one[:60]}", person=f"人{one[:89]}", phone=one[:90], subject=one, text=one,
                merchant=one, reply=one) for at, one in enumerate(WORDS)]  # fmt: skip
    client = client_as("intake")
    wrong = [row(number=one, received_at=one, unit=one) for one in WORDS]
    other = [row(number="n0" + WORDS[0], text="other " + WORDS[0])]
    table = [*rows, *other, *wrong]
    brought = checked(
        client, f"a.{kind}", as_csv(table) if kind == "csv" else as_xlsx(table, strings_to_urls=False)
    )
    assert post(client, f"/ledgers/{brought.id}/confirm", skip_refused="y").status_code == 303
    found = records(city)
    assert [(one.text_in_full, one.merchant, one.reply_in_full) for one in found] == [
        (one, one, one) for one in WORDS
    ]
    for at, one in enumerate(found):
        page = client_as("supervisor").get(f"/records/{one.id}").text
        check(page, WORDS[at])
        assert html.unescape(page).count(WORDS[at]) >= 3
    pages = [f"/ledgers/{brought.id}", "/ledgers", "/ledgers/conflicts", "/ledgers/conflicts/1"]
    for address in pages:
        page = client.get(address).text
        check(page, address)
        assert "root:" not in page
    report = html.unescape(client.get(f"/ledgers/{brought.id}").text)
    assert TEMPLATES[:30] in report


def test_c42_c43_heads_and_titles_of_sheets_are_words_on_the_page_of_the_columns(client_as: SignIn) -> None:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"strings_to_urls": False}) as made:
        for title in TITLES:
            sheet = made.add_worksheet(title)
            sheet.write_row(0, 0, [one[:40] for one in WORDS])
            sheet.write_row(1, 0, [*WORDS])
    client = client_as("intake")
    brought = checked(client, "a.xlsx", written.getvalue())
    pages = [brought.page, client.get(f"/ledgers/{brought.id}/columns?head=2-1")]
    pages.append(client.get(f"/ledgers/{brought.id}/columns?head={SCRIPTS[1]}"))
    pages.append(post(client, f"/ledgers/{brought.id}/columns", head=SCRIPTS[0], column_1=SCRIPTS[1]))
    for page in pages:
        assert page.status_code < 500
        check(page.text, page.text)
        plain = html.unescape(page.text)
        assert [one for one in (*WORDS, *TITLES) if one[:30] not in plain] == []
    known = checked(client, "b.csv", as_csv([[*row(), *WORDS]], [*HEADER, *WORDS]))
    check(known.page.text, "left out")
    assert TEMPLATES[:30] in html.unescape(known.page.text)


def test_c44_a_line_break_makes_no_second_header_or_line(client_as: SignIn, city: Bureau) -> None:
    evil = "甲\r\nSet-Cookie: a=b\n2026-11-24 sign_in ok\u2028乙"
    client = client_as("intake")
    judged = take(city, as_csv([row(number=evil, person=evil, merchant=evil, subject=evil)]), evil + ".csv")
    assert outcomes(judged) == ["new"]
    for value in (only(city).number, only(city).person, only(city).merchant, only(city).subject_in_full):
        assert not re.search("[\r\n\u2028]", value)
    refused = [row(number=evil, received_at=evil, unit=evil)]
    brought = checked(client, "a%0D%0AX-Evil: 1.csv", as_csv(refused, [*HEADER[:9], "单位"]))
    list_of = client.get(f"/ledgers/{brought.id}?rows=refused&export=csv")
    for answer in (brought.page, list_of, client.get(f"/records/{only(city).id}")):
        assert "a=b" not in str(answer.headers)
        assert "X-Evil" not in answer.headers
    assert len(list_of.data.decode("utf-8-sig").strip().split("\r\n")) == 2
    assert "\n" not in said(take_rows(city, *refused))[0]
    with city.database.reading() as session:
        names = session.scalars(select(LedgerImport.file_name).where(LedgerImport.id == brought.id)).all()
        lines = session.scalars(select(SecurityEvent.subject)).all()
    assert not any(mark in line for line in [*names, *lines] for mark in "\r\n\x85\u2028")
