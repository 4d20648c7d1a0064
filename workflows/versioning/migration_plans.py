"""The plan by which running matters move from one version of a procedure to another.

Nothing is left to a default that decides about the law: every clock of the old version says what becomes of
it, and every state in which a matter may stand says where it goes. A plan that leaves one out, or names what
the new version does not have, is refused before anything is done.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from workflows.canonical import canonical, digest
from workflows.definition import Label, Procedure, StateKind
from workflows.definition_files import DefinitionError, label, read_checked

PLANS = Path(__file__).parents[1] / "plans"
"""Where the plans of this distribution lie."""
_SCHEMA = PLANS / "schema.json"


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
            "write one that answers for every state and clock, and name it with --plan.",
            f"没有{procedure}第{from_version}版到第{to_version}版的转换方案{path.name}："
            "请写一份交代每个状态和时限的方案，并用--plan指明。",
        )
    plan = load_plan(path.read_text(encoding="utf-8"), path.name)
    if (plan.procedure, plan.from_version, plan.to_version) != (procedure, from_version, to_version):
        raise DefinitionError(
            f"{path.name}: it moves {plan.procedure} {plan.from_version} to {plan.to_version}, "
            f"not {procedure} {from_version} to {to_version}: name the right plan.",
            f"{path.name}：它把{plan.procedure}第{plan.from_version}版转到第{plan.to_version}版，"
            f"不是{procedure}第{from_version}版到第{to_version}版，请指明正确的方案。",
        )
    return plan
