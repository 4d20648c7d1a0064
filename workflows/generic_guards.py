"""Guards that fit any procedure: who owns the matter, handovers, and separation of duties.

Separation of duties reads who did an action last (`Facts.did`), never who claims to have done it.
"""

from __future__ import annotations

from workflows import beside_guards
from workflows.definition import Label
from workflows.guards import Facts, Guard, Why, guard

NOT_OWNER = Why(
    "not_owner",
    Label("这件事现在由另一位同事承办，您不是承办人。", "Another colleague owns this matter at present."),
    Label(
        "请承办人办理，或者由承办人把它移交给您。",
        "Ask the owner to do it, or to hand the matter over to you.",
    ),
)


@guard()
def is_owner(facts: Facts) -> Why | None:
    """Only the owner of the matter works on it; there is exactly one at every instant."""
    if facts.actor.id == facts.owner_id:
        return None
    return NOT_OWNER


IS_OWNER = Why(
    "is_owner",
    Label("承办人不能批准自己承办的事项。", "The owner of a matter may not approve it."),
    Label("请另一位有此岗位的同事批准。", "Ask another colleague who holds the role."),
)


@guard()
def not_the_owner(facts: Facts) -> Why | None:
    """A person does not approve an own request."""
    if facts.actor.id != facts.owner_id:
        return None
    return IS_OWNER


HANDOVER_PENDING = Why(
    "handover_pending",
    Label("已经有一次移交在等待对方接收。", "A handover already waits for its receiver."),
    Label("请等对方接收，或者先收回那一次移交。", "Wait for the answer, or take that handover back first."),
)


@guard(exclusive_with=("handover_pending",), in_model=True)
def no_handover_pending(facts: Facts) -> Why | None:
    """A second handover waits until the first is answered."""
    if facts.handover is None:
        return None
    return HANDOVER_PENDING


NO_HANDOVER = Why(
    "no_handover",
    Label("没有等待接收的移交。", "No handover waits for an answer."),
    Label("如需移交，请先提出移交。", "Offer the matter first."),
)


@guard(exclusive_with=("no_handover_pending",), in_model=True)
def handover_pending(facts: Facts) -> Why | None:
    """There must be a handover before it can be answered."""
    if facts.handover is not None:
        return None
    return NO_HANDOVER


NOT_RECEIVER = Why(
    "not_receiver",
    Label(
        "这次移交不是给您的，只有接收人可以接收。",
        "This handover is for somebody else; only its receiver may accept it.",
    ),
    Label("请接收人办理。", "Ask the receiver."),
)


@guard()
def is_handover_receiver(facts: Facts) -> Why | None:
    """Only the person a matter was offered to may take it."""
    if facts.handover is None or facts.actor.id == facts.handover.receiver_id:
        return None
    return NOT_RECEIVER


NOT_HANDOVER_PARTY = Why(
    "not_handover_party",
    Label(
        "这次移交与您无关，只有移交人和接收人可以取消。",
        "Only the giver and the receiver may end this handover.",
    ),
    Label("请移交人或者接收人办理。", "Ask one of the two."),
)


@guard()
def is_handover_party(facts: Facts) -> Why | None:
    """The receiver declines an offer, the giver takes it back; nobody else touches it."""
    if facts.handover is None or facts.actor.id in (facts.handover.giver_id, facts.handover.receiver_id):
        return None
    return NOT_HANDOVER_PARTY


RECEIVER_IS_OWNER = Why(
    "receiver_is_owner",
    Label("接收人已经是承办人。", "The receiver already owns this matter."),
    Label("请另选一位接收人。", "Choose somebody else."),
    fields=("receiver",),
)


@guard(on_payload=True)
def receiver_is_someone_else(facts: Facts) -> Why | None:
    """A matter is not handed to the person who has it."""
    if facts.payload.get("receiver") != facts.owner_id:
        return None
    return RECEIVER_IS_OWNER


def not_the_doer(name: str, actions: tuple[str, ...], text: Label, variables: tuple[str, ...] = ()) -> Guard:
    """Make a guard that keeps whoever did one of the actions from doing this one.

    `variables` are names of variables that hold the id of a person, or a list of people, kept out as well.
    """

    refusal = Why(
        name, text, Label("请另一位有此岗位的同事办理。", "Ask another colleague who holds the role.")
    )

    def judge(facts: Facts) -> Why | None:
        kept_out = {facts.did(action) for action in actions}
        for one in variables:
            held = facts.vars.get(one)
            kept_out |= set(held) if isinstance(held, (list, tuple)) else {held}
        if facts.actor.id not in kept_out:
            return None
        return refusal

    return Guard(name, judge)


GUARDS = (
    is_owner,
    not_the_owner,
    no_handover_pending,
    handover_pending,
    is_handover_receiver,
    is_handover_party,
    receiver_is_someone_else,
    *beside_guards.GUARDS,
)
"""The generic guards, to be registered beside the application's own."""
