"""Text messages through a gateway that takes JSON over HTTP.

The request: `POST` to the configured address with `Authorization: Bearer <key>` and
`{"id": ..., "phone": ..., "sign": ..., "text": ...}`. The gateway must treat a repeated `id` as the same
message and answers 2xx with `{"id": "<its own id>"}`. What other answers mean stands in `_judge`.

The question, where an address for it is set: `GET` there with `?id=<our id>`. The gateway answers 2xx with
`{"state": "taken"}` (and its own `id`), `"never"` where no such message reached it, `"refused"`; anything
else means that it does not know yet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR
from threading import Timer
from typing import Protocol
from urllib.parse import SplitResult, urlencode, urlsplit

from workflows.runtime.outbox import Delivery, Receipt

LARGEST_ANSWER = 64 * 1024
"""Bytes; a gateway that answers more is not read to the end."""
TRY_AGAIN = frozenset({401, 403, 408, 425, 429})
"""Refusals of the caller, not of the message: a wrong key, too early, too many. Nothing was sent."""
_TROUBLES = (OSError, HTTPException, ValueError)


class SmsGateway(Protocol):
    """Sends text messages. Never raises for what the other side does: that is in the receipt."""

    def send(self, message_id: str, phone: str, text: str) -> Receipt:
        """Send the text to a normalised number; an equal `message_id` reaches the person once."""
        ...

    def ask(self, message_id: str) -> Receipt | None:
        """Ask what became of a message; None where this gateway cannot be asked."""
        ...


class HttpSmsGateway:
    """The generic HTTP gateway. `timeout` is in seconds, for the whole exchange."""

    def __init__(self, url: str, key: str, sign: str = "", timeout: float = 20.0, ask_url: str = "") -> None:
        """Keep address, key, the registered name that is put before each text, and where to ask."""
        self._url = urlsplit(url)
        self._ask_url = ask_url
        self._key, self._sign, self._timeout = key, sign, timeout

    def send(self, message_id: str, phone: str, text: str) -> Receipt:
        """Send one message."""
        body = json.dumps({"id": message_id, "phone": phone, "sign": self._sign, "text": text}).encode()
        connection = _connection(self._url, self._timeout)
        try:
            connection.connect()
        except OSError as error:
            # No connection, no request: certainly not sent.
            return Receipt(Delivery.FAILED, trouble=f"the gateway cannot be reached ({_reason(error)})")
        try:
            with _within(self._timeout, connection):
                connection.request("POST", _target(self._url), body, self._headers(message_id))
                answer = connection.getresponse()
                return _judge(answer.status, answer.read(LARGEST_ANSWER))
        except _TROUBLES as error:
            # The request may have arrived before the line went dead.
            return Receipt(Delivery.UNKNOWN, trouble=f"the gateway gave no answer ({_reason(error)})")
        finally:
            connection.close()

    def ask(self, message_id: str) -> Receipt | None:
        """Ask about one message at the address for questions; None where none is set."""
        if not self._ask_url:
            return None
        url = urlsplit(self._ask_url)
        target = _target(url)
        target += f"{'&' if '?' in target else '?'}{urlencode({'id': message_id})}"
        connection = _connection(url, self._timeout)
        try:
            with _within(self._timeout, connection):
                connection.request("GET", target, headers=self._headers(message_id))
                answer = connection.getresponse()
                return _answered(answer.status, answer.read(LARGEST_ANSWER))
        except _TROUBLES as error:
            return Receipt(Delivery.UNKNOWN, trouble=f"the gateway gave no answer ({_reason(error)})")
        finally:
            connection.close()

    def _headers(self, message_id: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message_id,
        }


def _connection(url: SplitResult, timeout: float) -> HTTPConnection:
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    return kind(url.hostname or "", url.port, timeout=timeout)


def _target(url: SplitResult) -> str:
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


@contextmanager
def _within(seconds: float, connection: HTTPConnection) -> Iterator[None]:
    """Cut the line after so many seconds: a gateway that drips single bytes would never run into a socket's
    timeout.
    """
    watch = Timer(seconds, _cutter(connection))
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _cutter(connection: HTTPConnection) -> Callable[[], None]:
    """Return what ends the connection's reading, from another thread."""

    def cut() -> None:
        with suppress(OSError):
            if connection.sock is not None:
                connection.sock.shutdown(SHUT_RDWR)

    return cut


def _judge(status: int, body: bytes) -> Receipt:
    """Say what an answer means: 2xx with an id = sent; 4xx = refused, but see TRY_AGAIN; all else is not
    clear.
    """
    if 200 <= status < 300:
        provider_id = _own_id(body)
        if provider_id:
            return Receipt(Delivery.SENT, provider_id)
        return Receipt(Delivery.UNKNOWN, trouble=f"the gateway answered without an id ({status})")
    if status in TRY_AGAIN:
        return Receipt(
            Delivery.FAILED, trouble=f"the gateway does not admit us, check key and limits ({status})"
        )
    if 400 <= status < 500:
        return Receipt(Delivery.REFUSED, trouble=f"the gateway refused the message ({status})")
    return Receipt(Delivery.UNKNOWN, trouble=f"the gateway has trouble of its own ({status})")


def _answered(status: int, body: bytes) -> Receipt:
    """Say what the answer to a question means. Only a plain word of the gateway settles the message."""
    try:
        answer = json.loads(body) if 200 <= status < 300 else None
    except ValueError:
        answer = None
    state = answer.get("state") if isinstance(answer, dict) else None
    if state == "taken":
        return Receipt(Delivery.SENT, _own_id(body))
    if state == "never":
        return Receipt(Delivery.FAILED, trouble="the gateway never got the message")
    if state == "refused":
        return Receipt(Delivery.REFUSED, trouble="the gateway refused the message")
    return Receipt(Delivery.UNKNOWN, trouble=f"the gateway does not know yet ({status})")


def _own_id(body: bytes) -> str:
    """Return the gateway's id from its answer, or nothing."""
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    found = answer.get("id") if isinstance(answer, dict) else None
    return str(found)[:120] if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _reason(error: Exception) -> str:
    """Name an error in a few words; never the message's own content."""
    return str(getattr(error, "strerror", "") or type(error).__name__)
