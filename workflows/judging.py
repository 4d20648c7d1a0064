"""Everything that decides whether one action may be done: state, person, guards, what was typed.

Reasons come from `Step.why` alone, which a page's button and a posted form both ask, so the two cannot
disagree. A page asks about all actions of a state at once: see `workflows.panels`.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from workflows.definition import Action, Field, Handover, Label, Procedure, RoleScope
from workflows.guards import Facts, GuardRegistry, Why
from workflows.payload import check_payload

SYSTEM = 0
"""Id of the system as an actor: it fires automatic actions and nothing else."""

NOTHING_TO_UNDO = Why(
    "nothing_to_undo",
    Label("没有可以撤销的步骤。", "There is nothing to take back."),
    Label("请刷新页面，看看现在到了哪一步。", "Reload the page to see where the matter stands now."),
)


class Verdict(NamedTuple):
    """Whether this person may do an action now; if not, every reason. `fields` is what the action asks
    for.
    """

    allowed: bool
    reasons: tuple[Why, ...]
    fields: tuple[Field, ...]


class Asked:
    """What was already answered about one set of facts: a guard that several actions name is asked once."""

    __slots__ = ("answers", "grants")

    def __init__(self, guards: int, roles: int) -> None:
        self.answers: list[Why | _Unasked | None] = [UNASKED] * guards
        self.grants: list[int | _Unasked | None] = [UNASKED] * roles


class _Unasked(enum.Enum):
    """Stands where nothing was asked yet: None is an answer."""

    UNASKED = 0


UNASKED = _Unasked.UNASKED


class Places:
    """Numbers the guards and the roles that the actions of one procedure ask for."""

    def __init__(self) -> None:
        self.guards: dict[str, int] = {}
        self.roles: dict[tuple[RoleScope, Handover | None], int] = {}

    def asked(self) -> Asked:
        """Return an empty sheet of answers."""
        return Asked(len(self.guards), len(self.roles))


class Step:
    """Everything that decides whether one action may be done: state, person, guards, what was typed."""

    __slots__ = (
        "_guards",
        "_places",
        "_procedure",
        "_role_missing",
        "_sources",
        "_wrong_state",
        "action",
        "allowed",
        "early",
        "reverses",
        "roles",
    )

    def __init__(self, action: Action, procedure: Procedure, guards: GuardRegistry, places: Places) -> None:
        self.action, self._procedure, self._places = action, procedure, places
        self._sources = frozenset(action.sources)
        self.reverses = bool(action.reverses)
        judged = [(places.guards.setdefault(name, len(places.guards)), guards[name]) for name in action.needs]
        self._guards = tuple((at, one.judge) for at, one in judged)
        self.early = tuple((at, one.judge) for at, one in judged if not one.on_payload)
        answers = action.handover if action.handover in (Handover.ACCEPT, Handover.DROP) else None
        self.roles = tuple(
            (places.roles.setdefault((one, answers), len(places.roles)), one) for one in action.roles
        )
        self._role_missing = _role_missing(action)
        self._wrong_state = _wrong_state(action, procedure)
        self.allowed = Verdict(True, (), action.fields)

    def why(self, facts: Facts, typed: bool, asked: Asked | None = None) -> tuple[Why, ...]:
        """Return every reason against the action; `typed` also judges the payload.

        `asked` holds what was answered about the very same facts for other actions.
        """
        sheet = asked or self._places.asked()
        reasons: list[Why] = []
        if facts.state not in self._sources:
            reasons.append(self._wrong_state)
        if self.reverses and self.nothing_to_reverse(facts):
            reasons.append(NOTHING_TO_UNDO)
        against = self._against_person(facts, sheet)
        if against is not None:
            reasons.append(against)
        if typed:
            reasons += check_payload(self.action, facts.payload, facts.items)
        answers = sheet.answers
        for at, judge in self._guards if typed else self.early:
            reason = answers[at]
            if reason is UNASKED:
                reason = answers[at] = judge(facts)
            if reason is not None:
                reasons.append(reason)
        return tuple(reasons)

    def target(self, facts: Facts) -> str:
        """Return the state to which the action leads, done with these facts."""
        return self._procedure.target_of(self.action, facts.state, facts.vars)

    def grant(self, facts: Facts) -> int | None:
        """Return the id of the first grant by which the actor may do this; None for nobody's and for the
        system.
        """
        if facts.actor.id == SYSTEM:
            return None
        for unit in self._units(facts):
            for _at, scope in self.roles:
                grant = facts.actor.grant(scope.role, unit, scope.reach)
                if grant is not None:
                    return grant
        return None

    def granted(self, scope: RoleScope, facts: Facts) -> int | None:
        """Return a grant by which the actor holds the one role here, or None."""
        if facts.handover is None:
            return facts.actor.grant(scope.role, facts.unit_path, scope.reach)
        for unit in self._units(facts):
            grant = facts.actor.grant(scope.role, unit, scope.reach)
            if grant is not None:
                return grant
        return None

    def _units(self, facts: Facts) -> tuple[str, ...]:
        """Return the units whose people may do this: a handover is answered by the people of the unit it
        goes to.
        """
        if facts.handover is None or self.action.handover not in (Handover.ACCEPT, Handover.DROP):
            return (facts.unit_path,)
        if self.action.handover is Handover.ACCEPT:
            return (facts.handover.unit_path,)
        return (facts.unit_path, facts.handover.unit_path)

    def _against_person(self, facts: Facts, asked: Asked) -> Why | None:
        if facts.actor.id == SYSTEM:
            return None if self.action.automatic else self._not_for_the_system()
        grants = asked.grants
        for at, scope in self.roles:
            grant = grants[at]
            if grant is UNASKED:
                grant = grants[at] = self.granted(scope, facts)
            if grant is not None:
                return None
        return self._role_missing

    def nothing_to_reverse(self, facts: Facts) -> bool:
        """Tell whether the action would reverse a step and none of those it reverses was done."""
        return self._procedure.taken_back(self.action, facts.vars) is None

    def _not_for_the_system(self) -> Why:
        return Why(
            "person_only",
            Label("这一步必须由人办理，系统不能代替。", "A person must do this; the system may not."),
            lifted_by=_roles(self.action),
        )


def _roles(action: Action) -> tuple[str, ...]:
    return tuple(dict.fromkeys(scope.role for scope in action.roles))


def _role_missing(action: Action) -> Why:
    """Say that the person holds none of the action's roles here."""
    if not action.roles:
        return Why(
            "system_only",
            Label("这一步由系统自动办理。", "The system does this by itself."),
            Label("不需要由人办理。", "Nobody needs to do it."),
        )
    return Why(
        "role_missing",
        Label(
            f"您的岗位不能在这里办理“{action.label.zh}”。",
            f"Your roles do not allow “{action.label.en}” here.",
        ),
        Label("请交给有此岗位的同事办理。", "Ask a colleague who holds one of the roles named."),
        lifted_by=_roles(action),
    )


def _wrong_state(action: Action, procedure: Procedure) -> Why:
    """Say in which states the action can be done."""
    known = [procedure.states[name].label for name in action.sources if name in procedure.states]
    zh = "、".join(f"“{label.zh}”" for label in known)
    en = ", ".join(f"“{label.en}”" for label in known)
    return Why(
        "wrong_state",
        Label(
            f"现在的状态下不能办理“{action.label.zh}”，只有在{zh}时可以。",
            f"“{action.label.en}” cannot be done in the present state, only in: {en}.",
        ),
        Label("请刷新页面，看看现在到了哪一步。", "Reload the page to see where the matter stands now."),
    )
