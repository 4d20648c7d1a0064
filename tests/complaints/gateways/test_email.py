"""The SMTP gateway against a real server on this machine, made of one socket and a script of answers."""

from __future__ import annotations

import email
import socket
import socketserver
import threading
from collections.abc import Iterator
from email.policy import default

import pytest

from complaints.gateways.email import SmtpEmailGateway
from workflows.runtime.outbox import Delivery, Receipt

HANG_UP = "hang up"


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as one message needs; `answers` overrides the answer to a verb."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.answers: dict[str, str] = {}
        self.messages: list[bytes] = []
        self.recipients: list[str] = []


class Conversation(socketserver.StreamRequestHandler):
    """One connection."""

    server: MailServer

    def handle(self) -> None:
        if not self.say("GREETING", "220 mail.example ready"):
            return
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ")[0].split(":")[0].upper()
            if verb == "RCPT":
                self.server.recipients.append(line)
            if verb == "QUIT":
                self.say(verb, "221 bye")
                return
            if verb != "DATA":
                if not self.say(verb, "250 fine"):
                    return
                continue
            if not self.say("DATA", "354 go on"):
                return
            self.server.messages.append(self.read_text())
            if not self.say("TEXT", "250 2.0.0 queued as 4711"):
                return

    def read_text(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines)

    def say(self, verb: str, usual: str) -> bool:
        answer = self.server.answers.get(verb, usual)
        if answer == HANG_UP:
            self.connection.shutdown(socket.SHUT_RDWR)
            return False
        self.wfile.write(f"{answer}\r\n".encode())
        return True


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as one:
        thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield one
        one.shutdown()
        thread.join()


def send(server: MailServer, address: str = "li@example.org", subject: str = "投诉受理告知") -> Receipt:
    port = server.server_address[1]
    gateway = SmtpEmailGateway("127.0.0.1", port, "fangxin@bureau.example", starttls=False, timeout=2.0)
    return gateway.send("7:3:notice.accepted", address, subject, "您的投诉已受理。\n联系电话 0710-3512345")


def test_a_message_arrives_whole(server: MailServer) -> None:
    receipt = send(server)
    assert receipt == Receipt(Delivery.SENT, "2.0.0 queued as 4711")
    message = email.message_from_bytes(server.messages[0], policy=default)
    assert message["Subject"] == "投诉受理告知"
    assert message["To"] == "li@example.org"
    assert message["Message-ID"] == "<7-3-notice.accepted@bureau.example>"
    assert message.get_content().splitlines() == ["您的投诉已受理。", "联系电话 0710-3512345"]


@pytest.mark.parametrize(
    ("verb", "answer", "expected"),
    [
        ("GREETING", "554 go away", Delivery.FAILED),
        ("GREETING", HANG_UP, Delivery.FAILED),
        ("MAIL", "451 later", Delivery.FAILED),
        ("RCPT", "550 no such box", Delivery.REFUSED),
        ("RCPT", HANG_UP, Delivery.FAILED),
        ("DATA", "451 not now", Delivery.FAILED),
        ("TEXT", "552 too big", Delivery.REFUSED),
        ("TEXT", "452 no room", Delivery.FAILED),
        ("TEXT", HANG_UP, Delivery.UNKNOWN),
    ],
)
def test_how_far_it_came_decides(server: MailServer, verb: str, answer: str, expected: Delivery) -> None:
    server.answers[verb] = answer
    assert send(server).delivery is expected


def test_a_line_break_never_becomes_a_header(server: MailServer) -> None:
    assert send(server, address="li@example.org\nBcc: all@example.org").delivery is Delivery.REFUSED
    assert send(server, subject="a\r\nBcc: all@example.org").delivery is Delivery.REFUSED
    assert server.recipients == []


def test_a_server_without_encryption_gets_nothing_where_it_is_asked_for(server: MailServer) -> None:
    gateway = SmtpEmailGateway("127.0.0.1", server.server_address[1], "fangxin@bureau.example", timeout=2.0)
    assert gateway.send("1:1:x", "li@example.org", "s", "t").delivery is Delivery.FAILED
    assert server.messages == []
