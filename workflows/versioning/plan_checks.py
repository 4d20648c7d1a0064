"""Holds a plan against the two versions between which it moves matters: it must answer for everything."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.definition import CO_HANDLERS, UNDO, WORK, WORK_ASKED, Label, Procedure, StateKind
from workflows.definition_files import DefinitionError
from workflows.versioning.migration_plans import MigrationPlan, Treatment

Finding = tuple[str, Label]
"""The place in the plan, and what is wrong there and what to do."""
_ENGINES_OWN = frozenset({UNDO, WORK, WORK_ASKED, CO_HANDLERS, "by", "received_on"})
"""Variables that the engine itself keeps: they follow the states and actions and are not renamed."""


def check_plan(plan: MigrationPlan, old: Procedure, new: Procedure) -> None:
    """Hold that the plan answers for everything. Raises DefinitionError that lists every finding."""
    found = list(_findings(plan, old, new))
    if found:
        where = f"The plan {plan.procedure} {plan.from_version} to {plan.to_version}"
        zh = f"方案{plan.procedure}第{plan.from_version}版到第{plan.to_version}版"
        raise DefinitionError(
            "\n".join(f"{where}, {place}: {what.en}" for place, what in found),
            "\n".join(f"{zh}，{place}：{what.zh}" for place, what in found),
        )


def _findings(plan: MigrationPlan, old: Procedure, new: Procedure) -> Iterator[Finding]:
    if old.name != new.name or old.version == new.version:
        yield (
            "from, to",
            Label(
                "应当从一个流程的一个版本转到另一个版本。",
                "it must lead from one version of a procedure to another.",
            ),
        )
    yield from _state_findings(plan, old, new)
    yield from _clock_findings(plan, old, new)
    yield from _new_clock_findings(plan, old, new)
    yield from _name_findings(plan, old, new)


def _no_such(version: int, what: str, zh: str) -> Label:
    return Label(
        f"第{version}版没有这个{zh}，请去掉。", f"version {version} has no such {what}: take it out."
    )


def _state_findings(plan: MigrationPlan, old: Procedure, new: Procedure) -> Iterator[Finding]:
    for name in dict.fromkeys((*plan.states, *plan.only_in)):
        if name not in old.states:
            yield f"states › {name}", _no_such(old.version, "state", "状态")
        elif old.states[name].kind is StateKind.FINAL:
            yield (
                f"states › {name}",
                Label(
                    "已经结束的事项留在原来的版本，请去掉。",
                    "matters that have ended keep their version: take it out.",
                ),
            )
    for name in plan.concerned(old):
        if name in old.states and old.states[name].kind is not StateKind.FINAL:
            what = _wrong_target(plan, old, new, name)
            if what is not None:
                yield f"states › {name}", what


def _wrong_target(plan: MigrationPlan, old: Procedure, new: Procedure, name: str) -> Label | None:
    """Say why matters in that state cannot go where the plan leads them, or None."""
    target = plan.target(name)
    if target is None:
        return Label(
            "没有写明处于该状态的事项转到哪里：请写新版本的一个状态。",
            "nothing says where matters in it go: name a state of the new version.",
        )
    if target not in new.states:
        return Label(
            f"第{new.version}版没有状态{target}：请写它有的状态。",
            f"version {new.version} has no state {target!r}: name one that it has.",
        )
    if not _alike(old.states[name].kind, new.states[target].kind):
        kind = new.states[target].kind
        return Label(
            f"转换既不结束事项，也不重新打开事项，而{target}是{kind}：请写同一类的状态。",
            f"a move neither ends a matter nor opens it again, but {target!r} is {kind}: "
            "name a state of the same kind.",
        )
    return None


def _alike(old: StateKind, new: StateKind) -> bool:
    going_on = (StateKind.INITIAL, StateKind.OPEN)
    return old is new or (old in going_on and new in going_on)


def _clock_findings(plan: MigrationPlan, old: Procedure, new: Procedure) -> Iterator[Finding]:
    for name in old.clocks:
        if name not in plan.clocks:
            yield (
                f"clocks › {name}",
                Label(
                    "没有写明这个时限怎样处理：请写keep、recount、restart或者drop。",
                    "nothing says what becomes of it: keep, recount, restart or drop.",
                ),
            )
    for name, treatment in plan.clocks.items():
        what = _wrong_treatment(treatment, old, new, name)
        if what is not None:
            yield f"clocks › {name}", what


def _wrong_treatment(treatment: Treatment, old: Procedure, new: Procedure, name: str) -> Label | None:
    """Say why a clock cannot be treated so, or None."""
    if name not in old.clocks:
        return _no_such(old.version, "clock", "时限")
    if treatment is Treatment.DROP:
        return None
    if name not in new.clocks:
        return Label(
            f"第{new.version}版没有这个时限：请写drop。", f"version {new.version} has no such clock: drop it."
        )
    begins, began = new.clocks[name].start, old.clocks[name].start
    if treatment is Treatment.RESTART and begins != "event":
        return Label(
            f"它从{begins}起算，不能从今天重新开始：请写keep或者recount。",
            f"it counts from {begins!r}, so it cannot begin anew today: keep or recount it.",
        )
    if treatment is Treatment.RECOUNT and begins == "event" and began != "event":
        return Label(
            f"第{old.version}版从{began}起算，新版本从某一步骤之日起算，而这里不知道那一日："
            "请写keep或者restart。",
            f"version {old.version} counted it from {began!r}, the new one from the day of a step that "
            "nobody knows here: keep or restart it.",
        )
    return None


def _new_clock_findings(plan: MigrationPlan, old: Procedure, new: Procedure) -> Iterator[Finding]:
    """Hold that a clock which waits for the matters in the new state and did not in the old is decided on."""
    asked = dict.fromkeys(
        clock
        for name in plan.concerned(old)
        if name in old.states and (target := new.states.get(plan.target(name) or ""))
        for clock in target.clocks
        if clock not in old.states[name].clocks
    )
    for name in asked:
        if name not in plan.opens:
            yield (
                f"opens › {name}",
                Label(
                    "新版本在事项将转入的状态中开始这个时限：请写open或者leave。",
                    "the new version opens this clock in a state to which matters come: say open or leave.",
                ),
            )
    for name in plan.opens:
        if name not in new.clocks:
            yield f"opens › {name}", _no_such(new.version, "clock", "时限")


def _name_findings(plan: MigrationPlan, old: Procedure, new: Procedure) -> Iterator[Finding]:
    for name, target in plan.actions.items():
        if name not in old.actions:
            yield f"actions › {name}", _no_such(old.version, "action", "操作")
        if target not in new.actions:
            yield (
                f"actions › {name}",
                Label(
                    f"第{new.version}版没有操作{target}：请改正名称。",
                    f"version {new.version} has no action {target!r}: mend the name.",
                ),
            )
    for name in sorted(_ENGINES_OWN & {*plan.vars, *(one for one in plan.vars.values() if one)}):
        yield (
            f"vars › {name}",
            Label("这个变量由引擎自己保存，请去掉。", "the engine keeps this variable itself: take it out."),
        )
    for part, renamed in (("actions", plan.actions), ("vars", plan.vars)):
        targets = [one for one in renamed.values() if one is not None]
        for target in sorted({one for one in targets if targets.count(one) > 1}):
            yield (
                f"{part} › {target}",
                Label(
                    "两个旧名称变成了同一个：请各用自己的名称。",
                    "two old names become this one: give each its own.",
                ),
            )
