"""Walks a definition in a world until every edge was fired and every guard was seen on both sides.

Matters that brought something new go first; the others follow in the order in which they came about. At each
attempt what the engine answers is compared with what role, form and guards say one by one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from workflows.compiled import Refused
from workflows.definition import UNDO, Action
from workflows.guards import Facts
from workflows.payload import check_payload
from workflows.people import Person
from workflows.projection import ownership_gap
from workflows.steps import is_quiet
from workflows.testing.paper import Paper
from workflows.testing.places import may
from workflows.testing.world import Try, World

Edge = tuple[str, str]
"""An action and the state it is done in."""
Guarded = tuple[str, str]
"""An action and a guard it needs."""

MOST = 20_000
"""Matters that a walk looks at before it gives up."""
_SYSTEM = Person(0)


@dataclass(frozen=True, slots=True)
class Witness:
    """A matter on paper with an attempt at an action: who, and what was typed."""

    paper: Paper
    facts: Facts


@dataclass
class Walk:
    """What a walk saw. `faults` are sentences: where the engine answered otherwise than expected."""

    fired: dict[Edge, Witness] = field(default_factory=dict)
    allowed: dict[Guarded, Witness] = field(default_factory=dict)
    refused: dict[Guarded, Witness] = field(default_factory=dict)
    alone: set[Guarded] = field(default_factory=set)
    """Guards that were the one reason of a refusal."""
    faults: list[str] = field(default_factory=list)
    looked_at: int = 0

    def is_settled(self, guarded: Guarded) -> bool:
        """Tell whether the guard was seen on both sides, and as the one reason of a refusal."""
        return guarded in self.allowed and guarded in self.alone


def walk(world: World, waived: Collection[Edge | Guarded] = (), most: int = MOST) -> Walk:
    """Play matters until nothing is missing but what is waived, or `most` of them were looked at."""
    return _Walker(world, frozenset(waived), most).run()


class _Walker:
    def __init__(self, world: World, waived: frozenset[Edge | Guarded], most: int) -> None:
        self._world, self._most = world, most
        self._seen, self._found = set[Any](), Walk()
        self._fresh, self._rest = deque[Paper](), deque[Paper]()
        actions = world.defined.actions.values()
        self._edges = {(one.name, source) for one in actions for source in one.sources} - waived
        self._guards = {(one.name, guard) for one in actions for guard in one.needs} - waived
        self._doer: dict[str, tuple[Try, Person]] = {}

    def run(self) -> Walk:
        world = self._world
        for known in world.starts:
            begun = (world.judged, world.time, world.owner, world.first_responder, world.begins, known)
            self._put(Paper.begin(*begun), new=True)
        while (self._fresh or self._rest) and self._found.looked_at < self._most and self._is_missing():
            paper = self._fresh.popleft() if self._fresh else self._rest.popleft()
            self._found.looked_at += 1
            for action in world.defined.actions_from(paper.state):
                self._look(paper, action)
            for grown in _children_grow(world, paper):
                self._put(grown, new=False)
        return self._found

    def _is_missing(self) -> bool:
        found = self._found
        return bool(self._edges - set(found.fired)) or any(not found.is_settled(one) for one in self._guards)

    def _put(self, paper: Paper, *, new: bool) -> None:
        seen = outlook(paper, self._world)
        if seen not in self._seen:
            self._seen.add(seen)
            (self._fresh if new else self._rest).append(paper)

    def _look(self, paper: Paper, action: Action) -> None:
        """Try the action with everybody where something can still be learnt, else only as it last worked."""
        found = self._found
        is_new = (action.name, paper.state) not in found.fired
        if not is_new and all(found.is_settled((action.name, guard)) for guard in action.needs):
            if not is_quiet(action) and action.name not in self._world.duties:
                self._attempt(paper, action, *self._doer[action.name])
                return
            if is_quiet(action):
                return
        for one in self._world.tries(action):
            for who in (*self._world.people, *((_SYSTEM,) if action.automatic else ())):
                self._attempt(paper, action, one, who)

    def _attempt(self, paper: Paper, action: Action, one: Try, who: Person) -> None:
        at = paper.later(one.days)
        facts = at.facts(who, self._world.payload(action, one, at))
        expected = self._note(at, action, facts)
        try:
            assignee = self._world.assignees.get(action.name)
            after = at.do(action.name, facts, assignee)
        except Refused as refusal:
            if expected:
                codes = ", ".join(why.code for why in refusal.reasons)
                self._fault(at, action, who, f"is refused ({codes}), although nothing stands against it")
            return
        if not expected:
            self._fault(at, action, who, "is done, although role, form or a guard stand against it")
            return
        self._fired(at, action, one, who, facts, after)

    def _note(self, at: Paper, action: Action, facts: Facts) -> bool:
        """Ask every guard by itself, keep what it says, and return whether the action is to be allowed."""
        known = self._world.known
        against = [guard for guard in action.needs if known[guard].judge(facts) is not None]
        role = may(action, facts)
        fits = role and not check_payload(action, facts.payload, facts.items)
        for guard in action.needs:
            if guard in against:
                self._found.refused.setdefault((action.name, guard), Witness(at, facts))
        if fits and len(against) == 1:
            self._found.alone.add((action.name, against[0]))
        if fits and not against:
            for guard in action.needs:
                self._found.allowed.setdefault((action.name, guard), Witness(at, facts))
        undoes_nothing = action.undoes and self._world.defined.taken_back(action, facts.vars) is None
        return fits and not against and not undoes_nothing

    def _fired(self, at: Paper, action: Action, one: Try, who: Person, facts: Facts, after: Paper) -> None:
        target = self._world.defined.target_of(action, at.state, at.now.vars)
        gap = ownership_gap(after.now)
        if after.state != target:
            self._fault(at, action, who, f"leads to {after.state!r}, not to {target!r}")
        if gap is not None:
            self._fault(at, action, who, f"breaks the chain of owners: {gap}")
        edge = (action.name, at.state)
        is_new = edge not in self._found.fired
        self._found.fired.setdefault(edge, Witness(at, facts))
        self._doer[action.name] = (one, who)
        if not is_quiet(action) or action.child:
            self._put(_with_child(self._world, action, after), new=is_new)

    def _fault(self, at: Paper, action: Action, who: Person, what: str) -> None:
        way = " → ".join(at.way) or "the start"
        sentence = f"{action.name} in {at.state} by {sorted(who.grants) or 'the system'} {what} (after {way})"
        if sentence not in self._found.faults:
            self._found.faults.append(sentence)


def _with_child(world: World, action: Action, after: Paper) -> Paper:
    born = world.children.get(action.child, ())
    return replace(after, children=(*after.children, *born[:1])) if action.child else after


def _children_grow(world: World, paper: Paper) -> Iterator[Paper]:
    for at, child in enumerate(paper.children):
        stages = world.children.get(child.procedure, ())
        for before, after in pairwise(stages):
            if child == before:
                grown = (*paper.children[:at], after, *paper.children[at + 1 :])
                yield replace(paper, children=grown)


def outlook(paper: Paper, world: World) -> tuple[object, ...]:
    """Return what tells two matters apart for the walk: days and large numbers do not."""
    now = paper.now
    aside = {"by", UNDO, *world.beside}
    told = tuple(sorted((name, _small(value)) for name, value in now.vars.items() if name not in aside))
    done = tuple(sorted((name, who) for name, who in now.vars["by"].items() if name in world.duties))
    children = tuple(sorted((one.procedure, one.state) for one in paper.children))
    clocks = tuple(sorted(row.clock for row in now.clocks if row.open and row.extended))
    return now.state, now.owner_id, now.handover_to, told, done, children, clocks


def _small(value: object) -> str:
    if type(value) is int and abs(value) < 99:
        return str(min(value, 3))
    if isinstance(value, str) and value[:2] in ("19", "20") and value[4:5] == "-":
        return "a day"
    return str(value)
