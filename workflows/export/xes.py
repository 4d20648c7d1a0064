"""An event log as XES, the XML of IEEE 1849-2016: a trace an instance, in the order of its events.

Extensions: concept (names), time, lifecycle (every step is `complete`), organizational (who, in which role,
for which unit; people as pseudonyms) and identity. Keys without a prefix are ours: procedure, version, state,
seq, kind, from_state, to_state, owner, unit, and `field.<name>` for what was typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO
from xml.sax.saxutils import quoteattr

from workflows.export.traces import Occurrence, Trace, Value

_EXTENSIONS = (
    ("Concept", "concept"),
    ("Time", "time"),
    ("Lifecycle", "lifecycle"),
    ("Organizational", "org"),
    ("Identity", "identity"),
)
_NO_IDENTITY = "00000000-0000-4000-8000-000000000000"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">\n'
_CLASSIFIERS = (
    ("Activity", "concept:name"),
    ("ActivityAndState", "concept:name to_state"),
    ("ActivityAndResource", "concept:name org:resource"),
)


def write_xes(traces: Iterable[Trace], file: TextIO) -> int:
    """Write the log; return how many traces it has. Nothing is kept in memory but one trace."""
    file.write(_HEAD)
    file.writelines(_declarations())
    written = 0
    for trace in traces:
        written += 1
        file.writelines(_trace(trace))
    file.write("</log>\n")
    return written


def _declarations() -> Iterator[str]:
    """Declare extensions, what every trace and event has, and by what events are told apart."""
    for name, prefix in _EXTENSIONS:
        yield (
            f'  <extension name="{name}" prefix="{prefix}" '
            f'uri="http://www.xes-standard.org/{prefix}.xesext"/>\n'
        )
    yield '  <global scope="trace">\n'
    yield _attribute("concept:name", "UNKNOWN", 4)
    yield _typed("id", "identity:id", _NO_IDENTITY, 4)
    yield _attribute("procedure", "UNKNOWN", 4)
    yield _attribute("version", 0, 4)
    yield _attribute("state", "UNKNOWN", 4)
    yield _attribute("ended", False, 4)
    yield '  </global>\n  <global scope="event">\n'
    yield _attribute("concept:name", "UNKNOWN", 4)
    yield _typed("date", "time:timestamp", "1970-01-01T00:00:00.000000+00:00", 4)
    yield _attribute("lifecycle:transition", "complete", 4)
    yield _attribute("org:resource", "UNKNOWN", 4)
    yield _typed("id", "identity:id", _NO_IDENTITY, 4)
    yield _attribute("seq", 0, 4)
    for key in ("kind", "from_state", "to_state", "owner", "unit"):
        yield _attribute(key, "UNKNOWN", 4)
    yield _attribute("version", 0, 4)
    yield "  </global>\n"
    for name, keys in _CLASSIFIERS:
        yield f'  <classifier name="{name}" scope="event" keys="{keys}"/>\n'


def _trace(trace: Trace) -> Iterator[str]:
    yield "  <trace>\n"
    yield _attribute("concept:name", trace.number or trace.id, 4)
    yield _typed("id", "identity:id", trace.id, 4)
    yield _attribute("procedure", trace.procedure, 4)
    yield _attribute("version", trace.version, 4)
    yield _attribute("state", trace.state, 4)
    yield _attribute("ended", trace.ended, 4)
    if trace.parent:
        yield _typed("id", "parent", trace.parent, 4)
    for one in trace.occurrences:
        yield "    <event>\n"
        yield from _event(one)
        yield "    </event>\n"
    yield "  </trace>\n"


def _event(one: Occurrence) -> Iterator[str]:
    yield _attribute("concept:name", one.action)
    yield _typed("date", "time:timestamp", one.time)
    yield _attribute("lifecycle:transition", "complete")
    yield _attribute("org:resource", one.by)
    if one.standpoint is not None:
        yield _attribute("org:role", one.standpoint.role)
        yield _attribute("org:group", one.standpoint.unit_path)
    yield _typed("id", "identity:id", one.id)
    yield _attribute("seq", one.seq)
    yield _attribute("kind", one.kind)
    yield _attribute("from_state", one.from_state)
    yield _attribute("to_state", one.to_state)
    yield _attribute("owner", one.owner)
    yield _attribute("unit", one.unit)
    yield _attribute("version", one.version)
    if one.child:
        yield _typed("id", "child", one.child)
    for name, value in one.typed.items():
        yield _attribute(f"field.{name}", value)


def _attribute(key: str, value: Value, indent: int = 6) -> str:
    """Return an attribute of the type that the value has."""
    if isinstance(value, bool):
        return _typed("boolean", key, "true" if value else "false", indent)
    if isinstance(value, int):
        return _typed("int", key, str(value), indent)
    return _typed("string", key, value, indent)


def _typed(tag: str, key: str, value: str, indent: int = 6) -> str:
    return f"{' ' * indent}<{tag} key={quoteattr(key)} value={quoteattr(value)}/>\n"
