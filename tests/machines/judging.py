"""How the model answers a step, before anything is sent: done, or why not."""

from __future__ import annotations

from tests.machines import belonging
from tests.machines.beside import REVERSED
from tests.machines.conditions import Case
from tests.machines.edges import edges
from tests.machines.money_conditions import CONDITIONS
from tests.machines.paper import CONFLICT, DONE, HIDDEN, INVALID, STALE, Book, File, Step, Verdict
from tests.machines.people import PEOPLE, holds


def refused(*codes: str) -> Verdict:
    """Return a refusal for these reasons."""
    return Verdict("refused", frozenset(codes))


def judge(book: Book, step: Step) -> Verdict:
    """Return the answer that the step must get."""
    file = book.files[step.number]
    if not file.is_seen_by(step.who):
        return HIDDEN
    early = _before_the_engine(book, file, step)
    if early is not None:
        return early
    if step.version is not None and step.version != file.version:
        return STALE
    codes = reasons(book, file, step)
    if codes:
        return refused(*codes)
    if (file.kind, step.action) == ("payout", "approve") and step.typed["approved_fen"] > book.free:
        return refused("fund_too_small")
    return belonging.against(book, file, step) or DONE


def reasons(book: Book, file: File, step: Step) -> set[str]:
    """Return every reason against the step: state, person, what is missing, conditions."""
    codes = set()
    if file.state not in edges(file.kind)[step.action].sources:
        codes.add("wrong_state")
    if not edges(file.kind)[step.action].roles:
        codes.add("system_only")
    elif grant_of(file, step) is None:
        codes.add("role_missing")
    taken = REVERSED.get(file.kind, {}).get(step.action, ())
    if taken and not any(file.steps.get(one) for one in taken):
        codes.add("nothing_to_undo")
    if step.action == "tell_decision" and "proof" not in step.typed:
        codes.add("field_missing")
    if step.action == "rule_on_return" and not _rules(file, step):
        codes.add("field_missing")
    case = Case(book, file, step.who, step.typed)
    for condition in CONDITIONS[file.kind].get(step.action, ()):
        codes.update(condition(case))
    return codes


def grant_of(file: File, step: Step) -> tuple[str, str] | None:
    """Return a role and the unit it must be held on, or above, by which the person may do this; or None."""
    units = [file.unit]
    if file.offer is not None and step.action == "accept_handover":
        units = [file.offer[1]]
    elif file.offer is not None and step.action == "decline_handover":
        units.append(file.offer[1])
    for unit in units:
        for role, reach in edges(file.kind)[step.action].roles:
            if holds(step.who, role, unit, reach):
                return role, unit
    return None


def _rules(file: File, step: Step) -> bool:
    return file.state == "returned" and any(role == "intake" for role, _on in PEOPLE[step.who])


def _before_the_engine(book: Book, file: File, step: Step) -> Verdict | None:
    """Return what the rooms answer before they ask the engine."""
    if step.action == "pass_up" and not holds(step.who, "station", file.unit, "self"):
        return HIDDEN
    if step.action == "apply_payout" and (file.unit, step.typed["receipt_number"]) in book.receipts:
        return CONFLICT
    if step.action == "rule_on_return" and _rules(file, step):
        returned_by, unit = file.owners[-2][1], step.typed["unit"]
        if step.typed["ruling"] == "upheld" and unit != returned_by:
            return refused("upheld_goes_back")
        if step.typed["ruling"] == "other_unit" and unit == returned_by:
            return refused("same_unit_again")
        if not holds(step.who, "intake", unit, "up"):
            return INVALID
    return None
