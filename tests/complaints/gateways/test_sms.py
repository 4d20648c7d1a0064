"""The HTTP gateway against a real server on this machine that answers, hangs, drips, breaks off, refuses."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from complaints.gateways.sms import HttpSmsGateway
from workflows.runtime.outbox import Delivery


class Server:
    """A gateway's server; `behave` answers one request."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.asked: list[str] = []
        self.behave: Callable[[BaseHTTPRequestHandler], None] = answering(200, {"id": "p-1"})
        self.release = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.seen.append(json.loads(body))
                outer.keys.append(self.headers["Authorization"])
                outer.behave(self)

            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.behave(self)

            def log_message(self, *_args: Any) -> None:
                """Keep the tests' output quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}/send?region=cn"


def answering(status: int, body: object) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer each request so."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return behave


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    thread = threading.Thread(target=one.http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield one
    one.release.set()
    one.http.shutdown()
    thread.join()
    one.http.server_close()


def gateway(server: Server, timeout: float = 5.0) -> HttpSmsGateway:
    return HttpSmsGateway(server.url, "secret-key", "放心12315", timeout)


def test_a_message_is_sent_under_its_own_id(server: Server) -> None:
    receipt = gateway(server).send("7:3:notice.accepted", "13800138000", "您的投诉已受理。")
    assert (receipt.delivery, receipt.provider_id, receipt.trouble) == (Delivery.SENT, "p-1", "")
    assert server.seen == [
        {"id": "7:3:notice.accepted", "phone": "13800138000", "sign": "放心12315", "text": "您的投诉已受理。"}
    ]
    assert server.keys == ["Bearer secret-key"]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (202, {"id": 4711}, Delivery.SENT),
        (200, {"ok": True}, Delivery.UNKNOWN),
        (200, b"not json", Delivery.UNKNOWN),
        (200, {"id": True}, Delivery.UNKNOWN),
        (302, {}, Delivery.UNKNOWN),
        (400, {}, Delivery.REFUSED),
        (422, {}, Delivery.REFUSED),
        (401, {}, Delivery.FAILED),
        (429, {}, Delivery.FAILED),
        (500, {}, Delivery.UNKNOWN),
        (503, {}, Delivery.UNKNOWN),
    ],
)
def test_each_answer_has_one_meaning(server: Server, status: int, body: object, expected: Delivery) -> None:
    server.behave = answering(status, body)
    receipt = gateway(server).send("1:1:x", "13800138000", "text")
    assert receipt.delivery is expected
    assert bool(receipt.trouble) is (expected is not Delivery.SENT)


def test_a_gateway_that_hangs_may_have_the_message(server: Server) -> None:
    def hang(_handler: BaseHTTPRequestHandler) -> None:
        server.release.wait(10)

    server.behave = hang
    assert gateway(server, 0.3).send("1:1:x", "13800138000", "text").delivery is Delivery.UNKNOWN
    assert server.seen


def test_a_gateway_that_drips_is_cut_off(server: Server) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
        while not server.release.wait(0.05):
            try:
                handler.wfile.write(b" ")
            except OSError:
                return

    server.behave = drip
    assert gateway(server, 0.4).send("1:1:x", "13800138000", "text").delivery is Delivery.UNKNOWN


def test_a_line_that_breaks_after_the_request_is_unclear(server: Server) -> None:
    server.behave = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)
    assert gateway(server).send("1:1:x", "13800138000", "text").delivery is Delivery.UNKNOWN


def test_nobody_listening_means_certainly_not_sent() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    receipt = HttpSmsGateway(f"http://127.0.0.1:{port}/", "k").send("1:1:x", "13800138000", "秘密")
    assert receipt.delivery is Delivery.FAILED
    assert "秘密" not in receipt.trouble
    assert "13800138000" not in receipt.trouble


@pytest.mark.parametrize(
    ("status", "body", "delivery"),
    [
        (200, {"state": "taken", "id": "p-9"}, Delivery.SENT),
        (200, {"state": "never"}, Delivery.FAILED),
        (200, {"state": "refused"}, Delivery.REFUSED),
        (200, {"state": "?"}, Delivery.UNKNOWN),
        (200, b"<html>", Delivery.UNKNOWN),
        (200, [1], Delivery.UNKNOWN),
        (404, {"state": "never"}, Delivery.UNKNOWN),
        (500, {}, Delivery.UNKNOWN),
    ],
)
def test_only_a_plain_word_settles_what_was_asked(
    server: Server, status: int, body: object, delivery: Delivery
) -> None:
    """A page that is not found is no word that the message never came: the address may be wrong."""
    server.behave = answering(status, body)
    receipt = HttpSmsGateway(server.url, "k", ask_url=server.url).ask("12:3:notice.lent")
    assert receipt is not None
    assert receipt.delivery is delivery
    assert server.asked == ["/send?region=cn&id=12%3A3%3Anotice.lent"]


def test_without_an_address_for_questions_it_cannot_be_asked(server: Server) -> None:
    assert HttpSmsGateway(server.url, "k").ask("1") is None
    unreachable = HttpSmsGateway(server.url, "k", ask_url="http://127.0.0.1:9/ask").ask("1")
    assert unreachable is not None
    assert unreachable.delivery is Delivery.UNKNOWN
