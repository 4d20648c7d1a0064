"""服务站，在手机上：当场和解一件，报送一件。A station's disputes on a phone: one settled, one passed up."""

from __future__ import annotations

import re

import pytest

from tests.browser.desk import Desk
from tests.browser.fixtures import SitDown
from tests.browser.inspecting import NARROW


@pytest.fixture
def width() -> int:
    """A station works on a phone, whatever the database."""
    return NARROW


def register(station: Desk, **changed: str) -> str:
    """Take a dispute in at the station and return its number."""
    station.open("/station").press("登记纠纷")
    station.fill(
        {
            "已向消费者说明": True,
            "谁来反映": "吴珍",
            "电话": "13800138000",
            "和哪家店": "步步高鞋店",
            "柜台或者楼层": "三楼",
            "发生了什么": "上周买的鞋开胶，要求换货。",
            "多少钱": "199",
            "想要什么结果": ("更换",),
            **changed,
        }
    ).press("登记")
    found = re.search(r"\d{6}-\d{8}-\d{5}-\d", station.page.url)
    assert found is not None, station.page.url
    return found[0]


def test_settled_on_the_spot(desk: SitDown) -> None:
    station = desk("station")
    number = register(station)
    station.fill({"消费者要求": "199", "经营者愿付": "100"}).press("记录双方方案")
    station.sees("相差 99.00 元")
    # 拟定金额可以一下一下地加
    amount = station.page.get_by_label("拟定金额")
    start = amount.input_value()
    station.page.get_by_role("button", name="加 10 元").or_(station.page.locator("[data-more]")).first.click()
    assert amount.input_value() != start
    station.press("谈成，去和解")
    station.fill({"和解方式": "换货", "和解内容": "今天换一双新的。", "已把和解结果告诉双方": True})
    station.press("和解", station.page.locator(".m-foot"))
    station.sees("已当场和解")
    desk("supervisor").matter(number).sees("已当场和解")


def test_passed_up_with_the_whole_file(desk: SitDown) -> None:
    station, intake = desk("station"), desk("intake")
    number = register(station)
    station.fill({"消费者要求": "199", "经营者愿付": "0"}).press("记录双方方案")
    station.press("谈不成，报送")
    station.fill({"为什么没有谈成": "店家不认质量问题", "消费者地址": "樊城区米公街道 8 号"})
    station.press("连同材料报送")
    station.sees("已报送市场监督管理部门", "您仍是首接责任人")
    complaint = next(one for one in re.findall(r"\d{6}-\d{8}-\d{5}-\d", station.text) if one != number)
    # 受理台收到全部材料，首接不变
    intake.open(f"/intake?matter={complaint}").sees("上周买的鞋开胶", "步步高鞋店")
    intake.matter(complaint).sees("店家不认质量问题", "经营者愿付0.00元")
    # 别的场所看不到
    other = desk("other_station")
    other.page.goto(f"{other.served.url}/station")
    other.sign_in()
    answer = other.page.goto(f"{other.served.url}/station/{number}")
    assert answer is not None
    assert answer.status == 404
