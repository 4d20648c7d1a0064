"""What several stories begin with: a call, its registration, its dispatch."""

from __future__ import annotations

from tests.browser.desk import Answer, Desk

YOGHURT: dict[str, Answer] = {
    "已读给来电人": True,
    "电话": "13800138000",
    "姓名": "陈晓民",
    "地址": "襄阳市樊城区米公街道 12 号",
    "发生了什么": "昨天在惠民超市买的一盒酸奶，回家一看已经过期十几天。要求退款。",
    "和哪一家": "惠民超市",
    "在哪里": "樊城区米公街道前进路 5 号",
    "什么时候": "2026-11-23",
    "多少钱": "8",
    "想要什么结果": ("退还货款和服务费用",),
}


def call(operator: Desk, **changed: Answer) -> str:
    """Take a call about the yoghurt and return the number read to the caller."""
    operator.open("/hotline")
    operator.fill(YOGHURT | changed)
    operator.press("登记投诉")
    return operator.page.locator(".big-no").inner_text().strip()


def dispatch(intake: Desk, number: str, unit: str) -> None:
    """Send the matter to a unit from the board."""
    intake.open(f"/intake?matter={number}")
    intake.fill({"单位": unit})
    intake.press("分送", intake.page.locator("#panel form"))
    intake.sees(number, unit)


TOLD_BY_PHONE: dict[str, Answer] = {"告知方式": "电话", "告知凭证": "通话录音 0931"}
TOLD_RESULT: dict[str, Answer] = {
    "告知方式": "当面",
    "告知投诉人的凭证": "当面签收",
    "告知被投诉人的凭证": "当面签收",
}
AGREE_TO_MEDIATE: dict[str, Answer] = {"投诉人同意调解": "是", "被投诉人同意调解": "是", "征询方式": "电话"}
