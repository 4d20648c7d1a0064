"""A procedure as Mermaid text, which many tools draw."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.definition import Procedure, StateKind
from workflows.export.edges import edges, state_text


def mermaid(procedure: Procedure, language: str, counts: Mapping[str, int] | None = None) -> str:
    """Return a state diagram with the stages as frames.

    `language` is a tag such as `zh_CN` or `en`; `counts` says how many matters stand in each state now.
    """
    lines = ["stateDiagram-v2", "    direction LR"]
    for stage, label in procedure.stages.items():
        members = [state for state in procedure.states.values() if state.stage == stage]
        lines.append(f'    state "{_plain(label.in_language(language))}" as stage_{stage} {{')
        lines += [
            f'        state "{_plain(state_text(procedure, one.name, language, counts))}" as {one.name}'
            for one in members
        ]
        lines.append("    }")
    lines.append(f"    [*] --> {procedure.initial.name}")
    lines += [f"    {one.source} --> {one.target} : {_plain(one.text)}" for one in edges(procedure, language)]
    ends = (StateKind.MAY_END, StateKind.FINAL)
    lines += [f"    {name} --> [*]" for name, state in procedure.states.items() if state.kind in ends]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Return the text without the signs that Mermaid reads as its own."""
    for sign, entity in (("#", "#35;"), ('"', "#quot;"), (":", "#58;"), ("{", "#123;"), ("}", "#125;")):
        text = text.replace(sign, entity)
    return text.replace("\n", " ")
