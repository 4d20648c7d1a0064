"""Why a matter cannot move to another version as planned, each with its remedy."""

from __future__ import annotations

from workflows.definition import Label
from workflows.guards import Why

ENDED = Why("ended", Label("事项已经结束，不再变更流程版本。", "The matter has ended: it keeps its version."))
NOT_CONCERNED = Why(
    "not_concerned",
    Label("变更方案不涉及处于这个状态的事项。", "The plan does not concern matters in this state."),
)
NO_WAY_BACK = Why(
    "no_way_back",
    Label(
        "已办的一步以后还可能撤销，但新版本没有可以恢复到的状态或者时限。",
        "A step that can still be taken back leads to a state or a clock that the new version lacks.",
    ),
    Label(
        "请先撤销那一步，或者在方案中写明它的状态。",
        "Take that step back first, or name its state in the plan.",
    ),
)


def paused(clock: Label) -> Why:
    """A pause would break."""
    return Why(
        "clock_paused",
        Label(
            f"“{clock.zh}”时限正在中止，变更后无法继续中止。",
            f"The clock “{clock.en}” stands still, and the move would break its pause.",
        ),
        Label("请等中止结束后再变更。", "Move the matter after the pause has ended."),
    )


def would_pause(clock: Label) -> Why:
    """A pause without paper would begin."""
    return Why(
        "clock_would_pause",
        Label(
            f"“{clock.zh}”时限正在计算，而新的状态会使它中止；中止必须有凭证和批准人。",
            f"The clock “{clock.en}” runs, and the new state would stop it without paper or approver.",
        ),
        Label("请在方案中写明其他状态。", "Name another state in the plan."),
    )


def extended(clock: Label) -> Why:
    """An extension would be lost."""
    return Why(
        "clock_extended",
        Label(
            f"“{clock.zh}”时限已经延长，重新计算会失去延长的天数。",
            f"The clock “{clock.en}” was extended, and counting it again would lose that.",
        ),
        Label("请在方案中写明保留这个时限。", "Let the plan keep this clock."),
    )


def no_start(clock: Label) -> Why:
    """A clock has no day to count from."""
    return Why(
        "no_start",
        Label(
            f"事项没有“{clock.zh}”时限的起算日期。",
            f"The matter has no day from which the clock “{clock.en}” counts.",
        ),
        Label(
            "请先补填日期，或者在方案中写明不启动。", "Add the day first, or leave the clock out in the plan."
        ),
    )


def no_rule(sentence: Label) -> Why:
    """No rule set says how long a clock may run."""
    return Why("no_rule", Label(f"没有可以适用的规则：{sentence.zh}", f"No rule applies: {sentence.en}"))


def work_unknown(kind: Label) -> Why:
    """Work is open that the new version does not have."""
    return Why(
        "work_unknown",
        Label(
            f"有一项工作（{kind.zh}）还没有完成，新版本没有这类工作。",
            f"Work of the kind “{kind.en}” is open, which the new version lacks.",
        ),
        Label("请先完成或者撤销这项工作。", "Finish the work or call it off first."),
    )


def promise_broken(promise: Label) -> Why:
    """A promise of the new version would not hold."""
    return Why(
        "promise_broken",
        Label(
            f"变更后不再符合新版本的要求：{promise.zh}",
            f"After the move a promise of the new version would not hold: {promise.en}",
        ),
    )
