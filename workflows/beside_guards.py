"""Guards on what goes on beside the states: open work, co-handlers, and steps that are taken back.

They read the instance's variables alone, so whoever has the row can ask them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from workflows.beside import OpenWork, co_handlers, open_work
from workflows.definition import UNDO, Label
from workflows.guards import Facts, Why, day_of, guard


@guard()
def all_work_done(facts: Facts) -> Why | None:
    """Joins the work asked for beside the states: the step waits until each piece has ended."""
    found = open_work(facts.vars)
    if not found:
        return None
    zh = "、".join(
        f"{_kind(facts, one).zh}（第{one.number}项，{one.asked_on}交办，{one.due_on}到期）" for one in found
    )
    en = "; ".join(
        f"{_kind(facts, one).en} (no. {one.number}, asked for on {one.asked_on}, due on {one.due_on})"
        for one in found
    )
    return Why(
        "work_open",
        Label(f"还有交办的工作没有完成：{zh}。", f"Work that was asked for is not done: {en}."),
        Label("请先完成，或者由承办人撤销交办。", "Finish it first, or have the owner call it off."),
        people=tuple(dict.fromkeys(one.person_id for one in found)),
    )


NO_WORK = Why(
    "no_work",
    Label("没有尚未完成的交办工作。", "No work is open."),
    Label("交办以后会在这里办理。", "This is offered once work was asked for."),
)


@guard()
def has_open_work(facts: Facts) -> Why | None:
    """Only what was asked for can be finished or called off."""
    if open_work(facts.vars):
        return None
    return NO_WORK


@guard(on_payload=True)
def work_is_open(facts: Facts) -> Why | None:
    """A piece of work ends once; the loser of a race learns that it has ended already."""
    if "work_number" not in facts.payload or _asked(facts) is not None or not open_work(facts.vars):
        return None
    return Why(
        "work_not_open",
        Label("这项工作已经结束，或者没有交办过。", "This work has ended, or was never asked for."),
        Label("请刷新页面，从列表中选择一项。", "Reload the page and choose one from the list."),
        fields=("work_number",),
    )


@guard()
def work_is_mine_or_i_own(facts: Facts) -> Why | None:
    """Whoever was asked says that it is done, or the owner who answers for the whole.

    Before a piece is chosen, any that is this person's will do.
    """
    found = open_work(facts.vars)
    if "work_number" in facts.payload:
        found = tuple(one for one in found if one.number == facts.payload["work_number"])
    if not found:
        return None
    doing = tuple(dict.fromkeys(one.person_id for one in found))
    if facts.actor.id in (*doing, facts.owner_id):
        return None
    return Why(
        "work_of_another",
        Label("这项工作交给了另一位同事。", "This work was given to another colleague."),
        Label("请经办的同事或者承办人办理。", "Ask that colleague, or the owner."),
        fields=("work_number",),
        people=doing,
    )


@guard(on_payload=True)
def work_day_not_past(facts: Facts) -> Why | None:
    """Nobody is asked to have done something yesterday."""
    due = day_of(facts.payload.get("due_on"))
    if due is None or due >= facts.today:
        return None
    return Why(
        "work_day_past",
        Label("到期日已经过去。", "The day it is due has passed."),
        Label("请选择今天或者以后的一天。", "Choose today or a later day."),
        fields=("due_on",),
    )


@lru_cache(maxsize=1_024)
def _nor_co_handler(owner_id: int) -> Why:
    """Return the refusal that names the owner; a page gives it to whoever only looks on."""
    return Why(
        "not_owner_nor_co_handler",
        Label("您不是这件事的承办人，也不是协办人。", "You neither own this matter nor help with it."),
        Label(
            "请承办人办理，或者由承办人指定您协办。", "Ask the owner to do it, or to name you a co-handler."
        ),
        people=(owner_id,),
    )


@guard()
def is_owner_or_co_handler(facts: Facts) -> Why | None:
    """The owner and those who help do the work; what decides stays with the owner."""
    if facts.actor.id == facts.owner_id or facts.actor.id in co_handlers(facts.vars):
        return None
    return _nor_co_handler(facts.owner_id)


@guard(on_payload=True)
def co_handler_is_someone_else(facts: Facts) -> Why | None:
    """The owner does not help himself, and nobody is named twice."""
    person = facts.payload.get("co_handler")
    if person != facts.owner_id and person not in co_handlers(facts.vars):
        return None
    return Why(
        "co_handles_already",
        Label("这位同事已经是承办人或者协办人。", "This colleague owns the matter or helps already."),
        Label("请另选一位。", "Choose somebody else."),
        fields=("co_handler",),
    )


NO_CO_HANDLER = Why(
    "no_co_handler",
    Label("这件事没有协办人。", "Nobody co-handles this matter."),
    Label("指定以后才能取消。", "There is nobody to remove."),
)


@guard()
def has_co_handlers(facts: Facts) -> Why | None:
    """There must be a co-handler before one can be removed."""
    if co_handlers(facts.vars):
        return None
    return NO_CO_HANDLER


@guard(on_payload=True)
def is_named_co_handler(facts: Facts) -> Why | None:
    """Only who helps can be removed."""
    person, helping = facts.payload.get("co_handler"), co_handlers(facts.vars)
    if person is None or person in helping or not helping:
        return None
    return Why(
        "not_co_handler",
        Label("这位同事不是协办人。", "This colleague is no co-handler of the matter."),
        Label("请从列表中选择一位。", "Choose one from the list."),
        fields=("co_handler",),
    )


@guard()
def it_was_my_step(facts: Facts) -> Why | None:
    """Whoever did a step withdraws it; nobody withdraws another's."""
    last = _last_reversible(facts)
    if last is None or last.get("by") == facts.actor.id:
        return None
    return Why(
        "not_your_step",
        Label(
            "这一步不是您办的，只有办理人可以撤回。",
            "Only whoever did this step may withdraw it.",
        ),
        Label("请办理人撤回，或者由负责人退回。", "Ask that person, or have it sent back by a head."),
        people=(last["by"],) if last.get("by") else (),
    )


ACTED_SINCE = Why(
    "acted_since",
    Label("这一步以后已经又有办理，不能撤回。", "Something was done after this step: it stays."),
    Label("请负责人退回，或者照现在的状态继续办理。", "Have it sent back by a head, or go on from here."),
)


@guard()
def nobody_acted_since(facts: Facts) -> Why | None:
    """What others have built on is not pulled away: the step must be the last that counts.

    A note, a file or work beside the states does not count; see `workflows.steps.is_quiet`.
    """
    last = _last_reversible(facts)
    if last is None or last.get("version") == facts.version:
        return None
    return ACTED_SINCE


def _kind(facts: Facts, one: OpenWork) -> Label:
    return facts.work.get(one.kind) or Label(one.kind, one.kind)


def _asked(facts: Facts) -> OpenWork | None:
    number = facts.payload.get("work_number")
    return next((one for one in open_work(facts.vars) if one.number == number), None)


def _last_reversible(facts: Facts) -> Any:
    """Return the latest step that something can reverse: who did it, and the version it made."""
    done = [one for one in (facts.vars.get(UNDO) or {}).values() if one is not None]
    return max(done, key=lambda one: int(one["seq"]), default=None)


GUARDS = (
    all_work_done,
    has_open_work,
    work_is_open,
    work_is_mine_or_i_own,
    work_day_not_past,
    is_owner_or_co_handler,
    co_handler_is_someone_else,
    has_co_handlers,
    is_named_co_handler,
    it_was_my_step,
    nobody_acted_since,
)
"""The guards on what goes on beside the states, to be registered with the other generic ones."""
