"""A procedure as a Petri net: what conformance checkers replay a log on.

A state is a place, an action from a state is a transition with the action's name; an action that keeps the
state is a loop on its place. What keeps the state wherever it happens (a warning, a limit, a calendar notice,
a note) is one loop on the place `running`, which holds a token from the start to the end. A silent transition
leads out of every lawful end or, for logs with open matters, of every state.

An action that takes another back leads to where that one was done from. So the state between is a place for
each way into it, and no two transitions of one name ever compete for the token: a tool that replays token by
token needs no luck.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from workflows.definition import Procedure

BEGIN, END, RUNNING = "begin", "end", "running"
_GRAMMAR = "http://www.pnml.org/version-2009/grammar"
_SYSTEM_KINDS = ("warn", "due", "escalate")
_SYSTEM_CLOCK = "work"
"""The day of a piece of work, which is no clock of the procedure."""
_SYSTEM_EVENTS = ("calendar", "erase")


@dataclass(frozen=True, slots=True)
class Transition:
    """A step that takes a token from each of some places and puts one on each of others; without a label it
    is silent.
    """

    name: str
    label: str | None
    takes: tuple[str, ...]
    puts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Net:
    """A net in which a token walks from `begin` to `end`."""

    name: str
    places: tuple[str, ...]
    transitions: tuple[Transition, ...]

    def fits(self, labels: Sequence[str]) -> bool:
        """Tell whether the steps with these labels lead from the beginning to the end."""
        marking = frozenset({BEGIN})
        for label in labels:
            step = next((one for one in self._enabled(marking) if one.label == label), None)
            if step is None:
                return False
            marking = marking.difference(step.takes).union(step.puts)
        return any(one.label is None for one in self._enabled(marking))

    def _enabled(self, marking: frozenset[str]) -> Iterator[Transition]:
        return (one for one in self.transitions if marking.issuperset(one.takes))


def net_of(procedure: Procedure, *, unfinished: bool = False, system: bool = True) -> Net:
    """Return the net of a version.

    With `unfinished` a history may stop in any state: a log holds open matters. Without `system` a warning or
    a calendar notice has no place in it: the log was cleaned of them (`kind` is neither `start` nor `act`).
    """
    seen = _reached(procedure)
    anywhere = [
        one.name
        for one in procedure.actions.values()
        if not procedure.targets(one) and set(one.sources) == set(procedure.states)
    ]
    loops = [*anywhere, *(_system(procedure) if system else ())]
    transitions = [
        Transition("start", "start", (BEGIN,), (_Node(procedure.initial.name).place, RUNNING)),
        *(Transition(label, label, (RUNNING,), (RUNNING,)) for label in loops),
        *(
            Transition(f"{label}.from.{node.place}", label, (node.place,), (then.place,))
            for node in seen
            for label, then in _acts(procedure, node)
            if label not in anywhere
        ),
        *(
            Transition(f"over.from.{node.place}", None, (node.place, RUNNING), (END,))
            for node in seen
            if unfinished or not procedure.is_open(node.state)
        ),
    ]
    places = (BEGIN, RUNNING, *(node.place for node in seen), END)
    return Net(f"{procedure.name}.{procedure.version}", places, tuple(transitions))


def pnml(net: Net) -> str:
    """Return the net in the Petri Net Markup Language (ISO/IEC 15909-2), with the markings of begin and end.

    The standard knows no silent transition and no final marking: both are written as the mining tools do.
    """
    return "".join(_pnml(net))


@dataclass(frozen=True, slots=True)
class _Node:
    """A state, with where each action that can be taken back was done from: by that alone the net leads back
    to the one right state, as the engine does.
    """

    state: str
    done_from: tuple[tuple[str, str], ...] = ()

    @property
    def place(self) -> str:
        return ".".join([self.state, *(f"{action}-{source}" for action, source in self.done_from)])


def _reached(procedure: Procedure) -> list[_Node]:
    """Return every node that a matter can come to, from the beginning on."""
    seen = {_Node(procedure.initial.name): None}
    waiting = list(seen)
    while waiting:
        for _name, then in _acts(procedure, waiting.pop(0)):
            if then not in seen:
                seen[then] = None
                waiting.append(then)
    return list(seen)


def _acts(procedure: Procedure, node: _Node) -> Iterator[tuple[str, _Node]]:
    for action in procedure.actions_from(node.state):
        done_from = dict(node.done_from)
        target = action.target or node.state
        if action.undoes:
            target = done_from.pop(action.undoes, node.state)
        elif procedure.can_be_undone(action):
            done_from[action.name] = node.state
        yield action.name, _Node(target, tuple(sorted(done_from.items())))


def _system(procedure: Procedure) -> Iterator[str]:
    for clock in (*procedure.clocks, _SYSTEM_CLOCK):
        yield from (f"{kind}.{clock}" for kind in _SYSTEM_KINDS)
    yield from _SYSTEM_EVENTS


def _pnml(net: Net) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<pnml xmlns="{_GRAMMAR}/pnml">\n'
    yield f'  <net id={quoteattr(net.name)} type="{_GRAMMAR}/ptnet">\n    <page id="page">\n'
    for place in net.places:
        marked = "<initialMarking><text>1</text></initialMarking>" if place == BEGIN else ""
        yield f'      <place id="p.{place}"><name><text>{escape(place)}</text></name>{marked}</place>\n'
    for one in net.transitions:
        name = f"<name><text>{escape(one.label or one.name)}</text></name>"
        silent = "" if one.label else '<toolspecific tool="ProM" version="6.4" activity="$invisible$"/>'
        yield f'      <transition id="t.{one.name}">{name}{silent}</transition>\n'
    for one in net.transitions:
        for place in one.takes:
            yield f'      <arc id="in.{one.name}.{place}" source="p.{place}" target="t.{one.name}"/>\n'
        for place in one.puts:
            yield f'      <arc id="out.{one.name}.{place}" source="t.{one.name}" target="p.{place}"/>\n'
    yield "    </page>\n"
    last = f'<place idref="p.{END}"><text>1</text></place>'
    yield f"    <finalmarkings><marking>{last}</marking></finalmarkings>\n  </net>\n</pnml>\n"
