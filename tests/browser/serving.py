"""The application on a free port of this machine, on the clock and the database of the test."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from flask import Flask
from waitress.server import create_server

from complaints.commands.working import Worker
from complaints.web.services import Services
from tests.bureau import Bureau, SetClock

LONGEST = 20
"""Seconds that a request may take on a machine that has much else to do."""


class Server:
    """The pages, answered by the server that production uses, in a thread of this process."""

    def __init__(self, app: Flask, **more: Any) -> None:
        self._sockets: dict[int, Any] = {}
        made: Any = create_server(
            app,
            map=self._sockets,
            host="127.0.0.1",
            port=0,
            threads=8,
            clear_untrusted_proxy_headers=True,
            **more,
        )
        self._server = made
        self.url = f"http://127.0.0.1:{self._server.effective_port}"
        self._ended = Event()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._server.asyncore.loop(timeout=0.2, map=self._sockets, use_poll=True, count=1)

    def rest(self) -> None:
        """Wait until no request is being answered: then the test's database may go."""
        dispatcher = self._server.task_dispatcher
        last = time.monotonic() + LONGEST
        while time.monotonic() < last:
            if not dispatcher.queue and not dispatcher.active_count:
                return
            time.sleep(0.02)
        raise AssertionError(f"a request was still being answered after {LONGEST} seconds")

    def end(self) -> None:
        """Stop answering."""
        self._ended.set()
        self._thread.join(5)
        self._server.task_dispatcher.shutdown()
        for one in list(self._sockets.values()):
            one.close()


@contextmanager
def serving(app: Flask) -> Iterator[Server]:
    """Serve the application while the block runs."""
    server = Server(app)
    try:
        yield server
    finally:
        server.end()


@dataclass
class Served:
    """The bureau of a test with its pages, its clock and its worker."""

    url: str
    app: Flask
    city: Bureau
    clock: SetClock

    @property
    def services(self) -> Services:
        """The application's parts."""
        parts: Services = self.app.extensions["fangxin"]
        return parts

    def work(self) -> dict[str, int]:
        """Fire every reminder that is due and send every message that waits, as a worker does."""
        return Worker(self.services, lambda _line: None).drain()

    def days_pass(self, days: float = 1) -> None:
        """Let time go by, and the worker do what it brings: each day by itself, as in life."""
        while days > 0:
            self.clock.move(days=min(days, 1))
            self.work()
            days -= 1
