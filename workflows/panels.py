"""All actions of one state that have a button, asked together, as a page does.

Many actions name the same roles and guards, so each is asked once. Which roles are held and which guards
refuse are the bits of two numbers, and the verdicts follow from these and from the reasons given alone. So
they are put together once and remembered beside the answers they rest on; where all guards and roles answer
the same again, so do the verdicts. Everything is asked each time: no answer about a matter is remembered.
"""

from __future__ import annotations

from collections.abc import Sequence

from workflows.definition import Reach
from workflows.guards import Facts, Why
from workflows.judging import SYSTEM, Places, Step, Verdict

_MOST = 256
"""So many sets of answers are remembered for a state; real matters give a few dozen."""

Answers = list[Why | None]
"""What the guards said."""


class Panel:
    """All actions of one state that have a button, asked together."""

    def __init__(self, steps: Sequence[Step], places: Places) -> None:
        """Number the roles, the guards and what else may speak against an action.

        While no handover waits, roles that differ only in whose handover they answer are one question.
        """
        self._steps, self._places = tuple(steps), places
        self._judges = tuple(dict(one for step in steps for one in step.early).items())
        self._guards = tuple((1 << bit, judge) for bit, (_at, judge) in enumerate(self._judges))
        self._reversing = tuple(
            (1 << bit, step) for bit, step in enumerate(steps, len(self._judges)) if step.reverses
        )
        scopes = {at: (step, scope) for step in steps for at, scope in step.roles}
        self._scopes = tuple((1 << bit, step, scope) for bit, (step, scope) in enumerate(scopes.values()))
        plain: dict[tuple[str, Reach], int] = {}
        for bit, _step, scope in self._scopes:
            plain[scope.role, scope.reach] = plain.get((scope.role, scope.reach), 0) | bit
        self._plain = tuple((role, reach, bits) for (role, reach), bits in plain.items())
        self._known: dict[tuple[int, int], tuple[Answers, dict[str, Verdict]]] = {}

    def verdicts(self, facts: Facts) -> dict[str, Verdict]:
        """Return, for each action, whether this person may do it now, else every reason why not."""
        refusing = 0
        answers: Answers = []
        add = answers.append
        for bit, judge in self._guards:
            reason = judge(facts)
            add(reason)
            if reason is not None:
                refusing |= bit
        for bit, step in self._reversing:
            if step.nothing_to_reverse(facts):
                refusing |= bit
        pattern = self._held(facts), refusing
        known = self._known.get(pattern)
        if known is None or known[0] != answers:
            known = answers, self._put_together(facts, answers)
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[pattern] = known
        return known[1].copy()

    def _held(self, facts: Facts) -> int:
        """Return the bits of the roles that the actor holds here; the system holds none and needs none."""
        actor = facts.actor
        if actor.id == SYSTEM:
            return -1
        held = 0
        if facts.handover is None:
            unit, grant = facts.unit_path, actor.grant
            for role, reach, bits in self._plain:
                if grant(role, unit, reach) is not None:
                    held |= bits
            return held
        for bit, step, scope in self._scopes:
            if step.granted(scope, facts) is not None:
                held |= bit
        return held

    def _put_together(self, facts: Facts, answers: Sequence[Why | None]) -> dict[str, Verdict]:
        asked = self._places.asked()
        for (at, _judge), reason in zip(self._judges, answers, strict=True):
            asked.answers[at] = reason
        found: dict[str, Verdict] = {}
        for step in self._steps:
            reasons = step.why(facts, False, asked)
            found[step.action.name] = Verdict(False, reasons, step.action.fields) if reasons else step.allowed
        return found
