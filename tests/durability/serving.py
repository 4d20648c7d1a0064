"""The real server and its database in a folder of their own, to be killed and started again."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from complaints.foundation.clock import machine_time
from complaints.foundation.database import Database
from complaints.payouts.ledger import Cause, put_into_fund
from tests import bureau
from tests.bureau import SetClock
from tests.conftest import FIELD_KEY

ROOT = Path(__file__).parents[2]
HANG = 60
"""Seconds after which something has not come back at all: no measurement, only an end."""
FUND = 50_000_000


@dataclass
class Place:
    """A database and the settings of the processes that work on it."""

    url: str
    folder: Path
    port: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.port = free_port()
        self.environment = {
            **os.environ,
            "DATABASE_URL": self.url,
            "INSTANCE_DIR": str(self.folder / "instance"),
            "FIELD_KEY": FIELD_KEY.hex(),
            "SECRET_KEY": secrets.token_hex(32),
            "PORT": str(self.port),
            "PASSWORD_HASH_TIME": "1",
            "PASSWORD_HASH_MEMORY_KIB": "8",
            "PASSWORD_MAX_AGE_DAYS": "0",
            "PYTHONPATH": str(ROOT),
        }

    @property
    def address(self) -> str:
        """Where its server answers."""
        return f"http://127.0.0.1:{self.port}"

    def found(self) -> None:
        """Found the small bureau in it, with money in the fund, by the machine's own clock."""
        database = Database(self.url)
        city = bureau.found(database, SetClock(machine_time()))
        with database.writing() as session:
            put_into_fund(session, FUND, Cause(0, city.clock.now(), city.clock.today()))
        database.dispose()

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run one command of the application and return what came of it."""
        whole = [sys.executable, "-m", "complaints", *command]
        return subprocess.run(
            whole, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=HANG, check=False
        )

    def wait_until_healthy(self) -> float:
        """Return after how many seconds the server answers that it and its database are well."""
        began = time.monotonic()
        while time.monotonic() < began + HANG:
            try:
                with urlopen(f"{self.address}/healthz", timeout=5) as answer:  # noqa: S310 (this machine)
                    if answer.status == 200:
                        return time.monotonic() - began
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(0.02)
        raise AssertionError(f"no health after {HANG} seconds")


@contextmanager
def standby(place: Place, prefix: tuple[str, ...] = ()) -> Iterator[Standby]:
    """Keep a loaded process from which servers are forked; `prefix` stands before its command line."""
    with (place.folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "tests.durability.standby"],
            env=place.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    made = Standby(process)
    try:
        yield made
    finally:
        made.kill_all()
        # killed, not asked: its way out may be blocked, by a lock of the clock that a killed child held
        process.kill()
        with process:
            process.wait(HANG)


@dataclass
class Standby:
    """The loaded process and what was forked from it."""

    process: subprocess.Popen[str]
    running: list[int] = field(default_factory=list)

    def start(self, *command: str) -> int:
        """Fork a process that runs the command; return its id."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(" ".join(command) + "\n")
        self.process.stdin.flush()
        late = threading.Timer(HANG, self.process.kill)
        late.start()
        try:
            return self._started()
        finally:
            late.cancel()

    def _started(self) -> int:
        """Read until the process id comes; what the children print comes the same way."""
        assert self.process.stdout is not None
        while line := self.process.stdout.readline():
            if line.strip().isdecimal():
                self.running.append(int(line))
                return int(line)
        raise AssertionError("the standby has ended, or took too long: see server.log")

    def kill(self, process: int) -> None:
        """End it as a power switch would: it is told nothing. It may have ended by itself."""
        self.running.remove(process)
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)

    def kill_all(self) -> None:
        """Kill whatever still runs."""
        for one in list(self.running):
            self.kill(one)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
