"""The machine's date in a year whose holidays are not announced yet, and on a leap day: all goes on working.

The date is set from outside the process (libfaketime), so that nothing that reads the clock can escape it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT

DAYS = ("2027-06-01", "2028-02-29")


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


@pytest.mark.slow
@pytest.mark.parametrize("day", DAYS)
def test_the_demonstration_lives_on_another_day(tmp_path: Path, day: str) -> None:
    assert cli(tmp_path, day, "init").returncode == 0
    loaded = cli(tmp_path, day, "demo", "city", "--json")
    assert loaded.returncode == 0, loaded.stderr
    assert len(json.loads(loaded.stdout)) <= 30

    first = f"{int(day[:4]) - 1}-06-01"
    audited = cli(tmp_path, day, "audit", "response", "--from", first, "--to", day, "--json")
    assert audited.returncode == 0, audited.stderr
    assert day in audited.stdout
    assert cli(tmp_path, day, "log", "verify").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("day", DAYS)
def test_a_year_without_its_notice_is_said_plainly(tmp_path: Path, day: str) -> None:
    assert cli(tmp_path, day, "init").returncode == 0
    due = cli(tmp_path, day, "calendar", "due", "--start", day, "--n", "7", "--unit", "workday", "--json")
    assert due.returncode == 0, due.stderr
    assert json.loads(due.stdout)["provisional"] is True
