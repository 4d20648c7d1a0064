"""Work beside the states, co-handlers, and steps taken back: what stands against each, and what each does."""

from __future__ import annotations

from collections.abc import Mapping

from tests.machines.conditions import Case, Condition, Reasons
from tests.machines.paper import File, Step

REVERSED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "lead": {
        "withdraw_proposal": ("propose_filing", "propose_not_filing"),
        "send_back": ("propose_filing", "propose_not_filing"),
    },
    "payout": {"withdraw_finding": ("confirm",)},
}
"""The steps that an action takes back, by procedure."""
REPORTED: Mapping[str, str] = {
    "lead": "filed not_filed passed concluded",
    "payout": "refused withdrawn paid recovered written_off",
    "complaint": "accepted refused withdrawn mediated terminated closed",
}
"""The states at which a matter that came from another reports to it."""


def work_left(c: Case) -> Reasons:
    if c.file.work:
        yield "work_open"


def some_work(c: Case) -> Reasons:
    if not c.file.work:
        yield "no_work"


def that_work(c: Case) -> Reasons:
    if c.file.work and c.typed["work_number"] not in c.file.work:
        yield "work_not_open"


def own_work(c: Case) -> Reasons:
    doing = c.file.work.get(c.typed["work_number"])
    if doing is not None and c.who not in (doing, c.file.owner):
        yield "work_of_another"


def day_ahead(c: Case) -> Reasons:
    due = c.day("due_on")
    if due is not None and due < c.today:
        yield "work_day_past"


def owner_or_helper(c: Case) -> Reasons:
    if c.who != c.file.owner and c.who not in c.file.helping:
        yield "not_owner_nor_co_handler"


def another_helper(c: Case) -> Reasons:
    if c.typed["co_handler"] in (c.file.owner, *c.file.helping):
        yield "co_handles_already"


def helper_stays(c: Case) -> Reasons:
    if c.typed["co_handler"] in c.file.removed:
        yield "co_handler_must_step_back"


def some_helper(c: Case) -> Reasons:
    if not c.file.helping:
        yield "no_co_handler"


def that_helper(c: Case) -> Reasons:
    if c.file.helping and c.typed["co_handler"] not in c.file.helping:
        yield "not_co_handler"


def my_step(c: Case) -> Reasons:
    if c.file.last_step is not None and c.file.last_step[0] != c.who:
        yield "not_your_step"


def nobody_since(c: Case) -> Reasons:
    if c.file.last_step is not None and c.file.last_step[1] != c.file.version:
        yield "acted_since"


def no_report(_c: Case) -> Reasons:
    """No relay runs while the machine does: nothing is ever taken down."""
    yield "no_reports"


WORK: Mapping[str, tuple[Condition, ...]] = {
    "finish_work": (some_work, that_work, own_work),
    "ask_work": (owner_or_helper, day_ahead),
}


def happen(file: File, step: Step) -> None:
    """Write down what the step does beside the states; the version it made stands already."""
    if step.action == "ask_work":
        file.asked += 1
        file.work[file.asked] = step.typed["worker"]
    elif step.action in ("finish_work", "call_off_work"):
        del file.work[step.typed["work_number"]]
    elif step.action == "name_co_handler":
        file.helping.add(step.typed["co_handler"])
    elif step.action == "remove_co_handler":
        file.helping.remove(step.typed["co_handler"])
    reversing = REVERSED.get(file.kind, {})
    if any(step.action in taken for taken in reversing.values()):
        file.steps[step.action] = (step.who, file.version, file.seq)
    file.steps |= dict.fromkeys(reversing.get(step.action, ()))


def move(file: File, before: tuple[str, str], *, moved: bool, final: bool) -> None:
    """Follow the owner and the state: who helps is of the unit, and no work outlives the last state."""
    if file.unit != before[1]:
        file.helping.clear()
    elif file.owner != before[0]:
        file.helping.discard(file.owner)
    if final:
        file.work.clear()
    if moved and file.parent and file.state in REPORTED.get(file.kind, "").split():
        file.messages.append("report")
