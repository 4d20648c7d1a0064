"""Guards of call-backs: by somebody else than the handler, three attempts on different days.

Variables read here: `attempts`, `last_attempt_on`.
"""

from __future__ import annotations

from complaints.revisits.practice import ATTEMPTS, HANDLING
from workflows.beside import co_handlers
from workflows.definition import Label
from workflows.guards import Citing, Facts, Why, day_of, guard

OWN_WORK = Citing(
    Why(
        "own_work",
        Label("不能回访自己承办的投诉。", "You handled this complaint yourself; somebody else calls back."),
        Label("请话务员、统一接收机构或者督察回访。", "Ask an operator, the intake desk or a supervisor."),
        lifted_by=("operator", "intake", "supervisor"),
    )
)


@guard()
def not_the_handler(facts: Facts) -> Why | None:
    """Nobody asks whether people were satisfied with the caller's own work (Order 121 art. 26:
    evaluation).
    """
    handled = {facts.did(action) for action in HANDLING} | {facts.owner_id, *co_handlers(facts.vars)}
    if facts.actor.id not in handled:
        return None
    return OWN_WORK.under(facts.law("revisit"))


ATTEMPTED_TODAY = Why(
    "attempted_today",
    Label("今天已经联系过一次。", "An attempt was already made today."),
    Label("请改天再联系。", "Try again on another day."),
)


@guard()
def no_attempt_today(facts: Facts) -> Why | None:
    """Attempts are made on different days."""
    if day_of(facts.vars.get("last_attempt_on")) != facts.today:
        return None
    return ATTEMPTED_TODAY


NO_ATTEMPTS_LEFT = Why(
    "no_attempts_left",
    Label(f"已经在不同日期联系{ATTEMPTS}次。", f"{ATTEMPTS} attempts on different days were already made."),
    Label("请按“未联系上”结束回访。", "End the call-back as not reached."),
)


@guard(exclusive_with=("three_attempts_made",))
def attempts_left(facts: Facts) -> Why | None:
    """After three attempts the call-back is ended as not reached."""
    if _attempts(facts) < ATTEMPTS:
        return None
    return NO_ATTEMPTS_LEFT


@guard(exclusive_with=("attempts_left",))
def three_attempts_made(facts: Facts) -> Why | None:
    """Nobody is written down as not reached before three attempts on different days; silence is no
    satisfaction.
    """
    made = _attempts(facts)
    if made >= ATTEMPTS:
        return None
    return Why(
        "too_few_attempts",
        Label(
            f"只联系过{made}次，须在不同日期联系{ATTEMPTS}次。",
            f"{made} of {ATTEMPTS} attempts on different days were made.",
        ),
        Label("请继续联系并逐次记录。", "Go on trying, and record each attempt."),
        lifted_by=("operator", "intake", "supervisor"),
    )


def _attempts(facts: Facts) -> int:
    made = facts.vars.get("attempts", 0)
    return made if isinstance(made, int) else 0


GUARDS = (not_the_handler, no_attempt_today, attempts_left, three_attempts_made)
"""The guards of call-backs, registered by create_app."""
