"""`audit response`: what it prints, and what it says where it cannot.

That it counts rightly is held together with the page, in tests of the supervision room.
"""

from __future__ import annotations

import json

import pytest
from flask import Flask

from config import Settings
from tests.bureau import COUNTY, OFFICE, Bureau
from tests.complaints.commands.running import run
from tests.factories import Matters, matters_of

PERIOD = ("--from", "2026-11-01", "--to", "2026-11-30")


@pytest.fixture
def told_and_not(app: Flask, city: Bureau, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """One complaint told in time and one not told, on a day after the limit."""
    monkeypatch.setattr("complaints.commands.parts.Clock", lambda: city.clock)
    matters: Matters = matters_of(app, city)
    found = matters.in_state("mediating"), matters.in_state("dispatched")
    city.clock.move(days=10)
    return found


def test_it_prints_each_figure_as_a_fraction_with_what_is_left_out(
    settings: Settings, told_and_not: tuple[str, str]
) -> None:
    done = run(settings, "audit", "response", *PERIOD, "--list")
    assert (done.exit_code, done.stderr) == (0, "")
    told, not_told = told_and_not
    assert done.stdout.splitlines() == [
        "period 2026-11-01 to 2026-11-30, by day received",
        "as of the end of 2026-12-04, units: all",
        "accepted: 1 / 2 = 50.00 % (done late 0, not done 1; not yet due 0, left out 0)",
        *sorted([f"  {told}  in_time", f"  {not_told}  missing"]),
        "handled: 0 / 0 = no figure, nothing due (done late 0, not done 0; not yet due 1, left out 0)",
        f"  {told}  not_due",
        "replied: 0 / 0 = no figure, nothing due (done late 0, not done 0; not yet due 0, left out 0)",
    ]


def test_a_unit_is_named_by_code_or_path_and_a_past_day_counts_what_was_known_then(
    settings: Settings, told_and_not: tuple[str, str]
) -> None:
    for unit, path in (("07", OFFICE), (OFFICE, OFFICE), ("420606", COUNTY)):
        done = run(settings, "audit", "response", *PERIOD, "--unit", unit, "--as-of", "2026-12-03", "--json")
        facts = json.loads(done.stdout)
        assert (facts["unit"], facts["as of"]) == (path, "2026-12-03")
        accepted = facts["figures"][0]
        assert (accepted["numerator"], accepted["denominator"], accepted["not due"]) == (1, 1, 1)
        assert "matters" not in accepted
    nothing = json.loads(run(settings, "audit", "response", *PERIOD, "--unit", "s02", "--json").stdout)
    assert {one["percent"] for one in nothing["figures"]} == {""}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "2026-11-30", "--to", "2026-11-01"), "exchange them"),
        ((*PERIOD, "--as-of", "2026-12-05"), "nothing is recorded for it yet"),
        ((*PERIOD, "--unit", "desk"), "give one of the paths /420600/420606/desk/, /420600/desk/"),
        ((*PERIOD, "--unit", "/none/"), "There is no unit '/none/'"),
        ((*PERIOD, "--basis", "due"), "'received', 'accepted', 'closed'"),
        (("--from", "2026-02-30", "--to", "2026-11-01"), "2026-02-30"),
    ],
)
def test_what_cannot_be_counted_is_said_in_one_sentence(
    settings: Settings, told_and_not: tuple[str, str], arguments: tuple[str, ...], said: str
) -> None:
    done = run(settings, "audit", "response", *arguments)
    assert done.exit_code != 0
    assert said in done.stderr
    assert "Traceback" not in done.output
