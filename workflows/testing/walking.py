"""Walks a definition in a world until every edge was fired and every guard was seen on both sides.

Matters that bring something new (an edge, a value of a variable in a state) go first; the others follow in
the order in which they came about. At each
attempt what the engine answers is compared with what role, form and guards say one by one.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise, product
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

MOST = 3_000
"""Matters that a walk looks at before it gives up."""
PATIENCE = 12
"""Matters on which an action is tried in vain, by everybody and in every way, before most are passed over."""
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
    alone: dict[Guarded, Witness] = field(default_factory=dict)
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
        self._guards = {
            one.name: [guard for guard in one.needs if (one.name, guard) not in waived] for one in actions
        }
        self._told = set[Any]()
        self._doer: dict[str, tuple[Try, Person]] = {}
        self._in_vain = Counter[str]()

    def run(self) -> Walk:
        world = self._world
        for owner, known in product(world.owners, world.starts):
            begun = (world.judged, world.time, owner, world.first_responder, world.begins, known)
            self._put(Paper.begin(*begun), new=True)
        for way in world.ways:
            self._follow(way, list(self._fresh)[: len(world.owners) * len(world.starts)])
        while (self._fresh or self._rest) and self._found.looked_at < self._most and self._is_missing():
            paper = self._fresh.popleft() if self._fresh else self._rest.popleft()
            self._found.looked_at += 1
            for action in world.defined.actions_from(paper.state):
                self._look(paper, action)
            for grown, new in _children_grow(world, paper, self._seen):
                self._put(grown, new=new)
        return self._found

    def _follow(self, way: tuple[str, ...], begun: list[Paper]) -> None:
        """Go a way that the world names, from each beginning as far as it leads; one at least to its end."""
        ends = [end for end in (self._gone(way, paper) for paper in begun) if end is not None]
        for end in ends:
            self._put(end, new=True)
        if not ends:
            self._found.faults.append(f"the way {' → '.join(way)} cannot be gone to its end")

    def _gone(self, way: tuple[str, ...], paper: Paper) -> Paper | None:
        at: Paper | None = paper
        for step in way:
            name, _, number = step.partition(":")
            at = self._step(at, self._world.defined.actions[name], int(number or 0)) if at else None
        return at

    def _step(self, paper: Paper, action: Action, number: int) -> Paper | None:
        """Do the action in its n-th way by the first who may, or return None."""
        one = self._world.tries(action)[number]
        at = paper.later(one.days)
        payload = self._world.payload(action, one, at)
        for who in self._world.people:
            try:
                after = at.do(action.name, at.facts(who, payload), self._world.assignees.get(action.name))
            except Refused:
                continue
            return _with_child(self._world, action, after)
        return None

    def _is_missing(self) -> bool:
        return bool(self._edges - self._found.fired.keys()) or any(
            not self._is_settled(name) for name in self._guards
        )

    def _is_settled(self, action: str) -> bool:
        return all(self._found.is_settled((action, guard)) for guard in self._guards[action])

    def _put(self, paper: Paper, *, new: bool) -> bool:
        seen = outlook(paper, self._world)
        if seen in self._seen:
            return False
        self._seen.add(seen)
        told = {(paper.state, name, value) for name, value in (*seen[3], ("owner", seen[1]))}
        (self._fresh if new or told - self._told else self._rest).append(paper)
        self._told |= told
        return True

    def _look(self, paper: Paper, action: Action) -> None:
        """Try the action with everybody where something can still be learnt, else only as it last worked."""
        is_new = (action.name, paper.state) not in self._found.fired
        if is_new or not (self._is_settled(action.name) or self._is_tired(action.name)):
            for one in self._world.tries(action):
                self._attempt_by_all(paper, action, one)
        elif _leads_on(action):
            self._again(paper, action)

    def _again(self, paper: Paper, action: Action) -> None:
        if action.name in self._world.duties:
            for one in self._world.tries(action):
                self._attempt_by_all(paper, action, one)
        elif action.name in self._doer:
            one, who = self._doer[action.name]
            self._attempt_by_all(paper, action, one, (who,))

    def _is_tired(self, action: str) -> bool:
        """Tell whether nothing was learnt of the action for long: then most matters are passed over."""
        self._in_vain[action] += 1
        return self._in_vain[action] > PATIENCE and self._in_vain[action] % PATIENCE != 0

    def _attempt_by_all(
        self, paper: Paper, action: Action, one: Try, people: tuple[Person, ...] = ()
    ) -> None:
        at = paper.later(one.days)
        facts = at.facts(_SYSTEM, self._world.payload(action, one, at))
        fits = not check_payload(action, facts.payload, facts.items)
        everybody = (*self._world.people, *((_SYSTEM,) if action.automatic else ()))
        for who in people or everybody:
            self._attempt(at, action, one, replace(facts, actor=who), fits)

    def _attempt(self, at: Paper, action: Action, one: Try, facts: Facts, fits: bool) -> None:
        if not self._note(at, action, facts, fits):
            if not self._world.judged.why(action.name, facts, typed=True):
                self._fault(at, action, facts, "is done, although role, form or a guard stand against it")
            return
        try:
            after = at.do(action.name, facts, self._world.assignees.get(action.name))
        except Refused as refusal:
            codes = ", ".join(why.code for why in refusal.reasons)
            self._fault(at, action, facts, f"is refused ({codes}), although nothing stands against it")
            return
        self._fired(at, action, one, facts, after)

    def _note(self, at: Paper, action: Action, facts: Facts, fits: bool) -> bool:
        """Ask every guard by itself, keep what it says, and return whether the action is to be allowed."""
        known, found = self._world.known, self._found
        against = [guard for guard in action.needs if known[guard].judge(facts) is not None]
        fits = fits and may(action, facts)
        for guard in against:
            self._learn(found.refused, (action.name, guard), at, facts)
        if fits and len(against) == 1:
            self._learn(found.alone, (action.name, against[0]), at, facts)
        for guard in action.needs if fits and not against else ():
            self._learn(found.allowed, (action.name, guard), at, facts)
        undoes_nothing = action.reverses and self._world.defined.taken_back(action, facts.vars) is None
        return fits and not against and not undoes_nothing

    def _learn(self, into: dict[Any, Witness], what: Any, at: Paper, facts: Facts) -> None:
        if what not in into:
            into[what] = Witness(at, facts)
            self._in_vain[what[0]] = 0

    def _fired(self, at: Paper, action: Action, one: Try, facts: Facts, after: Paper) -> None:
        target = self._world.defined.target_of(action, at.state, at.now.vars)
        gap = ownership_gap(after.now)
        if after.state != target:
            self._fault(at, action, facts, f"leads to {after.state!r}, not to {target!r}")
        if gap is not None:
            self._fault(at, action, facts, f"breaks the chain of owners: {gap}")
        edge = (action.name, at.state)
        is_new = edge not in self._found.fired
        self._learn(self._found.fired, edge, at, facts)
        if isinstance(facts.actor, Person):
            self._doer[action.name] = (one, facts.actor)
        if _leads_on(action):
            after = _with_child(self._world, action, after)
            if not self._put(after, new=is_new) and is_new:
                self._peek(after)

    def _peek(self, paper: Paper) -> None:
        """Try what is missing right behind a step that changed nothing but a variable beside the others."""
        for action in self._world.defined.actions_from(paper.state):
            if (action.name, paper.state) in self._edges - self._found.fired.keys():
                for one in self._world.tries(action):
                    self._attempt_by_all(paper, action, one)

    def _fault(self, at: Paper, action: Action, facts: Facts, what: str) -> None:
        way = " → ".join(at.way) or "the start"
        who = sorted(facts.actor.grants) if isinstance(facts.actor, Person) else []
        sentence = f"{action.name} in {at.state} by {who or 'the system'} {what} (after {way})"
        if sentence not in self._found.faults:
            self._found.faults.append(sentence)


def _leads_on(action: Action) -> bool:
    """Tell whether a later step may find something else after it."""
    return not is_quiet(action) or action.work is not None or bool(action.hears)


def _with_child(world: World, action: Action, after: Paper) -> Paper:
    born = world.children.get(action.child, ())
    return replace(after, children=(*after.children, *born[:1])) if action.child else after


def _children_grow(world: World, paper: Paper, seen: set[Any]) -> Iterator[tuple[Paper, bool]]:
    """Yield the matter with one child further on, and whether no such child was seen in this state before."""
    for at, child in enumerate(paper.children):
        for before, after in pairwise(world.children.get(child.procedure, ())):
            if child == before:
                here = (paper.state, after.procedure, after.state)
                grown = (*paper.children[:at], after, *paper.children[at + 1 :])
                yield replace(paper, children=grown), here not in seen
                seen.add(here)


def outlook(paper: Paper, world: World) -> tuple[Any, ...]:
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
