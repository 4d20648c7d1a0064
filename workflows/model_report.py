"""What model checking found, as data: what was proved, of what, and the way to a promise that can break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflows.definition import Label
from workflows.invariants import Invariant


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
    """What the model leaves out or simplifies, beyond what `docs/architecture.md` says of every model."""

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

    def faults(self) -> tuple[str, ...]:
        """Return what refuses to boot, a sentence each: promises that can break, acts that never happen."""
        place = f"{self.procedure}.{self.version}"
        dead = (
            f"{place}, actions › {name}: no situation ever allows it: take it out, or mend what it needs."
            for name in self.never
        )
        return (*(f"{place}, {one.invariant.name}: {one.sentence()}" for one in self.violations), *dead)
