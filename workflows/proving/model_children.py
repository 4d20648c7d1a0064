"""Child instances in the model: each moves by itself, as its own procedure allows, guards being free choices.

Children in states that no asked guard and no invariant of the parent tells apart are one kind; kinds that can
never make a difference are left out. Several children of one kind are one or more: whether a moving one was
the last of its kind stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from workflows.definition import Action, Procedure, StateKind

Sees = Callable[[str, frozenset["ModelChild"]], tuple[bool, ...]]
"""What the parent, in a state, makes of a set of children: the answer of everything that asks for them."""


class ModelChild(NamedTuple):
    """A kind of children, by one of its states."""

    procedure: str
    state: str
    ended: bool


class ChildMove(NamedTuple):
    """One act in a child: its procedure, the act, and the kind it leads to; None is one not followed."""

    procedure: Procedure
    action: Action
    to: ModelChild | None


@dataclass(frozen=True, slots=True)
class Children:
    """The kinds of children that are followed: with which a child begins, and how each moves on."""

    first: Mapping[str, ModelChild]
    moves: Mapping[ModelChild, tuple[ChildMove, ...]]

    def steps(self, present: frozenset[ModelChild]) -> Iterator[tuple[ChildMove, frozenset[ModelChild]]]:
        """Yield what a child may do, and which kinds of children there are afterwards."""
        for one in present:
            for move in self.moves[one]:
                if move.to is None:
                    yield move, present - {one}
                else:
                    yield move, (present - {one}) | {move.to}
                    yield move, present | {move.to}


def follow(procedure: Procedure, family: Iterable[Procedure], sees: Sees) -> Children:
    """Return the kinds of children of a procedure that make a difference to it.

    `family` holds every version of every procedure it may start: a child may be of any.
    """
    first: dict[str, ModelChild] = {}
    moves: dict[ModelChild, tuple[ChildMove, ...]] = {}
    by_name: dict[str, list[Procedure]] = {}
    for one in family:
        by_name.setdefault(one.name, []).append(one)
    for name in sorted({action.child for action in procedure.actions.values()} & set(by_name)):
        kinds, unseen = _kinds(procedure, by_name[name], sees)
        ways = _ways(by_name[name], kinds)
        kept = _that_matter(ways, unseen)
        begun = {kinds[one.initial.name] for one in by_name[name]} & kept
        if begun:
            first[name] = min(begun)
            moves |= {kind: _seen(ways[kind], kept) for kind in kept}
    return Children(first, moves)


def _kinds(
    procedure: Procedure, versions: list[Procedure], sees: Sees
) -> tuple[dict[str, ModelChild], frozenset[ModelChild]]:
    """Return each child state's kind, and the kinds that look as if there were no child."""
    signature = _signature(procedure, sees, frozenset())
    by_look: dict[tuple[tuple[bool, ...], ...], ModelChild] = {}
    kinds, unseen = {}, set()
    for version in versions:
        for state in version.states.values():
            ended = state.kind in (StateKind.FINAL, StateKind.MAY_END, StateKind.ASIDE)
            child = ModelChild(version.name, state.name, ended)
            look = _signature(procedure, sees, frozenset({child}))
            kinds[state.name] = by_look.setdefault(look, child)
            if look == signature:
                unseen.add(kinds[state.name])
    return kinds, frozenset(unseen)


def _signature(
    procedure: Procedure, sees: Sees, children: frozenset[ModelChild]
) -> tuple[tuple[bool, ...], ...]:
    return tuple(sees(state, children) for state in procedure.states)


def _ways(versions: list[Procedure], kinds: Mapping[str, ModelChild]) -> dict[ModelChild, list[ChildMove]]:
    ways: dict[ModelChild, dict[ModelChild, ChildMove]] = {kind: {} for kind in kinds.values()}
    for version in versions:
        for action in version.actions.values():
            for source in action.sources:
                for target in version.targets(action):
                    to = kinds[target]
                    if to != kinds[source]:
                        ways[kinds[source]].setdefault(to, ChildMove(version, action, to))
    return {kind: list(found.values()) for kind, found in ways.items()}


def _seen(ways: Iterable[ChildMove], kept: Collection[ModelChild]) -> tuple[ChildMove, ...]:
    return tuple(move if move.to in kept else move._replace(to=None) for move in ways)


def _that_matter(
    ways: Mapping[ModelChild, list[ChildMove]], unseen: frozenset[ModelChild]
) -> frozenset[ModelChild]:
    """Return the kinds that are seen, may become one that is, or end one that was."""
    kept = set(ways) - unseen
    while True:
        more = {kind for kind, moves in ways.items() if any(move.to in kept for move in moves)} - kept
        if not more:
            break
        kept |= more
    return frozenset(kept)
