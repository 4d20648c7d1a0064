"""A wire to PostgreSQL that is cut at the commit: before the word goes out, or before its answer is back.

In the second case the commit is done and nobody heard of it, which is what a cut network does to the sender.
"""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy.engine import URL

Cut = Literal["before", "after"]
COMMIT = b"COMMIT"
WRITING = b"wf_event"
"""Only a transaction that wrote an event is cut at its commit."""


@dataclass
class Wire:
    """Passes bytes between the application and the server; `next_cut` is used up by one commit."""

    server: URL
    next_cut: Cut | None = None
    cuts: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> URL:
        """The same database by way of the wire."""
        return self.server.set(
            host="127.0.0.1", port=self.port, query={"sslmode": "disable", "gssencmode": "disable"}
        )

    def close(self) -> None:
        """Take no more connections."""
        self._door.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._door.accept()
            except OSError:
                return
            far = self._connect()
            for one, other, watch in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pass, args=(one, other, watch), daemon=True).start()

    def _connect(self) -> socket.socket:
        folder = str(self.server.query.get("host") or self.server.host or "")
        port = self.server.port or 5432
        if folder.startswith("/"):
            far = socket.socket(socket.AF_UNIX)
            far.connect(f"{folder}/.s.PGSQL.{port}")
            return far
        return socket.create_connection((folder or "127.0.0.1", port))

    def _pass(self, one: socket.socket, other: socket.socket, watch: bool) -> None:
        """Pass on what one side says; where the application says COMMIT, perhaps cut both."""
        wrote = False
        try:
            while said := one.recv(65_536):
                wrote = wrote or (watch and WRITING in said)
                cut = self._cut_now() if watch and wrote and COMMIT in said else None
                if cut == "before":
                    break
                if cut == "after":
                    # nobody hears the answer: it goes into the closed half
                    one.shutdown(socket.SHUT_RDWR)
                    other.sendall(said)
                    continue
                if watch and COMMIT in said:
                    wrote = False
                other.sendall(said)
        except OSError:
            pass  # the other side is gone, as it should be
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        one.close()

    def _cut_now(self) -> Cut | None:
        with self.lock:
            cut, self.next_cut = self.next_cut, None
            self.cuts += cut is not None
            return cut
