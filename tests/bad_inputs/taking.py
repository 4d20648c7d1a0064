"""Registering by the real forms of the three desks that take complaints, and what becomes of the words."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.test import TestResponse

from complaints.dossier.models import Matter
from complaints.web.submissions import fresh_key
from tests.bureau import SignIn, csrf_token
from tests.complaints.registering import CALL

DISPUTE: dict[str, Any] = {
    "name": "周慧敏",
    "phone": "13800138000",
    "shop": "步步高鞋店",
    "facts": "上周买的鞋开胶。要求换货。",
    "amount": "199",
    "happened_on": "2026-11-20",
    "demands": ["exchange"],
    "notice_read": "y",
    "notice_version": "2026-1",
    "station": "/420600/420606/07/s01/",
}
LETTER: dict[str, Any] = CALL | {"channel": "letter", "received_on": "2026-11-23"}


@dataclass(frozen=True, slots=True)
class Desk:
    """A form that registers: who fills it in, where, and what fits into it."""

    who: str
    address: str
    fits: dict[str, Any]
    merchant: str = "merchant_name"


DESKS = (
    Desk("operator", "/hotline", CALL),
    Desk("intake", "/intake/register", LETTER),
    Desk("station", "/station/register", DISPUTE, merchant="shop"),
)


class Taking:
    """Sends the forms and looks at what they leave behind."""

    def __init__(self, signed_in: SignIn) -> None:
        self.signed_in, self.database = signed_in, signed_in.city.database
        self._clients: dict[str, FlaskClient] = {}
        self._tokens: dict[str, str] = {}

    def client(self, who: str) -> FlaskClient:
        """Return the browser of that person, signed in once."""
        if who not in self._clients:
            self._clients[who] = self.signed_in(who)
            self._tokens[who] = csrf_token(self._clients[who], "/password")
        return self._clients[who]

    def send(self, desk: Desk, **typed: Any) -> TestResponse:
        """Send the desk's form with what fits, changed by what is typed."""
        client = self.client(desk.who)
        own = {"csrf_token": self._tokens[desk.who], "idempotency_key": fresh_key()}
        answer = client.post(desk.address, data=own | desk.fits | typed)
        assert answer.status_code < 500, answer.text
        return answer

    def taken(self, desk: Desk, **typed: Any) -> Matter:
        """Send what must be taken, and return the matter as it is kept."""
        answer = self.send(desk, **typed)
        assert answer.status_code == 303, said(answer)
        return self.last()

    def refused(self, desk: Desk, sentence: str, **typed: Any) -> TestResponse:
        """Send what must be refused: with this sentence, what was typed kept, nothing registered."""
        before = self.count()
        answer = self.send(desk, **typed)
        assert answer.status_code == 422, said(answer)
        assert sentence in said(answer), said(answer)
        for value in typed.values():
            for text in [value] if isinstance(value, str) else value:
                assert re.sub(r"\s+", "", text) in re.sub(r"\s+", "", html.unescape(answer.text)), text
        assert self.count() == before
        return answer

    def last(self) -> Matter:
        """Return the newest matter with both its sides."""
        both = (joinedload(Matter.consumer), joinedload(Matter.merchant))
        with self.database.reading() as session:
            return session.scalars(select(Matter).options(*both).order_by(Matter.id.desc()).limit(1)).one()

    def count(self) -> int:
        """Count all matters."""
        with self.database.reading() as session:
            return len(session.scalars(select(Matter.id)).all())

    def page(self, matter: Matter, who: str = "intake") -> str:
        """Return the matter's page as that person sees it."""
        answer = self.client(who).get(f"/matters/{matter.number}")
        assert answer.status_code == 200
        return answer.text


def said(answer: TestResponse) -> str:
    """Return what a page says to its reader."""
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.text[answer.text.find("<main") :]))
