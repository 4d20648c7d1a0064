"""Large ledgers: a worker takes them under a lease; a killed one's work is taken up again; nothing is left
over.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Event, Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from complaints.commands.working import Worker
from complaints.dossier.record_models import LedgerImport
from complaints.ledgers import queue
from complaints.ledgers.importing import Judged, Progress, judge_rows, prepare_rows
from complaints.ledgers.leases import LEASE_US, PAUSE_US, Bench
from complaints.ledgers.queue import store_in, sweep, work_off, work_on
from complaints.web.services import Services
from config import Settings
from tests.bureau import Bureau, SignIn, post
from tests.complaints.ledgers.rooms import checked, records
from tests.complaints.ledgers.sheets import as_csv, row
from tests.complaints.ledgers.test_room import files_left
from tests.walking import Walk

LONG = 60
"""Seconds; only a test that fails waits for them."""


@pytest.fixture
def bench(city: Bureau, settings: Settings) -> Bench:
    """A worker's place at the queue."""
    return Bench(city.database, city.clock, store_in(settings.instance_dir), "one")


@pytest.fixture(autouse=True)
def _all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no request do the work itself."""
    monkeypatch.setattr(queue, "SMALL", 0)


def stage(city: Bureau, import_id: int) -> str:
    """Return where an import stands."""
    with city.database.reading() as session:
        return session.get_one(LedgerImport, import_id).stage


def test_a_worker_checks_and_imports_while_the_page_shows_how_far_it_is(
    client_as: SignIn, city: Bureau, settings: Settings
) -> None:
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([row(), row(number="2")]))
    assert stage(city, brought.id) == "uploaded"
    assert 'hx-trigger="every 2s"' in brought.page.text
    waiting = client.get(f"/ledgers/{brought.id}/progress")
    assert "HX-Refresh" not in waiting.headers
    worker = Worker(client_as.services, lambda _line: None)
    assert worker.drain()
    assert stage(city, brought.id) == "checked"
    assert client.get(f"/ledgers/{brought.id}/progress").headers["HX-Refresh"] == "true"
    assert post(client, f"/ledgers/{brought.id}/confirm").status_code == 303
    assert records(city) == []
    worker.drain()
    assert stage(city, brought.id) == "done"
    assert len(records(city)) == 2
    assert files_left(settings) == []


def test_one_works_on_an_import_at_a_time_until_its_lease_runs_out(
    client_as: SignIn, city: Bureau, bench: Bench
) -> None:
    brought = checked(client_as("intake"), "a.csv", as_csv([row()]))
    with city.database.writing() as session:
        lease = city.clock.now_us() + LEASE_US
        session.execute(update(LedgerImport).values(leased_by="killed", leased_until_us=lease))
    assert not work_on(bench, brought.id)
    assert work_off(bench) == 0
    city.clock.move(seconds=61)
    assert work_off(bench) == 1
    assert stage(city, brought.id) == "checked"


def test_a_lease_of_a_clock_that_ran_ahead_keeps_no_ledger_back(
    client_as: SignIn, city: Bureau, bench: Bench
) -> None:
    brought = checked(client_as("intake"), "a.csv", as_csv([row()]))
    with city.database.writing() as session:
        ahead = city.clock.now_us() + 3 * LEASE_US
        session.execute(update(LedgerImport).values(leased_by="killed", leased_until_us=ahead))
    assert work_off(bench) == 1
    assert stage(city, brought.id) == "checked"


def test_a_lease_just_taken_holds_against_whoever_read_the_time_before(
    client_as: SignIn, city: Bureau, bench: Bench
) -> None:
    """This one read the time, waited for the lock, and got it after another had taken the lease."""
    brought = checked(client_as("intake"), "a.csv", as_csv([row()]))
    with city.database.writing() as session:
        lease = city.clock.now_us() + 2_000_000 + LEASE_US
        session.execute(update(LedgerImport).values(leased_by="another", leased_until_us=lease))
    assert work_off(bench) == 0
    assert not work_on(bench, brought.id)
    assert stage(city, brought.id) == "uploaded"


def test_who_lost_the_lease_writes_nothing(
    client_as: SignIn, city: Bureau, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that slept too long finds another one's name in the row."""
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([row()]))
    work_off(bench)
    post(client, f"/ledgers/{brought.id}/confirm")
    real = prepare_rows

    def slow(*arguments: object) -> object:
        with city.database.writing() as session:
            session.execute(update(LedgerImport).values(leased_by="another"))
        return real(*arguments)  # type: ignore[arg-type]  # whatever it was given

    with monkeypatch.context() as patch:
        patch.setattr(queue, "prepare_rows", slow)
        assert work_off(bench) == 1
    assert (records(city), stage(city, brought.id)) == ([], "confirmed")
    city.clock.move(seconds=61)
    work_off(replace(bench, name="two"))
    assert len(records(city)) == 1


def test_a_long_work_renews_its_lease_and_tells_how_far_it_is(
    client_as: SignIn, city: Bureau, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought = checked(client_as("intake"), "a.csv", as_csv([row(number=f"n{at}") for at in range(3)]))
    monkeypatch.setattr(queue, "_RENEW_SECONDS", 0)
    seen: list[tuple[int, int]] = []
    real = prepare_rows

    def told(ledger: object, unit_of: object, today: object, progress: Progress) -> object:
        city.clock.move(seconds=50)
        progress(2, 3)
        with city.database.reading() as session:
            here = session.get_one(LedgerImport, brought.id)
            seen.append((here.rows_read, here.leased_until_us - city.clock.now_us()))
        return real(ledger, unit_of, today, progress)  # type: ignore[arg-type]

    monkeypatch.setattr(queue, "prepare_rows", told)
    alive: list[int] = []
    assert work_off(replace(bench, alive=lambda: alive.append(1))) == 1
    assert seen == [(2, LEASE_US)]
    assert alive


def test_files_that_no_import_names_are_swept_after_an_hour(
    client_as: SignIn, city: Bureau, bench: Bench, settings: Settings, tmp_path: Path
) -> None:
    brought = checked(client_as("intake"), "a.csv", as_csv([row()]))
    lost = tmp_path / "lost"
    lost.write_bytes(b"x")
    with lost.open("rb") as file:
        bench.store.put(file)
    assert len(files_left(settings)) == 2
    assert sweep(bench) == 0
    old = city.clock.now().timestamp() - 7200
    for path in files_left(settings):
        os.utime(path, (old, old))
    assert sweep(bench) == 1
    assert len(files_left(settings)) == 1
    work_off(bench)
    assert stage(city, brought.id) == "checked"


def broken(*_arguments: object) -> object:
    """Stand for a fault of ours that one ledger brings out."""
    raise ValueError("13800138000")


def failure(city: Bureau, import_id: int) -> tuple[str, str]:
    """Return stage and code."""
    with city.database.reading() as session:
        here = session.get_one(LedgerImport, import_id)
        return here.stage, here.failure.get("code", "")


def test_a_ledger_that_stops_the_program_fails_alone_with_a_number(
    client_as: SignIn,
    city: Bureau,
    bench: Bench,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = client_as("intake")
    first = checked(client, "a.csv", as_csv([row()]))
    second = checked(client, "b.csv", as_csv([row(number="2")]))
    with monkeypatch.context() as patch:
        patch.setattr(queue, "read_ledger", broken)
        Worker(client_as.services, lambda _line: None).turn()
    Worker(client_as.services, lambda _line: None).drain()
    assert failure(city, first.id) == ("failed", "unexpected")
    assert stage(city, second.id) == "checked"
    [line] = [one.getMessage() for one in caplog.records if "event" in one.getMessage()]
    number = line.split()[1].rstrip(":")
    assert number in client.get(f"/ledgers/{first.id}").text
    assert "138001" not in line
    assert post(client, f"/ledgers/{second.id}/drop").status_code == 303
    tried_again(client, city, settings, bench, first.id)


def test_a_request_that_meets_such_a_ledger_answers_with_its_report(
    client_as: SignIn, city: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "SMALL", 1000)
    monkeypatch.setattr(queue, "read_ledger", broken)
    brought = checked(client_as("intake"), "a.csv", as_csv([row()]))
    assert (brought.page.status_code, failure(city, brought.id)) == (200, ("failed", "unexpected"))


def test_a_worker_goes_on_when_even_that_fails(client_as: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    checked(client_as("intake"), "a.csv", as_csv([row()]))
    monkeypatch.setattr(queue, "load", broken)
    said: list[str] = []
    assert Worker(client_as.services, said.append).turn() == 0
    assert "ValueError" in "".join(said)


def test_a_ledger_whose_workers_are_killed_again_and_again_is_given_up_and_kept(
    client_as: SignIn, city: Bureau, bench: Bench, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([row()]))

    def killed(*_arguments: object) -> object:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(queue, "read_ledger", killed)
        for time in range(queue.MOST_LEASES):
            with pytest.raises(KeyboardInterrupt):
                work_off(replace(bench, name=f"killed {time}"))
            assert stage(city, brought.id) == "uploaded"
            city.clock.move(seconds=61)
        assert work_off(bench) == 1
    assert failure(city, brought.id) == ("failed", "given_up")
    assert work_off(bench) == 0
    tried_again(client, city, settings, bench, brought.id)


def tried_again(client: FlaskClient, city: Bureau, settings: Settings, bench: Bench, import_id: int) -> None:
    """Hold that a ledger which stopped the program is there and can be tried again, once at a time."""
    assert len(files_left(settings)) == 1
    page = client.get(f"/ledgers/{import_id}").text
    assert "文件已保留" in page
    assert f"/ledgers/{import_id}/again" in page
    assert f"/ledgers/{import_id}/drop" in page
    assert "可以重试" in client.get("/ledgers").text
    assert post(client, f"/ledgers/{import_id}/again").status_code == 303
    assert post(client, f"/ledgers/{import_id}/again").status_code == 409
    assert work_off(bench) == 1
    assert stage(city, import_id) == "checked"
    assert post(client, f"/ledgers/{import_id}/again").status_code == 409
    assert post(client, f"/ledgers/{import_id}/drop").status_code == 303
    assert files_left(settings) == []


# how the database and the disk say that they cannot be used now
AWAY = (
    OperationalError("SELECT 1", {}, Exception("gone")),
    InterfaceError("SELECT 1", {}, Exception("gone")),
    InternalError("SELECT 1", {}, Exception("gone")),
    NoConnectionFree("all are taken"),
    OSError(errno.EMFILE, "too many open files"),
    OSError(errno.EIO, "the disk"),
)


@pytest.mark.parametrize("trouble", AWAY, ids=lambda one: f"{type(one).__name__} {getattr(one, 'errno', '')}")
def test_what_the_database_or_the_disk_cannot_do_now_says_nothing_about_the_ledger(
    client_as: SignIn,
    city: Bureau,
    bench: Bench,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Exception,
) -> None:
    client = client_as("intake")
    first = checked(client, "a.csv", as_csv([row()]))
    second = checked(client, "b.csv", as_csv([row(number="2")]))

    def away(*_arguments: object) -> object:
        raise trouble

    with monkeypatch.context() as patch:
        patch.setattr(queue, "read_ledger", away)
        for _time in range(queue.MOST_LEASES + 2):
            with pytest.raises(type(trouble)):
                work_on(bench, first.id)
            assert failure(city, first.id) == ("uploaded", "")
            assert not work_on(bench, first.id)
            city.clock.move(seconds=PAUSE_US // 1_000_000 + 1)
        with pytest.raises(type(trouble)):
            work_on(bench, first.id)
    assert len(files_left(settings)) == 2
    assert "等待后台处理" in client.get(f"/ledgers/{first.id}").text
    assert work_off(bench) == 1
    assert (stage(city, first.id), stage(city, second.id)) == ("uploaded", "checked")
    city.clock.move(seconds=PAUSE_US // 1_000_000 + 1)
    assert work_off(replace(bench, name="two")) == 1
    assert stage(city, first.id) == "checked"


def test_a_lease_that_could_not_be_given_back_counts_no_death_of_who_lives(
    client_as: SignIn, city: Bureau, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is still away when the lease is to be given back."""
    brought = checked(client_as("intake"), "a.csv", as_csv([row()]))

    def away(*_arguments: object) -> object:
        raise AWAY[0]

    with monkeypatch.context() as patch:
        patch.setattr(queue, "read_ledger", away)
        patch.setattr(queue, "give_back", away)
        for _time in range(queue.MOST_LEASES + 2):
            with pytest.raises(OperationalError):
                work_off(bench)
            city.clock.move(seconds=61)
    assert work_off(bench) == 1
    assert stage(city, brought.id) == "checked"


def test_a_request_whose_database_fails_half_way_leaves_the_ledger_to_a_worker(
    client_as: SignIn, city: Bureau, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: object) -> object:
        raise AWAY[-1]

    with monkeypatch.context() as patch:
        patch.setattr(queue, "SMALL", 1000)
        patch.setattr(queue, "read_ledger", away)
        brought = checked(client_as("intake"), "a.csv", as_csv([row()]))
    assert (brought.page.status_code, stage(city, brought.id)) == (200, "uploaded")
    city.clock.move(seconds=PAUSE_US // 1_000_000 + 1)
    assert work_off(bench) == 1
    assert stage(city, brought.id) == "checked"


class Holding:
    """Holds a worker in the middle of a ledger until it is told to go on."""

    def __init__(self, real: Callable[..., Any]) -> None:
        self.real, self.held, self.go_on = real, Event(), Event()

    def __call__(self, *arguments: Any) -> Any:
        self.held.set()
        assert self.go_on.wait(LONG)
        return self.real(*arguments)


class Running:
    """A worker that runs as in life, in a thread, and what it says."""

    def __init__(self, parts: Services) -> None:
        self.lines: list[str] = []
        self.fired = Event()
        self.worker = Worker(parts, self._say)
        self._thread = Thread(target=self.worker.run, args=(lambda: True,))

    def _say(self, line: str) -> None:
        self.lines.append(line)
        if "reminders fired" in line:
            self.fired.set()

    def __enter__(self) -> Running:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.worker.stop.set()
        self._thread.join(LONG)
        assert not self._thread.is_alive()


def test_reminders_go_on_while_a_ledger_is_worked_on(
    client_as: SignIn, city: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought = checked(client_as("intake"), "a.csv", as_csv([row()]))
    Walk(city, client_as.services.engine).register()
    holding = Holding(prepare_rows)
    monkeypatch.setattr(queue, "prepare_rows", holding)
    with Running(client_as.services) as running:
        try:
            assert holding.held.wait(LONG)
            city.clock.move(days=9)
            running.fired.clear()
            assert running.fired.wait(LONG), running.lines
            assert stage(city, brought.id) == "uploaded"
        finally:
            holding.go_on.set()


@pytest.mark.parametrize("step", ["prepare_rows", "judge_rows", "finish"])
def test_a_worker_told_to_stop_ends_a_ledger_at_once_and_it_is_begun_again(
    client_as: SignIn, city: Bureau, bench: Bench, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """While rows are prepared, while they are judged in the transaction, and while they are written."""
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([row(), row(number="2")]))
    assert work_off(bench) == 1
    assert post(client, f"/ledgers/{brought.id}/confirm").status_code == 303
    holding = Holding(getattr(queue, step))
    with monkeypatch.context() as patch, Running(client_as.services) as running:
        patch.setattr(queue, step, holding)
        try:
            assert holding.held.wait(LONG)
            running.worker.stop.set()
        finally:
            holding.go_on.set()
    assert "a ledger was stopped" in "".join(running.lines)
    assert "stopped in order" in running.lines[-1]
    assert (stage(city, brought.id), records(city)) == ("confirmed", [])
    assert work_off(replace(bench, name="two")) == 1
    assert (stage(city, brought.id), len(records(city))) == ("done", 2)


def test_two_imports_of_one_number_at_once_make_one_record(
    client_as: SignIn, city: Bureau, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have judged before the first has written, unless they take turns."""
    client = client_as("intake")
    brought = [checked(client, "a.csv", as_csv([row(reply=reply)])).id for reply in ("甲", "乙")]
    for one in brought:
        assert work_on(bench, one)
        post(client, f"/ledgers/{one}/confirm")
    met = Barrier(2)
    real = judge_rows

    def together(*arguments: Any) -> Judged:
        judged = real(*arguments)
        with suppress(BrokenBarrierError):
            met.wait(0.5)
        return judged

    monkeypatch.setattr(queue, "judge_rows", together)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: work_on(bench, one), brought))
    assert [stage(city, one) for one in brought] == ["done", "done"]
    assert len(records(city)) == 1
