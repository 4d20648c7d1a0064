"""The machine: people of the bureau do lawful and forbidden things at random, and the model must foresee all.

Every rule ends in the comparison of what the application answered with what the model had said, and of the
rows with the model. One rule at least is enabled at any time: somebody acts.

A rule throws dice of its own, whose seed is drawn: so choices are even, where what Hypothesis draws leans
to what is small and met already; a run is repeated by its seed, and a failure is cut short after its last
rule.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.bureau import DESK, STATION
from tests.machines import belonging, children, comparing, effects
from tests.machines.children import CHILDREN
from tests.machines.days import LAST
from tests.machines.drawing import NAMES, Drawing
from tests.machines.edges import edges
from tests.machines.judging import grant_of, judge, reasons, refused
from tests.machines.paper import HIDDEN, KEY_REUSED, REPLAYED, STALE, Book, Caller, File, Step, Verdict
from tests.machines.town import FUND, Run, Town

MOST_FILES = 6
OWN_ROOMS = {
    *CHILDREN,
    *("rule_on_return", "refuse", "supplement", "hold_session", "arrange_session", "change_session"),
}
"""Actions that a room looks at before the engine does: with other words they are another thing to it."""
RELATING = ("link", "unlink", "merge", "unmerge")
FIRST_REACHED = ("operator", "second_operator", "intake", "station")
CALLERS = (
    *(Caller("陈晓民", "13800138000"),) * 5,
    Caller("陈晓民", "13900139000", paper="420606198001011234"),
    Caller("陈晓民", "13800138000", paper="420606197902024321", shop_code="91420600MA4K1AAA1A"),
    Caller("陈晓民", "13800138000", shop_code="91420600MA4K2BBB2B"),
    Caller("", "13800138000"),
    Caller("周慧敏", "13800138000"),
)
"""Mostly the same person; also a second telephone, differing papers and shops, no name, and the family."""
SEEDS = st.integers(0, 2**64)


class BureauMachine(RuleBasedStateMachine):
    """The bureau; `town` is set by whoever runs it, and so is `salt`, with which all dice begin."""

    town: Town
    salt: int

    def __init__(self) -> None:
        super().__init__()
        self.run = Run(self.town)
        self.book = Book(self.town.clock.today(), FUND)
        self.drawing = Drawing(self.book)
        self.done: list[Step] = []
        self.luck = self.salt

    # -- rules

    @initialize(start=SEEDS)
    def first_call(self, start: int) -> None:
        dice = self._dice(start)
        self._register("operator", dice)
        for step in self.drawing.prologue(dice):
            self._expect(judge(self.book, step), step)
        if dice.random() < 0.4:
            self._register(dice.choice(FIRST_REACHED), dice)

    @rule(turn=SEEDS)
    def something_happens(self, turn: int) -> None:
        """Always enabled. Mostly lawful; also what is forbidden, sent twice, or from an old page."""
        dice = self._dice(turn)
        self._ask(dice)
        thrown = dice.random()
        if thrown < 0.55:
            step = self.drawing.lawful(dice)
            assert self._send(step).answer == "done", step
        elif thrown < 0.68:
            self._send(self.drawing.near_miss(dice))
        elif thrown < 0.78:
            self._send(self.drawing.anything(dice, only_of_state=thrown < 0.74))
        elif thrown < 0.82:
            self._send_an_old_page(dice)
        elif thrown < 0.90:
            self._send_twice(dice)
        elif thrown < 0.94 and len(self.book.files) < MOST_FILES:
            self._register(dice.choice(FIRST_REACHED), dice)
        else:
            self._days_pass(dice.choice([1, 1, 2, 5, 9]))

    def _dice(self, turn: int) -> Random:
        """Return dice that hang on all that was drawn so far: single draws are often the same."""
        self.luck = Random(f"{self.luck} {turn}").getrandbits(64)
        return Random(self.luck)

    def _ask(self, dice: Random) -> None:
        """Ask what somebody is offered: every action of the state, and only what a role of theirs reaches."""
        file, who = dice.choice(list(self.book.files.values())), dice.choice(NAMES)
        wanted = {
            name: grant_of(file, Step(who, file.number, name, {})) is not None
            for name, edge in edges(file.kind).items()
            if file.state in edge.sources and edge.roles
        }
        found = self.run.offered(who, file.number)
        assert found == wanted, f"{who} is offered {found}, not {wanted}: {file}"

    def _send_an_old_page(self, dice: Random) -> None:
        step = self.drawing.lawful(dice)
        now = self.book.files[step.number].version
        self._send(replace(step, version=dice.choice([now - 1, now + 1, 0])))

    def _send_twice(self, dice: Random) -> None:
        """Send an earlier form again: as it was, with other words, or by somebody else."""
        how = dice.choice(["again", "again", "other words", "other person"])
        step = dice.choice(self.done[-8:]) if self.done else self.drawing.lawful(dice)
        file = self.book.files[step.number]
        if how == "other words":
            step = replace(step, typed={**step.typed, "words": "另一份"})
        elif how == "other person":
            step = replace(step, who=dice.choice([one for one in NAMES if one != step.who]))
        if not self.done or (how != "again" and step.action in OWN_ROOMS):
            return
        wanted = REPLAYED if how == "again" else KEY_REUSED
        self._expect(wanted if file.is_seen_by(step.who) else HIDDEN, step)

    def _days_pass(self, days: int) -> None:
        """At the end of the summer the clock stands."""
        if self.book.today < LAST:
            self.town.clock.move(days=days)
            self.book.today = self.town.clock.today()

    def teardown(self) -> None:
        try:
            for file in self.book.files.values():
                self._compare(file)
            _agree(comparing.wrong_sums(self.run, self.book))
            _agree(comparing.wrong_relations(self.run, self.book))
        finally:
            self.run.end()

    # -- doing

    def _register(self, who: str, dice: Random) -> None:
        has_address = dice.random() < 0.8
        self.register(who, dice.choice(CALLERS), has_address=has_address)

    def register(self, who: str, caller: Caller, *, has_address: bool = True) -> None:
        """Register what somebody complains of, twice with one key."""
        key = f"first-{len(self.book.files)}"
        number = self.run.register(who, key, caller, has_address=has_address)
        assert self.run.register(who, key, caller, has_address=has_address) == number, "registered twice"
        kind, unit = ("station_dispute", STATION) if who == "station" else ("complaint", DESK)
        file = File(number, kind, "registered", who, unit, who, who, caller)
        file.known |= {"identity_known": has_address and bool(caller.name), "respondent_named": True}
        if kind == "complaint":
            file.messages.append("receipt.registered")
        effects.begin(self.book, file)
        self._compare(file)

    def send(self, who: str, action: str, form: int, place: int) -> Verdict:
        """Send this form for the matter at that place of the book; return how it had to be answered."""
        return self._send(self.drawing.written(who, list(self.book.files.values())[place], action, form))

    def _send(self, step: Step) -> Verdict:
        wanted = judge(self.book, step)
        self._expect(wanted, step)
        if wanted == HIDDEN:
            self._forge(step)
        return wanted

    def _forge(self, step: Step) -> None:
        """Send past the page what the person may not even see."""
        file = self.book.files[step.number]
        codes = reasons(self.book, file, step)
        if codes and step.action != "rule_on_return":  # which its room completes first
            answer = STALE if step.version not in (None, file.version) else refused(*codes)
            found = self.run.send(step, forged=True)
            assert found == answer, f"forged: {found}, not {answer}: {step}"

    def _expect(self, wanted: Verdict, step: Step) -> None:
        file = self.book.files[step.number]
        found = self.run.send(step)
        assert found == wanted, f"{found}, not {wanted}: {step} in {file}"
        if wanted.answer == "done":
            self.done.append(step)
            before = file.unit
            effects.happen(self.book, file, step)
            begun = children.follow(self.book, file, step, before, self.run.children)
            for other in (begun, belonging.follow(self.book, file, step)):
                if other is not None:
                    self._compare(other)
            if step.action in RELATING:
                _agree(comparing.wrong_relations(self.run, self.book))
        self._compare(file)
        if file.kind == "payout" and wanted.answer == "done":
            _agree(comparing.wrong_sums(self.run, self.book))

    def _compare(self, file: File) -> None:
        _agree(comparing.differences(self.run, file))


def _agree(differences: list[str]) -> None:
    assert not differences, "; ".join(differences)
