"""Guards of an appraisal: by which days the mediation stands still, and that a head approved it.

Its time is not counted (SAMR Order 121 art. 22; Order 20 art. 20): from the day on which it was commissioned
to the day before the result was received. The days are those of the papers, whenever they are entered; so
they lie between acceptance and today, and no day is left out twice. What is commissioned after the period has
run out stops nothing: the mediation ends then (art. 23, item 5). Where rules count it that know no pause, an
appraisal may be commissioned at any time: it stops nothing anyway. No article names an approver: that a head
must be named is the office's own check on a step that makes a limit longer.

Variables read here: `decided_on`, `commissioned_on`, `result_on` (ISO 8601, Asia/Shanghai), `removed`.
"""

from __future__ import annotations

from complaints.dossier.clock_views import dated
from workflows.definition import Label
from workflows.guards import Facts, Why, day_of, guard

_MEND = Label("请照委托书改填委托日期。", "Write the day that stands on the commission.")


@guard(on_payload=True)
def commission_day_fits(facts: Facts) -> Why | None:
    """An appraisal was commissioned between acceptance and today, after the one before had ended and before
    the period had.
    """
    given = day_of(facts.payload.get("commissioned_on"))
    accepted, before = day_of(facts.vars.get("decided_on")), day_of(facts.vars.get("result_on"))
    if given is None:
        return None
    if given > facts.today:
        return _commission(
            "commissioned_ahead",
            Label("委托日期不能晚于今天。", "The day of the commission lies after today."),
        )
    if accepted is not None and given < accepted:
        return _commission(
            "commissioned_before_acceptance",
            Label(
                f"投诉是{accepted}受理的，委托日期不能早于这一天：调解期限还没有起算。",
                f"The complaint was accepted on {accepted}: no period ran before that day.",
            ),
            facts,
        )
    if before is not None and given < before:
        return _commission(
            "commissioned_before_last_result",
            Label(
                f"上一次送检到{before}收到结果，这以前的日子已经不计入期限，不能再扣除一次。",
                f"The appraisal before lasted until {before}: days before it are left out already.",
            ),
            facts,
        )
    clock = facts.clocks.get("mediation")
    if clock is None or not clock.open or given <= clock.legal_due or not facts.may_pause("mediation"):
        return None
    last = dated(clock.legal_due, provisional=clock.provisional)
    return Why(
        "commissioned_after_period",
        Label(
            f"调解期限到{last.zh}已经届满，此后委托的鉴定、检测不再停止计算期限。",
            f"The period of mediation ended on {last.en}: what is commissioned later stops nothing.",
        ),
        Label(
            "请终止调解并告知双方；日期填错的，请照委托书改填。",
            "End the mediation and tell both sides; or write the day that stands on the commission.",
        ),
        facts.law("period"),
        fields=("commissioned_on",),
    )


def _commission(code: str, text: Label, facts: Facts | None = None) -> Why:
    article = facts.law("appraisal") if facts else None
    return Why(code, text, _MEND, article, fields=("commissioned_on",))


@guard(on_payload=True)
def result_day_fits(facts: Facts) -> Why | None:
    """The result was received between the commission and today."""
    given, since = day_of(facts.payload.get("result_on")), day_of(facts.vars.get("commissioned_on"))
    if given is None:
        return None
    if given > facts.today:
        text = Label("收到结果的日期不能晚于今天。", "The day on which the result came lies after today.")
        return Why("result_ahead", text, _MEND_RESULT, fields=("result_on",))
    if since is None or given >= since:
        return None
    return Why(
        "result_before_commission",
        Label(
            f"鉴定、检测是{since}委托的，收到结果的日期不能早于这一天。",
            f"The appraisal was commissioned on {since}: its result did not come before that day.",
        ),
        _MEND_RESULT,
        facts.law("appraisal"),
        fields=("result_on",),
    )


_MEND_RESULT = Label("请照报告的收件记录改填日期。", "Write the day on which the report came in.")


@guard(on_payload=True)
def approver_is_another(facts: Facts) -> Why | None:
    """Nobody approves that the own limit stands still, nor does who had to step back (Order 121 art. 21)."""
    person = facts.payload.get("approved_by")
    if person is not None and person in (facts.owner_id, facts.actor.id):
        return APPROVES_OWN
    if person is None or person not in facts.vars.get("removed", ()):
        return None
    return Why(
        "approver_must_step_back",
        Label(
            "已经决定这位同事回避，不能批准送检。",
            "It was decided that this colleague steps back from the matter.",
        ),
        Label("请另选一位负责人。", "Choose another head."),
        facts.law("challenge"),
        fields=("approved_by",),
    )


APPROVES_OWN = Why(
    "approves_own",
    Label(
        "承办人不能批准自己承办的投诉停止计算期限。",
        "The owner does not approve that the own limit stands still.",
    ),
    Label(
        "请填写批准送检的负责人；本单位没有别的负责人的，报上一级批准。",
        "Name the head who approved it; where the unit has no other, one above it.",
    ),
    fields=("approved_by",),
)

GUARDS = (commission_day_fits, result_day_fits, approver_is_another)
"""The guards of an appraisal, registered with the room's others."""
