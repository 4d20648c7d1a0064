"""The machine's date in a year whose holidays are not announced yet, on a leap day, and in the weeks in which
the instruments change: all goes on working.

The date is set from outside the process (libfaketime), so that nothing that reads the clock can escape it.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT
from workflows.rule_files import shipped_rules

NOT_ANNOUNCED = ("2027-06-01", "2028-02-29")
BETWEEN_TWO_INSTRUMENTS = ("2026-04-20", "2026-06-01")
"""Order 121 governs what was received from 2026-04-15: the stories lie before it, and then on both sides."""


def cli(folder: Path, day: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command with the machine's clock at ten o'clock of that day in Xiangyang."""
    return subprocess.run(
        ["faketime", "-f", f"@{day} 02:00:00", sys.executable, "-m", "complaints", *arguments],
        cwd=ROOT,
        env={**os.environ, "TZ": "UTC", "INSTANCE_DIR": str(folder), "PASSWORD_HASH_TIME": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _grounds_of_ending(folder: Path) -> set[str]:
    """Return what the items mean that mediations were ended by, each read by the rules that govern it."""
    rules = {one.id: one for one in shipped_rules().all}
    with sqlite3.connect(folder / "fangxin.db") as database:
        ended = database.execute(
            "select json_extract(i.vars, '$.item'), c.rule_set from wf_instance i join wf_deadline c"
            " on c.instance_id = i.id and c.clock = 'mediation'"
            " where json_extract(i.vars, '$.result') = 'terminated'"
        ).fetchall()
    return {
        item.means.removesuffix("_by_respondent")
        for code, rule_set in ended
        for item in rules[rule_set].lists["termination_items"].items
        if item.code == code
    }


@pytest.mark.slow
@pytest.mark.parametrize("day", [*BETWEEN_TWO_INSTRUMENTS, *NOT_ANNOUNCED])
def test_the_demonstration_lives_on_another_day(tmp_path: Path, day: str) -> None:
    assert cli(tmp_path, day, "init").returncode == 0
    loaded = cli(tmp_path, day, "demo", "city", "--json")
    assert loaded.returncode == 0, loaded.stderr
    assert len(json.loads(loaded.stdout)) <= 30
    assert _grounds_of_ending(tmp_path) == {"refusal", "no_agreement"}

    first = f"{int(day[:4]) - 1}-06-01"
    audited = cli(tmp_path, day, "audit", "response", "--from", first, "--to", day, "--json")
    assert audited.returncode == 0, audited.stderr
    assert day in audited.stdout
    assert cli(tmp_path, day, "log", "verify").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("day", NOT_ANNOUNCED)
def test_a_year_without_its_notice_is_said_plainly(tmp_path: Path, day: str) -> None:
    assert cli(tmp_path, day, "init").returncode == 0
    due = cli(tmp_path, day, "calendar", "due", "--start", day, "--n", "7", "--unit", "workday", "--json")
    assert due.returncode == 0, due.stderr
    assert json.loads(due.stdout)["provisional"] is True
