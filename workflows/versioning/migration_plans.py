"""The plan by which running matters move from one version of a procedure to another.

Nothing is left to a default that decides about the law: every clock of the old version says what becomes of
it, and every state in which a matter may stand says where it goes. A plan that leaves one out, or names what
the new version does not have, is refused before anything is done.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from workflows.canonical import canonical, digest
from workflows.definition import CO_HANDLERS, UNDO, WORK, WORK_ASKED, Label, Procedure, StateKind
from workflows.definition_files import DefinitionError, label, read_checked

PLANS = Path(__file__).parents[1] / "plans"
"""Where the plans of this distribution lie."""
_SCHEMA = PLANS / "schema.json"
_ENGINES_OWN = frozenset({UNDO, WORK, WORK_ASKED, CO_HANDLERS, "by", "received_on"})
"""Variables that the engine itself keeps: they follow the states and actions and are not renamed."""


class Treatment(enum.StrEnum):
    """What becomes of a running clock."""

    KEEP = "keep"
    """Dates, rule set and pauses stay."""
    RECOUNT = "recount"
    """Counted again by the rule set of the day on which the clock itself began, or by the one that was chosen
    for it; its pauses stay."""
    RESTART = "restart"
    """Ended, and begun anew on the day of the move."""
    DROP = "drop"
    """Ended: the new version does not ask for it."""


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """From which version to which, and what becomes of states, clocks, actions and variables.

    `opens` says, of a clock which the new version opens on entering a state and the old one did not, whether
    matters that stand there get it on the day of the move. `only_in` limits the move to some states.
    """

    procedure: str
    from_version: int
    to_version: int
    label: Label
    clocks: Mapping[str, Treatment]
    states: Mapping[str, str]
    same_states: bool = False
    opens: Mapping[str, bool] = field(default_factory=dict)
    actions: Mapping[str, str] = field(default_factory=dict)
    vars: Mapping[str, str | None] = field(default_factory=dict)
    only_in: tuple[str, ...] = ()

    def target(self, state: str) -> str | None:
        """Return the state of the new version for one of the old, or None where the plan does not say."""
        return self.states.get(state, state if self.same_states else None)

    def action(self, name: str) -> str:
        """Return the new version's name of an action of the old one."""
        return self.actions.get(name, name)

    def concerned(self, old: Procedure) -> tuple[str, ...]:
        """Return the states of the old version whose matters move: those named, else all but the ends."""
        return self.only_in or tuple(
            name for name, state in old.states.items() if state.kind is not StateKind.FINAL
        )

    def digest(self, old: Procedure, new: Procedure) -> str:
        """Return the SM3 of the plan and of both versions' fingerprints: what the move's events carry."""
        said = {
            "procedure": self.procedure,
            "from": [self.from_version, old.fingerprint],
            "to": [self.to_version, new.fingerprint],
            "states": {name: self.target(name) for name in self.concerned(old)},
            "clocks": {name: one.value for name, one in self.clocks.items()},
            "opens": dict(self.opens),
            "actions": dict(self.actions),
            "vars": dict(self.vars),
        }
        return digest(canonical(said))


def load_plan(text: str, source: str) -> MigrationPlan:
    """Return the plan a YAML text holds; `source` names the file in messages. Raises DefinitionError."""
    data = read_checked(text, source, _SCHEMA)
    return MigrationPlan(
        procedure=data["procedure"],
        from_version=data["from"],
        to_version=data["to"],
        label=label(data["label"]),
        clocks=MappingProxyType({name: Treatment(one) for name, one in data["clocks"].items()}),
        states=MappingProxyType(dict(data.get("states", {}))),
        same_states=data.get("same_states", False),
        opens=MappingProxyType({name: one == "open" for name, one in data.get("opens", {}).items()}),
        actions=MappingProxyType(dict(data.get("actions", {}))),
        vars=MappingProxyType(dict(data.get("vars", {}))),
        only_in=tuple(data.get("only_in", ())),
    )


def plan_file(procedure: str, from_version: int, to_version: int, directory: Path = PLANS) -> Path:
    """Return where the plan of these versions lies, whether or not it is there."""
    return directory / f"{procedure}.{from_version}-{to_version}.yaml"


def read_plan(
    procedure: str, from_version: int, to_version: int, file: Path | None = None, directory: Path = PLANS
) -> MigrationPlan:
    """Return the plan of a file, by default the shipped one of these versions. Raises DefinitionError."""
    path = file or plan_file(procedure, from_version, to_version, directory)
    if not path.is_file():
        raise DefinitionError(
            f"There is no plan {path.name} for {procedure} {from_version} to {to_version}: "
            "write one that answers for every state and clock, and name it with --plan."
        )
    plan = load_plan(path.read_text(encoding="utf-8"), path.name)
    if (plan.procedure, plan.from_version, plan.to_version) != (procedure, from_version, to_version):
        raise DefinitionError(
            f"{path.name}: it moves {plan.procedure} {plan.from_version} to {plan.to_version}, "
            f"not {procedure} {from_version} to {to_version}: name the right plan."
        )
    return plan


def check_plan(plan: MigrationPlan, old: Procedure, new: Procedure) -> None:
    """Hold that the plan answers for everything. Raises DefinitionError that lists every finding."""
    found = list(_findings(plan, old, new))
    if found:
        where = f"The plan {plan.procedure} {plan.from_version} to {plan.to_version}"
        raise DefinitionError("\n".join(f"{where}, {finding}" for finding in found))


def _findings(plan: MigrationPlan, old: Procedure, new: Procedure) -> Iterator[str]:
    if old.name != new.name or old.version == new.version:
        yield "from and to: it must lead from one version of a procedure to another."
    yield from _state_findings(plan, old, new)
    yield from _clock_findings(plan, old, new)
    yield from _new_clock_findings(plan, old, new)
    yield from _name_findings(plan, old, new)


def _state_findings(plan: MigrationPlan, old: Procedure, new: Procedure) -> Iterator[str]:
    for name in dict.fromkeys((*plan.states, *plan.only_in)):
        if name not in old.states:
            yield f"states › {name}: version {old.version} has no such state: take it out."
        elif old.states[name].kind is StateKind.FINAL:
            yield f"states › {name}: matters that have ended keep their version: take it out."
    for name in plan.concerned(old):
        target = plan.target(name)
        if name not in old.states or old.states[name].kind is StateKind.FINAL:
            continue
        if target is None:
            yield f"states › {name}: nothing says where matters in it go: name a state of the new version."
        elif target not in new.states:
            yield f"states › {name}: version {new.version} has no state {target!r}: name one that it has."
        elif not _alike(old.states[name].kind, new.states[target].kind):
            yield (
                f"states › {name}: a move neither ends a matter nor opens it again, but {target!r} is "
                f"{new.states[target].kind}: name a state of the same kind."
            )


def _alike(old: StateKind, new: StateKind) -> bool:
    going_on = (StateKind.INITIAL, StateKind.OPEN)
    return old is new or (old in going_on and new in going_on)


def _clock_findings(plan: MigrationPlan, old: Procedure, new: Procedure) -> Iterator[str]:
    for name in old.clocks:
        if name not in plan.clocks:
            yield f"clocks › {name}: nothing says what becomes of it: keep, recount, restart or drop."
    for name, treatment in plan.clocks.items():
        if name not in old.clocks:
            yield f"clocks › {name}: version {old.version} has no such clock: take it out."
        elif treatment is not Treatment.DROP and name not in new.clocks:
            yield f"clocks › {name}: version {new.version} has no such clock: drop it."
        elif treatment is Treatment.RESTART and new.clocks[name].start != "event":
            yield (
                f"clocks › {name}: it counts from {new.clocks[name].start!r}, so it cannot begin anew today: "
                "keep or recount it."
            )
        elif (
            treatment is Treatment.RECOUNT
            and new.clocks[name].start == "event"
            and old.clocks[name].start != "event"
        ):
            yield (
                f"clocks › {name}: version {old.version} counted it from {old.clocks[name].start!r}, the new "
                "one from the day of a step that nobody knows here: keep or restart it."
            )


def _new_clock_findings(plan: MigrationPlan, old: Procedure, new: Procedure) -> Iterator[str]:
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
                f"opens › {name}: the new version opens this clock in a state to which matters come: "
                "say open or leave."
            )
    for name in plan.opens:
        if name not in new.clocks:
            yield f"opens › {name}: version {new.version} has no such clock: take it out."


def _name_findings(plan: MigrationPlan, old: Procedure, new: Procedure) -> Iterator[str]:
    for name, target in plan.actions.items():
        if name not in old.actions:
            yield f"actions › {name}: version {old.version} has no such action: take it out."
        if target not in new.actions:
            yield f"actions › {name}: version {new.version} has no action {target!r}: mend the name."
    for name in sorted(_ENGINES_OWN & {*plan.vars, *(one for one in plan.vars.values() if one)}):
        yield f"vars › {name}: the engine keeps this variable itself: take it out."
    for part, renamed in (("actions", plan.actions), ("vars", plan.vars)):
        targets = [one for one in renamed.values() if one is not None]
        for target in sorted({one for one in targets if targets.count(one) > 1}):
            yield f"{part} › {target}: two old names become this one: give each its own."
