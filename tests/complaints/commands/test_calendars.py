"""Due dates and years as the command line tells them."""

from __future__ import annotations

import json

import pytest

from config import Settings
from tests.complaints.commands.running import run


def test_the_documented_example_with_two_pauses(settings: Settings) -> None:
    done = run(
        settings,
        *("calendar", "due", "--start", "2026-03-02", "--n", "45", "--unit", "workday", "--json"),
        *("--pause", "2026-03-10..2026-04-02", "--pause", "2026-04-20..2026-05-06"),
    )
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert (facts["nominal"], facts["provisional"]) == ("2026-06-16", False)


def test_the_proof_lists_every_day_with_its_cause(settings: Settings) -> None:
    done = run(
        settings,
        *("calendar", "due", "--start", "2026-09-24", "--n", "3", "--unit", "workday", "--explain"),
    )
    lines = done.stdout.splitlines()
    assert lines[0] == "2026-09-24 Thu    -  the day of the event, not counted: weekday"
    assert "2026-09-25 Fri    -  not counted: statutory holiday 中秋" in lines[1]
    assert lines[-3].startswith("nominal: ")
    assert len([line for line in lines if " counted: " in line and "not counted" not in line]) == 3


def test_past_the_announced_year_it_says_provisional(settings: Settings) -> None:
    done = run(settings, "calendar", "due", "--start", "2026-12-20", "--n", "60", "--unit", "day")
    assert "provisional: the notice for 2027 is not out; announced through 2026-12-31" in done.stdout


def test_a_year_names_its_notice_and_its_made_up_days(settings: Settings) -> None:
    facts = json.loads(run(settings, "calendar", "show", "2026", "--json").stdout)
    assert facts["announced"] is True
    assert "2026年" in facts["source"]
    assert len([one for one in facts["days"] if one["what"].startswith("worked")]) == 6
    guessed = json.loads(run(settings, "calendar", "show", "2027", "--json").stdout)
    assert guessed["announced"] is False


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "1999"), "knows 2007 to"),
        (("due", "--start", "24.11.2026", "--n", "3", "--unit", "day"), "2026-11-24"),
        (("due", "--start", "2026-11-24", "--n", "0", "--unit", "day"), "--n"),
        (("due", "--start", "2026-11-24", "--n", "3", "--unit", "day", "--pause", "2026-11-25"), "stretch"),
        (
            (
                "due",
                "--start",
                "2026-11-24",
                "--n",
                "3",
                "--unit",
                "day",
                "--pause",
                "2026-12-02..2026-12-01",
            ),
            "earlier day first",
        ),
    ],
)
def test_a_mistake_is_told_in_words(settings: Settings, arguments: tuple[str, ...], words: str) -> None:
    done = run(settings, "calendar", *arguments)
    assert done.exit_code != 0
    assert words in done.stderr
    assert "Traceback" not in done.output
