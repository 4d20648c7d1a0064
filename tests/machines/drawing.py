"""Draws steps: lawful ones by the model, with a liking for those that lead far, or any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random

from tests.machines.children import CHILDREN
from tests.machines.edges import edges
from tests.machines.judging import grant_of, judge
from tests.machines.paper import Book, File, Step, Verdict
from tests.machines.people import PEOPLE
from tests.machines.typed import FORMS, filled

NAMES = tuple(PEOPLE)
WEIGHTS: Mapping[str, float] = {
    # what leads far, so that late states are met within fifty steps
    **dict.fromkeys(("dispatch", "accept", "tell_decision", "begin_mediation", "close"), 9.0),
    **dict.fromkeys(("record_consent", "tell_result", "propose_filing", "file"), 4.0),
    **dict.fromkeys(("begin_check", "confirm", "approve", "settled", "link_case", "recover"), 8.0),
    **dict.fromkeys(("mark_transferred", "revisit_unsatisfied", "record_attempt", "end_unreached"), 6.0),
    **dict.fromkeys(("arrange_session", "start_appraisal", "challenge", "not_file", "write_off"), 3.0),
    **dict.fromkeys(("unmerge", "read_additions", "withdraw_file"), 3.0),
    # what ends early or changes little
    **dict.fromkeys(("attach", "add_from_call", "link"), 0.5),
    **dict.fromkeys(("withdraw", "refuse", "add_note", "supplement", "take_back", "ask_identity"), 0.4),
    **dict.fromkeys(("agree", "terminate", "pass_on", "settle", "revisit"), 1.0),
}
ENDED = {
    *("revisited", "withdrawn", "refused", "not_filed", "passed", "concluded"),
    *("settled", "passed_up", "recovered", "written_off"),
}


_DECIDED = (("intake", "dispatch", 0), ("handler", "accept", 0), ("handler", "tell_decision", 0))
_MEDIATING = (*_DECIDED, ("handler", "record_consent", 0), ("handler", "begin_mediation", 0))


def _payout(who: str, form: int) -> tuple[tuple[str, str, int], ...]:
    return (who, "apply_payout", form), (who, "begin_check", 0), (who, "confirm", 0)


_APPROVE = ("payout_approver", "approve", 0)
"""The second time the fund does not cover it."""

PROLOGUES: tuple[tuple[tuple[str, str, int], ...], ...] = (
    (),
    _DECIDED,
    _MEDIATING,
    (*_MEDIATING, ("handler", "start_appraisal", 0)),
    (*_MEDIATING, ("handler", "agree", 0), ("handler", "tell_result", 0), ("handler", "close", 0)),
    (*_DECIDED, *_payout("handler", 2), _APPROVE, *_payout("handler", 2), _APPROVE),
    (*_DECIDED, *_payout("deputy", 0)),
    (*_DECIDED, *_payout("handler", 1), ("head", "countersign", 0)),
)
"""Where a run may begin: who did what with which form, so that fifty steps also reach the last states."""


class Drawing:
    """Draws from one book; each step gets a key of its own, every other one the version of its page."""

    def __init__(self, book: Book) -> None:
        self.book, self.sent = book, 0

    def lawful(self, dice: Random) -> Step:
        """Return a step that the model allows; a note can always be added to something."""
        while True:
            able = self._able(self._file(dice))
            if able:
                break
        names = sorted(able)
        action = dice.choices(names, [self._weight(one, able[one][0]) for one in names])[0]
        return self._keyed(dice.choice(able[action]))

    def prologue(self, dice: Random) -> Iterator[Step]:
        """Give the steps of one beginning, each on the newest matter that is at the place for it."""
        for who, action, form in dice.choice(PROLOGUES):
            files = [
                one
                for one in self.book.files.values()
                if action in FORMS[one.kind] and one.state in edges(one.kind)[action].sources
            ]
            if not files:
                return
            yield self.written(who, files[-1], action, form)

    def written(self, who: str, file: File, action: str, form: int) -> Step:
        """Return the step that sends this form of the action."""
        typed = filled(self.book, file, FORMS[file.kind][action][form], self.sent)
        return self._keyed(Step(who, file.number, action, typed))

    def near_miss(self, dice: Random) -> Step:
        """Return a step by somebody with the role, in a right state, with one single reason against it."""
        missed: dict[tuple[str, str, str], list[Step]] = {}
        for file in self.book.files.values():
            for step, verdict in self._in_reach(file):
                if verdict.answer == "refused" and len(verdict.codes) == 1:
                    missed.setdefault((file.kind, step.action, next(iter(verdict.codes))), []).append(step)
        if not missed:
            return self.lawful(dice)
        names = sorted(missed)
        rare = [
            0.2 if "handover" in action else 3.0 if kind == "payout" or action == "merge" else 1.0
            for kind, action, _ in names
        ]
        return self._keyed(dice.choice(missed[dice.choices(names, rare)[0]]))

    def anything(self, dice: Random, *, only_of_state: bool) -> Step:
        """Return any form of an action that the state knows, mostly of who has a say in it; or anything."""
        file = self._file(dice)
        known = sorted(
            one
            for one in FORMS[file.kind]
            if not only_of_state or file.state in edges(file.kind)[one].sources
        )
        action, who = dice.choice(known), dice.choice(NAMES)
        step = Step(who, file.number, action, {})
        if only_of_state and dice.random() < 0.6:
            able = [one for one in NAMES if grant_of(file, replace(step, who=one))]
            step = replace(step, who=dice.choice(able or NAMES))
        form = dice.choice(FORMS[file.kind][action])
        return self._keyed(replace(step, typed=filled(self.book, file, form, self.sent)))

    def _weight(self, action: str, step: Step) -> float:
        if action in CHILDREN:
            return 0.2 if self.book.files[step.number].children else 1.0
        return WEIGHTS.get(action, 1.5)

    def _file(self, dice: Random) -> File:
        files = list(self.book.files.values())
        weights = [(0.05 if one.state in ENDED else 1.0) * (1 + (one.kind == "complaint")) for one in files]
        return dice.choices(files, weights)[0]

    def _able(self, file: File) -> dict[str, list[Step]]:
        """Return the lawful steps by their action."""
        able: dict[str, list[Step]] = {}
        for step, verdict in self._in_reach(file):
            if verdict.answer == "done":
                able.setdefault(step.action, []).append(step)
        return able

    def _in_reach(self, file: File) -> Iterator[tuple[Step, Verdict]]:
        """Give each form of everybody whose role has an action of the present state, with its verdict."""
        for action, forms in FORMS[file.kind].items():
            if file.state not in edges(file.kind)[action].sources:
                continue
            able = [one for one in NAMES if grant_of(file, Step(one, file.number, action, {}))]
            written = [filled(self.book, file, form, self.sent) for form in forms] if able else []
            for who in able:
                for typed in written:
                    step = Step(who, file.number, action, typed)
                    yield step, judge(self.book, step)

    def _keyed(self, step: Step) -> Step:
        self.sent += 1
        version = self.book.files[step.number].version if self.sent % 2 else None
        return replace(step, key=f"key-{self.sent}", version=version)
