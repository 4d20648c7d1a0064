"""关掉的浏览器、按两下的按钮、过期的登录、同时办一件事的两个人：nothing is lost, nothing is done twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote_plus

from playwright.sync_api import Response
from sqlalchemy import func, select

from complaints.dossier.models import Matter
from tests.browser.fixtures import SitDown
from tests.browser.serving import Served
from tests.journeys.telling import YOGHURT, call, dispatch


def _keeps(words: str) -> Callable[[Response], bool]:
    """Tell the answer to a draft of the call in which the words stand."""

    def kept(answer: Response) -> bool:
        if "/drafts/hotline.call" not in answer.url:
            return False
        return words in unquote_plus((answer.request.post_data_buffer or b"").decode())

    return kept


def test_a_call_survives_a_closed_browser(desk: SitDown) -> None:
    operator = desk("operator").open("/hotline")
    operator.fill({"电话": "13800138000", "发生了什么": "买的酸奶过期了", "想要什么结果": ("退货",)})
    # the answers before may be saved only now: what counts is the draft that has the name in it
    with operator.page.expect_response(_keeps("陈晓民")) as saved:
        operator.field("姓名").fill("陈晓民")
    assert saved.value.ok
    operator.page.wait_for_selector("[data-draft-status][data-state=saved]")
    operator.context.close()

    again = desk("operator", new=True).open("/hotline")
    again.sees("未登记完的来电已取回", "尚未登记")
    assert again.field("发生了什么").input_value() == "买的酸奶过期了"
    assert again.field("姓名").input_value() == "陈晓民"
    assert again.page.get_by_label(re.compile("退货")).first.is_checked()


def test_a_double_click_registers_once(served: Served, desk: SitDown) -> None:
    operator = desk("operator").open("/hotline")
    operator.fill(YOGHURT)
    # the second click may end the first one's navigation: what counts is the page that is there in the end
    operator.thing("登记投诉").dblclick(no_wait_after=True)
    operator.page.wait_for_url("**/hotline/registered/**")
    first = operator.page.locator(".big-no").inner_text()
    # 刷新也不会再登记一件
    operator.page.reload()
    assert operator.page.locator(".big-no").inner_text() == first
    with served.city.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Matter)) == 1


def test_an_ended_sign_in_returns_to_the_filled_form(served: Served, desk: SitDown) -> None:
    number = call(desk("operator"))
    dispatch(desk("intake"), number, "米公市场监管所")
    handler = desk("handler")
    handler.matter(number).press("备注")
    handler.fill({"备注": "已电话联系店家，答应下午带小票来所"})
    served.clock.move(minutes=40)
    handler.press("备注", handler.page.locator(".form-foot"))
    handler.sees("请登录后继续", "已存为草稿")
    handler.sign_in()
    handler.judge()
    assert handler.at(f"/matters/{number}/do/add_note"), handler.page.url
    assert handler.field("备注").input_value() == "已电话联系店家，答应下午带小票来所"
    handler.press("备注", handler.page.locator(".form-foot"))
    handler.sees("已电话联系店家")


def test_the_second_of_two_learns_what_changed_and_by_whom(desk: SitDown) -> None:
    number = call(desk("operator"))
    dispatch(desk("intake"), number, "米公市场监管所")
    handler, intake = desk("handler"), desk("intake")
    handler.matter(number).press("受理")
    handler.fill({"说明": "已到店，店家承认过期"})
    intake.act(
        number, "限期补正身份材料", {"提供材料的最后一天": "2026-11-27", "需要提供的材料": "身份证复印件"}
    )
    handler.press("受理", handler.page.locator(".form-foot"))
    handler.sees("受理1已先一步办理", "限期补正身份材料", "您填写的内容仍在")
    assert handler.field("说明").input_value() == "已到店，店家承认过期"
    # 看过之后，再按一次就办成
    handler.press("受理", handler.page.locator(".form-foot"))
    assert handler.state(number) == "已受理"
