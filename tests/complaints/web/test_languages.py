from __future__ import annotations

import pytest

from complaints.web.languages import joined


@pytest.mark.parametrize(
    ("sentences", "whole"),
    [
        (("还没有告知结果。", "请先告知。"), "还没有告知结果。请先告知。"),
        (("Not told yet.", "Tell it first."), "Not told yet. Tell it first."),
        (("还没有告知。", ""), "还没有告知。"),
        ((), ""),
    ],
)
def test_no_blank_stands_after_a_chinese_full_stop(sentences: tuple[str, ...], whole: str) -> None:
    assert joined(*sentences) == whole
