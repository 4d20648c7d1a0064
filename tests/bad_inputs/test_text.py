"""Texts: rare characters, emoji, control characters, blanks, length, marks of other languages."""

from __future__ import annotations

import csv
import html
import io
from pathlib import Path

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from complaints.foundation.spreadsheet_cells import LONGEST, pieces
from complaints.web.sheets import Column, csv_lines, write_xlsx
from tests.bad_inputs.taking import DESKS, Desk, Taking, said

RARE = "㐂㛃㓜㮾䶮𠮷𬱖"
FAMILY = "👨\u200d👩\u200d👧‍👦👍🏽🇨🇳"

each_desk = pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.who)


@each_desk
def test_c05_rare_characters_are_stored_shown_and_exported(taking: Taking, desk: Desk) -> None:
    matter = taking.taken(desk, facts=f"{RARE} 店少找零钱。", **{desk.merchant: f"{RARE}超市"})
    assert matter.facts_in_full == f"{RARE} 店少找零钱。"
    assert matter.merchant is not None
    assert f"{RARE}超市" in matter.merchant.name
    assert RARE in html.unescape(taking.page(matter, "supervisor"))
    table = "".join(csv_lines([Column("x", str)], [[matter.facts_in_full]]))
    assert RARE in table.encode("utf-8-sig").decode("utf-8-sig")
    assert "?" not in table


@each_desk
def test_c06_emoji_stay_whole_also_where_a_title_is_cut(taking: Taking, desk: Desk) -> None:
    facts = "货" * 37 + FAMILY + "退款"
    typed = {"facts": facts} | ({"title": ""} if "title" in desk.fits else {})
    matter = taking.taken(desk, **typed)
    assert matter.facts_in_full == facts
    assert matter.title == "货" * 37 + "…", "not half of a family"
    assert FAMILY in html.unescape(taking.page(matter, "supervisor"))


@each_desk
def test_c07_a_nul_byte_does_not_get_in(taking: Taking, desk: Desk) -> None:
    matter = taking.taken(desk, facts="空调\0不制冷", name="周\0慧敏", **{desk.merchant: "云\0栖家电"})
    assert matter.facts_in_full == "空调不制冷"
    assert matter.consumer is not None
    assert matter.consumer.name == "周慧敏"


@each_desk
def test_c08_bytes_that_are_no_text_are_no_error(taking: Taking, desk: Desk) -> None:
    client = taking.client(desk.who)
    token = client.get("/password").text.split('name="csrf-token" content="')[1].split('"')[0]
    for bad in (b"%ED%A0%80", b"%FF%FE", b"\xff", b"%C0%80", b"\\ud800"):
        body = b"csrf_token=" + token.encode() + b"&name=" + bad + b"&facts=" + bad
        answer = client.post(desk.address, data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in (400, 422), bad
        answer.text.encode()


@each_desk
def test_c09_control_characters_are_left_out_at_entry(taking: Taking, desk: Desk) -> None:
    matter = taking.taken(desk, facts="第一行\x0b\x1b[31m红\x07\r\n第二行\t末")
    assert matter.facts_in_full == "第一行[31m红\n第二行\t末"


@each_desk
def test_c11_full_width_digits_are_numbers_and_texts_stay(taking: Taking, desk: Desk) -> None:
    matter = taking.taken(
        desk,
        phone="１３８ ００１３ ８０００",
        amount="１２．５０",
        happened_on="２０２６－１１－２０",
        facts="型号 ＡＢＣ１２ ⼈㈠Ⅳ 两件",
    )
    assert matter.consumer is not None
    assert matter.consumer.phone == "13800138000"
    assert matter.amount_fen == 1250
    assert matter.facts_in_full == "型号 ＡＢＣ１２ ⼈㈠Ⅳ 两件"
    taking.refused(desk, "金额", amount="²")
    taking.refused(desk, "电话", phone="138²0013800")


@each_desk
def test_c12_names_that_look_the_same_are_the_same(taking: Taking, desk: Desk) -> None:
    plain = taking.taken(desk, **{desk.merchant: "味晨超市十二"})
    odd = taking.taken(desk, **{desk.merchant: "味\u202e晨\u200b超市\u2066十\ufeff二"})
    assert plain.merchant is not None
    assert odd.merchant is not None
    assert odd.merchant.name == plain.merchant.name
    page = taking.page(odd, "supervisor")
    assert not any(mark in page for mark in "\u202e\u2066\u200b")


@each_desk
def test_c13_blanks_of_every_kind_count_as_empty(taking: Taking, desk: Desk) -> None:
    answer = taking.send(desk, facts="\u00a0 \u3000\r\n\ufeff\t\u2003", name="\u3000\u200b")
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') >= 2


@each_desk
def test_c14_a_text_too_long_is_told_its_limit_and_kept(taking: Taking, desk: Desk) -> None:
    long = "退" * 5_001
    answer = taking.send(desk, facts=long)
    assert answer.status_code == 422
    assert "最多" in said(answer)
    assert long in answer.text
    huge = taking.send(desk, facts="a" * 1_000_000)
    assert huge.status_code in (413, 422)
    assert "最多" in said(huge) or huge.status_code == 413


def test_c14_a_text_longer_than_a_cell_goes_on_in_a_second_sheet_which_is_said(
    application: Flask, tmp_path: Path
) -> None:
    text = "退" * (LONGEST + 1)
    assert len(pieces(text)) == 2
    file = io.BytesIO()
    with application.test_request_context():
        write_xlsx(file, str(tmp_path), "x", [Column("内容", str)], [[text, "短"]])
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue()))
    first, rest = (
        [[str(cell) for cell in row] for row in book.get_sheet_by_index(at).to_python()] for at in (0, 1)
    )
    assert first[1][0].endswith("…（下接工作表“续表”）")
    assert book.sheet_names[1] == "续表"
    assert first[1][0].split(" …")[0] + rest[1][2] == text
    assert rest[1][:2] == ["2.0", "内容"]
    assert first[2] == ["短"]


@each_desk
def test_c15_marks_of_other_languages_come_through_unchanged(taking: Taking, desk: Desk) -> None:
    marks = "温度 <5℃ & >3℃ ]]> &lt; <b>粗</b> \"引\" '单' <!-- x"
    matter = taking.taken(desk, facts=marks, **{desk.merchant: "甲<乙>&丙"})
    assert matter.facts_in_full == marks
    page = taking.page(matter, "supervisor")
    assert "<b>粗</b>" not in page
    assert "<!-- x" not in page
    assert marks in html.unescape(page)
    *_head, again = csv.reader(io.StringIO("".join(csv_lines([Column("x", str)], [[marks]])), newline=""))
    assert again == [marks]
