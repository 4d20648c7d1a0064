"""The gate: what a walk did not see, named one by one; less than every edge is not enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.testing.walking import Edge, Guarded, Walk
from workflows.testing.world import World


def missing(
    world: World, seen: Walk, waived: Mapping[Edge | Guarded, str], shadowed: Mapping[Guarded, str]
) -> list[str]:
    """Return a sentence for each edge that was never fired and each guard not seen on both sides.

    `waived` names with a reason what nobody can reach, `shadowed` guards that never refuse alone. Whatever is
    named there but was seen is a fault as well, and so is a name that the definition does not know.
    """
    return [*_edges(world, seen, waived), *_guards(world, seen, waived, shadowed), *_stale(world, waived)]


def _edges(world: World, seen: Walk, waived: Mapping[Edge | Guarded, str]) -> Iterator[str]:
    for action in world.defined.actions.values():
        for source in action.sources:
            edge = (action.name, source)
            if edge not in seen.fired and edge not in waived:
                yield f"{action.name} was never done in {source}"
            if edge in seen.fired and edge in waived:
                yield f"{action.name} was done in {source}: take it out of the waived ones"


def _guards(
    world: World, seen: Walk, waived: Mapping[Edge | Guarded, str], shadowed: Mapping[Guarded, str]
) -> Iterator[str]:
    for action in world.defined.actions.values():
        for guard in action.needs:
            asked = (action.name, guard)
            if asked in waived:
                if seen.is_settled(asked):
                    yield f"{guard} was seen on both sides of {action.name}: take it out of the waived ones"
                continue
            if asked not in seen.allowed:
                yield f"{guard} never let {action.name} pass"
            if asked not in seen.refused:
                yield f"{guard} never refused {action.name}"
            elif asked not in seen.alone and asked not in shadowed:
                yield f"{guard} never refused {action.name} by itself"
            elif asked in seen.alone and asked in shadowed:
                yield f"{guard} refused {action.name} by itself: take it out of the shadowed ones"


def _stale(world: World, waived: Mapping[Edge | Guarded, str]) -> Iterator[str]:
    for name, other in waived:
        action = world.defined.actions.get(name)
        if action is None or other not in (*action.sources, *action.needs):
            yield f"{name} and {other} do not belong together: take them out of the waived ones"
