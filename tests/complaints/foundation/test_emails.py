from __future__ import annotations

import pytest

from complaints.foundation.emails import normalise_email
from complaints.foundation.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("zhou@qq.com", "zhou@qq.com"),
        (" Zhou.Hui-min+12315@Mail.Example.COM ", "Zhou.Hui-min+12315@mail.example.com"),
        ("ｚｈｏｕ＠ｑｑ．ｃｏｍ", "zhou@qq.com"),
        ("a@b-c.cn", "a@b-c.cn"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
    ],
)
def test_one_written_form(typed: str, written: str) -> None:
    assert normalise_email(typed) == written
    assert normalise_email(written) == written


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "zhou",
        "zhou@",
        "@qq.com",
        "zhou@qq",
        "zhou@@qq.com",
        "zhou hui@qq.com",
        "zhou@qq.com, li@qq.com",
        "zhou@qq.com\r\nBcc: all@example.com",
        "zhou..hui@qq.com",
        ".zhou@qq.com",
        "zhou@-qq.com",
        "zhou@qq..com",
        "周@qq.com",
        "zhou@qq.c",
        f"{'a' * 65}@example.com",
        f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 60}.com",
        "Zhou <zhou@qq.com>",
    ],
)
def test_what_is_none_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(Invalid, match=r"zhou@example\.com") as refused:
        normalise_email(typed, "email")
    assert refused.value.field == "email"
