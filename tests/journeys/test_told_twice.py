"""同一个人来电两次、又来信：补充到已有投诉；信还是登记了，由受理台合并，再撤销；指标一件不少。

The same consumer calls twice and writes a letter: the second call is added to the complaint that is there,
the letter is registered all the same and merged by the desk, the merging is undone, and no figure loses one.
"""

from __future__ import annotations

import re

from tests.browser.desk import Desk
from tests.browser.fixtures import SitDown
from tests.browser.serving import Served
from tests.journeys.telling import YOGHURT, call, dispatch

AGAIN = "还是那盒过期酸奶，今天去找惠民超市，店长说拆封了不给退。"
LETTER = "本人日前在惠民超市购买酸奶一盒，回家后发现已经过期十几天，要求退款。"


def test_two_calls_and_a_letter(served: Served, desk: SitDown) -> None:
    operator, intake, handler, supervisor = (
        desk("operator"),
        desk("intake"),
        desk("handler"),
        desk("supervisor"),
    )
    first = call(operator)
    dispatch(intake, first, "米公市场监管所")

    # 第二次来电：输入号码就看到已有投诉，补充进去，不另行登记
    operator.open("/hotline").fill({"电话": str(YOGHURT["电话"]), "发生了什么": AGAIN})
    operator.page.locator("#history").get_by_text(first).wait_for()
    operator.press("补充到这一件", operator.page.locator("#history"))
    operator.sees(first, "不另行登记")
    assert AGAIN in operator.field("来电人补充了什么").input_value()
    operator.press("补充", operator.page.locator(".form-foot"))
    assert operator.page.locator(".big-no").inner_text().strip() == first

    # 承办人在工作台和事项页上看到
    handler.open("/mediation").sees("来电补充 1 次")
    handler.matter(first).sees(AGAIN)
    handler.act(first, "已阅来电补充")
    handler.open("/mediation").misses("来电补充 1 次")

    # 信还是登记了：受理台一边录入一边看到相似投诉
    served.days_pass(1)
    intake.open("/intake/register").fill(
        {**{key: value for key, value in YOGHURT.items() if key != "已读给来电人"}, "发生了什么": LETTER}
        | {"收到日期": served.clock.today().isoformat()}
    )
    intake.page.locator("#similar").get_by_text(first).wait_for()
    intake.sees("来电人相同", "内容相似度")
    intake.page.locator("#notice_read").check()
    intake.press("登记投诉")
    letter = intake.page.locator("#panel a.num").first.inner_text().strip()
    assert letter != first
    limit = last_day(intake, letter)
    assert supervisor.figures()["受理"] == (0, 0)

    # 合并：人核对、说明理由；两个编号都在
    intake.matter(letter).press("合并到这一件")
    intake.sees("另一件投诉", first)
    intake.fill({"已核对": True, "理由": "同一投诉人、同一盒酸奶，先来电后来信"})
    intake.press("合并到先前的投诉", intake.page.locator(".form-foot"))
    assert intake.state(letter) == "已合并"
    intake.sees("已合并到", first)
    handler.matter(first).sees("已并入本件", letter)
    supervisor.figures()
    supervisor.sees("决定前撤回或者合并 1")

    # 撤销：回到原来的状态和期限
    served.days_pass(1)
    intake.act(letter, "撤销合并", {"理由": "信里说的是另一盒酸奶"})
    assert intake.state(letter) == "已登记"
    assert last_day(intake, letter) == limit
    served.days_pass(30)
    assert supervisor.figures()["受理"] == (0, 2), "两件都过了期限，一件也没有少"


def last_day(desk: Desk, number: str) -> str:
    """Return the last day for the decision as its proof names it."""
    desk.matter(number)
    card = desk.page.locator(".mat-cl > *").filter(has_text="受理决定").first
    desk.press("逐日计算", card)
    found = re.search(r"到期日 (\d{4}-\d\d-\d\d)", desk.text)
    assert found is not None, desk.text
    return found[1]
