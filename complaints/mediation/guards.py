"""Guards of mediation and of closing: consent, challenge, the items of ending, telling the result.

Variables read here: `consent_complainant`, `consent_respondent`, `decided_on`, `removed`, `ended_on`,
`result_told`, `decision_told`.
"""

from __future__ import annotations

from datetime import timedelta

from complaints.dossier.clock_views import dated
from complaints.mediation.appraisal_guards import GUARDS as APPRAISAL_GUARDS
from complaints.mediation.rule_guards import GUARDS as RULE_GUARDS
from complaints.mediation.session_guards import GUARDS as SESSION_GUARDS
from complaints.mediation.station_guards import GUARDS as STATION_GUARDS
from workflows.definition import Label, Reach
from workflows.guards import Citing, Facts, Why, day_of, guard

GROUNDS = "termination_items"
"""The list of grounds on which a mediation ends; its numbers differ from instrument to instrument."""
PERIOD_OVER = "period_over"
"""What the item means by which a mediation ends because its period has run out."""
REFUSALS = {
    "refusal": ("consent_complainant", "consent_respondent"),
    "refusal_by_respondent": ("consent_respondent",),
}
"""What the item for a clear refusal or absence means, and whose recorded refusal establishes it: until Order
121 the respondent's alone."""
WEEKEND = timedelta(days=3)
"""Natural days that this item may at most come before the end of the period: a plain weekend."""


_COMPLAINANT = Label("投诉人", "the complainant")
_RESPONDENT = Label("被投诉人", "the respondent")


def _no_consent(*sides: Label) -> Citing:
    zh, en = "、".join(side.zh for side in sides), " and ".join(side.en for side in sides)
    return Citing(
        Why(
            "consent_missing",
            Label(f"还没有{zh}同意调解的记录。", f"There is no record that {en} agreed to mediation."),
            Label(
                "请先记录双方是否同意调解；明确拒绝的，终止调解。",
                "Record the consent of both sides first; where one clearly refuses, end the mediation.",
            ),
            lifted_by=("handler",),
        )
    )


CONSENT_MISSING = {
    (False, False): _no_consent(_COMPLAINANT, _RESPONDENT),
    (False, True): _no_consent(_COMPLAINANT),
    (True, False): _no_consent(_RESPONDENT),
}
"""The reason by whether the complainant and whether the respondent has agreed."""


@guard()
def both_consent(facts: Facts) -> Why | None:
    """Mediation needs the consent of both sides; silence is no consent (Order 121 art. 18)."""
    given = facts.vars.get("consent_complainant") is True, facts.vars.get("consent_respondent") is True
    if given == (True, True):
        return None
    return CONSENT_MISSING[given].under(facts.law("consent"))


@guard(on_payload=True)
def consent_of_someone(facts: Facts) -> Why | None:
    """A record of consent says what at least one side answered."""
    if any(
        isinstance(facts.payload.get(name), bool) for name in ("consent_complainant", "consent_respondent")
    ):
        return None
    return Why(
        "consent_of_nobody",
        Label("没有填写任何一方的意见。", "Neither side's answer is given."),
        Label("请至少填写一方是否同意。", "Say for at least one side whether it agrees."),
        fields=("consent_complainant", "consent_respondent"),
    )


MUST_STEP_BACK = Citing(
    Why(
        "must_step_back",
        Label(
            "已经决定您回避，不能再主持这次调解。", "It was decided that you step back from this mediation."
        ),
        Label("请移交给另一位承办人。", "Hand the matter over to another officer."),
        lifted_by=("head",),
    )
)


@guard()
def not_removed_by_challenge(facts: Facts) -> Why | None:
    """A mediator who was successfully challenged steps back (Order 121 art. 21).

    For good: a later challenge of somebody else, however it ends, brings nobody back.
    """
    if facts.actor.id not in facts.vars.get("removed", ()):
        return None
    return MUST_STEP_BACK.under(facts.law("challenge"))


@guard(on_payload=True)
def receiver_not_removed(facts: Facts) -> Why | None:
    """Who had to step back does not get the matter again (Order 121 art. 21)."""
    if facts.payload.get("receiver") not in facts.vars.get("removed", ()):
        return None
    return Why(
        "receiver_must_step_back",
        Label(
            "已经决定这位同事回避，不能再承办这件投诉。",
            "It was decided that this colleague steps back from the matter.",
        ),
        Label("请另选一位接收人。", "Choose somebody else."),
        facts.law("challenge"),
        fields=("receiver",),
    )


@guard(on_payload=True)
def co_handler_not_removed(facts: Facts) -> Why | None:
    """Who had to step back does not help either (Order 121 art. 21)."""
    if facts.payload.get("co_handler") not in facts.vars.get("removed", ()):
        return None
    return Why(
        "co_handler_must_step_back",
        Label(
            "已经决定这位同事回避，不能协办这件投诉。",
            "It was decided that this colleague steps back from the matter.",
        ),
        Label("请另选一位。", "Choose somebody else."),
        facts.law("challenge"),
        fields=("co_handler",),
    )


@guard(on_payload=True)
def session_is_held(facts: Facts) -> Why | None:
    """A session was held between acceptance and today: before it there is nothing to mediate (art. 15)."""
    held, accepted = day_of(facts.payload.get("held_on")), day_of(facts.vars.get("decided_on"))
    if held is None:
        return None
    if accepted is not None and held < accepted:
        return Why(
            "held_before_acceptance",
            Label(
                f"投诉是{accepted}受理的，调解日期不能早于这一天。",
                f"The complaint was accepted on {accepted}: no session was held before that day.",
            ),
            Label("请改填调解日期。", "Mend the day."),
            facts.law("acceptance"),
            fields=("held_on",),
        )
    if held <= facts.today:
        return None
    return Why(
        "held_on_unfit",
        Label("调解日期不能晚于今天。", "The day of the session lies after today."),
        Label("请改填调解日期。", "Mend the day."),
        fields=("held_on",),
    )


@guard(on_payload=True)
def period_is_over(facts: Facts) -> Why | None:
    """The item fits only when the period has brought no agreement (Order 121 art. 23, item 5; art. 45).

    That is so from the last working day within them (`alert_due`): no further session can be held after it,
    and whoever waited for the day after would always end the mediation late. Before a long holiday that day
    lies weeks ahead: a plain weekend (three natural days) before the end is the earliest. Appraisal and
    testing time is not counted (art. 22).
    """
    clock, item = facts.clocks.get("mediation"), facts.payload.get("item")
    if facts.means(GROUNDS, item) != PERIOD_OVER or clock is None:
        return None
    first, last = (
        max(clock.alert_due, clock.legal_due - WEEKEND),
        dated(clock.legal_due, provisional=clock.provisional),
    )
    if not clock.paused and facts.today >= first:
        return None
    return Why(
        "period_not_over",
        Label(
            f"调解期限还没有届满（到{last.zh}），{first}起才能以第{item}项终止。"
            if not clock.paused
            else f"鉴定、检测期间不计入调解期限，期限没有届满，不能以第{item}项终止。",
            f"The period of mediation ends on {last.en}: item {item} fits from {first} on."
            if not clock.paused
            else f"Appraisal and testing are not counted: the period is not over, item {item} does not fit.",
        ),
        Label(
            "请选择符合实际的另一项，或者继续调解。",
            "Choose the item that fits the facts, or go on mediating.",
        ),
        facts.law("period"),
        fields=("item",),
    )


@guard(on_payload=True)
def refusal_established(facts: Facts) -> Why | None:
    """The item rests on a recorded refusal, or on who refused or stayed away, when and how (Order 121 art.
    23, item 2; Order 20 art. 21, item 3).

    The notice tells the parties of it. That somebody cannot be reached is neither refusal nor absence.
    """
    item = facts.payload.get("item")
    sides = REFUSALS.get(facts.means(GROUNDS, item))
    if sides is None or str(facts.payload.get("refusal") or "").strip():
        return None
    if any(facts.vars.get(side) is False for side in sides):
        return None
    return Why(
        "refusal_not_established",
        Label(
            f"没有拒绝调解或者无正当理由不参加调解的记录，不能以第{item}项终止。",
            "Nothing on record says that a side whom this item names refused mediation or stayed away: "
            f"item {item} does not fit.",
        ),
        Label(
            "请写明哪一方、何时、怎样拒绝或者不参加；联系不上的，不等于拒绝或者不参加。",
            "Write which side refused or stayed away, when and how; who cannot be reached did neither.",
        ),
        facts.law("refusal_of_mediation"),
        fields=("refusal",),
    )


@guard(on_payload=True)
def told_after_end(facts: Facts) -> Why | None:
    """Nobody can be told of the result before it, nor tomorrow (Order 121 art. 23)."""
    told, ended = day_of(facts.payload.get("told_on")), day_of(facts.vars.get("ended_on"))
    if told is None or (told <= facts.today and (ended is None or told >= ended)):
        return None
    return Why(
        "told_on_unfit",
        Label(
            "告知日期不能早于调解结束的日期，也不能晚于今天。",
            "The day of telling lies neither before the end of mediation nor after today.",
        ),
        Label("请改填告知日期。", "Mend the day of telling."),
        facts.law("result_told"),
        fields=("told_on",),
    )


RESULT_TOLD = Why(
    "result_told",
    Label("结果已经告知双方。", "Both sides have already been told of the result."),
    Label("如需补充，请记一条备注。", "Add a note if something is to be added."),
)


@guard(in_model=True, reads=("result_told",))
def result_not_told_yet(facts: Facts) -> Why | None:
    """The result is told once; the clock stops with it."""
    if not facts.vars.get("result_told"):
        return None
    return RESULT_TOLD


DECISION_NOT_TOLD = Citing(
    Why(
        "decision_not_told",
        Label(
            "受理或者不予受理的决定还没有告知投诉人。",
            "The complainant has not been told of the decision on acceptance.",
        ),
        Label("请先办理“告知决定”并保存凭证。", "Tell the decision first and keep the proof."),
        lifted_by=("handler", "intake"),
    )
)


@guard(in_model=True, reads=("decision_told",))
def decision_told(facts: Facts) -> Why | None:
    """A complaint that was not withdrawn ends only after its decision was told with proof (Order 121 art.
    15).
    """
    if facts.state == "withdrawn" or facts.vars.get("decision_told"):
        return None
    return DECISION_NOT_TOLD.under(facts.law("acceptance"))


RESULT_NOT_TOLD = Citing(
    Why(
        "result_not_told",
        Label("结果还没有告知投诉人和被投诉人。", "The two sides have not been told of the result."),
        Label("请先办理“告知结果”并保存凭证。", "Tell the result first and keep the proof."),
        lifted_by=("handler",),
    )
)


@guard(in_model=True, reads=("decision", "result_told"))
def result_told(facts: Facts) -> Why | None:
    """A mediation ends for both sides only when its result was told with proof (Order 121 art. 23)."""
    refused = facts.state in ("refused", "withdrawn") or facts.vars.get("decision") == "refused"
    if refused or facts.vars.get("result_told"):
        return None
    return RESULT_NOT_TOLD.under(facts.law("result_told"))


NOT_OWNER = Why(
    "not_owner",
    Label("只有承办人可以办结。", "Only the owner closes the matter."),
    Label("请承办人办理。", "Ask the owner."),
)


@guard()
def closes_own_matter(facts: Facts) -> Why | None:
    """The owner closes; the intake desk only what was refused or withdrawn before a unit accepted it."""
    before_acceptance = facts.state in ("refused", "withdrawn")
    intake = before_acceptance and facts.actor.grant("intake", facts.unit_path, Reach.UP) is not None
    if facts.actor.id == facts.owner_id or intake:
        return None
    return NOT_OWNER


GUARDS = (
    both_consent,
    consent_of_someone,
    not_removed_by_challenge,
    receiver_not_removed,
    co_handler_not_removed,
    session_is_held,
    period_is_over,
    refusal_established,
    told_after_end,
    result_not_told_yet,
    decision_told,
    result_told,
    closes_own_matter,
    *APPRAISAL_GUARDS,
    *RULE_GUARDS,
    *SESSION_GUARDS,
    *STATION_GUARDS,
)
"""The guards of mediation, registered by create_app."""
