"""A daemon that speaks ClamAV's protocol, for tests: it reads a whole stream and answers as it is told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

TEST_FILE = "".join(
    ("X5O!P%@AP[4", chr(92), "PZX54(P^)7CC)7}", "$EICAR-STANDARD", "-ANTIVIRUS-TEST-FILE!", "$H+H*")
)
"""The agreed harmless test file of scanners; put together here, so that none stops at this very file."""
LIMIT = 1_000_000


@dataclass
class Clamd:
    """Where it listens, what it was sent, and how it answers."""

    address: str = ""
    streams: list[bytes] = field(default_factory=list)
    answer: Callable[[bytes], bytes | None] = lambda stream: (
        b"stream: Eicar-Test-Signature FOUND" if TEST_FILE.encode() in stream else b"stream: OK"
    )
    """Given the stream, the answer without its closing zero; None for silence."""
    limit: int = LIMIT


@contextmanager
def clamd(unix: Path | None = None) -> Iterator[Clamd]:
    """Listen on a port of this machine, or on a socket in the file system."""
    server = socket.socket(socket.AF_UNIX if unix else socket.AF_INET, socket.SOCK_STREAM)
    server.bind(str(unix) if unix else ("127.0.0.1", 0))
    server.listen()
    one = Clamd(f"unix:{unix}" if unix else f"tcp://127.0.0.1:{server.getsockname()[1]}")
    ended = threading.Event()
    thread = threading.Thread(target=_serve, args=(server, one, ended))
    thread.start()
    try:
        yield one
    finally:
        ended.set()
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)


def _serve(server: socket.socket, one: Clamd, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            line, _peer = server.accept()
        except OSError:
            return
        with line, suppress(ConnectionError):
            _talk(line, one, ended)


def _talk(line: socket.socket, one: Clamd, ended: threading.Event) -> None:
    command = b""
    while not command.endswith(b"\0"):
        more = line.recv(1)
        if not more:
            return
        command += more
    if command == b"zVERSION\0":
        line.sendall(b"ClamAV 1.4.2/27500/Mon Nov 23 09:00:00 2026\0")
        return
    assert command == b"zINSTREAM\0"
    stream = b""
    while size := int.from_bytes(_exactly(line, 4), "big"):
        if len(stream) + size > one.limit:
            line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
            return
        stream += _exactly(line, size)
    one.streams.append(stream)
    said = one.answer(stream)
    if said is None:
        ended.wait(5)
    else:
        line.sendall(said + b"\0")


def _exactly(line: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        more = line.recv(size - len(found))
        if not more:
            raise ConnectionError("cut")
        found += more
    return found
