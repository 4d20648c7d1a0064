"""The three figures: every matter counted once, in the right place, and the same whenever it is computed."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date

import pytest
from sqlalchemy.orm import Session

from complaints.supervision.figures import (
    CLOCKS,
    Basis,
    Ending,
    Figure,
    Scope,
    behind,
    endings,
    figures,
)
from config import Settings
from tests.bureau import DESK, OFFICE, SignIn
from tests.complaints.commands.running import run
from tests.complaints.supervision.counting import count_by_hand
from tests.complaints.supervision.season import CUT_OFFS, ENDINGS, LAST_DAY, RECEIVED, day, play
from tests.factories import Matters

UNITS = ("", OFFICE, DESK)
Key = tuple[date, Basis, str, str]


def counted(session: Session, as_of: date) -> dict[Key, dict[str, Ending]]:
    """Compute every figure of every basis and unit as of the day."""
    found = {}
    for basis in Basis:
        for unit in UNITS:
            scope = Scope(RECEIVED, LAST_DAY, basis, as_of, unit)
            for key in CLOCKS:
                found[as_of, basis, unit, key] = endings(session, scope, key)
            for figure in figures(session, scope):
                kinds = Counter(found[as_of, basis, unit, figure.key].values())
                assert figure == Figure(figure.key, *(kinds[one] for one in Ending))
                assert figure.denominator == figure.numerator + figure.gap
    return found


def test_every_story_ends_where_the_law_puts_it_and_page_command_and_a_count_by_hand_agree(
    matters: Matters, client_as: SignIn, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: dict[Key, dict[str, Ending]] = {}

    def compute(today: date) -> None:
        if today in CUT_OFFS:
            with matters.city.database.reading() as session:
                computed.update(counted(session, today))

    season = play(matters, compute)
    names = {number: name for name, number in season.numbers.items()}
    with matters.city.database.reading() as session:
        for place, key in enumerate(CLOCKS):
            scope = Scope(RECEIVED, LAST_DAY, Basis.RECEIVED, LAST_DAY)
            found = {names[number]: one for number, one in endings(session, scope, key).items()}
            assert found == {name: ends[place] for name, ends in ENDINGS.items() if ends[place]}
            assert len(list(session.scalars(behind(scope, key)))) == len(found)
            gap = session.scalars(behind(scope, key, Ending.LATE, Ending.MISSING)).all()
            assert len(gap) == sum(one in ("late", "missing") for one in found.values())

    assert {as_of for as_of, *_rest in computed} == set(CUT_OFFS)
    with matters.city.database.reading() as session:
        for as_of in CUT_OFFS:
            again = counted(session, as_of)
            assert again == {scope: found for scope, found in computed.items() if scope[0] == as_of}
            for basis in Basis:
                for unit in UNITS:
                    by_hand = count_by_hand(
                        session.connection(), RECEIVED, LAST_DAY, basis.value, as_of, unit
                    )
                    for key, expected in by_hand.items():
                        assert again[as_of, basis, unit, key] == expected, (as_of, basis, unit, key)

    page_and_command_agree(matters, client_as, settings, monkeypatch)


def page_and_command_agree(
    matters: Matters, client_as: SignIn, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("complaints.commands.parts.Clock", lambda: matters.city.clock)
    client = client_as("supervisor")
    for basis, unit, as_of in (
        ("received", "", LAST_DAY),
        ("received", OFFICE, day(9, 15)),
        ("accepted", "", day(11, 3)),
        ("closed", "", LAST_DAY),
    ):
        asked = {"first": RECEIVED.isoformat(), "last": LAST_DAY.isoformat(), "as_of": as_of.isoformat()}
        page = client.get("/supervision", query_string={**asked, "basis": basis, "unit": unit}).text
        shown = [
            (int(numerator), int(denominator))
            for numerator, denominator in re.findall(r'<span class="num">\D+ (\d+) / \D+ (\d+)</span>', page)
        ]
        arguments = ["--from", asked["first"], "--to", asked["last"], "--as-of", asked["as_of"]]
        arguments += ["--basis", basis, "--list", "--json", *(["--unit", unit] if unit else [])]
        printed = run(settings, "audit", "response", *arguments)
        assert printed.exit_code == 0, printed.output
        facts = json.loads(printed.stdout)
        assert [(one["numerator"], one["denominator"]) for one in facts["figures"]] == shown
        with matters.city.database.reading() as session:
            by_hand = count_by_hand(session.connection(), RECEIVED, LAST_DAY, basis, as_of, unit)
        assert {one["figure"]: one["matters"] for one in facts["figures"]} == by_hand
        assert all(one["percent"] in page for one in facts["figures"])


@pytest.mark.parametrize(
    ("in_time", "late", "missing", "percent"),
    [
        (99_999, 1, 0, "99.99"),
        (1_999_999, 0, 1, "99.99"),
        (2, 0, 1, "66.67"),
        (5, 0, 0, "100.00"),
        (0, 0, 3, "0.00"),
        (0, 0, 0, ""),
        (1, 0, 1_999_999, "0.00"),
    ],
)
def test_a_percentage_is_cut_off_and_one_missing_matter_never_shows_as_full(
    in_time: int, late: int, missing: int, percent: str
) -> None:
    assert Figure("accepted", in_time, late, missing, not_due=7, left_out=9).percent == percent


def test_an_acceptance_after_the_cut_off_brings_no_matter_into_a_past_figure(matters: Matters) -> None:
    from tests.factories import ACCEPT, DISPATCH

    number = matters.a_complaint()
    today = matters.city.clock.today()
    scope = Scope(today, today.replace(month=12), Basis.ACCEPTED, today)
    matters.city.clock.move(days=1)
    matters.walk(number, DISPATCH, ACCEPT)
    with matters.city.database.reading() as session:
        assert endings(session, scope, "accepted") == {}
        later = Scope(scope.first, scope.last, scope.basis, matters.city.clock.today())
        assert endings(session, later, "accepted") == {number: Ending.NOT_DUE}
