"""Where an instance stands, as invariants see it: made of a row's projection at run time, and of an abstract
matter by the model checker, so that one predicate judges both.

In the model people and units are words (`the first responder`, `another unit`), at run time ids and paths.
Nothing may depend on more than whether two of them are equal, or there at all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, Protocol

from workflows.counting import may_pause
from workflows.definition import Action, Procedure, StateKind
from workflows.projection import Projection
from workflows.rule_sets import RuleBook

NOBODY = 0
NOWHERE = ""
_NONE: frozenset[str] = frozenset()


class Child(Protocol):
    """What is seen of an instance that this one started."""

    @property
    def procedure(self) -> str:
        """Name of its procedure."""
        ...

    @property
    def state(self) -> str:
        """Its state."""
        ...

    @property
    def ended(self) -> bool:
        """Whether it came to an end."""
        ...


class Reversible(NamedTuple):
    """What the action `by` would put back: the state, the clocks that were stopped, which were extended."""

    by: str
    state: str
    stopped: frozenset[str]
    extended: frozenset[str]


class Situation(NamedTuple):
    """An instance at one instant. `children` is None where they are not known: then nothing is said of them.

    `running` are the clocks that count, `paused` those that stand still, `extended` those of both whose limit
    was extended. `reversible` is the model's own: what an action that undoes or takes back would put back.
    `groundless` are the paused clocks without a paper or without somebody who approved it, `lawless` those
    that the rule set of their own run does not let stand still.
    """

    state: str
    owner: int | str
    unit: str
    first_responder: int | str
    offer: int | str | None
    running: frozenset[str]
    paused: frozenset[str]
    extended: frozenset[str]
    vars: Mapping[str, Any]
    children: Collection[Child] | None = None
    reversible: tuple[Reversible, ...] = ()
    groundless: frozenset[str] = _NONE
    lawless: frozenset[str] = _NONE


class Move(NamedTuple):
    """One step from a situation to the next. `action` is None for what is no act: a timer, a notice, a
    migration.
    """

    before: Situation
    action: Action | None
    after: Situation


def situation_of(
    found: Projection, children: Collection[Child] | None = None, rules: RuleBook | None = None
) -> Situation:
    """Return where a projection stands; `children` as far as they are known.

    Without the rule sets nothing is said of what they allow.
    """
    running: list[str] = []
    paused: list[str] = []
    extended: list[str] = []
    groundless: list[str] = []
    lawless: list[str] = []
    for row in found.clocks:
        if row.met_seq is not None or row.cancelled_seq is not None:
            continue
        if row.paused:
            paused.append(row.clock)
            last = row.pauses[-1]
            if not last.paper.strip() or last.approved_by <= 0:
                groundless.append(row.clock)
            if rules is not None and not may_pause(row, rules):
                lawless.append(row.clock)
        else:
            running.append(row.clock)
        if row.extended:
            extended.append(row.clock)
    return Situation(
        found.state,
        found.owner_id,
        found.unit_path,
        found.first_responder_id,
        found.handover_to,
        frozenset(running),
        frozenset(paused),
        frozenset(extended) if extended else _NONE,
        found.vars,
        children,
        (),
        frozenset(groundless) if groundless else _NONE,
        frozenset(lawless) if lawless else _NONE,
    )


def is_over(procedure: Procedure, now: Situation) -> bool:
    """Tell whether nobody works on the matter any more: it is final, or another one carries it on."""
    return procedure.states[now.state].kind in (StateKind.FINAL, StateKind.ASIDE)
