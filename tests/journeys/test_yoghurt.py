"""随县，2012 年 5 月：八元钱的酸奶。The story as it was reported, told under today's rules.

A consumer bought yoghurt for 8 yuan, more than ten days past its date. The officers go at once, find and
seize 31 more, hand over the 8 yuan, file a case against the seller, conclude it and recover; the complaint
is closed and its complainant called back.
"""

from __future__ import annotations

import re

from complaints.payouts.ledger import Cause, put_into_fund
from tests.browser.fixtures import SitDown
from tests.browser.serving import Served
from tests.journeys.telling import call, dispatch

CASE = "樊市监立〔2026〕31号"


def test_the_yoghurt_for_eight_yuan(served: Served, desk: SitDown) -> None:
    with served.city.database.writing() as session:
        put_into_fund(session, 5_000_000, Cause(0, served.clock.now(), served.clock.today()))
    handler, supervisor = desk("handler"), desk("supervisor")
    assert supervisor.figures() == {"受理": (0, 0), "处理": (0, 0), "回复": (0, 0)}

    # 来电：买到过期酸奶
    number = call(desk("operator"))
    dispatch(desk("intake"), number, "米公市场监管所")

    # 当天受理、告知、到店核查，发现同批 31 盒
    handler.act(number, "受理")
    handler.act(number, "告知决定", {"告知方式": "电话", "告知凭证": "通话录音 0931"})
    served.work()
    assert supervisor.figures()["受理"] == (1, 1)
    handler.act(
        number, "移交线索", {"涉嫌违法的线索": "货架上另有 31 盒同批酸奶，均超过保质期十余天，已扣押"}
    )
    lead = child(handler.text, number)

    # 垫付八元：申请、核实、另一人批准、出纳兑付
    handler.matter(number).press("申请购假先赔")
    handler.fill(
        {
            "所购商品": "味晨酸奶 1 盒",
            "购买价款": "8.00",
            "购买日期": "2026-11-23",
            "购物凭证号": "0082-1147",
        }
    ).press("提交申请")
    payout = handler.page.url.rsplit("/", 1)[1]
    handler.press("开始核实")
    handler.fill(
        {"核实金额": "8.00", "认定依据和扣押物品": "超过保质期十余天；另查获同批 31 盒，已扣押"}
    ).press("认定")
    handler.sees("待批准")
    approver = desk("payout_approver").open(f"/payouts/{payout}")
    approver.fill({"批准金额": "8.00"}).press("批准")
    cashier = desk("cashier").open(f"/payouts/{payout}")
    cashier.fill({"兑付方式": "现金", "兑付凭证号": "0007"}).press("兑付")
    cashier.sees("已兑付", "49,992.00")

    # 立案、关联、结案
    handler.act(lead, "提出立案", {"涉嫌违反的规定": "《中华人民共和国食品安全法》第三十四条第十项"})
    desk("head").act(lead, "批准立案", {"立案号": CASE})
    handler.open(f"/payouts/{payout}").fill({"立案号": CASE}).press("关联案件")
    handler.act(
        lead,
        "结案",
        {"案值": "248.00", "罚款": "5000.00", "没收": "248.00", "处罚文号": "樊市监处罚〔2026〕31号"},
    )
    # 双方同意调解，即时履行，告知
    handler.act(
        number, "记录是否同意调解", {"投诉人同意调解": "是", "被投诉人同意调解": "是", "征询方式": "当面"}
    )
    handler.act(number, "开始调解")
    handler.matter(number).press("达成调解协议")
    handler.fill(
        {
            "为消费者挽回的金额": "8.00",
            "形式": "即时履行",
            "协议内容": "价款已由先赔资金垫付，经营者已缴回。",
        }
    )
    handler.press("记录协议")
    assert supervisor.figures()["处理"] == (1, 1)
    handler.act(
        number, "告知结果", {"告知方式": "当面", "告知投诉人的凭证": "签收", "告知被投诉人的凭证": "签收"}
    )

    # 追回之前不能办结；追回、归档、办结、回访
    handler.cannot(number, "办结", "还有一笔先赔没有办完")
    handler.open(f"/payouts/{payout}").fill({"累计追回金额": "8.00", "追回凭证号": "收据 0031"}).press(
        "记录追回"
    )
    handler.press("归档")
    handler.sees("已追回", "50,000.00")
    handler.act(number, "办结")
    desk("operator").act(number, "回访", {"满意程度": "非常满意"})
    assert handler.state(number) == "已回访"
    assert supervisor.figures() == {"受理": (1, 1), "处理": (1, 1), "回复": (1, 1)}


def child(text: str, number: str) -> str:
    """Return the number of the matter that the page names beside its own."""
    others = [one for one in re.findall(r"\d{6}-\d{8}-\d{5}-\d", text) if one != number]
    assert others, text
    return others[0]
