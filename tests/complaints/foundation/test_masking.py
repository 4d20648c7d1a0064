from __future__ import annotations

import re
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_10

from complaints.foundation.masking import (
    mask_account,
    mask_address,
    mask_email,
    mask_identity_number,
    mask_known_name,
    mask_name,
    mask_phone,
    mask_text,
)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13800138000", "138****8000"),
        ("0710-3512345", "0710-****345"),
        ("0710-3512345-8", "0710-****345"),
        ("12315", "12315"),
        ("4008001234", "4008001234"),
        ("+85223456789", "+85****89"),
        ("", ""),
        ("1380", "1380"),
        ("138001", "****"),
    ],
)
def test_phones(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("zhouhuimin@qq.com", "z***@qq.com"),
        ("z@qq.com", "***@qq.com"),
        ("", ""),
        ("no address", "****"),
        ("@qq.com", "****"),
    ],
)
def test_email_keeps_first_letter_and_domain(address: str, masked: str) -> None:
    assert mask_email(address) == masked


def test_identity_numbers_keep_region_and_end() -> None:
    assert mask_identity_number("420602199001011234") == "420602********1234"
    assert mask_identity_number("E12345678") == "E****78"
    assert mask_identity_number("E123") == "****"


def test_accounts_keep_four_places() -> None:
    assert mask_account("6222021234567890123") == "****0123"
    assert mask_account("1234567") == "****"


def test_names_do_not_tell_their_length() -> None:
    assert mask_name("张三") == mask_name("张小三丰") == "张**"
    assert mask_name("") == ""


def test_a_known_name_is_masked_where_it_stands() -> None:
    assert mask_known_name("周明阳反映，周明阳说", "周明阳") == "周**反映，周**说"
    assert mask_known_name("周末买的", "周") == "周末买的"
    assert mask_known_name("没有姓名", "") == "没有姓名"


def test_addresses_keep_the_district() -> None:
    assert mask_address("襄阳市樊城区人民路1号") == "襄阳市樊城区****"
    assert mask_address("樊城") == "****"


# -- numbers in free words --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("电话13800138000，请回。", "电话138****8000，请回。"),
        ("138 0013 8000", "138****8000"),
        ("１３８－００１３－８０００", "138****8000"),
        ("138.0013.8000", "138****8000"),
        ("+86 138 0013 8000", "+86 138****8000"),
        ("0710-3512345转8", "0710-****345转8"),
        ("（0710）3512345", "0710-****345"),
        ("01012345678", "010-****678"),
        ("身份证42060219900101123X。", "身份证420602********123X。"),
        ("旧证 420602900101123", "旧证 ****1123"),
        ("卡号 6222 0212 3456 7890 123", "卡号 ****0123"),
        ("13800138000 13900139000", "138****8000 139****9000"),
        ("16:40 13800138000 2盒", "16:40 138****8000 2盒"),
        ("2026-11-24 13800138000", "2026-11-24 138****8000"),
        ("13800138000 2026-11-24", "138****8000 2026-11-24"),
        ("见420600-20261124-00001-7 13800138000", "见420600-20261124-00001-7 138****8000"),
    ],
)
def test_numbers_in_free_words(words: str, shown: str) -> None:
    assert mask_text(words) == shown


@pytest.mark.parametrize(
    "words",
    [
        "2026-08-30 购买 1.5 匹变频空调一台，能效标识为 1 级，共 3299.00 元。",
        "2026年8月30日至2026-09-02，20260830-20260902，两次共 10000000 元",
        "请看 420600-20261124-00001-7，案号 樊市监立〔2026〕31号，0082-1147",
        "12315 和 400-800-1234、96110",
        "10:30-11:30 到店，同批 31 盒，每盒 8.00 元，2026-11-24 1600元",
        "",
    ],
)
def test_amounts_days_and_the_numbers_of_matters_stay(words: str) -> None:
    assert mask_text(words) == words


def test_what_only_looks_like_the_number_of_a_matter_is_masked() -> None:
    assert "00001" not in mask_text("420600-20261124-00001-8")
    assert "00001" not in mask_text("420600-20269924-00001-7")


def digits(least: int, most: int | None = None) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=least, max_size=most or least)


MOBILE = st.builds("1{}".format, digits(10))
LANDLINE = st.builds("0{}{}".format, digits(2, 3), digits(7, 8))
CITIZEN = st.builds("{}{}".format, digits(17), st.sampled_from("0123456789Xx"))
ACCOUNT = digits(12, 19)
NUMBER = st.one_of(MOBILE, LANDLINE, CITIZEN, digits(15), ACCOUNT)
BETWEEN = st.sampled_from(["", "", "", " ", "-", "－", "\u3000", " - ", "–", "\u00a0", "\u200b"])
WORDS = st.text("电话是：，。买了盒元（）abc/\n", max_size=6)


@st.composite
def written(draw: st.DrawFn, number: st.SearchStrategy[str]) -> tuple[str, str]:
    """Return a number and how somebody may write it: full-width, in groups, with blanks and dashes."""
    plain = draw(number)
    signs = [chr(ord(one) + 0xFEE0) if draw(st.booleans()) else one for one in plain]
    if draw(st.booleans()):
        signs = list(plain)
    if draw(st.booleans()):
        return plain, "".join(signs)
    return plain, signs[0] + "".join(draw(BETWEEN) + one for one in signs[1:])


def bare(words: str) -> str:
    """Return the words without what stands between digits."""
    plain = unicodedata.normalize("NFKC", words).upper()
    return re.sub(r"[\s\-–\u200b]", "", plain)


@given(written(NUMBER), WORDS, WORDS)
def test_no_such_number_passes(number: tuple[str, str], before: str, after: str) -> None:
    plain, words = number
    assert plain.upper() not in bare(mask_text(before + words + after))


@given(st.lists(written(NUMBER), min_size=2, max_size=4), st.sampled_from([" ", "  ", "、", "，", "/", "\n"]))
def test_none_of_several_passes(numbers: list[tuple[str, str]], between: str) -> None:
    shown = bare(mask_text(between.join(words for _plain, words in numbers)))
    for plain, _words in numbers:
        assert plain.upper() not in shown


DAYS = st.dates(date(1990, 1, 1), date(2099, 12, 31))
REGIONS = st.sampled_from(["420600", "420606", "420682"])


@given(
    DAYS,
    REGIONS,
    st.integers(1, 99_999),
    st.integers(0, 9_999_999),
    WORDS.filter(lambda one: "（" not in one),
)
def test_what_people_must_read_stays(day: date, region: str, place: int, fen: int, words: str) -> None:
    parts = (region, f"{day:%Y%m%d}", f"{place:05d}")
    number = "-".join((*parts, mod_11_10.calc_check_digit("".join(parts))))
    text = f"{words}{number}，{day.isoformat()}，{day:%Y.%m.%d}，{fen // 100}.{fen % 100:02d} 元"
    assert mask_text(text) == text


@given(st.text(max_size=80))
def test_masking_once_is_enough(words: str) -> None:
    once = mask_text(words)
    assert mask_text(once) == once
