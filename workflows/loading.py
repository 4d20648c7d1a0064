"""Makes procedures of YAML files.

A file is checked against `procedures/schema.json` before anything is made of it, then the short forms are
written out: `from: any` is every state, `from: any_open` every state in which work goes on, `to: same` no
change of state, `to: before` the state from which the action named by `undoes` was done. Whether the
procedure makes sense is `workflows.proving.verification`'s question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from workflows.definition import (
    Action,
    Assign,
    ClockRule,
    CoHandling,
    Field,
    FieldKind,
    Handover,
    Label,
    Listing,
    Procedure,
    Reach,
    RoleScope,
    State,
    StateKind,
    WorkStep,
)
from workflows.definition_files import DefinitionError, day, label, read_checked
from workflows.versioning.fingerprints import fingerprint

__all__ = ["PROCEDURES", "DefinitionError", "load_procedure", "load_procedures"]

PROCEDURES = Path(__file__).parent / "procedures"
"""Where the procedures of this distribution lie."""
RELEASED = "released.yaml"
_SCHEMA = PROCEDURES / "schema.json"
_GROUPS = frozenset({"any", "any_open"})
"""What stands for many states: an action may start in them, none leads to one of them."""


def load_procedure(text: str, source: str) -> Procedure:
    """Return the procedure a YAML text holds, with its fingerprint.

    `source` names the file in messages. Raises DefinitionError with file, place and remedy.
    """
    data = read_checked(text, source, _SCHEMA)
    states = {name: _state(name, entry) for name, entry in data["states"].items()}
    kinds = _labels(data.get("work", {}))
    actions = {name: _action(name, entry, states, source, kinds) for name, entry in data["actions"].items()}
    draft = Procedure(
        name=data["procedure"],
        version=data["version"],
        label=label(data["label"]),
        effective_from=day(data["effective_from"], source, "effective_from"),
        stages=_labels(data["stages"]),
        states=MappingProxyType(states),
        actions=MappingProxyType(actions),
        clocks=MappingProxyType({name: _clock(name, entry) for name, entry in data["clocks"].items()}),
        messages=_labels(data.get("messages", {})),
        tasks=_labels(data.get("tasks", {})),
        work=kinds,
        governed_by=MappingProxyType(dict(data.get("governed_by", {}))),
        invariants=tuple(data.get("invariants", ())),
    )
    return replace(draft, fingerprint=fingerprint(draft))


def load_procedures(directory: Path) -> tuple[Procedure, ...]:
    """Return all procedures of a directory, by name and version.

    Each file is named `<procedure>.<version>.yaml`. Raises DefinitionError.
    """
    found: dict[tuple[str, int], Procedure] = {}
    for path in sorted(directory.glob("*.yaml")):
        if path.name == RELEASED:
            continue
        procedure = load_procedure(path.read_text(encoding="utf-8"), path.name)
        expected = f"{procedure.name}.{procedure.version}.yaml"
        if path.name != expected:
            raise DefinitionError(
                f"{path.name}: it holds version {procedure.version} of {procedure.name!r}: "
                f"name the file {expected}.",
                f"{path.name}：其中是{procedure.name}的第{procedure.version}版，请把文件命名为{expected}。",
            )
        found[procedure.name, procedure.version] = procedure
    return tuple(found[key] for key in sorted(found))


def _labels(data: Mapping[str, Mapping[str, str]]) -> Mapping[str, Label]:
    return MappingProxyType({name: label(entry) for name, entry in data.items()})


def _state(name: str, data: Mapping[str, Any]) -> State:
    return State(
        name=name,
        label=label(data["label"]),
        kind=StateKind(data.get("kind", "open")),
        stage=data["stage"],
        clocks=tuple(data.get("clocks", ())),
        pauses=tuple(data.get("pauses", ())),
        optional_stage=data.get("optional_stage", False),
    )


def _action(
    name: str,
    data: Mapping[str, Any],
    states: Mapping[str, State],
    source: str,
    kinds: Mapping[str, Label],
) -> Action:
    article = data.get("article")
    if data["to"] in _GROUPS:
        raise DefinitionError(
            f"{source}, actions › {name} › to: nobody chooses the state an action leads to: name one state.",
            f"{source}，actions › {name} › to：操作只能到达一个确定的状态，请写明一个状态。",
        )
    if (data["to"] == "before") is not ("undoes" in data):
        raise DefinitionError(
            f"{source}, actions › {name}: `to: before` and `undoes` go together: "
            "name the action that is undone.",
            f"{source}，actions › {name}：`to: before`与`undoes`要一起写：请写明撤回的是哪个操作。",
        )
    return Action(
        name=name,
        label=label(data["label"]),
        sources=_sources(name, data["from"], states, source),
        target=None if data["to"] in ("same", "before") else data["to"],
        roles=tuple(_role(one) for one in data.get("roles", ())),
        needs=tuple(data.get("needs", ())),
        fields=tuple(
            _field(key, entry, kinds if data.get("work") == "ask" and key == "work" else {})
            for key, entry in data.get("fields", {}).items()
        ),
        sets=MappingProxyType(dict(data.get("sets", {}))),
        counts=tuple(data.get("counts", ())),
        lists=MappingProxyType({key: Listing(**entry) for key, entry in data.get("lists", {}).items()}),
        meets=tuple(data.get("meets", ())),
        cancels=tuple(data.get("cancels", ())),
        opens=tuple(data.get("opens", ())),
        extends=MappingProxyType(dict(data.get("extends", {}))),
        recounts=MappingProxyType(dict(data.get("recounts", {}))),
        pauses_from=data.get("pauses_from", ""),
        resumes_on=data.get("resumes_on", ""),
        emit=tuple(data.get("emit", ())),
        assign=Assign(data["assign"]) if "assign" in data else None,
        handover=Handover(data["handover"]) if "handover" in data else None,
        child=data.get("child", ""),
        undoes=data.get("undoes", ""),
        takes_back=tuple(data.get("takes_back", ())),
        work=WorkStep(data["work"]) if "work" in data else None,
        co_handler=CoHandling(data["co_handler"]) if "co_handler" in data else None,
        hears=MappingProxyType({key: tuple(entry) for key, entry in data.get("hears", {}).items()}),
        article=label(article) if isinstance(article, dict) else article,
        automatic=data.get("automatic", False),
    )


def _sources(name: str, data: str | list[str], states: Mapping[str, State], source: str) -> tuple[str, ...]:
    """Write out `any` and `any_open`; in a list they mean themselves and are refused, since they would hide
    a state.
    """
    if data == "any":
        return tuple(states)
    if data == "any_open":
        return tuple(
            key for key, state in states.items() if state.kind in (StateKind.INITIAL, StateKind.OPEN)
        )
    listed = (data,) if isinstance(data, str) else tuple(data)
    if _GROUPS & set(listed):
        raise DefinitionError(
            f"{source}, actions › {name} › from: `any` and `any_open` stand alone: "
            "take them out of the list.",
            f"{source}，actions › {name} › from：`any`和`any_open`要单独写，请从列表中去掉。",
        )
    return listed


def _role(text: str) -> RoleScope:
    role, _, reach = text.partition("@")
    return RoleScope(role, Reach(reach))


def _field(name: str, data: Mapping[str, Any], words: Mapping[str, Label]) -> Field:
    """Make a field; `words` are the choices that the procedure names elsewhere, with their labels."""
    return Field(
        name=name,
        kind=FieldKind(data["kind"]),
        label=label(data["label"]),
        required=data.get("required", True),
        private=data.get("private", False),
        keep=data.get("keep", False),
        derived=data.get("derived", False),
        items=data.get("items", ""),
        choices=tuple(data.get("choices", words)),
        words=words,
    )


def _clock(name: str, data: Mapping[str, Any]) -> ClockRule:
    return ClockRule(
        name=name,
        label=label(data["label"]),
        start=data.get("start", "event"),
        warn=tuple(data.get("warn", ())),
        escalate=MappingProxyType({int(days): role for days, role in data.get("escalate", {}).items()}),
        task=data.get("task", ""),
        task_to=tuple(data.get("task_to", ())),
        internal=data.get("internal", False),
        if_ruled=data.get("if_ruled", False),
    )
