"""The shipped rule sets: SAMR Order 121 in numbers and words, and local practice marked as such."""

from __future__ import annotations

from datetime import date

import pytest

from tests.procedures.office import library, rules
from workflows.definition_files import DefinitionError

FIRST_DAY = date(2026, 4, 15)


@pytest.mark.parametrize(
    ("clock", "n", "unit", "article"),
    [
        ("accept_decision", 7, "workday", "第十五条"),
        ("mediation", 60, "day", "第二十三条第五项"),
        ("tell_result", 7, "workday", "第二十三条"),
        ("verify", 15, "workday", "第二十七条"),
        ("verify_extension", 15, "workday", "第二十七条"),
        ("competence_dispute", 7, "workday", "第三十三条"),
    ],
)
def test_limits_of_order_121(clock, n, unit, article):
    limit = rules().limit(clock, FIRST_DAY)
    of = "verification-2026" if clock.startswith("verify") else "order-121"
    assert (limit.n, limit.unit, limit.rule_set, limit.local) == (n, unit, of, False)
    assert limit.article.zh == f"《市场监督管理投诉举报处理办法》{article}"
    assert "SAMR Order 121" in limit.article.en


def test_only_the_mediation_may_stand_still():
    limits = rules().rule_set(FIRST_DAY, "complaints").limits
    paused = {name: one.pause_article.zh for name, one in limits.items() if one.pause_article}
    assert paused == {"mediation": "《市场监督管理投诉举报处理办法》第二十二条"}


def test_the_items_carry_the_laws_words():
    refusal, ending = rules().items("refusal_items", FIRST_DAY), rules().items("termination_items", FIRST_DAY)
    assert [one.code for one in refusal] == list("1234567")
    assert [one.code for one in ending] == list("12345678")
    assert refusal[5].label.zh == "冒用他人名义或者拒不配合市场监督管理部门核验真实身份信息的"
    assert ending[4].label.zh == "自投诉受理之日起六十日内投诉人和被投诉人未能达成调解协议的"
    assert ending[4].article.zh == "《市场监督管理投诉举报处理办法》第二十三条第五项"


def test_the_other_ways_name_their_own_instrument():
    ways = rules().item_list("remedies", FIRST_DAY)
    assert ways.instrument.zh == "中华人民共和国消费者权益保护法"
    assert [one.label.zh for one in ways.items][-1] == "向人民法院提起诉讼"
    assert ways.items[4].article.zh == "《中华人民共和国消费者权益保护法》第三十九条第五项"


def test_ten_forms_of_2026():
    assert len(rules().rule_set(FIRST_DAY, "complaints").forms) == 10


def test_earlier_days_are_refused_plainly():
    with pytest.raises(DefinitionError, match=r"No rule set is loaded for 1996-03-14.*from 1996-03-15"):
        rules().limit("accept_decision", date(1996, 3, 14))


def test_what_is_not_law_says_so():
    procedures = library().procedures
    for procedure in procedures:
        for clock in procedure.clocks.values():
            first = procedure.effective_from
            if clock.if_ruled:
                first = min(one.valid_from for one in rules().all if clock.name in one.limits)
            limit = rules().limit(clock.name, first)
            assert limit.local == clock.internal, clock.name
            assert (limit.default is not None) == limit.local


def test_the_rules_reach_into_coming_years():
    for day in (date(2027, 6, 1), date(2028, 2, 29)):
        assert rules().limit("mediation", day).n == 60
        assert library().version_for("complaint", day).procedure.version == 3


def test_settings_state_their_default():
    assert rules().setting("payout_cap_fen", FIRST_DAY).value is None
    assert rules().setting("payout_basis", FIRST_DAY).value == "price"
    assert rules().setting("two_people_over_fen", FIRST_DAY).value == 100_000
