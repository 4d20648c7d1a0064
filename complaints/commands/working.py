"""`worker`: reminders that fall due, messages that wait, clocks that a holiday notice moves and ledgers that
were brought, in any number of copies.

Ledgers have a thread of their own, so that reminders and messages go on while a long one is read. When it
is written into SQLite, which has one writer, they wait for that one transaction, as every page does.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread
from typing import Any

import click
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from complaints.administration import anchoring, heartbeats
from complaints.app import build_services
from complaints.commands.parts import opened
from complaints.commands.procedure_choice import check_versions
from complaints.dossier.delivery import Delivering
from complaints.dossier.file_upkeep import sweep
from complaints.foundation.errors import Problem
from complaints.gateways.choose import Gateways, choose
from complaints.ledgers.leases import Bench, Stopped
from complaints.ledgers.queue import store_in, work_off
from complaints.ledgers.queue import sweep as sweep_ledgers
from complaints.organisation.directory import RoleDirectory
from complaints.web.services import Services
from workflows.runtime import outbox, recount, worker
from workflows.runtime.reports import Reporting

PAUSE_SECONDS = 2.0
"""Between two looks at what is due."""
BEAT_US = 15_000_000
"""A sign of life at least this often, in microseconds."""
SWEEP_US = 3_600_000_000
"""Files that no matter names are looked for once an hour, in microseconds."""
ANCHOR_US = 300_000_000
"""Whether today's anchor of the log is still to be made is asked every five minutes, in microseconds."""
TIMERS_A_TURN = 20
MESSAGES_A_TURN = 20


class Worker:
    """One worker process. Each timer and each message is a transaction of its own, and so is what is written
    of a ledger; it may be killed at any moment.
    """

    def __init__(self, parts: Services, say: Callable[[str], None], gateways: Gateways | None = None) -> None:
        """Take the application's parts and where to print plain lines; without gateways, those configured."""
        self._parts, self._say = parts, say
        self._directory = RoleDirectory(parts.clock.today)
        doors = gateways or choose(parts.settings, parts.database, parts.clock)
        self._deliver = Delivering(parts.database, parts.engine, doors)
        self._send = Reporting(parts.engine, self._writing, self._deliver)
        self._name = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._fired = self._settled = self._beaten_us = self._swept_us = self._anchored_us = 0
        self.stop = Event()
        imports = store_in(parts.settings.instance_dir)
        self._bench = Bench(parts.database, parts.clock, imports, self._name, heed=self._heed)

    def turn(self) -> int:
        """Do what is due, up to a limit, and the next ledger; return how much was done."""
        return self._due() + self._ledgers(replace(self._bench, alive=lambda: self._beat(busy=False)))

    def _due(self) -> int:
        """Fire what is due and send what waits, up to a limit; return how much was done."""
        fired = worker.fire_due(
            self._parts.engine, self._directory, self._writing, self._parts.clock.now_us, TIMERS_A_TURN
        )
        settled = 0
        # One message at a time: a slow gateway never holds the lease of another message.
        while not self.stop.is_set() and settled < MESSAGES_A_TURN:
            if not outbox.relay(self._writing, self._send, self._parts.clock.now_us):
                break
            settled += 1
        settled += outbox.inquire(self._writing, self._deliver.ask, self._parts.clock.now_us)
        counted = self._count_again()
        self._fired, self._settled = self._fired + fired, self._settled + settled
        if fired or settled:
            self._say(f"{self._moment()} reminders fired: {fired}, messages settled: {settled}")
        self._beat(busy=bool(fired or settled or counted))
        return fired + settled + counted

    def _count_again(self) -> int:
        """Count some running clocks again where a holiday notice came; return 0 where none waits."""
        with self._parts.database.reading() as session:
            if not recount.waits(session.connection()):
                return 0
        moved = recount.count_portion(self._parts.engine, self._writing)
        if moved:
            self._say(f"{self._moment()} due dates moved by the holiday notice: {len(moved)}")
        return 0 if moved is None else 1 + len(moved)

    def drain(self) -> dict[str, int]:
        """Do all that is due now; return how much that was."""
        self._anchor()
        while not self.stop.is_set() and self.turn():
            pass
        return {"reminders fired": self._fired, "messages settled": self._settled}

    def run(self, goes_on: Callable[[], bool]) -> None:
        """Work until told to stop. Trouble with the database is reported and tried again."""
        with self._parts.database.writing() as session:
            heartbeats.forget_old(session, self._parts.clock.now())
        self._say(f"{self._moment()} worker {self._name} started")
        ledgers = Thread(target=self._ledgers_until_stopped, name="ledgers")
        ledgers.start()
        try:
            while not self.stop.is_set() and goes_on():
                if not self._turn_or_say():
                    self.stop.wait(PAUSE_SECONDS)
        finally:
            self.stop.set()
            ledgers.join()
        with self._parts.database.writing() as session:
            heartbeats.end(session, self._name)
        self._say(f"{self._moment()} worker stopped in order")

    def _turn_or_say(self) -> int:
        """Sweep where it is time, and do what is due; 0 where the database cannot be used now."""

        def work() -> int:
            self.sweep()
            self._anchor()
            return self._due()

        return self._or_say(work)

    def _ledgers_until_stopped(self) -> None:
        """Check and import ledgers, one after the other."""
        while not self.stop.is_set():
            if not self._or_say(lambda: self._ledgers(self._bench)):
                self.stop.wait(PAUSE_SECONDS)

    def _or_say(self, work: Callable[[], int]) -> int:
        try:
            return work()
        except SQLAlchemyError as error:
            self._say(
                f"{self._moment()} the database cannot be used now ({type(error).__name__}); trying again"
            )
            return 0

    def _ledgers(self, bench: Bench) -> int:
        """Check or import the next ledger. Whatever is in it, the worker goes on."""
        try:
            done = work_off(bench)
        except SQLAlchemyError:
            raise
        except Stopped:
            self._say(f"{self._moment()} a ledger was stopped; it is begun again")
            return 0
        except Exception as error:
            self._say(f"{self._moment()} a ledger cannot be worked on now ({type(error).__name__})")
            return 0
        if done:
            self._say(f"{self._moment()} ledgers checked or imported: {done}")
        return done

    def _heed(self) -> None:
        if self.stop.is_set():
            raise Stopped

    def sweep(self) -> None:
        """Once an hour: remove what uploads that came to nothing have left, look at how tables have grown."""
        now_us = self._parts.clock.now_us()
        if 0 <= now_us - self._swept_us < SWEEP_US:
            return
        self._swept_us = now_us
        try:
            removed = sweep(self._parts.database, self._parts.receiving.store, self._parts.clock.now)
            removed += sweep_ledgers(self._bench)
        except OSError as error:
            self._say(f"{self._moment()} the store of files cannot be swept now ({error.strerror})")
            return
        if removed:
            self._say(f"{self._moment()} files without a matter removed: {removed}")
        # last: a full disk stops it, and what was removed is room
        self._parts.database.refresh_statistics()

    def _anchor(self) -> None:
        """Once a day, where a key is set: sign the root over all chains and write its file."""
        now_us = self._parts.clock.now_us()
        if 0 <= now_us - self._anchored_us < ANCHOR_US:
            return
        self._anchored_us = now_us
        settings, database, clock = self._parts.settings, self._parts.database, self._parts.clock
        try:
            if not anchoring.is_due(settings, database, clock):
                return
            done = anchoring.anchor_log(settings, database, clock)
        except (Problem, OSError) as problem:
            self._say(f"{self._moment()} the log was not anchored: {problem}")
            return
        told = done.anchor.statement
        self._say(f"{self._moment()} log anchored: {told.day}, number {told.number}, root {told.root}")

    def _beat(self, *, busy: bool) -> None:
        now_us = self._parts.clock.now_us()
        if not busy and 0 <= now_us - self._beaten_us < BEAT_US:
            return
        with self._parts.database.writing() as session:
            heartbeats.beat(session, self._name, self._parts.clock.now(), self._fired, self._settled)
        self._beaten_us = now_us

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Open a write transaction as the engine wants it."""
        with self._parts.database.writing() as session:
            yield session.connection()

    def _moment(self) -> str:
        return f"{self._parts.clock.now():%Y-%m-%dT%H:%M:%SZ}"


@click.command(
    "worker",
    help="Fire reminders that fall due, send messages that wait, move due dates after a new holiday notice, "
    "check and import ledgers. Any number of "
    "workers may run; SIGTERM and Ctrl-C end one after its present transaction, but a ledger at once: it is "
    "begun again.",
)
@click.option("--once", is_flag=True, help="Do all that is due now, then end.")
@click.option("--parent", type=int, default=0, hidden=True)
def work(once: bool, parent: int) -> None:
    """Work once or until stopped. With `--parent`, the worker ends with that process, however that ended."""
    with opened() as parts:
        check_versions(parts)
        one = Worker(build_services(parts.settings, parts.clock, parts.database), click.echo)
        _listen(one.stop)
        if once:
            click.echo(", ".join(f"{name}: {n}" for name, n in one.drain().items()))
            return
        one.run(lambda: not parent or os.getppid() == parent)


def _listen(stop: Event) -> None:
    """Let SIGTERM and SIGINT end the loop, not the transaction; only a ledger's is rolled back."""

    def on_signal(_signal: int, _frame: Any) -> None:
        stop.set()

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, on_signal)
