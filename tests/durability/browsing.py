"""Browsers without scripts that keep a book: what they sent, and what they read the whole answer of."""

from __future__ import annotations

import hashlib
import http.client
import io
import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode

from PIL import Image
from sqlalchemy import select

from complaints.dossier.models import Matter
from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from tests.bureau import OFFICE, PASSWORD
from workflows.runtime.tables import instance

ROLES = ("operator", "intake", "handler", "payout_approver", "cashier")
STORED = 303
LATER = 503
ATTACH, APPLY = 3, 4
"""Which of a clerk's steps sends a file, and which begins the payout: those after it are done with that."""


@dataclass(frozen=True)
class Answer:
    """A whole answer that was read."""

    status: int
    location: str
    text: str


class NoAnswerError(Exception):
    """The connection ended before the answer did: whether it was done is unknown."""


@dataclass
class Browsers:
    """One sign-in for each role, shared by all clients, and the book of what was acknowledged."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    acknowledged: list[str] = field(default_factory=list)
    """Keys of the forms of which the answer said that they are done."""
    attached: list[str] = field(default_factory=list)
    """Digests of the files of which the answer said that they are kept."""
    later: int = 0
    """How often the answer was that the database cannot be used now."""
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sign_in(self) -> None:
        """Sign everybody in."""
        for who in ROLES:
            page, cookie = self._ask("GET", "/sign-in")
            fields = {"username": who, "password": PASSWORD, "csrf_token": _token(page.text)}
            answer, cookie = self._ask("POST", "/sign-in", cookie, fields)
            assert answer.status == STORED, answer.text
            page, cookie = self._ask("GET", "/password", cookie)
            self.cookies[who], self.tokens[who] = cookie, _token(page.text)

    def get(self, who: str, path: str) -> Answer:
        """Read a page."""
        return self._ask("GET", path, self.cookies[who])[0]

    def post(self, who: str, path: str, key: str, fields: Mapping[str, Any]) -> Answer:
        """Send a form under a key; what was answered whole is written into the book."""
        answer, _cookie = self._ask("POST", path, self.cookies[who], self._signed(who, key, fields))
        with self.lock:
            if answer.status == STORED and "file" in fields:
                self.attached.append(hashlib.sha256(fields["file"]).hexdigest())
            elif answer.status == STORED:
                self.acknowledged.append(key)
            elif answer.status == LATER:
                self.later += 1
                if not re.search(r"[0-9a-f]{8}", answer.text):
                    self.faults.append(f"{path}: a 503 without its number")
            else:
                self.faults.append(f"{path}: {answer.status} {_said(answer.text)}")
        return answer

    def form_of(self, who: str, key: str, fields: Mapping[str, Any]) -> tuple[bytes, str]:
        """Return the bytes of a form as they go over the wire, and their type."""
        return _body(self._signed(who, key, fields))

    def _signed(self, who: str, key: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {**fields, "idempotency_key": key, "csrf_token": self.tokens[who]}

    def _ask(
        self, method: str, path: str, cookie: str = "", fields: Mapping[str, Any] | None = None
    ) -> tuple[Answer, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Cookie": cookie} if cookie else {}
            body = None
            if fields is not None:
                body, headers["Content-Type"] = _body(fields)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            # without its length a cut answer looks whole
            assert answer.getheader("Content-Length") is not None
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError(str(error)) from error
        finally:
            connection.close()
        given = answer.getheader("Set-Cookie", "")
        return Answer(answer.status, answer.getheader("Location", ""), text), given.split(";")[0] or cookie


@dataclass
class Clerk:
    """One client: takes a call and sees the matter through to the payment, again and again."""

    browsers: Browsers
    database: Database
    stop: threading.Event
    waiting: tuple[str, str, str, dict[str, Any]] | None = None
    number: str = ""
    payout: str = ""
    step: int = 0
    side: int = 8
    """Width and height of the pictures that are sent, in pixels."""

    STEPS: ClassVar[tuple[tuple[str, str, dict[str, str]], ...]] = (
        ("operator", "register", {}),
        ("intake", "dispatch", {"unit": OFFICE, "note": "经营地在辖区"}),
        ("handler", "accept", {"note": ""}),
        ("handler", "attach", {"kind": "receipt"}),
        ("handler", "apply_payout", {}),
        ("handler", "begin_check", {}),
        ("handler", "confirm", {"verified_fen": "8.00", "evidence": "同批均过期"}),
        ("payout_approver", "approve", {"approved_fen": "8.00"}),
        ("cashier", "settled", {"way": "cash", "voucher": "0007"}),
    )

    def work(self) -> None:
        """Go on until told to stop; a form without an answer is sent again, under its own key."""
        while not self.stop.is_set():
            try:
                self.once()
            except NoAnswerError:
                self.stop.wait(0.02)

    def once(self) -> Answer:
        """Do the next thing, or the one again that had no answer."""
        who, path, key, fields = self.waiting or self._next()
        self.waiting = (who, path, key, fields)
        answer = self.browsers.post(who, path, key, fields)
        if answer.status == STORED:
            self.waiting = None
            self._done(answer)
        elif answer.status != LATER:
            self.waiting, self.step = None, 0
        return answer

    def _next(self) -> tuple[str, str, str, dict[str, Any]]:
        who, action, typed = self.STEPS[self.step]
        key = secrets.token_hex(13)
        fields: dict[str, Any] = dict(typed)
        if action == "register":
            return who, "/hotline", key, a_call()
        number = self.number if self.step <= APPLY else self.payout
        if action == "apply_payout":
            fields |= {
                "goods": "酸奶 1 盒",
                "price_fen": "8.00",
                "bought_on": self._today(),
                "receipt_number": key[:12],
            }
        if action == "attach":
            fields["file"] = _picture(self.side)
        if action == "settled":
            fields["paid_on"] = self._today()
        fields["form_version"] = self._version(number)
        return who, f"/matters/{number}/do/{action}", key, fields

    def _done(self, answer: Answer) -> None:
        if self.step == 0:
            self.number = _number(answer.location)
        elif self.step == APPLY:
            self.payout = self._child(self.number)
        self.step = (self.step + 1) % len(self.STEPS)

    def _version(self, number: str) -> int:
        with self.database.reading() as session:
            asked = select(instance.c.row_version).join(Matter, Matter.id == instance.c.subject_id)
            return int(session.execute(asked.where(Matter.number == number)).scalar_one())

    def _child(self, number: str) -> str:
        with self.database.reading() as session:
            parent = select(Matter.id).where(Matter.number == number).scalar_subquery()
            return str(session.scalars(select(Matter.number).where(Matter.parent_id == parent)).one())

    @staticmethod
    def _today() -> str:
        return Clock().today().isoformat()


def _body(fields: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return the body of a form and its type; with a file in it, in parts."""
    if "file" not in fields:
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"
    mark = secrets.token_hex(16)
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
        if name != "file"
    ]
    head = 'Content-Disposition: form-data; name="file"; filename="发票.png"\r\nContent-Type: image/png'
    parts.append(f"--{mark}\r\n{head}\r\n\r\n".encode() + fields["file"])
    return b"".join(parts) + f"\r\n--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"


def _picture(side: int) -> bytes:
    """Return a picture that no other is equal to."""
    paper = io.BytesIO()
    Image.frombytes("RGB", (side, side), secrets.token_bytes(3 * side * side)).save(paper, "PNG")
    return paper.getvalue()


def a_call() -> dict[str, str]:
    """Return the form of a call that no other is equal to."""
    return {
        "phone": f"199{secrets.randbelow(10**8):08d}",
        "name": "周慧敏",
        "address": "樊城区汉江街道",
        "facts": "买的酸奶过期十余天，要求退款。",
        "merchant_name": "惠民超市",
        "merchant_address": "樊城区前进路5号",
        "notice_read": "y",
        "amount": "8.00",
        "category": "G05",
        "problem": "P01",
        "demands": "refund",
    }


def _number(location: str) -> str:
    found = re.search(r"[0-9]{6}-[0-9]{8}-[0-9]+-[0-9]", location)
    assert found is not None, location
    return found[0]


def _token(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found is not None, page
    return found[1]


def _said(page: str) -> str:
    return " ".join(re.findall(r'class="bad"[^>]*>.*?<span>(.*?)</span>', page, re.DOTALL))[:300]
