"""Guards of the intake desk: identity, acceptance, refusal, telling the decision, returns.

Variables read here: `respondent_named`, `identity_known`, `identity_proved`, `decision_told`, `decided_on`,
`ruling`.
"""

from __future__ import annotations

from dataclasses import replace

from complaints.dossier.clock_views import dated
from workflows.definition import Label, Reach
from workflows.guards import Citing, Facts, Why, day_of, guard

RESPONDENT_NOT_NAMED = Citing(
    Why(
        "respondent_not_named",
        Label(
            "还没有写明被投诉人的名称（姓名）和地址。", "The respondent's name and address are not given yet."
        ),
        Label("请在登记表中补充，或者请投诉人补正。", "Complete the registration, or ask the complainant."),
        lifted_by=("operator", "intake", "handler"),
    )
)


@guard()
def respondent_named(facts: Facts) -> Why | None:
    """A complaint names the respondent and an address (Order 121 art. 10, paragraph 1, item 2)."""
    if facts.vars.get("respondent_named"):
        return None
    return RESPONDENT_NOT_NAMED.under(facts.law("identity"))


IDENTITY_NOT_KNOWN = Citing(
    Why(
        "identity_not_known",
        Label(
            "还没有投诉人的姓名、电话号码、通讯地址等真实身份信息。",
            "The complainant's true identity (name, telephone, address) is not known yet.",
        ),
        Label(
            "请限期补正身份材料，收到后记录身份核验。",
            "Ask for proof of identity in time, and record it when it has come.",
        ),
        lifted_by=("operator", "intake", "handler"),
    )
)


@guard()
def identity_known(facts: Facts) -> Why | None:
    """A complaint carries the complainant's true identity (Order 121 art. 10, paragraph 1, item 1)."""
    if facts.vars.get("identity_known") or facts.vars.get("identity_proved"):
        return None
    return IDENTITY_NOT_KNOWN.under(facts.law("identity"))


@guard(on_payload=True)
def deadline_leaves_time(facts: Facts) -> Why | None:
    """The day given to the complainant lies ahead, and not past the last day for deciding (Order 121 art.
    15).
    """
    deadline = day_of(facts.payload.get("deadline"))
    if deadline is None:
        return None
    clock = facts.clocks.get("accept_decision")
    if deadline <= facts.today:
        text = Label("补正期限必须晚于今天。", "The day by which the material must come lies after today.")
    elif clock is not None and clock.open and deadline > clock.legal_due >= facts.today:
        last = dated(clock.legal_due, provisional=clock.provisional)
        text = Label(
            f"补正期限晚于受理决定的最后一天（{last.zh}）。",
            f"The day lies after the last one for deciding on acceptance ({last.en}).",
        )
    else:
        return None
    return Why(
        "deadline_unfit",
        text,
        Label("请改填期限。", "Choose another day."),
        facts.law("acceptance"),
        fields=("deadline",),
    )


NOT_OWNER_NOR_INTAKE = Why(
    "not_owner_nor_intake",
    Label(
        "您不是承办人，也不是统一接收机构的人员。",
        "You are neither the owner nor an officer of the intake desk.",
    ),
    Label("请承办人或者统一接收机构办理。", "Ask the owner or the intake desk."),
    lifted_by=("intake",),
)


@guard()
def is_owner_or_intake(facts: Facts) -> Why | None:
    """The owner acts, or an officer of the intake desk above the unit."""
    if facts.actor.id == facts.owner_id or facts.actor.grant("intake", facts.unit_path, Reach.UP) is not None:
        return None
    return NOT_OWNER_NOR_INTAKE


BEFORE_DECISION = ("registered", "identity_asked", "returned", "dispatched")
"""States of a complaint at the desk or waiting for the decision on acceptance."""


DECISION_MADE = Citing(
    Why(
        "decision_made",
        Label(
            "是否受理已经决定，或者投诉已经结束：登记内容只能由承办人补充、更正。",
            "Acceptance is decided or the matter is over: now only the owner completes the registration.",
        ),
        Label("请把需要补充、更正的内容告知承办人。", "Tell the owner what is to be added or corrected."),
        lifted_by=("handler",),
    )
)
NOT_THE_HOLDER = Citing(
    Why(
        "not_the_holder",
        Label(
            "您不是承办人、首问责任人，也不是统一接收机构的人员。",
            "You are neither the owner nor the first responder, nor an officer of the intake desk.",
        ),
        Label("请承办人或者统一接收机构补充。", "Ask the owner or the intake desk to complete it."),
        lifted_by=("handler", "intake"),
    )
)


@guard()
def may_complete_registration(facts: Facts) -> Why | None:
    """The owner completes it; until acceptance is decided, also whoever was reached first, or the intake desk
    above.

    The decision was made on what was registered then: later changes are the owner's to answer for.
    """
    if facts.actor.id == facts.owner_id:
        return None
    reached = facts.actor.id == facts.first_responder_id
    if not reached and facts.actor.grant("intake", facts.unit_path, Reach.UP) is None:
        return NOT_THE_HOLDER.under(facts.law("identity"))
    if facts.state in BEFORE_DECISION and not facts.vars.get("decision_told"):
        return None
    return DECISION_MADE.under(facts.law("identity"))


NOT_OWNER_NOR_HEAD = Why(
    "not_owner_nor_head",
    Label("您不是承办人，也不是负责人。", "You are neither the owner nor a head."),
    Label("请承办人或者负责人办理。", "Ask the owner or a head to do it."),
    lifted_by=("head",),
)


@guard()
def is_owner_or_head(facts: Facts) -> Why | None:
    """What the owner alone decides, or a head for the owner: who has the matter, and who helps with it."""
    if facts.actor.id == facts.owner_id or facts.actor.grant("head", facts.unit_path, Reach.UP) is not None:
        return None
    return replace(NOT_OWNER_NOR_HEAD, people=(facts.owner_id,))


@guard(on_payload=True)
def handover_not_sideways(facts: Facts) -> Why | None:
    """A matter never passes from unit to unit by itself (Order 121 art. 41); within the unit, up or down it
    may.
    """
    unit = facts.payload.get("unit")
    if not isinstance(unit, str) or unit.startswith(facts.unit_path) or facts.unit_path.startswith(unit):
        return None
    return Why(
        "handover_sideways",
        Label("不得自行移送给其他单位。", "A matter may not be passed to another unit directly."),
        Label(
            "不具备处理权限的，请退回统一接收机构。",
            "Where authority is lacking, return it to the intake desk.",
        ),
        facts.law("dispatch"),
        ("intake",),
        ("unit",),
    )


RULED_BINDING = Citing(
    Why(
        "ruled_binding",
        Label(
            "统一接收机构已经裁定由本单位办理，不能再次退回。",
            "The intake desk has ruled that this unit handles the matter.",
        ),
        Label(
            "请办理；确有异议的，请负责人向上级提出。",
            "Handle it; a head may take the question to the superior.",
        ),
        lifted_by=("intake",),
    )
)


@guard()
def not_ruled_binding(facts: Facts) -> Why | None:
    """Once the intake desk has upheld its dispatch, the unit handles the matter (Order 121 arts 33 and
    41).
    """
    if facts.vars.get("ruling") != "upheld":
        return None
    return RULED_BINDING.under(facts.law("dispatch"))


@guard(on_payload=True)
def remedies_told(facts: Facts) -> Why | None:
    """A refusal tells the reason and the other ways of 消法 art. 39 (Order 121 art. 15), where a rule says
    so: since 2024-07-01 the Regulation of the State Council does, Order 20 by itself did not.
    """
    article = facts.law("remedies_in_refusal")
    if facts.payload.get("remedies_told") is True or article is None:
        return None
    return Why(
        "remedies_not_told",
        Label(
            "必须同时告知理由和《中华人民共和国消费者权益保护法》第三十九条规定的其他途径。",
            "A refusal must tell the reason and the other ways of art. 39 of the Law on the "
            "Protection of Consumer Rights and Interests.",
        ),
        Label("请勾选“已写明其他解决途径”。", "Confirm that the other ways are set out."),
        article,
        fields=("remedies_told",),
    )


DECISION_TOLD = Why(
    "decision_told",
    Label("受理或者不予受理的决定已经告知投诉人。", "The complainant has already been told of the decision."),
    Label("如需补充，请记一条备注。", "Add a note if something is to be added."),
)


@guard(in_model=True, reads=("decision_told",))
def decision_not_told_yet(facts: Facts) -> Why | None:
    """The decision is told once; the clock stops with the first telling."""
    if not facts.vars.get("decision_told"):
        return None
    return DECISION_TOLD


@guard(on_payload=True)
def told_after_decision(facts: Facts) -> Why | None:
    """Nobody can be told before the decision, nor tomorrow."""
    told, decided = day_of(facts.payload.get("told_on")), day_of(facts.vars.get("decided_on"))
    if told is None or (told <= facts.today and (decided is None or told >= decided)):
        return None
    return Why(
        "told_on_unfit",
        Label(
            "告知日期不能早于作出决定的日期，也不能晚于今天。",
            "The day of telling lies neither before the decision nor after today.",
        ),
        Label("请改填告知日期。", "Mend the day of telling."),
        facts.law("acceptance"),
        fields=("told_on",),
    )


GUARDS = (
    respondent_named,
    identity_known,
    deadline_leaves_time,
    is_owner_or_intake,
    may_complete_registration,
    is_owner_or_head,
    handover_not_sideways,
    not_ruled_binding,
    remedies_told,
    decision_not_told_yet,
    told_after_decision,
)
"""The intake desk's guards, registered by create_app."""
