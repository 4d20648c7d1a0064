"""Due dates and years as the command line tells them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from complaints.app import build_services
from complaints.dossier.models import Matter
from complaints.foundation.database import Database
from complaints.organisation.models import SecurityEvent
from config import Settings
from tests.bureau import Bureau, SetClock
from tests.complaints.commands.running import run
from tests.walking import Walk
from workflows.runtime.calendar_table import read_calendar
from workflows.runtime.tables import deadline, event


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
    assert "provisional: the notice for 2027 is not out and may change days after 2026-12-28" in done.stdout


def test_a_year_names_its_notice_and_its_made_up_days(settings: Settings) -> None:
    facts = json.loads(run(settings, "calendar", "show", "2026", "--json").stdout)
    assert facts["announced"] is True
    assert "2026年" in facts["source"]
    assert len([one for one in facts["days"] if one["what"].startswith("worked")]) == 6
    guessed = json.loads(run(settings, "calendar", "show", "2027", "--json").stdout)
    assert guessed["announced"] is False


NOTICE = """
year: 2027
source: {title: 国务院办公厅关于2027年部分节假日安排的通知（试验用）}
days_off:
  - {date: 2027-01-01, name: 元旦, statutory: true}
  - {date: 2027-01-02, name: 元旦}
  - {date: 2027-01-03, name: 元旦}
"""


def test_a_new_notice_moves_provisional_dates_by_an_event(
    city: Bureau, settings: Settings, database: Database, clock: SetClock, tmp_path: Path
) -> None:
    Walk(city, build_services(settings, clock, database).engine).accepted()
    file = tmp_path / "cn-2027.yaml"
    file.write_text(NOTICE, encoding="utf-8")
    facts = json.loads(run(settings, "calendar", "load", str(file), "--json").stdout)
    assert (facts["announced through"], facts["matters with moved due dates"]) == ("2027-12-31", 0)
    assert facts["matters whose dates only became final"] == 1
    with database.reading() as session:
        kinds = session.execute(select(event.c.kind).order_by(event.c.seq)).scalars().all()
    assert kinds[-1] == "calendar"
    assert run(settings, "log", "verify").exit_code == 0
    again = json.loads(run(settings, "calendar", "load", str(file), "--json").stdout)
    assert (again["changed"], again["matters with moved due dates"]) == (False, 0)
    with database.reading() as session:
        logged = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "calendar_loaded")).all()
    assert [one.subject.split()[:2] for one in logged] == [["calendar", "2027"]]


def test_what_a_notice_moves_is_shown_before_and_the_run_moves_just_that(
    city: Bureau, settings: Settings, database: Database, clock: SetClock, tmp_path: Path
) -> None:
    walk = Walk(city, build_services(settings, clock, database).engine)
    walk.accepted()
    file = tmp_path / "cn-2027.yaml"
    file.write_text(NOTICE, encoding="utf-8")
    before = json.loads(run(settings, "calendar", "load", str(file), "--dry-run", "--json").stdout)
    assert before["clocks that move"] + before["clocks that only become final"] == 1
    [line] = before["moves"]
    assert (line["from_provisional"], line["to_provisional"], line["clocks"]) == (True, False, 1)
    assert json.loads(run(settings, "calendar", "show", "2027", "--json").stdout)["announced"] is False
    words = run(settings, "calendar", "load", str(file), "--dry-run", "--matters").stdout
    assert f"only final now: work to {line['from_work_to']} and legal end {line['from']} stay" in words
    with database.reading() as session:
        [number] = session.scalars(select(Matter.number))
    assert f"{number} 调解期限: only final now: " in words
    done = json.loads(run(settings, "calendar", "load", str(file), "--json").stdout)
    assert {key: done[key] for key in before} == before
    assert (done["matters with moved due dates"], done["matters whose dates only became final"]) == (0, 1)
    again = run(settings, "calendar", "load", str(file)).stdout
    assert "these days are loaded already" in again


def test_a_day_to_work_to_that_moves_is_told_with_both_dates_by_the_limits_name(
    city: Bureau, settings: Settings, database: Database, clock: SetClock, tmp_path: Path
) -> None:
    """The legal end stays: nothing was said but `+0 days`."""
    walk = Walk(city, build_services(settings, clock, database).engine)
    walk.accepted()
    clock.move(days=2)
    number = walk.accepted()  # ends on Monday 25 January
    file = tmp_path / "cn-2027.yaml"
    file.write_text(NOTICE + "  - {date: 2027-01-25, name: 试验}\n", encoding="utf-8")
    words = run(settings, "calendar", "load", str(file), "--dry-run", "--matters").stdout
    moved = "moves: work to 2027-01-25 -> 2027-01-22 (-3 days), legal end 2027-01-25 stays, final now"
    assert f"{number} 调解期限: {moved}" in words
    summary = words[words.index("2027: ") :]
    assert summary.index(f"调解期限 · 1: {moved}") < summary.index("调解期限 · 1: only final now: ")
    assert "clocks that move: 1; that only become final: 1" in summary
    facts = json.loads(run(settings, "calendar", "load", str(file), "--dry-run", "--json").stdout)
    first = facts["moves"][0]
    assert (first["moves"], first["days"], first["days_work_to"]) == (True, 0, -3)
    said = run(settings, "calendar", "load", str(file)).stdout
    assert "matters with moved due dates: 1\nmatters whose dates only became final: 1\n" in said


def test_a_notice_that_leaves_a_gap_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "cn-2029.yaml"
    file.write_text(NOTICE.replace("2027", "2029"), encoding="utf-8")
    done = run(settings, "calendar", "load", str(file))
    assert done.exit_code == 1
    assert "no gap" in done.stderr
    assert json.loads(run(settings, "calendar", "show", "2027", "--json").stdout)["announced"] is False


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


def test_an_office_that_moves_last_days_past_weekends(
    city: Bureau, settings: Settings, database: Database, clock: SetClock
) -> None:
    """Article 45 read with 民法典 203: running limits are counted again; proofs follow their calendar."""
    walk = Walk(city, build_services(settings, clock, database).engine)
    walk.accepted()  # sixty days end on a Saturday
    before = _legal_end(database)
    assert before.weekday() == 5
    asked = ("calendar", "due", "--start", "2026-11-24", "--n", "60", "--unit", "day")
    rolling = {"ROLL_WEEKENDS": "yes"}
    assert "ROLL_WEEKENDS was changed" in run(settings, "health", **rolling).stdout
    with database.reading() as session:
        revision = read_calendar(session.connection()).revision
    done = run(settings, "init", **rolling)
    assert "matters whose due dates moved: 1" in done.stdout, done.output
    assert _legal_end(database) == before + timedelta(days=2)
    assert "ROLL_WEEKENDS was changed" not in run(settings, "health", **rolling).stdout
    assert "matters whose due dates moved: 0" in run(settings, "init", **rolling).stdout
    assert "legal end: 2027-01-25" in run(settings, *asked, **rolling).stdout
    assert "legal end: 2027-01-23" in run(settings, *asked, "--keep-weekends", **rolling).stdout
    assert "legal end: 2027-01-23" in run(settings, *asked, "--calendar", revision, **rolling).stdout
    assert run(settings, "log", "verify").exit_code == 0
    assert "matters whose due dates moved: 1" in run(settings, "init").stdout
    assert _legal_end(database) == before


def _legal_end(database: Database) -> date:
    with database.reading() as session:
        found = session.scalar(
            select(deadline.c.legal_due).where(deadline.c.clock == "mediation", deadline.c.met_seq.is_(None))
        )
    assert found is not None
    return found
