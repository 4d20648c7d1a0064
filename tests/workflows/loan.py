"""The library loan as values: procedure, rules, guards, people and facts for the engine's tests."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from workflows import generic_guards
from workflows.compiled import Compiled
from workflows.definition import Label, Procedure
from workflows.generic_guards import not_the_doer
from workflows.guards import Facts, GuardRegistry, Why, day_of, guard
from workflows.loading import load_procedure
from workflows.people import Person
from workflows.rule_files import load_rule_book
from workflows.rule_sets import RuleBook

HERE = Path(__file__).parent
TEXT = (HERE / "library_loan.yaml").read_text(encoding="utf-8")
TODAY = date(2026, 3, 2)
UNIT = "/town/east/"
ROLES = frozenset({"librarian", "keeper"})


@guard()
def reader_known(facts: Facts) -> Why | None:
    if facts.vars.get("reader"):
        return None
    return Why("reader_unknown", Label("不知道是谁借书。", "The reader is not known."))


@guard(on_payload=True)
def lent_not_ahead(facts: Facts) -> Why | None:
    lent = day_of(facts.payload.get("lent_on"))
    if lent is None or lent <= facts.today:
        return None
    return Why("lent_ahead", Label("日期晚于今天。", "The day lies ahead."), fields=("lent_on",))


not_the_lender = not_the_doer(
    "not_the_lender", ("lend",), Label("借出的人不能续借。", "The lender may not renew.")
)


def librarian(person_id: int = 7, unit: str = UNIT) -> Person:
    return Person(person_id, {("librarian", unit): 70 + person_id})


def keeper(person_id: int = 8, unit: str = "/town/") -> Person:
    return Person(person_id, {("keeper", unit): 80 + person_id})


SYSTEM = Person(0)


def procedure(text: str = TEXT) -> Procedure:
    return load_procedure(text, "library_loan.1.yaml")


@cache
def rule_book() -> RuleBook:
    return load_rule_book(HERE / "rules")


def guards() -> GuardRegistry:
    return GuardRegistry([*generic_guards.GUARDS, reader_known, lent_not_ahead, not_the_lender])


def compiled() -> Compiled:
    return Compiled(procedure(), guards())


def facts(**changes: Any) -> Facts:
    given: dict[str, Any] = {
        "procedure": "library_loan",
        "state": "asked",
        "unit_path": UNIT,
        "owner_id": 7,
        "first_responder_id": 7,
        "vars": {"reader": 3},
        "actor": librarian(),
        "today": TODAY,
        "items": rule_book().codes(TODAY),
    }
    return Facts(**(given | changes))


LENDING = {"lent_on": "2026-03-01", "deposit": 5000}
