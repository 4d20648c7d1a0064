"""The arrows of a procedure's picture: one for each pair of states, with the names of all actions that lead
there.

Actions that keep the state are left out: they would be a loop on nearly every state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.definition import Procedure


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow from one state to another with what stands on it."""

    source: str
    target: str
    text: str


def edges(procedure: Procedure, language: str) -> tuple[Edge, ...]:
    """Return the arrows in the file's order, labelled in the language."""
    texts: dict[tuple[str, str], list[str]] = {}
    for action in procedure.actions.values():
        for source in action.sources:
            for target in procedure.targets(action):
                if target != source:
                    texts.setdefault((source, target), []).append(action.label.in_language(language))
    joint = "、" if language.lower().startswith("zh") else ", "
    return tuple(Edge(source, target, joint.join(names)) for (source, target), names in texts.items())


def state_text(procedure: Procedure, name: str, language: str, counts: Mapping[str, int] | None) -> str:
    """Return a state's label, with how many matters stand in it where counts are given."""
    text = procedure.states[name].label.in_language(language)
    return text if counts is None else f"{text} ({counts.get(name, 0)})"
