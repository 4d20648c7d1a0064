"""Bad inputs of a ledger: encodings, rare signs, control characters, blanks."""

from __future__ import annotations

import codecs
import html
import io
import re

import pytest
from python_calamine import CalamineWorkbook

from complaints.ledgers.sentences import FileRefused
from tests.bureau import Bureau, SignIn
from tests.complaints.ledgers.importing import only, outcomes, said, take, take_rows
from tests.complaints.ledgers.rooms import checked, records
from tests.complaints.ledgers.sheets import as_csv, as_xlsx, row
from tests.complaints.search.searching import hits

RARE = "㐂㛃㓜㮾䶮𠮷𬱖"
PEOPLE = "👨‍👩‍👧‍👦👍🏽"


@pytest.mark.parametrize("encoding", ["gbk", "gb18030"])
def test_c01_a_ledger_in_gbk_is_read_right(city: Bureau, encoding: str) -> None:
    """Strict UTF-8 fails, GB18030 fits; a part alone would also pass for Thai (cp874)."""
    take(city, as_csv([row()], encoding=encoding))
    assert only(city).text_in_full.startswith("买的电饭煲三天不通电")


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, b""])
def test_c02_utf8_with_and_without_its_mark(city: Bureau, mark: bytes) -> None:
    take(city, mark + as_csv([row()]))
    assert only(city).number == "2023-0001"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_c02_utf16_only_with_its_mark(city: Bureau, encoding: str) -> None:
    mark = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else codecs.BOM_UTF16_BE
    content = as_csv([row()], encoding=encoding)
    with pytest.raises(FileRefused, match="byte order mark"):
        take(city, content)
    assert records(city) == []
    take(city, mark + content)
    assert only(city).person == "周明"


def test_c03_two_encodings_in_one_file_are_refused_with_byte_and_line(city: Bureau) -> None:
    first, second = as_csv([row()]), as_csv([row(number="2023-0002")], encoding="gb18030")
    mixed = first + second.split(b"\r\n", 1)[1]
    with pytest.raises(FileRefused, match=r"byte [0-9]+ in line 3") as refused:
        take(city, mixed)
    assert refused.value.why["at"] >= len(first)
    other = second + first.split(b"\r\n", 1)[1]
    with pytest.raises(FileRefused, match=r"GB18030 \(byte [0-9]+, line 3\)"):
        take(city, other)
    assert records(city) == []


def test_c03_lines_of_utf8_that_would_pass_as_gb18030_are_found(city: Bureau) -> None:
    """Four characters of UTF-8 are six of GB18030: nonsense, but valid."""
    nonsense = "2023-2,,,消费,消费消费消费,,2023-01-02\r\n".encode()
    assert "消费" not in nonsense.decode("gb18030")
    with pytest.raises(FileRefused, match=r"line 3 \(from byte [0-9]+\) is UTF-8"):
        take(city, as_csv([row()], encoding="gb18030") + nonsense)
    assert records(city) == []


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_c03_a_file_cut_inside_a_character_is_refused(city: Bureau, encoding: str) -> None:
    whole = as_csv([row(unit="米公所")], encoding=encoding)
    cut = whole[: -len("所\r\n".encode(encoding))] + "所".encode(encoding)[:1]
    with pytest.raises(FileRefused, match=r"byte [0-9]+"):
        take(city, cut)
    assert records(city) == []


def test_c03_neither_encoding_names_both_places(city: Bureau) -> None:
    with pytest.raises(FileRefused, match=r"UTF-8 \(byte 0, line 1\) nor GB18030 \(byte [0-9]+, line 2\)"):
        take(city, as_csv([row(text="")], encoding="gb18030").replace(b"2023-0001", b"\xff\xff\xff"))


def test_c04_nonsense_that_is_really_in_the_data_is_kept(city: Bureau) -> None:
    take_rows(city, row(text="Transportationâ€™s 部门"))
    assert only(city).text_in_full == "Transportationâ€™s 部门"


@pytest.mark.parametrize("kind", ["csv", "gb18030", "xlsx"])
def test_c05_rare_characters_are_kept(city: Bureau, kind: str) -> None:
    rows = [row(person=f"{RARE[0]}{RARE[5]}", text=RARE, merchant=f"{RARE}店")]
    if kind == "xlsx":
        take(city, as_xlsx(rows), "a.xlsx")
    else:
        take(city, as_csv(rows, encoding="utf-8" if kind == "csv" else "gb18030"))
    assert (only(city).text_in_full, only(city).merchant, only(city).person) == (RARE, f"{RARE}店", "㐂𠮷")


def test_c06_emoji_families_and_skin_tones_are_kept(city: Bureau) -> None:
    take(city, as_xlsx([row(text=PEOPLE * 100)]), "a.xlsx")
    assert only(city).text_in_full == PEOPLE * 100


def test_c06_nine_thousand_characters_are_kept(city: Bureau) -> None:
    text = "投诉内容很长。" * 1286
    take(city, as_xlsx([row(text=text)]), "a.xlsx")
    assert only(city).text_in_full == text
    assert len(text) > 9000


@pytest.mark.parametrize("field", ["text", "person", "number", "merchant", "reply"])
def test_c10_nul_and_control_characters_refuse_their_row_alone(city: Bureau, field: str) -> None:
    for at, sign in enumerate("\x00\x0b\x1b"):
        judged = take_rows(city, row(**{field: f"正{sign}文"}), row(number=f"ok-{at}"))
        assert outcomes(judged) == ["refused", "new"]
        assert f"U+{ord(sign):04X} at place 2" in said(judged)[0]


def test_c10_what_excel_leaves_of_a_line_break_becomes_one(city: Bureau) -> None:
    take_rows(city, row(text="第一行_x000D_\n第二行_x000D_第三行", reply="用_x005F_连接 _x0041_"))
    assert only(city).text_in_full == "第一行\n第二行\n第三行"
    assert only(city).reply_in_full == "用_连接 _x0041_"


def test_c10_blanks_tabs_and_lines_around_a_cell_go(city: Bureau) -> None:
    take_rows(city, row(number="\t2023-0001\n", person="\u3000周明\u00a0", text="\n\t正文 \u3000"))
    record = only(city)
    assert (record.number, record.person, record.text_in_full) == ("2023-0001", "周明", "正文")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_c12_what_looks_the_same_in_two_ledgers_is_the_same(
    client_as: SignIn, city: Bureau, kind: str
) -> None:
    odd = row(
        number="2023\u200b-00\u206601",
        person="周\u200b明",
        phone="138\u202d00138000",
        subject="电饭煲\u2028不通\u202e电",
        text="买的\u202e电饭煲\u2066三天\u2028不通电",
        merchant="\u202e襄阳\u200b惠民\ufeff电器商行\u2069",
        received_at="2023\u200e-03-01",
        reply="已\u061c调解",
        replied_at="2023-03-20\u200f",
    )
    plain = {"subject": "电饭煲 不通电", "text": "买的电饭煲三天\n不通电", "reply": "已调解"}
    rows = [odd, row(**plain)]
    judged = take(city, as_csv(rows) if kind == "csv" else as_xlsx(rows), f"a.{kind}")
    assert outcomes(judged) == ["new", "same"]
    client = client_as("supervisor")
    page = client.get(f"/records/{only(city).id}").text
    assert "襄阳惠民电器商行" in page
    assert not any(mark in page for mark in "\u202e\u2066\u2069\u200b\u061c\u2028\ufeff")
    assert f"/records/{only(city).id}" in hits(client, "襄阳惠民电器商行")


@pytest.mark.parametrize("blank", ["", " ", "\u00a0\u3000", "\t\n", "\u200b"])
def test_c13_blanks_of_every_kind_are_empty(city: Bureau, blank: str) -> None:
    judged = take_rows(city, row(number=blank), row(text=blank, subject=blank), row(received_at=blank))
    assert said(judged) == ["Number is empty.", "Neither a title nor a text.", "Received at is empty."]
    assert records(city) == []


@pytest.mark.parametrize("length", [100_001, 131_072, 131_073, 1_000_000])
@pytest.mark.parametrize("field", ["text", "subject", "number"])
def test_c14_a_cell_too_long_refuses_its_row_alone(city: Bureau, field: str, length: int) -> None:
    """The library that reads .csv gives up at 131,072 characters, if nobody tells it otherwise."""
    judged = take_rows(city, row(**{field: "退" * length}), row(number="ok"))
    assert outcomes(judged) == ["refused", "new"]
    most = {"text": "100000", "subject": "400", "number": "320"}[field]
    assert f"has {length} characters; at most {most} are kept" in said(judged)[0]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_c15_marks_of_other_languages_come_through_unchanged(
    client_as: SignIn, city: Bureau, kind: str
) -> None:
    marks = "温度 <5℃ & >3℃ ]]> &lt; <b>粗</b> \"引\" '单' <!-- x"
    rows = [row(text=marks, merchant="甲<乙>&丙", reply=marks, subject=marks)]
    take(city, as_csv(rows) if kind == "csv" else as_xlsx(rows), f"a.{kind}")
    record = only(city)
    assert (record.text_in_full, record.reply_in_full, record.subject_in_full) == (marks,) * 3
    assert record.merchant == "甲<乙>&丙"
    page = client_as("supervisor").get(f"/records/{record.id}").text
    assert "<b>粗</b>" not in page
    assert "<!-- x" not in page
    assert html.unescape(page).count(marks) >= 3
    assert "甲<乙>&丙" in html.unescape(page)


def test_c11_full_width_numbers_find_equal_ones_and_texts_stay_as_written(city: Bureau) -> None:
    judged = take_rows(
        city,
        row(),
        row(number="２０２３－０００１", phone="１３８００１３８０００", received_at="２０２３－０３－０１"),
    )
    assert outcomes(judged) == ["new", "same"]
    take_rows(city, row(number="2023-9", text="ＡＢＣ １２３ ㈠ Ⅳ ⼈"))
    assert records(city)[1].text_in_full == "ＡＢＣ １２３ ㈠ Ⅳ ⼈"


def test_c11_a_raised_two_is_no_digit(city: Bureau) -> None:
    judged = take_rows(city, row(received_at="2023-0²-01"), row(number="n2", phone="1380013800²"))
    assert outcomes(judged) == ["refused", "new"]
    assert only(city).phone_hash == ""


def test_c11_a_persons_number_inside_a_ledger_number_is_refused(city: Bureau) -> None:
    """A ledger number stands in lists and addresses in full."""
    bad = [
        "电话13800138000",
        "2023/13800138000",
        "138 0013 8000",
        "ID 11010519491231002X号",
        "１３８００１３８０００",
    ]
    judged = take_rows(city, *(row(number=one) for one in bad))
    assert outcomes(judged) == ["refused"] * len(bad)
    for one, line in zip(judged.verdicts, said(judged), strict=True):
        assert "not the number of a matter" in line
        assert "8000138" not in f"{one.row.number}{line}"  # type: ignore[union-attr]  # refused rows have it
        assert "0013" not in f"{one.row.number}{line}"  # type: ignore[union-attr]
        assert "19491231" not in f"{one.row.number}{line}"  # type: ignore[union-attr]
    good = ["1420602002024010512345678", "202305060001", "15-2023-00001"]
    assert outcomes(take_rows(city, *(row(number=one) for one in good))) == ["new"] * 3


def test_c11_what_a_cell_holds_for_a_number_is_masked_in_the_report_and_its_file(client_as: SignIn) -> None:
    """A refused row is named by what stands in its cell: that may be a person's number, at any place."""
    client = client_as("intake")
    cells = ["2023-0007", "138-0013-8000", "甲" * 75 + "13900139000", "周明 420602199003071235 来电"]
    rows = [row(number=one, received_at="昨天") for one in cells]
    brought = checked(client, "a.csv", as_csv(rows))
    lists = [client.get(f"/ledgers/{brought.id}?rows=refused&export={kind}") for kind in ("csv", "xlsx")]
    cells_of = CalamineWorkbook.from_filelike(io.BytesIO(lists[1].data)).get_sheet_by_index(0).to_python()
    for page in (brought.page.text, lists[0].text, str(cells_of)):
        assert page.count("2023-0007") >= 1
        assert "138****8000" in page
        assert not re.search("0013-?8000|139001|甲1390|19900307", page)
