"""A virus scanner for what is uploaded: ClamAV's daemon, spoken to in its own protocol (INSTREAM).

The daemon answers a stream with `stream: OK` or `stream: <name> FOUND`. Any other answer, and none in time,
means that nobody has looked: the file is then not taken.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit

CHUNK = 64 * 1024
LONGEST_ANSWER = 4096
"""Bytes of an answer; a daemon that says more is not believed."""


class ScanFailed(Exception):  # noqa: N818 - no error of the program
    """Nobody has looked at the file; the text says why, for the log."""


class Scanner(Protocol):
    """Looks into a file before it is kept."""

    def scan(self, content: BinaryIO) -> str:
        """Return the name of what was found, empty where the file is clean. Raises ScanFailed."""
        ...

    def health(self) -> str:
        """Return what scans, in words for an administrator. Raises ScanFailed."""
        ...


class NoScanner:
    """Stands where no scanner is configured: takes every file, and says so where health is asked."""

    def scan(self, content: BinaryIO) -> str:
        """Look at nothing."""
        del content
        return ""

    def health(self) -> str:
        """Say plainly that nothing is scanned."""
        return ""


class ClamdScanner:
    """ClamAV's daemon at `tcp://host:3310` or `unix:/run/clamav/clamd.ctl`.

    `timeout` is in seconds, for the whole exchange: a daemon that drips single bytes would never run into a
    socket's own.
    """

    def __init__(self, address: str, timeout: float = 30.0) -> None:
        """Keep the address, which `config` has checked."""
        self._address, self._timeout = urlsplit(address), timeout

    def scan(self, content: BinaryIO) -> str:
        """Send the whole file in pieces, each with its length before it, and read the verdict."""
        answer = self._ask(b"zINSTREAM\0", content)
        verdict = answer.removeprefix("stream: ")
        if verdict == "OK" and answer != verdict:
            return ""
        if verdict.endswith(" FOUND") and answer != verdict:
            return verdict.removesuffix(" FOUND")
        raise ScanFailed(f"the scanner answered {answer[:120]!r}")

    def health(self) -> str:
        """Ask for the daemon's version."""
        return self._ask(b"zVERSION\0")

    def _ask(self, command: bytes, content: BinaryIO | None = None) -> str:
        ends = time.monotonic() + self._timeout
        try:
            with self._connected(ends) as line:
                try:
                    line.sendall(command)
                    if content is not None:
                        _send(line, content, ends)
                except ConnectionError:
                    # past its size limit the daemon hangs up, and what it said before is there to be read
                    return _answer(line, ends)
                return _answer(line, ends)
        except OSError as error:
            raise ScanFailed(f"the scanner cannot be used ({error.strerror or error})") from error

    def _connected(self, ends: float) -> socket.socket:
        if self._address.scheme == "unix":
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                line.settimeout(_left(ends))
                line.connect(self._address.path)
            except OSError:
                line.close()
                raise
            return line
        return socket.create_connection((self._address.hostname, self._address.port or 3310), _left(ends))


def _send(line: socket.socket, content: BinaryIO, ends: float) -> None:
    while chunk := content.read(CHUNK):
        line.settimeout(_left(ends))
        line.sendall(len(chunk).to_bytes(4, "big") + chunk)
    line.settimeout(_left(ends))
    line.sendall(bytes(4))


def _answer(line: socket.socket, ends: float) -> str:
    """Read up to the closing zero, or to the end."""
    said = b""
    while b"\0" not in said and len(said) < LONGEST_ANSWER:
        line.settimeout(_left(ends))
        with suppress(ConnectionResetError):
            if more := line.recv(LONGEST_ANSWER):
                said += more
                continue
        break
    if not said:
        raise ScanFailed("the scanner hung up without an answer")
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _left(ends: float) -> float:
    """Return the seconds that are left. Raises TimeoutError where none are."""
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    return left
