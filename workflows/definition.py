"""What a procedure is: states, actions and clocks as frozen values.

A definition is read from a YAML file (`workflows.loading`), verified (`workflows.proving.verification`) and
compiled (`workflows.compiled`). Nothing here knows a database, a page or a complaint. Labels stay out of the
fingerprint, so a better wording is not a new version.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

UNDO = "undo"
"""The variable that remembers, for each action that can be reversed, where and by whom it was done."""
WORK = "work"
"""The variable that holds the open pieces of work by number, so that a step need not read their table."""
WORK_ASKED = "work_asked"
"""The variable that counts the pieces of work ever asked for: the next one's number less one."""
CO_HANDLERS = "co_handlers"
"""The variable that lists the people who handle the matter beside its owner."""


@dataclass(frozen=True, slots=True)
class Label:
    """One text in the two languages of the interface."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the Chinese text for any `zh…` language tag, else the English one."""
        return self.zh if language.lower().startswith("zh") else self.en


class StateKind(enum.StrEnum):
    """Whether a matter starts, may stop or must stop in a state."""

    INITIAL = "initial"
    OPEN = "open"
    MAY_END = "may_end"
    """A lawful end that later actions may still leave (closed, where revisits are a sample)."""
    FINAL = "final"
    ASIDE = "aside"
    """Another matter carries it on: nobody waits here, no clock runs, and only what undoes leads back."""


@dataclass(frozen=True, slots=True)
class State:
    """One state of a procedure.

    `stage` is the coarse stage that everyone sees. `clocks` are opened on entering. `pauses` names the clocks
    that stand still while the matter is here; no other state may pause anything.
    """

    name: str
    label: Label
    kind: StateKind = StateKind.OPEN
    stage: str = ""
    clocks: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()
    optional_stage: bool = False


class Reach(enum.StrEnum):
    """Where a role must have been granted, seen from the unit that holds the matter."""

    SELF = "self"
    """On that very unit."""
    UP = "up"
    """On that unit or on one above it (office, county, city)."""
    ANY = "any"
    """Anywhere."""


@dataclass(frozen=True, slots=True)
class RoleScope:
    """A role and how far above the matter's unit it may have been granted, written `handler@self`."""

    role: str
    reach: Reach


class FieldKind(enum.StrEnum):
    """What a field of an action's form holds; the engine checks it again on every door."""

    TEXT = "text"
    CODE = "code"
    """A short machine word: a channel, a result."""
    DATE = "date"
    """ISO 8601 calendar date, Asia/Shanghai."""
    INTEGER = "integer"
    FEN = "fen"
    """Money in integer fen, never negative."""
    FLAG = "flag"
    ITEM = "item"
    """One code of the list `items` names in the rule set in force."""
    PERSON = "person"
    """Id of an account."""
    UNIT = "unit"
    """Path of a unit."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing an action asks for.

    A `private` text may hold personal data: it is stored beside the log with a salt, and the log keeps only
    its digest. `keep` copies the value into the instance's variables, where guards of later actions find it.
    A `derived` value is the application's: worked out from the others, or what stood before. No form asks it.
    `words` are the labels of the choices where the procedure itself names them.
    """

    name: str
    kind: FieldKind
    label: Label
    required: bool = True
    private: bool = False
    keep: bool = False
    derived: bool = False
    items: str = ""
    choices: tuple[str, ...] = ()
    words: Mapping[str, Label] = field(default_factory=dict)


class Assign(enum.StrEnum):
    """Who owns the matter after the action."""

    ACTOR = "actor"
    RECEIVER = "receiver"
    """The person in the payload's `receiver`, of the unit in `unit`."""
    INTAKE_DESK = "intake_desk"
    """The duty officer of the unified intake desk above the unit, given in the payload by the caller."""
    FIRST_RESPONDER = "first_responder"


class Handover(enum.StrEnum):
    """The two steps in which an owner hands a matter on; the giver stays bound until the second."""

    ASK = "ask"
    """Offer the matter to the payload's `receiver`."""
    ACCEPT = "accept"
    """The receiver takes it and becomes the owner."""
    DROP = "drop"
    """The offer is declined or taken back."""


class WorkStep(enum.StrEnum):
    """What happens to a piece of work beside the states; it has a person and a day of its own."""

    ASK = "ask"
    """Ask the payload's `worker` for the kind `work`, to be done by `due_on`."""
    FINISH = "finish"
    """The piece with the payload's `work_number` is done."""
    CALL_OFF = "call_off"
    """The piece with the payload's `work_number` is not wanted any more."""


class CoHandling(enum.StrEnum):
    """Who handles a matter beside its owner. The duty stays with the owner."""

    NAME = "name"
    """The payload's `co_handler` helps from now on."""
    REMOVE = "remove"
    """The payload's `co_handler` helps no longer."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Adds to a list of people who did the action `did` last; with `when`, where that flag was answered yes.

    A name once in the list stays: what a later answer says about another person changes nothing about it.
    """

    did: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person, or the system, may do.

    `target` is None where the state does not change. `sets` are constants written to the instance's
    variables; the words `$today`, `$actor` and `$state` stand for the step's day, person and the state before
    it. `counts` are variables raised by one. `lists` are
    variables that collect people, each once. `meets`, `cancels` and `opens` name clocks. `extends` maps a
    clock to the entry of the rule set that says by how much. `emit` names messages for the outbox. `child`
    names a procedure that this action starts, linked to this instance. `undoes` names the action that is
    taken back: the matter returns to the state it came from, and the clocks which that action cancelled run
    again with their own dates; such an action has no `target` of its own. `takes_back` names the actions that
    led here and are reversed by one step: the matter goes to the one state they were done from, and the
    clocks which they met or cancelled run again. `work` and `co_handler` change who does what beside the
    owner. `hears` maps a procedure to the states of a child at which this action takes down what came of it.
    `recounts` maps a clock to the field that names the rule set by which it is counted from now on.
    `pauses_from` names the field with the first day on which a clock stands still by this step, `resumes_on`
    the one with the day from which it counts again, which is then also the day on which the step's clocks
    were met; without them both are the day of the step. `article`
    is a citation, or the subject on which the rule set that governs the matter names one
    (`Procedure.governed_by`).
    """

    name: str
    label: Label
    sources: tuple[str, ...]
    target: str | None
    roles: tuple[RoleScope, ...]
    needs: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    sets: Mapping[str, str | int | bool | None] = field(default_factory=dict)
    counts: tuple[str, ...] = ()
    lists: Mapping[str, Listing] = field(default_factory=dict)
    meets: tuple[str, ...] = ()
    cancels: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    extends: Mapping[str, str] = field(default_factory=dict)
    recounts: Mapping[str, str] = field(default_factory=dict)
    pauses_from: str = ""
    resumes_on: str = ""
    emit: tuple[str, ...] = ()
    assign: Assign | None = None
    handover: Handover | None = None
    child: str = ""
    undoes: str = ""
    takes_back: tuple[str, ...] = ()
    work: WorkStep | None = None
    co_handler: CoHandling | None = None
    hears: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    article: Label | str | None = None
    automatic: bool = False
    """Fired by the worker or by a child instance as `system`; no button."""

    @property
    def reverses(self) -> tuple[str, ...]:
        """The actions that this one reverses, as what undoes or as what takes back."""
        return (self.undoes,) if self.undoes else self.takes_back

    def field(self, name: str) -> Field | None:
        """Return the field of that name, or None."""
        return next((one for one in self.fields if one.name == name), None)


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A clock that the procedure runs; how long it is stands in the rule set of the day it starts.

    `start` is `event` (the day of the step that opens it) or the name of a variable holding a date. `warn`
    are days before `alert_due`, in working days, at which the owner is warned. `escalate` maps days after
    `legal_due` (0 = the day itself) to the role that is told. `task` names a task given to the owner and to
    `task_to` when the last day comes; the machine itself decides nothing (decision 7).
    """

    name: str
    label: Label
    start: str = "event"
    warn: tuple[int, ...] = ()
    escalate: Mapping[int, str] = field(default_factory=dict)
    task: str = ""
    task_to: tuple[str, ...] = ()
    internal: bool = False
    """An internal or local limit, not one of law; shown as such."""
    if_ruled: bool = False
    """Begun only where the rule set of its first day has the limit: some instruments know none."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """One version of one procedure. `invariants` are names of predicates, like guards.

    `governed_by` names, for a list or the subject of an article, the clock by whose rule set it is read: a
    ground of refusal by that of the day of receipt, one of ending a mediation by that of the acceptance. What
    is not named is read by the day on which it is asked for.
    """

    name: str
    version: int
    label: Label
    effective_from: date
    stages: Mapping[str, Label]
    states: Mapping[str, State]
    actions: Mapping[str, Action]
    clocks: Mapping[str, ClockRule]
    messages: Mapping[str, Label] = field(default_factory=dict)
    tasks: Mapping[str, Label] = field(default_factory=dict)
    work: Mapping[str, Label] = field(default_factory=dict)
    """The kinds of work that may be asked for beside the states."""
    governed_by: Mapping[str, str] = field(default_factory=dict)
    invariants: tuple[str, ...] = ()
    fingerprint: str = ""

    @property
    def initial(self) -> State:
        """The one state every instance starts in."""
        return next(state for state in self.states.values() if state.kind is StateKind.INITIAL)

    def actions_from(self, state: str) -> tuple[Action, ...]:
        """Return the actions that lead out of, or keep, the state, in the file's order."""
        return tuple(action for action in self.actions.values() if state in action.sources)

    def targets(self, action: Action) -> tuple[str, ...]:
        """Return the states to which the action may lead; none where it keeps the state."""
        if action.undoes:
            undone = self.actions.get(action.undoes)
            return undone.sources if undone is not None else ()
        return (action.target,) if action.target is not None else ()

    def target_of(self, action: Action, state: str, known: Mapping[str, Any]) -> str:
        """Return the state after the action, done in `state` with these variables."""
        if action.undoes:
            taken_back = self.taken_back(action, known)
            return str(taken_back["state"]) if taken_back is not None else state
        return action.target or state

    @staticmethod
    def taken_back(action: Action, known: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return from which `state`, by which event (`seq`) and by whom the action was done that this one
        reverses; of several the latest. None where none was done since it was last reversed.
        """
        done: Mapping[str, Mapping[str, Any] | None] = known.get(UNDO, {})
        found = [one for name in action.reverses if (one := done.get(name)) is not None]
        return max(found, key=lambda one: int(one["seq"]), default=None)

    def can_be_undone(self, action: Action) -> bool:
        """Tell whether another action undoes this one or takes it back."""
        name = action.name
        # asked at every step: `reverses` of each action, without the call
        for one in self.actions.values():
            if name == one.undoes or (name in one.takes_back and not one.undoes):
                return True
        return False

    def hearing(self, procedure: str, state: str) -> Action | None:
        """Return the action that takes down that a child of the procedure came to the state, or None."""
        return next(
            (one for one in self.actions.values() if state in one.hears.get(procedure, ())),
            None,
        )

    def is_open(self, state: str) -> bool:
        """Tell whether work on a matter in this state goes on: the state is no end."""
        return self.states[state].kind in (StateKind.INITIAL, StateKind.OPEN)
