"""An event log as OCEL 2.0 in its JSON form: events, and the things each of them concerns.

Object types are the procedures, `person` (pseudonyms) and `unit`. An event type is an action of a procedure,
written `procedure.action`: the same word is another step with other fields elsewhere.

Events are written as they are read. The objects of the instances wait in a file of their own, since a JSON
document has one list after the other; types, people and units are few and are kept in memory.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from workflows.export.traces import Occurrence, Trace, Value

PERSON, UNIT = "person", "unit"
_TYPES = {str: "string", bool: "boolean", int: "integer"}
_ALWAYS: Mapping[str, Value] = {"seq": 1, "kind": "", "from_state": "", "to_state": "", "version": 1}
_OF_INSTANCE: Mapping[str, Value] = {"state": "", "version": 1}


def write_ocel(traces: Iterable[Trace], file: TextIO) -> int:
    """Write the log; return how many traces it has. Memory does not grow with their number."""
    seen = _Seen()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as waiting:
        events, objects = _List(file), _List(waiting)
        file.write('{\n"events": [')
        written = 0
        for trace in traces:
            written += 1
            seen.add(trace)
            events.add(_events(trace))
            objects.add([_object(trace)])
        objects.add(seen.people_and_units())
        file.write('\n],\n"objects": [')
        waiting.seek(0)
        shutil.copyfileobj(waiting, file)
    file.write(f'\n],\n"eventTypes": {_types(seen.event_types)},\n')
    file.write(f'"objectTypes": {_types(seen.object_types)}\n}}\n')
    return written


class _List:
    """Writes the entries of a JSON list, each on a line."""

    def __init__(self, file: TextIO) -> None:
        self.file, self.between = file, "\n"

    def add(self, entries: Iterable[Mapping[str, Any]]) -> None:
        for one in entries:
            self.file.write(self.between + _text(one))
            self.between = ",\n"


class _Seen:
    """The types, people and units of a log, gathered while it is written."""

    def __init__(self) -> None:
        self.event_types: dict[str, dict[str, str]] = {}
        self.object_types: dict[str, dict[str, str]] = {}
        self.people: set[str] = set()
        self.units: set[str] = set()

    def add(self, trace: Trace) -> None:
        """Note what a trace has."""
        known = self.object_types.setdefault(trace.procedure, _attributes(_OF_INSTANCE))
        if trace.number:
            known["number"] = "string"
        for one in trace.occurrences:
            known = self.event_types.setdefault(_type(trace, one), _attributes(_ALWAYS))
            known |= _attributes(_typed(one))
            self.people |= _people(one)
            self.units |= _units(one)

    def people_and_units(self) -> Iterator[Mapping[str, Any]]:
        """Yield their objects, and note their types where there are any."""
        for type_, ids in ((PERSON, self.people), (UNIT, self.units)):
            if ids:
                self.object_types.setdefault(type_, {})
            for one in sorted(ids):
                yield {"id": _unit(one) if type_ == UNIT else one, "type": type_, "attributes": []}


def _events(trace: Trace) -> Iterator[Mapping[str, Any]]:
    owner = unit = ""
    for one in trace.occurrences:
        given = {name: getattr(one, name) for name in _ALWAYS} | _typed(one)
        related = [_to(trace.id, "concerns")]
        if one.by in _people(one):
            related.append(_to(one.by, "done by"))
        if one.standpoint is not None:
            related.append(_to(_unit(one.standpoint.unit_path), "done for"))
        if one.owner != owner:
            related.append(_to(one.owner, "given to"))
        if one.unit != unit:
            related.append(_to(_unit(one.unit), "comes to"))
        if one.child:
            related.append(_to(one.child, "starts"))
        owner, unit = one.owner, one.unit
        yield {
            "id": one.id,
            "type": _type(trace, one),
            "time": one.time,
            "attributes": [{"name": name, "value": _written(value)} for name, value in given.items()],
            "relationships": related,
        }


def _object(trace: Trace) -> Mapping[str, Any]:
    """Return an instance with the state after each step that changed it."""
    attributes: list[Mapping[str, Any]] = []
    state, version = "", 0
    for one in trace.occurrences:
        if one.to_state != state:
            attributes.append({"name": "state", "time": one.time, "value": one.to_state})
        if one.version != version:
            attributes.append({"name": "version", "time": one.time, "value": _written(one.version)})
        state, version = one.to_state, one.version
    if trace.number:
        attributes.append({"name": "number", "time": trace.occurrences[0].time, "value": trace.number})
    related = [_to(trace.parent, "part of")] if trace.parent else []
    return {
        "id": trace.id,
        "type": trace.procedure,
        "attributes": attributes,
        "relationships": related,
    }


def _type(trace: Trace, one: Occurrence) -> str:
    return f"{trace.procedure}.{one.action}"


def _typed(one: Occurrence) -> dict[str, Value]:
    return {f"field.{name}": value for name, value in one.typed.items()}


def _people(one: Occurrence) -> set[str]:
    return {name for name in (one.by, one.owner) if name.startswith(f"{PERSON}-")}


def _units(one: Occurrence) -> set[str]:
    paths = {one.unit, one.standpoint.unit_path if one.standpoint else ""}
    return paths - {""}


def _unit(path: str) -> str:
    return f"{UNIT}:{path}"


def _to(object_id: str, qualifier: str) -> Mapping[str, str]:
    return {"objectId": object_id, "qualifier": qualifier}


def _attributes(values: Mapping[str, Value]) -> dict[str, str]:
    return {name: _TYPES[type(value)] for name, value in values.items()}


def _types(known: Mapping[str, Mapping[str, str]]) -> str:
    listed = [
        {"name": name, "attributes": [{"name": one, "type": known[name][one]} for one in known[name]]}
        for name in sorted(known)
    ]
    return _text(listed)


def _written(value: Value) -> str:
    """Return a value as text: the JSON form of the standard writes every value so."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
