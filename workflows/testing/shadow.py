"""Follows real matters in the model: whatever the engine does, the model must have foreseen.

A model that allows less than the engine would prove nothing. So each real step is compared: among the
situations in which the matter may be by the model, one must have a step of that name that leads to what is
seen of the matter afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from workflows.definition import Action, Procedure
from workflows.guards import GuardRegistry
from workflows.projection import Projection
from workflows.proving.invariants import Invariant
from workflows.proving.model_checking import Walk
from workflows.proving.situations import Situation, situation_of
from workflows.rule_sets import RuleBook

Seen = tuple[Any, ...]


class Shadow:
    """The model of one procedure, beside matters that really move."""

    def __init__(
        self,
        procedure: Procedure,
        guards: GuardRegistry,
        invariants: Collection[Invariant],
        family: Iterable[Procedure] = (),
        rules: RuleBook | None = None,
    ) -> None:
        """Take what the library proves the procedure with."""
        self._walk = Walk(procedure, guards, tuple(invariants), tuple(family), rules)

    def begin(self, found: Projection) -> frozenset[Situation]:
        """Return the situations of the model in which a matter that has just begun may be."""
        return frozenset(one for one in self._walk.starts() if _looks(one) == _looks(situation_of(found)))

    def follow(
        self, maybe: frozenset[Situation], before: Projection, action: str, after: Projection
    ) -> frozenset[Situation]:
        """Return where the matter may be after a real step; none where the model did not foresee it."""
        same_hands = (before.owner_id, before.unit_path) == (after.owner_id, after.unit_path)
        seen = _looks(situation_of(after))
        return frozenset(
            then
            for now in self._at_rest(maybe)
            for act, _typed, then in self._walk.steps(now)
            if isinstance(act, Action) and act.name == action and _looks(then) == seen
            # who is not told apart in the model may still change hands in life
            if same_hands or act.assign is not None or act.handover is not None
        )

    def is_idle(self, action: str) -> bool:
        """Tell whether the action changes nothing that the model follows."""
        return action in self._walk.effects.idle

    def _at_rest(self, maybe: frozenset[Situation]) -> frozenset[Situation]:
        """Return the situations with those into which child instances may have moved meanwhile."""
        found, waiting = set(maybe), list(maybe)
        while waiting:
            for act, _typed, then in self._walk.steps(waiting.pop()):
                if not isinstance(act, Action) and then not in found:
                    found.add(then)
                    waiting.append(then)
        return frozenset(found)


def _looks(one: Situation) -> Seen:
    """Return what the model and life have in common, leaving aside people, units and variables."""
    return one.state, one.running, one.paused, one.extended, one.offer is None
