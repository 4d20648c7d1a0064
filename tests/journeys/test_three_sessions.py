"""三次调解：送检、达成协议、回访不满意、重新办理、满意。

Three sessions of mediation with an appraisal between them, an agreement, a call-back that was not
satisfied, the redo, and a call-back that was.
"""

from __future__ import annotations

import re

from tests.browser.desk import Desk
from tests.browser.fixtures import SitDown
from tests.browser.serving import Served
from tests.journeys.telling import AGREE_TO_MEDIATE, TOLD_BY_PHONE, TOLD_RESULT, call, dispatch


def test_three_sessions_and_a_redo(served: Served, desk: SitDown) -> None:
    operator, handler, supervisor = desk("operator"), desk("handler"), desk("supervisor")
    number = call(
        operator,
        发生了什么="八月底买的变频空调，标着一级能效，两周下来电费反而高了。要求退货。",
        多少钱="3,299",
    )
    dispatch(desk("intake"), number, "米公市场监管所")
    handler.act(number, "受理")
    handler.act(number, "告知决定", TOLD_BY_PHONE)
    handler.act(number, "记录是否同意调解", AGREE_TO_MEDIATE)
    handler.act(number, "开始调解")
    assert supervisor.figures() == {"受理": (1, 1), "处理": (0, 0), "回复": (0, 0)}

    # 第一次：谈不拢，先送检
    served.days_pass(2)
    session(handler, number, asks="3299", offers="500", outcome="未达成一致")
    commission = {
        "鉴定、检测机构": "襄阳市产品质量检验所",
        "委托书编号": "委 2026-018",
        "委托日期": served.clock.today().isoformat(),
        "批准送检的负责人": "负责",
    }
    handler.act(number, "送检鉴定", commission)
    before = last_day(handler, number)
    handler.sees("暂停", "委 2026-018")

    # 鉴定十天，不计入六十日
    served.days_pass(10)
    result = {
        "报告编号": "检 2026-0931",
        "收到结果的日期": served.clock.today().isoformat(),
        "结论": "能效实测为三级，与标识不符",
    }
    handler.act(number, "收到鉴定检测结果", result)
    assert last_day(handler, number) > before
    served.days_pass(1)
    session(handler, number, asks="3299", offers="2000", outcome="改期再调解")
    served.days_pass(3)
    session(handler, number, asks="3000", offers="3000", outcome="一方提出方案")

    # 第三次谈成
    handler.open(f"/mediation/{number}/agreement")
    assert handler.field("为消费者挽回的金额").input_value() == "3,000.00", "取自经营者最后一次的方案"
    handler.fill({"形式": "制作调解书", "协议内容": "经营者退还三千元，空调由经营者拉回，五日内付清。"})
    handler.press("记录协议")
    handler.act(number, "告知结果", TOLD_RESULT)
    handler.act(number, "办结")
    assert supervisor.figures() == {"受理": (1, 1), "处理": (1, 1), "回复": (1, 1)}

    # 回访：第一天没人接，第二天接了，不满意
    operator.open("/revisits").press("未联系上")
    operator.fill({"告知方式": "电话", "结果": "无人接听"}).press(
        "记录未联系上", operator.page.locator(".form-foot")
    )
    operator.open("/revisits").sees("今天已联系，请改日再试")
    served.days_pass(1)
    operator.act(number, "回访不满意", {"不满意的原因": "五天过了，钱还没有到账"})
    assert handler.state(number) == "重新办理"
    handler.open("/mediation").press("重新办理完毕")
    handler.fill({"做了什么": "到店督促，当场转账三千元，投诉人已确认到账。"})
    handler.press("重新办理完毕", handler.page.locator(".form-foot"))

    # 再次回访：满意
    served.days_pass(1)
    operator.open("/revisits").press("已评价")
    operator.fill({"满意程度": "满意"}).press("回访", operator.page.locator(".form-foot"))
    assert handler.state(number) == "已回访"
    assert supervisor.figures() == {"受理": (1, 1), "处理": (1, 1), "回复": (1, 1)}, (
        "重新办理不产生新的法定期限"
    )
    supervisor.sees("50.00% (1 / 已答 2)")


def session(handler: Desk, number: str, *, asks: str, offers: str, outcome: str) -> None:
    """Record a session of today from the mediation desk."""
    handler.open(f"/mediation/{number}/session")
    handler.fill(
        {
            "调解日期": handler.served.clock.today().isoformat(),
            "地点或者方式": "米公市场监管所",
            "消费者要求": asks,
            "经营者愿付": offers,
            "结果": outcome,
            "调解记录": f"投诉人要求 {asks} 元，经营者愿付 {offers} 元。",
        }
    )
    handler.press("记录这次调解", handler.page.locator(".form-foot"))


def last_day(handler: Desk, number: str) -> str:
    """Return the last day of the mediation as its proof names it."""
    handler.matter(number)
    card = handler.page.locator(".mat-cl > *").filter(has_text="调解期限").first
    handler.press("逐日计算", card)
    found = re.search(r"到期日 (\d{4}-\d\d-\d\d)", handler.text)
    assert found is not None, handler.text
    return found[1]
