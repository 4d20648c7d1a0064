"""Invariants: named promises about every matter, each one predicate that is judged in three places.

The model checker judges it in every situation a procedure allows (`workflows.proving.model_checking`) and
refuses to boot where it can be broken; the durable floor judges it before it writes a step, and replay after
each event. A promise is about a situation, or about a step from one situation to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from workflows.definition import Label, Procedure
from workflows.proving.situations import Move, Situation

Holds = Callable[[Procedure, Situation], bool]
Keeps = Callable[[Procedure, Move], bool]
Value = str | int | bool | None


@dataclass(frozen=True, slots=True, eq=False)
class Invariant:
    """One promise. `label` is the sentence that holds, said to users.

    `reads` names the variables the predicate asks for; the model follows those alone. `children` tells that
    it asks for child instances. `starts` gives the values with which a variable may begin, where the
    application gives it at the start; otherwise it begins empty.
    """

    name: str
    label: Label
    holds: Holds | None = None
    keeps: Keeps | None = None
    reads: tuple[str, ...] = ()
    children: bool = False
    starts: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    def broken_by(self, procedure: Procedure, move: Move) -> bool:
        """Tell whether the step breaks the promise; what is not known breaks nothing.

        A promise that was broken before this step was broken by another one: this one may still mend it.
        """
        if self.keeps is not None and not self.keeps(procedure, move):
            return True
        if self.holds is None or (self.children and move.after.children is None):
            return False
        if self.holds(procedure, move.after):
            return False
        before = move.before._replace(children=move.after.children)
        return before.state not in procedure.states or self.holds(procedure, before)


class InvariantBroken(Exception):  # noqa: N818 - named like the other refusals
    """A step would break a promise, so it is not written. That is a fault of the program or of a definition,
    never of the person who acts.
    """

    def __init__(self, invariant: Invariant, procedure: str, act: str, state: str) -> None:
        """Keep the promise and the step, by names that hold no personal value."""
        super().__init__(f"{procedure}: {act!r} in {state!r} would break {invariant.name}")
        self.invariant, self.procedure, self.act, self.state = invariant, procedure, act, state


class InvariantRegistry:
    """The invariants of an application, by name."""

    def __init__(self, invariants: Iterable[Invariant] = ()) -> None:
        """Register the given ones. Raises ValueError where a name stands twice."""
        self._known: dict[str, Invariant] = {}
        for one in invariants:
            if one.name in self._known:
                raise ValueError(f"invariant {one.name!r} is registered twice")
            self._known[one.name] = one

    def __getitem__(self, name: str) -> Invariant:
        """Return the invariant of that name; KeyError if there is none."""
        return self._known[name]

    @property
    def names(self) -> frozenset[str]:
        """All registered names."""
        return frozenset(self._known)


def invariant(
    zh: str,
    en: str,
    *,
    reads: tuple[str, ...] = (),
    children: bool = False,
    starts: Mapping[str, tuple[Value, ...]] | None = None,
) -> Callable[[Holds], Invariant]:
    """Make an Invariant of a predicate on a situation; the function's name is the invariant's name."""

    def make(holds: Holds) -> Invariant:
        name = holds.__name__
        return Invariant(name, Label(zh, en), holds, None, reads, children, starts or {})

    return make


def step_invariant(zh: str, en: str) -> Callable[[Keeps], Invariant]:
    """Make an Invariant of a predicate on a step."""

    def make(keeps: Keeps) -> Invariant:
        return Invariant(keeps.__name__, Label(zh, en), None, keeps)

    return make


def first_broken(invariants: Collection[Invariant], procedure: Procedure, move: Move) -> Invariant | None:
    """Return the first promise that the step breaks, or None."""
    for one in invariants:
        if one.broken_by(procedure, move):
            return one
    return None
