"""`import ledger` on the command line: what it prints, what it writes, and 20,000 rows in under a minute."""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from complaints.dossier import search_index, search_words
from complaints.dossier.record_models import HistoricalRecord, LedgerImport
from complaints.dossier.search_terms import asked_terms
from complaints.foundation.database import Database
from complaints.ledgers.models import LedgerLine
from complaints.ledgers.tables import MOST_BYTES
from config import ROOT, Settings
from tests.bureau import CITY, COUNTY, OFFICE, OTHER_COUNTY, OTHER_OFFICE, Bureau, SignIn
from tests.complaints.commands.running import run
from tests.complaints.ledgers.rooms import records
from tests.complaints.ledgers.sheets import HEADER, as_csv, as_xlsx, put, row

ROWS = 20_000


@pytest.fixture(autouse=True)
def _clock(city: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command live in the test's time."""
    monkeypatch.setattr("complaints.commands.parts.Clock", lambda: city.clock)


def test_a_dry_run_reports_and_changes_nothing(city: Bureau, settings: Settings, tmp_path: Path) -> None:
    file = put(tmp_path, "台账.xlsx", as_xlsx([row(), row(number="2", received_at="05/01/2024")]))
    done = run(settings, "import", "ledger", str(file), "--unit", "420606", "--dry-run")
    assert done.exit_code == 1
    assert "row 3  2  refused: Received at “05/01/2024” can be two different days" in done.stdout
    assert "new 1  same 0  conflicting 0  refused 1  flagged 0  of 2 rows" in done.stdout
    assert "nothing was changed" in done.stdout
    assert "Nothing would be imported: 1 rows are refused" in done.stderr
    assert records(city) == []


def test_a_refused_row_stops_the_file_unless_it_is_skipped(
    city: Bureau, settings: Settings, tmp_path: Path
) -> None:
    file = put(tmp_path, "台账.csv", as_csv([row(), row(number="=2", text="=cmd", received_at="昨天")]))
    stopped = run(settings, "import", "ledger", str(file), "--unit", COUNTY)
    assert stopped.exit_code == 1
    assert records(city) == []
    skipped = run(settings, "import", "ledger", str(file), "--unit", COUNTY, "--skip-refused", "--json")
    assert (skipped.exit_code, skipped.stderr) == (0, "")
    facts = json.loads(skipped.stdout)
    assert (facts["new"], facts["refused"], facts["written"]) == (1, 1, True)
    assert [one["outcome"] for one in facts["rows"]] == ["new", "refused"]
    beside = tmp_path / "台账-refused.csv"
    assert facts["refused rows in"] == str(beside)
    assert beside.stat().st_mode & 0o777 == 0o600
    header, refused = list(csv.reader(beside.read_text("utf-8-sig").splitlines()))
    assert header == [*HEADER, "拒绝原因"]
    assert (refused[0], refused[2], refused[4]) == ("'=2", "13800138000", "'=cmd")
    corrected = beside.read_text("utf-8-sig").replace("昨天", "2024-01-05", 1)
    again = run(
        settings, "import", "ledger", str(put(tmp_path, "b.csv", corrected.encode())), "--unit", COUNTY
    )
    assert again.exit_code == 0, again.stderr
    assert [(one.number, one.text_in_full) for one in records(city)][1] == ("=2", "=cmd")


def test_records_are_found_by_their_words_from_the_same_moment(
    city: Bureau, settings: Settings, tmp_path: Path
) -> None:
    file = put(tmp_path, "a.csv", as_csv([row(text="买了𠮷野家的券，电话13800138000")]))
    assert run(settings, "import", "ledger", str(file), "--unit", COUNTY).exit_code == 0
    [record] = records(city)
    with city.database.reading() as session:

        def hits(word: str) -> list[tuple[str, int]]:
            found = search_words.newest(session.connection(), asked_terms(word), 10)
            return [search_index.subject_of(one) for one in found]

        assert hits("𠮷野") == hits("电饭煲") == hits("退款") == [("record", record.id)]
        assert hits("13800138000") == hits("周明") == []


def test_a_map_a_unit_and_a_file_that_are_wrong_are_one_sentence(
    city: Bureau, settings: Settings, tmp_path: Path
) -> None:
    file = put(tmp_path, "a.csv", as_csv([row()], [f"列{at}" for at in range(10)]))
    missing = run(settings, "import", "ledger", str(file), "--unit", COUNTY)
    assert missing.exit_code == 1
    assert "Missing: Number, Received at, What was said" in missing.stderr
    mapping = put(tmp_path, "m.yaml", "number: 列0\nreceived_at: 列6\ntext: 列4\n".encode())
    mapped = run(settings, "import", "ledger", str(file), "--unit", COUNTY, "--map", str(mapping))
    assert mapped.exit_code == 0, mapped.stderr
    assert "Columns that were not taken over: 列1, 列2, 列3, 列5, 列7, 列8, 列9." in mapped.stdout
    for arguments in (("--unit", "nowhere"), ("--map", str(file))):
        wrong = run(settings, "import", "ledger", str(file), *arguments)
        assert wrong.exit_code == 1
        assert len(wrong.stderr.strip().splitlines()) == 1
    without = run(settings, "import", "ledger", str(put(tmp_path, "b.csv", as_csv([row()]))))
    assert "The row names no unit" in without.stdout


def test_a_file_larger_than_any_ledger_is_not_read(
    city: Bureau, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(tmp_path, "a.csv", as_csv([row()]))
    os.truncate(file, MOST_BYTES + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda _path: pytest.fail("it was read"))
    refused = run(settings, "import", "ledger", str(file), "--unit", COUNTY)
    assert (refused.exit_code, len(refused.stderr.strip().splitlines())) == (1, 1)
    assert "The file has more than 50 MB" in refused.stderr
    assert records(city) == []


@pytest.mark.parametrize(
    ("units", "received", "home"),
    [
        ([OFFICE], "2023-03-01", OFFICE),
        ([OFFICE, OFFICE], "2023-03-01", OFFICE),
        ([OFFICE, OTHER_OFFICE], "2023-03-01", COUNTY),
        ([OFFICE, COUNTY], "2023-03-01", COUNTY),
        ([OFFICE, OTHER_COUNTY], "2023-03-01", CITY),
        # of a refused row nobody knows whose it is
        ([OFFICE], "昨天", CITY),
    ],
)
def test_without_a_unit_the_ledger_belongs_to_the_nearest_above_all_rows(
    client_as: SignIn,
    city: Bureau,
    settings: Settings,
    tmp_path: Path,
    units: list[str],
    received: str,
    home: str,
) -> None:
    rows = [row(number=f"投2019-{at}", unit=unit) for at, unit in enumerate(units)]
    rows += [row(number="last", unit=units[0], received_at=received)]
    file = put(tmp_path, "台账2019.csv", as_csv(rows))
    done = run(settings, "import", "ledger", str(file), "--skip-refused")
    assert done.exit_code == 0, done.stderr
    with city.database.reading() as session:
        [source] = session.scalars(select(LedgerImport))
    assert source.unit_path == home
    for who, sees in (("intake", True), ("head", home == OFFICE)):
        client = client_as(who)
        assert ("台账2019.csv" in client.get("/ledgers").text) is sees
        report = client.get(f"/ledgers/{source.id}")
        assert (report.status_code, "投2019-0" in report.text) == ((200, True) if sees else (404, False))


def big(folder: Path) -> Path:
    """Write a ledger of 20,000 rows with texts of real length."""
    chance = random.Random(12315)
    signs = (
        "消费者反映在该店购买商品后发现质量问题要求退款赔偿商家拒绝处理称已过保质期请调查核实食品电器服装鞋帽"
    )
    rows = []
    for at in range(ROWS):
        year, month, day = 2019 + at % 6, 1 + at % 12, 1 + at % 28
        rows.append(
            row(
                number=f"{year}-{at:05d}",
                phone=f"13{chance.randrange(10**9):09d}",
                text="".join(chance.choices(signs, k=chance.randrange(60, 300))),
                reply="".join(chance.choices(signs, k=60)),
                received_at=f"{year}-{month:02d}-{day:02d}",
                replied_at=f"{year}-{month:02d}-{day:02d}",
            )
        )
    return put(folder, "big.xlsx", as_xlsx(rows))


def _environment(settings: Settings) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": settings.database_url,
        "INSTANCE_DIR": str(settings.instance_dir),
        "FIELD_KEY": settings.field_key.hex(),
        "SECRET_KEY": settings.secret_key,
    }


STOPS = """
import signal, sys
from complaints.commands import importing, main

whole = importing.finish

def finish(*given):
    whole(*given)
    print("written, not committed", file=sys.stderr, flush=True)
    signal.pause()

importing.finish = finish
main()
"""
"""The command as it is, but for standing still at the end of its transaction."""


@pytest.mark.slow
def test_c51_killed_at_any_moment_it_leaves_nothing_and_20000_rows_take_less_than_a_minute(
    city: Bureau, database: Database, settings: Settings, tmp_path: Path
) -> None:
    """Killed while reading, while preparing, and inside the transaction; then it is run to its end."""
    file = big(tmp_path)
    database.dispose()
    arguments = ["import", "ledger", str(file), "--unit", COUNTY]
    command = [sys.executable, "-m", "complaints", *arguments]
    stops = [sys.executable, "-c", STOPS, *arguments]
    for run_as, told in ((command, ""), (command, f"read 4000 of {ROWS}"), (stops, "written, not committed")):
        with subprocess.Popen(
            run_as, cwd=ROOT, env=_environment(settings), stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            said = ""
            while told not in said:
                said = process.stderr.readline()
                assert said, "it ended before it could be killed"
            os.kill(process.pid, signal.SIGKILL)
        with database.reading() as session:
            for model in (HistoricalRecord, LedgerImport, LedgerLine):
                assert session.scalar(select(func.count()).select_from(model)) == 0
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=ROOT, env=_environment(settings), capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    assert f"new {ROWS}  same 0" in done.stdout
    assert f"read {ROWS} of {ROWS} rows" in done.stderr
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(HistoricalRecord)) == ROWS
    # of one core: what the clock on the wall says depends on who else is working
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert seconds < 60, done.stdout
