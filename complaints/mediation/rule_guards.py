"""Guards of the choice between two rule sets: only where a mediation crosses the day on which they changed.

No instrument has a rule of transition. The mediation clock is opened by the set of the day of acceptance; a
head may have it counted by that of the day of receipt, with a reason. Never after its limit has passed, if
the other set ends later: what is late stays late.
"""

from __future__ import annotations

from complaints.dossier.clock_views import dated
from workflows.definition import Label
from workflows.guards import ClockFact, Facts, Why, guard

RULE_SETS = "rule_sets_of_mediation"


ONE_RULE_SET = Why(
    "one_rule_set",
    Label(
        "收到和受理适用同一规章，没有可以改用的规章。",
        "Receipt and acceptance lie under the same rules: there are no others to choose.",
    ),
    Label(
        "只有收到和受理跨越规章变更之日的投诉才能改用。",
        "Only a complaint received before and accepted after the rules changed has a choice.",
    ),
)


@guard()
def two_rule_sets_apply(facts: Facts) -> Why | None:
    """Receipt and acceptance lie under different rules: otherwise there is nothing to choose."""
    if len(facts.items.get(RULE_SETS, {})) > 1:
        return None
    return ONE_RULE_SET


@guard(on_payload=True)
def rule_set_is_another(facts: Facts) -> Why | None:
    """The chosen rules are others than those of the clock, and mend no limit that has passed; that there are
    others is asked apart.
    """
    clock, chosen = facts.clocks.get("mediation"), facts.payload.get("rule_set")
    if clock is None or len(facts.items.get(RULE_SETS, {})) < 2:
        return None
    if chosen != clock.rule_set:
        ends = facts.end_by("mediation", str(chosen)) if facts.today > clock.legal_due else None
        return _too_late(clock, facts) if ends is not None and ends > clock.legal_due else None
    return Why(
        "same_rule_set",
        Label("调解期限已经按这一规章计算。", "The mediation is counted by these rules already."),
        Label("请选择另一规章，或者不作改动。", "Choose the other ones, or leave it as it is."),
        fields=("rule_set",),
    )


def _too_late(clock: ClockFact, facts: Facts) -> Why:
    last = dated(clock.legal_due, provisional=clock.provisional)
    return Why(
        "limit_has_passed",
        Label(
            f"调解期限到{last.zh}已经届满，不能改用期限更长的规章。",
            f"The mediation's limit passed on {last.en}: rules with a later end can no longer be chosen.",
        ),
        Label("请终止调解并告知双方。", "End the mediation and tell both sides."),
        facts.law("period"),
        fields=("rule_set",),
    )


GUARDS = (two_rule_sets_apply, rule_set_is_another)
"""The guards of the choice, registered with the room's others."""
