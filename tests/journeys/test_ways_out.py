"""不予受理、撤回、退回裁定、六十日届满：the ways in which a complaint ends without an agreement."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from complaints.gateways.models import DeliveredMessage
from tests.browser.fixtures import SitDown
from tests.browser.serving import Served
from tests.journeys.telling import AGREE_TO_MEDIATE, TOLD_BY_PHONE, TOLD_RESULT, call, dispatch


def test_refused_with_the_other_ways(served: Served, desk: SitDown) -> None:
    handler, supervisor = desk("handler"), desk("supervisor")
    number = call(desk("operator"))
    dispatch(desk("intake"), number, "米公市场监管所")
    # 没有写明其他途径的，不能提交，填过的都在
    handler.matter(number).press("不予受理")
    handler.sees("第十五条")
    answers = {"不予受理的情形": "不是为生活消费需要购买", "理由": "购买 200 件用于转售，不是为生活消费需要"}
    handler.fill(answers).press("不予受理", handler.page.locator(".form-foot"))
    assert handler.at(f"/matters/{number}/do/refuse")
    handler.sees("第三十九条")
    assert "转售" in handler.field("理由").input_value()
    handler.fill({"已写明其他解决途径": True}).press("不予受理", handler.page.locator(".form-foot"))
    assert handler.state(number) == "不予受理"
    served.work()
    sent = " ".join(bodies(served))
    for way in ("不是为生活消费需要购买", "协商和解", "仲裁", "诉讼"):
        assert way in sent, sent
    # 决定了还要告知，才算受理率的分子
    assert supervisor.figures()["受理"] == (0, 0)
    handler.cannot(number, "办结", "告知")
    handler.act(number, "告知决定", TOLD_BY_PHONE)
    assert supervisor.figures()["受理"] == (1, 1)
    handler.act(number, "办结")
    assert handler.state(number) == "已办结"


def test_withdrawn_before_a_decision(desk: SitDown) -> None:
    operator, supervisor = desk("operator"), desk("supervisor")
    number = call(operator)
    operator.act(number, "撤回投诉", {"撤回方式": "电话", "投诉人的意思": "店家已经退钱了，不再投诉"})
    assert operator.state(number) == "已撤回"
    assert supervisor.figures() == {"受理": (0, 0), "处理": (0, 0), "回复": (0, 0)}
    supervisor.sees("决定前撤回或者合并 1")


def test_a_return_is_ruled_upon(desk: SitDown) -> None:
    intake, handler = desk("intake"), desk("handler")
    number = call(desk("operator"))
    dispatch(intake, number, "米公市场监管所")
    handler.act(
        number, "退回统一接收机构", {"退回原因": "不具备处理权限", "理由": "实际经营地在柿铺，不在本所辖区"}
    )
    # 只能退回受理台，由受理台裁定改送
    intake.open("/intake?tab=returned").sees(number)
    intake.act(
        number, "裁定退回", {"裁定": "改分送其他单位", "承办单位": "柿铺市场监管所", "理由": "经营地在柿铺"}
    )
    other = desk("other_handler")
    assert other.state(number) == "已分送"
    other.act(number, "受理")
    assert other.state(number) == "已受理"

    # 裁定维持的，不能再退
    second = call(desk("operator"))
    dispatch(intake, second, "米公市场监管所")
    handler.act(second, "退回统一接收机构", {"退回原因": "地址不详", "理由": "找不到这家店"})
    intake.act(second, "裁定退回", {"裁定": "维持原分送", "承办单位": "米公市场监管所", "理由": "已补充门牌"})
    handler.cannot(second, "退回统一接收机构", "已经裁定由本单位办理")


def test_ended_by_item_5_on_the_last_working_day(served: Served, desk: SitDown) -> None:
    handler, supervisor = desk("handler"), desk("supervisor")
    number = call(desk("operator"))
    dispatch(desk("intake"), number, "米公市场监管所")
    handler.act(number, "受理")
    handler.act(number, "告知决定", TOLD_BY_PHONE)
    handler.act(number, "记录是否同意调解", AGREE_TO_MEDIATE)
    handler.act(number, "开始调解")
    served.days_pass(58)
    assert served.clock.today() == date(2027, 1, 21)
    handler.open("/mediation?tab=tasks").misses("以期限届满为由终止调解")
    end = {"终止调解的情形": "自投诉受理之日起六十日内", "理由": "三次联系，双方未能达成协议"}
    handler.matter(number).press("终止调解")
    handler.fill(end).press("终止调解", handler.page.locator(".form-foot"))
    handler.sees("调解期限还没有届满", "2027-01-22")
    # 第六十日是周六，最后一个工作日是周五：任务到人
    served.days_pass(1)
    handler.open("/mediation?tab=tasks").sees("以期限届满为由终止调解", number)
    assert supervisor.figures()["处理"] == (0, 0)
    handler.act(number, "终止调解", end)
    assert handler.state(number) == "已终止调解"
    assert supervisor.figures()["处理"] == (1, 1)
    handler.act(number, "告知结果", TOLD_RESULT)
    handler.act(number, "办结")
    assert supervisor.figures() == {"受理": (1, 1), "处理": (1, 1), "回复": (1, 1)}


def bodies(served: Served) -> list[str]:
    """Return the texts that went out, or were printed in the house."""
    with served.city.database.reading() as session:
        return list(session.scalars(select(DeliveredMessage.text)))
