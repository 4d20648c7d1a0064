"""What model checking found, as data: what was proved, of what, and the way to a promise that can break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflows.definition import Label
from workflows.proving.invariants import Invariant

ALWAYS_LEFT_OUT = (
    Label("日期：期限只有在走、停止、没有三种情形。", "Days: a clock runs, stands still, or is not there."),
    Label(
        "人和单位：只分首接责任人、另一人、统一接收机构值班人。",
        "People and units: the first responder, another person, the duty officer of the desk.",
    ),
    Label("岗位：有岗位的人总会有。", "Roles: somebody who may act is always there."),
    Label(
        "填写的内容：只跟踪下列变量；金额取零到三，计数到三为止。",
        "What is typed: only the variables listed; sums are zero to three, counters end at three.",
    ),
    Label("同类下级事项：一件和几件不加区分。", "Child instances of one kind: one is not told from several."),
    Label("提醒、任务、消息。", "Warnings, tasks and messages."),
)
"""What every model leaves out, said to users."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a way: what was done, what was typed in it as far as it matters, and the state afterwards.

    `procedure` is the label of the child procedure for a child's own act, else None.
    """

    act: Label
    state: Label
    typed: tuple[tuple[Label, Any], ...] = ()
    procedure: Label | None = None

    def told(self, language: str) -> str:
        """Say the step in one language."""
        act = self.act.in_language(language)
        if self.procedure is not None:
            act = f"{self.procedure.in_language(language)}：{act}"
        if self.typed:
            given = "，".join(f"{label.in_language(language)} {value}" for label, value in self.typed)
            act = f"{act}（{given}）"
        return f" —{act}→ {self.state.in_language(language)}"


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that can be broken, and a shortest way to it from the start."""

    invariant: Invariant
    start: Label
    way: tuple[Step, ...]

    def sentence(self) -> str:
        """Say the promise and the way to where it breaks, in Chinese and in English."""
        return f"{self.told('zh')} / {self.told('en')}"

    def told(self, language: str) -> str:
        """Say it in one language: each step as its action and the state it leads to."""
        says = self.invariant.label.in_language(language)
        way = "".join(one.told(language) for one in self.way)
        begins = self.start.in_language(language)
        if language == "zh":
            return f"可能违反“{says}”：{begins}{way}"
        return f"“{says}” can be broken: {begins}{way}"


@dataclass(frozen=True, slots=True)
class Abstracted:
    """What the model of one procedure follows and leaves out, beyond ALWAYS_LEFT_OUT."""

    free_guards: tuple[str, ...]
    """Guards that count as free choices."""
    asked_guards: tuple[str, ...]
    """Guards that are asked by their own function."""
    variables: tuple[str, ...]
    """The variables that are followed; all others are left out."""
    children: tuple[str, ...]
    """Child procedures that are followed; the instances of all others are left out."""
    idle: tuple[str, ...]
    """Actions that change nothing the model follows."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What walking one procedure showed. No `violations` means that every promise holds everywhere."""

    procedure: str
    version: int
    invariants: tuple[Invariant, ...]
    violations: tuple[Violation, ...]
    situations: int
    moves: int
    seconds: float
    abstracted: Abstracted
    never: tuple[str, ...]
    """Actions that no situation allows, whatever the free guards say."""

    def facts(self) -> dict[str, Any]:
        """Return the whole proof in JSON's own types, for a command or a page."""
        return {
            "procedure": self.procedure,
            "version": self.version,
            "invariants": [
                {"name": one.name, "zh": one.label.zh, "en": one.label.en} for one in self.invariants
            ],
            "situations": self.situations,
            "moves": self.moves,
            "seconds": round(self.seconds, 4),
            "abstracted": {
                "free_guards": list(self.abstracted.free_guards),
                "asked_guards": list(self.abstracted.asked_guards),
                "variables": list(self.abstracted.variables),
                "children": list(self.abstracted.children),
                "idle_actions": list(self.abstracted.idle),
                "always": [{"zh": one.zh, "en": one.en} for one in ALWAYS_LEFT_OUT],
            },
        }

    def faults(self) -> tuple[str, ...]:
        """Return what refuses to boot, a sentence each: promises that can break, acts that never happen."""
        place = f"{self.procedure}.{self.version}"
        dead = (
            f"{place}, actions › {name}: no situation ever allows it: take it out, or mend what it needs."
            for name in self.never
        )
        return (*(f"{place}, {one.invariant.name}: {one.sentence()}" for one in self.violations), *dead)
