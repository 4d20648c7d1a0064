"""The pictures of README and docs: the demonstration city as its people see it.

They are taken only with PICTURES=1 in the environment; without it the same pages are opened and judged.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext

from complaints.app import GUARDS
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
    accounts = demonstration.load(parts.database, parts.clock, parts.door.passwords, GUARDS)
    passwords = {username: password for username, _name, _role, _unit, password in accounts}

    def sit_down(username: str) -> Desk:
        return Desk(served, windows(WIDE), username, WIDE, passwords[username])

    return sit_down


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
