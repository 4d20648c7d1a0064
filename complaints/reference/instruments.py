"""Names of articles in both languages, so that no article is ever named without its instrument."""

from __future__ import annotations

from workflows.definition import Label

_DIGITS = "零一二三四五六七八九"


def order_121(article: int, item: int | None = None) -> Label:
    """Return the name of an article, or of an item of it, of the Measures in force since 2026-04-15."""
    zh_item = f"第{_numeral(item)}项" if item else ""
    en_item = f", item {item}" if item else ""
    return Label(
        f"《市场监督管理投诉举报处理办法》第{_numeral(article)}条{zh_item}",
        f"SAMR Order 121, art. {article}{en_item}",
    )


def _numeral(number: int) -> str:
    """Return a number from 1 to 99 in Chinese numerals, as statutes count their articles."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")
