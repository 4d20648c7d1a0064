"""Model checking: walks every situation a procedure allows and judges each invariant in all of them.

Guards are free choices except those asked by their own function, and children move as they like, so more may
happen in the model than in life, never less: what is proved here holds. The walk is breadth first: the way to
a broken promise is a shortest one, and it is told in the words of the users.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from itertools import product
from typing import cast

from workflows.definition import Action, Procedure, StateKind
from workflows.guards import Guard, GuardRegistry
from workflows.proving.invariants import Holds, Invariant
from workflows.proving.model_children import ChildMove, ModelChild, follow
from workflows.proving.model_facts import Followed, Unmodelled
from workflows.proving.model_report import Abstracted, Proof, Step, Violation
from workflows.proving.model_rules import asked_of
from workflows.proving.model_steps import FIRST, FIRST_UNIT, Chosen, Effects, ask
from workflows.proving.situations import Move, Situation
from workflows.rule_sets import RuleBook

ENDS = (StateKind.MAY_END, StateKind.FINAL)
_NO_CHILDREN: frozenset[ModelChild] = frozenset()
MOST_SITUATIONS = 1_000_000
"""Where a walk is given up: a definition with more is not proved, and refused."""


def check(
    procedure: Procedure,
    guards: GuardRegistry,
    invariants: Collection[Invariant],
    family: Iterable[Procedure] = (),
    rules: RuleBook | None = None,
) -> Proof:
    """Walk a verified procedure. `family` holds all versions of the procedures whose instances it may start,
    `rules` the rule sets that may count its clocks.

    Raises Unmodelled where a guard or an invariant asks for what its mark does not name.
    """
    began = time.perf_counter()
    walk = Walk(procedure, guards, tuple(invariants), tuple(family), rules)
    walk.run()
    return Proof(
        procedure.name,
        procedure.version,
        tuple(invariants),
        tuple(walk.violations()),
        len(walk.situations),
        walk.moves,
        time.perf_counter() - began,
        walk.abstracted,
        tuple(name for name in procedure.actions if name not in walk.done and name not in walk.effects.idle),
    )


class TooManySituations(Exception):  # noqa: N818 - a refusal is no error of the program
    """The walk was given up: what the model follows of this procedure is too much."""


_Origin = tuple[int, Action | ChildMove, Chosen, str]
"""Whence a situation was first reached: from which one, by which act, with what typed, into which state."""


class Walk:
    """One breadth-first walk; a situation is known by its number in the order of discovery."""

    def __init__(
        self,
        procedure: Procedure,
        guards: GuardRegistry,
        invariants: tuple[Invariant, ...],
        family: tuple[Procedure, ...],
        rules: RuleBook | None = None,
    ) -> None:
        """Read the procedure; nothing is walked before `run`."""
        self.procedure, self._invariants = procedure, invariants
        needed = {name: guards[name] for action in procedure.actions.values() for name in action.needs}
        asked = tuple(one for one in needed.values() if one.in_model)
        names = frozenset(name for reads in _reads(asked, invariants) for name in reads)
        self._asked, self._names = asked, names
        self._children = follow(procedure, family, self._sees)
        ruled = asked_of(rules, procedure)
        self.effects = Effects(procedure, needed, names, frozenset(self._children.first), ruled)
        self.situations: dict[Situation, int] = {}
        self.moves = 0
        self.done: set[str] = set()
        self._found: list[Situation] = []
        self._onward: list[list[int]] = []
        self._from: list[_Origin | None] = []
        self._broken: dict[Invariant, tuple[int, _Origin | None]] = {}
        self.abstracted = Abstracted(
            tuple(sorted(name for name, one in needed.items() if not one.in_model)),
            tuple(sorted(one.name for one in asked)),
            tuple(sorted(names)),
            tuple(sorted(self._children.first)),
            tuple(self.effects.idle),
        )

    def run(self) -> None:
        """Discover every situation, and keep for each promise the first that breaks it."""
        holding = [(one, one.holds) for one in self._invariants if one.holds is not None]
        keeping = [(one, one.keeps) for one in self._invariants if one.keeps is not None]
        waiting = deque(self._discover(first, None, holding) for first in self.starts())
        while waiting:
            number = waiting.popleft()
            before, onward = self._found[number], self._onward[number]
            for act, typed, after in self.steps(before):
                self.moves += 1
                action = act if isinstance(act, Action) else None
                for one, keeps in keeping:
                    if one not in self._broken and not keeps(self.procedure, Move(before, action, after)):
                        self._broken[one] = (number, (number, act, typed, after.state))
                known = self.situations.get(after)
                if known is None:
                    known = self._discover(after, (number, act, typed, after.state), holding)
                    waiting.append(known)
                onward.append(known)

    def violations(self) -> Iterator[Violation]:
        """Yield each promise that can be broken, in the order of the promises."""
        trapped = self._trapped()
        for one in self._invariants:
            if one in self._broken:
                yield self._violation(one, *self._broken[one])
            elif one.holds is None and one.keeps is None and trapped is not None:
                yield self._violation(one, trapped, None)

    def starts(self) -> Iterator[Situation]:
        """Yield every situation in which an instance may begin."""
        starts = {name: values for one in self._invariants for name, values in one.starts.items()}
        initial, none = self.procedure.initial, frozenset[str]()
        running = frozenset(initial.clocks)
        for values in product(*starts.values()):
            known = Followed(dict.fromkeys(self._names) | dict(zip(starts, values, strict=True)))
            yield Situation(
                initial.name, FIRST, FIRST_UNIT, FIRST, None, running, none, none, known, _NO_CHILDREN
            )

    def steps(self, now: Situation) -> Iterator[tuple[Action | ChildMove, Chosen, Situation]]:
        """Yield every act of the matter or of a child that can follow, what was typed, and where it leads."""
        present = cast("frozenset[ModelChild]", now.children)
        for action, typed, after in self.effects.steps(now):
            self.done.add(action.name)
            born = self._children.first.get(action.child)
            yield action, typed, after if born is None else after._replace(children=present | {born})
        for move, children in self._children.steps(present) if present else ():
            yield move, (), now._replace(children=children)

    def _discover(
        self, found: Situation, origin: _Origin | None, holding: list[tuple[Invariant, Holds]]
    ) -> int:
        number = self.situations[found] = len(self.situations)
        if number > MOST_SITUATIONS:
            raise TooManySituations(self.procedure.name)
        self._found.append(found)
        self._onward.append([])
        self._from.append(origin)
        for one, holds in holding:
            if one not in self._broken and not holds(self.procedure, found):
                self._broken[one] = (number, None)
        return number

    def _sees(self, state: str, children: frozenset[ModelChild]) -> tuple[bool, ...]:
        """Answer everything that asks for children, once with empty variables and once with all of them
        true.
        """
        answers = []
        for value in (None, True):
            none = frozenset[str]()
            known = Followed(dict.fromkeys(self._names, value))
            now = Situation(state, FIRST, FIRST_UNIT, FIRST, None, none, none, none, known, children)
            answers += [_allows(one, self.procedure, now) for one in self._asked if one.children]
            answers += [
                one.holds(self.procedure, now) for one in self._invariants if one.children and one.holds
            ]
        return tuple(answers)

    def _trapped(self) -> int | None:
        """Return the first situation from which no end can be reached, or None."""
        back: list[list[int]] = [[] for _ in self._found]
        for number, onward in enumerate(self._onward):
            for to in onward:
                back[to].append(number)
        states = self.procedure.states
        safe = [states[one.state].kind in ENDS for one in self._found]
        waiting = [number for number, is_end in enumerate(safe) if is_end]
        while waiting:
            for number in back[waiting.pop()]:
                if not safe[number]:
                    safe[number] = True
                    waiting.append(number)
        return next((number for number, is_safe in enumerate(safe) if not is_safe), None)

    def _violation(self, one: Invariant, number: int, last: _Origin | None) -> Violation:
        steps = [] if last is None else [self._step(last)]
        origin = self._from[number]
        while origin is not None:
            steps.append(self._step(origin))
            origin = self._from[origin[0]]
        return Violation(one, self.procedure.initial.label, tuple(reversed(steps)))

    def _step(self, origin: _Origin) -> Step:
        _number, act, typed, state = origin
        reached = self.procedure.states[state].label
        if isinstance(act, ChildMove):
            return Step(act.action.label, reached, (), act.procedure.label)
        labels = {field.name: field.label for field in act.fields}
        return Step(act.label, reached, tuple((labels[name], value) for name, value in typed))


def _reads(asked: tuple[Guard, ...], invariants: tuple[Invariant, ...]) -> Iterator[tuple[str, ...]]:
    yield from (one.reads for one in asked)
    yield from (one.reads for one in invariants)


def _allows(guard: Guard, procedure: Procedure, now: Situation) -> bool:
    """Ask a guard; where the situation is too bare to ask it, it does not hold."""
    try:
        return ask(guard, procedure.name, now, {})
    except Unmodelled:
        return False
