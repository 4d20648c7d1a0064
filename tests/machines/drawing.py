"""Draws steps: lawful ones by the model, with a liking for those that lead far, or any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from tests.machines.children import CHILDREN
from tests.machines.edges import edges
from tests.machines.judging import grant_of, judge
from tests.machines.paper import Book, File, Step
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
    # what ends early or changes little
    **dict.fromkeys(("withdraw", "refuse", "add_note", "supplement", "take_back", "ask_identity"), 0.4),
    **dict.fromkeys(("agree", "terminate", "pass_on", "settle", "revisit"), 1.0),
}
ENDED = {
    *("revisited", "withdrawn", "refused", "not_filed", "passed", "concluded"),
    *("settled", "passed_up", "recovered", "written_off"),
}


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
        for action, forms in FORMS[file.kind].items():
            if file.state not in edges(file.kind)[action].sources:
                continue
            for who in NAMES:
                step = Step(who, file.number, action, {})
                if grant_of(file, step) is None:
                    continue
                for form in forms:
                    step = replace(step, typed=filled(self.book, file, form, self.sent))
                    if judge(self.book, step).answer == "done":
                        able.setdefault(action, []).append(step)
        return able

    def _keyed(self, step: Step) -> Step:
        self.sent += 1
        version = self.book.files[step.number].version if self.sent % 2 else None
        return replace(step, key=f"key-{self.sent}", version=version)
