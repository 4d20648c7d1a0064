"""What a difference between two versions names: one term for each thing that may come or go."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.definition import Field, Label, Procedure, RoleScope
from workflows.rule_sets import Item, Limit, Unit


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a difference names: `kind` says what (state, role, guard, …), `label` how people call
    it; None where only the vocabulary of the application knows.
    """

    kind: str
    name: str
    label: Label | None = None


KINDS: Mapping[str, str] = {
    "sources": "state",
    "target": "state",
    "stage": "stage",
    "needs": "guard",
    "invariants": "guard",
    "meets": "clock",
    "cancels": "clock",
    "opens": "clock",
    "clocks": "clock",
    "pauses": "clock",
    "emit": "message",
    "task": "task",
    "task_to": "role",
    "undoes": "action",
    "takes_back": "action",
    "child": "procedure",
}
"""What the names in a field of a definition are names of; elsewhere they are plain values."""


def terms(field: str, holder: Any, procedure: Procedure) -> tuple[Term, ...]:
    """Return what a field of a definition says, one term for each thing that may come or go."""
    value = getattr(holder, field)
    if value is None or value == "":
        return ()
    if isinstance(value, Mapping):
        return tuple(_entry(field, key, one, procedure) for key, one in value.items())
    if field in ("pauses_from", "resumes_on"):
        asked = holder.field(value)
        return (Term("field", value, asked.label if asked else None),)
    if field == "start":
        return (Term("field", value, _kept(procedure, value)),)
    values = value if isinstance(value, tuple) else (value,)
    return tuple(_term(KINDS.get(field, "value"), one, procedure) for one in values)


def _term(kind: str, value: Any, procedure: Procedure) -> Term:
    if isinstance(value, RoleScope):
        return Term("role", f"{value.role}@{value.reach.value}")
    named: dict[str, Mapping[str, Any]] = {
        "state": procedure.states,
        "clock": procedure.clocks,
        "action": procedure.actions,
        "stage": procedure.stages,
        "message": procedure.messages,
        "task": procedure.tasks,
    }
    found = named.get(kind, {}).get(str(value))
    return Term(kind, _plain(value), found if isinstance(found, Label) else getattr(found, "label", None))


def _kept(procedure: Procedure, name: str) -> Label | None:
    """Return how people call the variable: as the field is called that keeps it."""
    fields = (one for action in procedure.actions.values() for one in action.fields)
    return next((one.label for one in fields if one.keep and one.name == name), None)


def _entry(field: str, key: Any, value: Any, procedure: Procedure) -> Term:
    """Return one entry of a mapping: what is set, extended, or told on which day after the limit."""
    if field == "escalate":
        return Term("escalation", f"{key}:{value}")
    if field in ("extends", "recounts"):
        return Term("clock", str(key), procedure.clocks[key].label)
    if field == "governed_by":
        clock = procedure.clocks[value].label
        return Term("value", f"{key} = {value}", _governed(str(key), clock, procedure))
    return Term("value", f"{key} = {_plain(value)}")


def _governed(name: str, clock: Label, procedure: Procedure) -> Label:
    """Say which list or article goes with which clock: called as the field that chooses from it, or as the
    steps that cite it.
    """
    actions = procedure.actions.values()
    lists = [one.label for action in actions for one in action.fields if one.items == name]
    citing = [one.label for one in actions if one.article == name]
    called = lists[:1] or citing or [Label(name, name)]
    zh, en = "、".join(one.zh for one in called), ", ".join(one.en for one in called)
    kind = Label("选项", "items") if lists else Label("依据", "legal basis")
    return Label(
        f"“{zh}”的{kind.zh}适用时限“{clock.zh}”的规章",
        f"{kind.en} of “{en}” by the rules of the clock “{clock.en}”",
    )


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = (getattr(value, one.name) for one in dataclasses.fields(value))
        return " ".join(_plain(one) for one in parts if one not in ("", None))
    return "null" if value is None else str(value)


def field_term(one: Field) -> Term:
    """Return a field with what decides about its value, as its name in the files and as people read it."""
    marks = [
        (one.required, Label("必填", "required"), Label("选填", "optional")),
        (one.private, Label("不公开", "private"), None),
        (one.keep, Label("供以后各步使用", "kept for later steps"), None),
        (one.derived, Label("系统填写", "filled in by the system"), None),
    ]
    said = [yes if holds else no for holds, yes, no in marks]
    zh = "，".join(label.zh for label in said if label is not None)
    en = ", ".join(label.en for label in said if label is not None)
    more = f": {'/'.join(one.choices)}" if one.choices else ""
    return Term("field", f"{one.name}{more}", Label(f"{one.label.zh}（{zh}）", f"{one.label.en} ({en})"))


def only(had: Iterable[Term], has: Iterable[Term]) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Return what only the one and only the other has, by kind and name; labels are no difference."""
    before, after = tuple(had), tuple(has)
    known = {(one.kind, one.name) for one in before}, {(one.kind, one.name) for one in after}
    return (
        tuple(one for one in before if (one.kind, one.name) not in known[1]),
        tuple(one for one in after if (one.kind, one.name) not in known[0]),
    )


def item_term(one: Item) -> Term:
    """Return one item of a list."""
    # an item that says something else under the same number is another item
    return Term("item", f"{one.code} {one.label.zh}", one.label)


def limit_term(limit: Limit) -> Term:
    """Return a limit in words: how many of what, and by which article; the earlier of several binds."""
    bound = (limit, *limit.alternatives)
    zh = "，或者".join(f"{one.n}{_UNITS[one.unit].zh}（{one.article.zh}）" for one in bound)
    en = ", or ".join(f"{one.n} {_UNITS[one.unit].en} ({one.article.en})" for one in bound)
    if len(bound) > 1:
        zh, en = f"{zh}，以先到期的为准", f"{en}, whichever ends first"
    return Term("limit", " ".join(f"{one.n} {one.unit.value}" for one in bound), Label(zh, en))


def basis_term(limit: Limit) -> Term:
    """Return by which article a limit is, where its length is the same."""
    bound = (limit, *limit.alternatives)
    zh, en = "、".join(one.article.zh for one in bound), ", ".join(one.article.en for one in bound)
    return Term("text", en, Label(zh, en))


_UNITS = {Unit.WORKDAY: Label("个工作日", "working days"), Unit.DAY: Label("日", "days")}
