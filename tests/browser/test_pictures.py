"""The pictures of README and docs: the demonstration city as its people see it.

They are taken only with PICTURES=1 in the environment; without it the same pages are opened and judged.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext

from complaints.app import GUARDS, INVARIANTS
from complaints.demo import city as demonstration
from complaints.foundation.database import Database
from complaints.web.services import Services
from config import ROOT
from tests.browser.desk import Desk
from tests.browser.inspecting import WIDE
from tests.browser.serving import Served, Server
from tests.bureau import Bureau, SetClock

FOLDER = ROOT / "docs" / "pictures"
PHONE = (390, 844)

Seat = Callable[[str], Desk]


@pytest.fixture
def served(server: Server, app: Flask, database: Database, clock: SetClock) -> Iterator[Served]:
    """The demonstration city in place of the small bureau."""
    clock.move(hours=5, minutes=40)
    yield Served(server.url, app, Bureau(database, clock, {}, {}), clock)
    server.rest()


@pytest.fixture
def seat(served: Served, windows: Callable[[int], BrowserContext]) -> Seat:
    """Sit somebody of the demonstration city down."""
    parts: Services = served.services
    accounts = demonstration.load(parts.database, parts.clock, parts.door.passwords, GUARDS, INVARIANTS)
    passwords = {username: password for username, _name, _role, _unit, password in accounts}

    def sit_down(username: str) -> Desk:
        return Desk(served, windows(WIDE), username, WIDE, passwords[username])

    return sit_down


RECEIPT = """<style>body{margin:0;padding:28px;font:18px sans-serif;background:#f6f1e3;color:#2b2a26}
h2{text-align:center;letter-spacing:8px} b{color:#b3261e;border:2px solid;padding:2px 8px}</style>
<h2>收据</h2><p>今收到 科目二、三培训费</p><p>¥ 3,800.00（叁仟捌佰元整）</p>
<p>收款单位：宜城楚都驾校</p><b>已收讫</b>"""
LEDGER = (
    "登记编号,投诉人,联系电话,投诉内容,被投诉人,登记日期,办理结果,办结时间,承办单位",
    "2024-0001,赵某,13907102400,买的电饭煲三天就不通电，商家不肯退,襄阳云栖家电有限公司汉江店,2024-01-03,"
    "经调解退货退款,2024-01-22,/420600/420606/01/",
    "2024-0003,孙某,13907102402,超市买的面包已过保质期,味晨超市米公店,2024-03-07,经调解退款，另赔一百元,2024-03-21,"
    "/420600/420602/02/",
    "2025-0101,周某,13907102501,空调装好不到一周漏水,襄阳云栖家电有限公司汉江店,2025-02-11,经调解重新安装,2025-03-02,",
    "2025-0102,吴某,13907102502,健身卡转让不给办,跃动湾健身檀溪店,2025-02-30,经调解办理转让,2025-04-01,",
    "2025-0103,郑某,13907102503,童车车架开裂,小禾苗童鞋店,2025-03-18,经调解退款,2025-03-12,",
    "2025-0104,王某,,酸奶胀包，要求赔偿,味晨超市米公店,2025-04-06,经调解退款并赔偿,2025-04-15,",
    "2025-0105,冯某,13907102505,车辆保养后漏油,驰远汽车销售服务有限公司,2025-05-20,双方未达成一致，终止调解,2025-07-30,",
)
"""Made-up rows: known, known with another answer, new, of a day that never was, ended before it began."""


def drawn(desk: Desk, markup: str) -> bytes:
    """Return a picture of the markup: what somebody photographed with a phone."""
    page = desk.context.new_page()
    page.set_viewport_size({"width": 376, "height": 300})
    page.set_content(markup)
    picture = page.screenshot()
    page.close()
    return picture


def attach(desk: Desk, kind: str, name: str, picture: bytes) -> None:
    """Attach a picture on the matter's page."""
    main = desk.page.locator("main")
    main.locator(".files-add > summary").click()
    main.get_by_label(kind).check()
    main.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": picture}
    )
    desk.press("上传附件", main.locator(".files-f"))


def take(desk: Desk, name: str) -> None:
    """Take the picture of the window as it stands."""
    desk.judge()
    if os.environ.get("PICTURES") == "1":
        FOLDER.mkdir(parents=True, exist_ok=True)
        _shoot(desk, FOLDER / f"{name}.png")


def _shoot(desk: Desk, path: Path) -> None:
    desk.page.mouse.move(0, 0)
    desk.page.screenshot(path=path, animations="disabled", caret="hide")


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_the_demonstration_city_in_pictures(seat: Seat) -> None:
    operator = seat("linjing").open("/hotline")
    page = operator.page
    page.get_by_label("已读给来电人").check()
    with page.expect_response("**/hotline/caller"):
        operator.field("电话").fill("19900000001")
    operator.fill({"姓名": "周慧敏", "地址": "樊城区汉江街道汉江路 120 号"})
    operator.field("发生了什么").fill(
        "又是这台冰箱。昨天来人换了配件，当天晚上冷藏室又不制冷，药和菜都坏了。店里说过了七天不能退，只能再修。要求退货，赔坏掉的东西。"
    )
    with page.expect_response("**/registration/merchants"):
        operator.field("和哪一家").fill("云栖家电")
    page.wait_for_selector(".pick-o")
    with page.expect_response("**/similar"):
        page.locator(".pick-o").first.click()
    page.wait_for_selector("#similar .past li")
    operator.fill({"什么时候": "2026-11-23", "多少钱": "3299", "想要什么结果": ("退货", "赔偿损失")})
    page.wait_for_selector("[data-draft-status][data-state=saved]")
    take(operator, "hotline")

    intake = seat("sunli").open("/intake")
    intake.page.locator("tbody [data-open]").first.click()
    intake.page.wait_for_selector("#panel-h")
    take(intake, "intake")

    handler = seat("zhangyuanhang").open("/mediation")
    take(handler, "mediation")
    handler.page.get_by_role("row").filter(has_text="空调能效标识与实测不符").get_by_role(
        "link"
    ).first.click()
    handler.page.wait_for_selector("#can")
    take(handler, "matter")

    merged = seat("hujun").open("/mediation")
    merged.page.get_by_role("row").filter(has_text="科目二一直排不上练车").get_by_role("link").first.click()
    merged.page.wait_for_selector("#can")
    attach(merged, "票据", "培训费收据.png", drawn(merged, RECEIPT))
    attach(merged, "身份证明", "身份证正面.png", drawn(merged, "<body style='background:#dfe6ea'>"))
    clerk = seat("guoqiming").open(urlsplit(merged.page.url).path)
    clerk.page.locator("#files").evaluate("one => one.closest('section').scrollIntoView()")
    take(clerk, "files")

    station = seat("maxiulan")
    station.resize(*PHONE)
    station.open("/station")
    station.page.locator(".m-list a").first.click()
    station.page.wait_for_selector("#offers")
    take(station, "station")

    take(seat("qinlan").open("/payouts"), "payout")
    supervisor = seat("gaojianping").open("/supervision")
    supervisor.press("今年")
    take(supervisor, "supervision")
    take(supervisor.open("/revisits"), "revisits")

    supervisor.page.locator("#q").fill("云栖")
    with supervisor.page.expect_navigation():
        supervisor.page.locator("#q").press("Enter")
    take(supervisor, "search")

    clerk.open("/ledgers")
    content = "\n".join(LEDGER).encode()
    clerk.page.locator("main input[name=file]").set_input_files(
        {"name": "2025年台账.csv", "mimeType": "text/csv", "buffer": content}
    )
    clerk.fill({"是哪个单位的台账": "汉江市场监管所"}).press("核对")
    take(clerk, "ledger")
