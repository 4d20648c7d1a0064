"""The dated rules of thirty years: which set governs which day, and what each says."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.procedures.office import library, rules
from workflows.definition_files import DefinitionError
from workflows.rule_sets import Source

FIRST, LAST = date(1996, 3, 15), date(2026, 12, 31)
DAY = timedelta(days=1)
GUARDS = Path(__file__).parents[2] / "complaints"

CLOCKS = {
    "order-51": {"accept_decision": [(5, "day")], "mediation": [(60, "day")]},
    "order-62": {"accept_decision": [(7, "workday")], "mediation": [(60, "day")]},
    "order-20": {"accept_decision": [(7, "workday")], "mediation": [(45, "workday")]},
    "order-20-and-778": {"accept_decision": [(7, "workday")], "mediation": [(45, "workday"), (60, "day")]},
    "order-121": {"accept_decision": [(7, "workday")], "mediation": [(60, "day")]},
}
"""Written down once more from what is known of the instruments."""
SINCE_2020 = {"tell_result": [(7, "workday")], "competence_dispute": [(7, "workday")]}
UNDER_ORDER_20 = {"notify_filing": [(5, "workday")]}


def test_whoever_reported_by_name_was_told_within_five_working_days_under_order_20_alone():
    for day in (date(2020, 1, 1), date(2026, 4, 14)):
        limit = rules().limit("notify_filing", day)
        assert (limit.n, limit.unit.value, limit.article.en) == (5, "workday", "SAMR Order 20, art. 31")
    for day in (date(2019, 12, 31), date(2026, 4, 15)):
        with pytest.raises(DefinitionError, match="No limit for the clock 'notify_filing'"):
            rules().limit("notify_filing", day)


@pytest.mark.parametrize("part", ["complaints", "verification"])
def test_every_day_since_1996_has_exactly_one_set_of_each_part(part):
    of_part = [one for one in rules().all if one.part == part]
    for at in range((LAST - FIRST).days + 1):
        day = FIRST + DAY * at
        assert [one.id for one in of_part if one.in_force(day)] == [rules().rule_set(day, part).id], day
    assert not any(one.in_force(FIRST - DAY) for one in of_part)


def test_the_limits_of_each_instrument():
    for name, clocks in CLOCKS.items():
        said = rules().of(name)
        wanted = clocks | (SINCE_2020 if name not in ("order-51", "order-62") else {})
        wanted |= UNDER_ORDER_20 if name.startswith("order-20") else {}
        assert said is not None
        assert {
            clock: [(one.n, str(one.unit)) for one in limit.all_binding]
            for clock, limit in said.limits.items()
        } == wanted, name


@pytest.mark.parametrize(
    ("day", "n", "more", "source"),
    [
        (date(1996, 3, 15), 7, 8, Source.ASSUMED),
        (date(2007, 9, 30), 7, 8, Source.ASSUMED),
        (date(2007, 10, 1), 7, 8, Source.QUOTED),
        (date(2019, 3, 31), 7, 8, Source.QUOTED),
        (date(2019, 4, 1), 15, 15, Source.KNOWN),
        (date(2020, 1, 1), 15, 15, Source.TEXT),
        (date(2026, 4, 14), 15, 15, Source.TEXT),
        (date(2026, 4, 15), 15, 15, Source.TEXT),
    ],
)
def test_verification_has_dates_of_its_own(day, n, more, source):
    limit, extension = rules().limit("verify", day), rules().limit("verify_extension", day)
    assert (limit.n, extension.n, limit.source) == (n, more, source)
    assert {limit.unit, extension.unit} == {"workday"}


@pytest.mark.parametrize(
    ("day", "refusal", "ending", "forms"),
    [
        (date(2011, 3, 7), 4, 5, 4),
        (date(2016, 3, 7), 4, 5, 4),
        (date(2023, 3, 7), 6, 7, 12),
        (date(2025, 3, 7), 6, 7, 12),
        (date(2026, 4, 15), 7, 8, 10),
    ],
)
def test_items_and_forms_of_their_time(day, refusal, ending, forms):
    said = rules().rule_set(day, "complaints")
    assert [len(said.lists[name].items) for name in ("refusal_items", "termination_items")] == [
        refusal,
        ending,
    ]
    assert len(said.forms) == forms
    for listed in said.lists.values():
        assert "121" not in "".join(item.article.en for item in listed.items) or said.id == "order-121"


def test_order_20_differs_from_order_121_where_the_texts_do():
    then, now = (rules().rule_set(day, "complaints") for day in (date(2025, 3, 7), date(2026, 4, 15)))
    old, new = ({item.code: item for item in one.lists["termination_items"].items} for one in (then, now))
    assert (old["2"].means, old["3"].means) == ("no_agreement_on_testing", "refusal_by_respondent")
    assert (new["2"].means, new["4"].means) == ("refusal", "no_agreement_on_costs")
    assert old["5"].means == new["5"].means == "period_over"
    assert "四十五个工作日" in old["5"].label.zh
    assert "依法成立的其他调解组织" in then.lists["refusal_items"].items[1].label.zh
    assert "依法成立的其他调解组织" not in now.lists["refusal_items"].items[1].label.zh
    assert then.articles["acceptance"].en.endswith("art. 14")
    assert "revisit" not in then.articles
    assert {"remedies_in_refusal", "counting"} <= set(now.articles)
    # the Regulation of 2024 asks for the other ways, Order 20 by itself did not
    assert "remedies_in_refusal" in then.articles
    assert rules().article("remedies_in_refusal", date(2024, 6, 30)) is None


def test_every_set_can_end_a_mediation_for_the_reasons_that_guards_know():
    for said in (one for one in rules().all if one.part == "complaints"):
        means = Counter(item.means for item in said.lists["termination_items"].items)
        assert means["period_over"] == 1, said.id
        assert means["refusal"] + means["refusal_by_respondent"] == 1, said.id


def test_what_was_not_read_says_so():
    """Nobody may take a number from memory for the text of an instrument."""
    assert rules().limit("mediation", date(2011, 3, 7)).source is Source.KNOWN
    assert rules().limit("mediation", date(2016, 3, 7)).source is Source.QUOTED
    both = rules().limit("mediation", date(2025, 3, 7))
    assert [one.source for one in both.all_binding] == [Source.TEXT, Source.KNOWN]


def test_every_subject_that_a_guard_or_an_action_cites_has_an_article():
    cited = {
        subject
        for path in GUARDS.rglob("*guards.py")
        for subject in re.findall(r'facts\.law\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert len(cited) > 8
    in_procedures = {
        action.article
        for procedure in library().procedures
        for action in procedure.actions.values()
        if isinstance(action.article, str)
    }
    assert cited | in_procedures <= rules().subjects
    for procedure in library().procedures:
        assert set(procedure.governed_by) - rules().subjects <= {"refusal_items", "termination_items"}
