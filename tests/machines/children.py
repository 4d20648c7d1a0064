"""What follows from a step beyond its own file: matters that begin with it, and money."""

from __future__ import annotations

from collections.abc import Callable

from tests.bureau import CITY, COUNTY, DESK
from tests.machines import effects
from tests.machines.paper import Book, File, Step
from tests.machines.people import HANDLERS, RECEIVERS, desk_of, holds

CHILDREN = frozenset({"open_lead", "apply_payout", "pass_up"})
"""Actions that begin another matter."""


def follow(book: Book, file: File, step: Step, unit: str, numbers: Callable[[str], list[str]]) -> File | None:
    """Write down what follows; return the matter that began, if any.

    `unit` is where the file lay before the step; `numbers` tells the numbers of its children.
    """
    if step.action in CHILDREN:
        (number,) = [one for one in numbers(file.number) if one not in file.children]
        file.children.append(number)
        child = _child(book, file, step, unit, number)
        child.parent = file.number
        effects.begin(book, child)
        return child
    if file.kind == "payout" and step.action == "settled":
        file.paid = file.known["approved_fen"]
    elif file.kind == "payout" and step.action in ("refuse", "withdraw"):
        book.receipts = {at: one for at, one in book.receipts.items() if one != file.number}
    return None


def _child(book: Book, file: File, step: Step, unit: str, number: str) -> File:
    if step.action == "pass_up":
        child = File(
            number, "complaint", "registered", "intake", desk_of(unit), file.first, step.who, file.caller
        )
        child.known |= {one: file.known[one] for one in ("identity_known", "respondent_named")}
    elif step.action == "open_lead":
        owner, where = _who_verifies(file, step.who)
        child = File(number, "lead", "verifying", owner, where, file.first, step.who, file.caller)
    else:
        child = File(number, "payout", "applied", step.who, unit, file.first, step.who, file.caller)
        child.known |= {"claimed_fen": step.typed["price_fen"], "applied_by": step.who}
        book.receipts[unit, step.typed["receipt_number"]] = number
    return child


def _who_verifies(file: File, who: str) -> tuple[str, str]:
    """Who verifies a clue: the finder where able, else somebody of the unit, else still the finder."""
    unit = {DESK: CITY, desk_of(COUNTY): COUNTY}.get(file.unit, file.unit)
    if holds(who, "handler", unit, "self") or holds(who, "head", unit, "up"):
        return who, unit
    handlers = HANDLERS.get(unit) or (("county_handler",) if unit == COUNTY else ())
    if file.owner in handlers:
        return file.owner, unit
    if unit in RECEIVERS:
        return RECEIVERS[unit], unit
    return (handlers or (who,))[0], unit
