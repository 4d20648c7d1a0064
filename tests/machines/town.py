"""The bureau in a database, acted on by the application's own functions, in one transaction that is undone.

No page and no commit: a run of fifty steps costs no disk, and the next one begins in the same empty bureau.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from complaints import app as application
from complaints.dossier import progress
from complaints.dossier.engine import build_engine
from complaints.dossier.models import Channel, Matter, MatterKind
from complaints.dossier.progress import Submitted
from complaints.dossier.receiving import Received
from complaints.dossier.refusals import Denied
from complaints.dossier.registration import Arrival, ConsumerGiven, MatterGiven, MerchantGiven, register
from complaints.dossier.work import Work
from complaints.dossier_page.actions import do
from complaints.foundation.database import Database
from complaints.foundation.errors import Conflict, Invalid, NotFound
from complaints.organisation.accounts import grant_role, open_account
from complaints.organisation.models import Unit
from complaints.organisation.people import SYSTEM_ID, SignedInActor
from complaints.organisation.roles import ROLES, Role
from complaints.payouts.ledger import Cause, put_into_fund
from tests import bureau
from tests.bureau import CITY, DESK, OFFICE, STATION, SetClock
from tests.machines.belonging import SYSTEM
from tests.machines.days import FIRST
from tests.machines.paper import CONFLICT, HIDDEN, INVALID, KEY_REUSED, STALE, Caller, Step, Verdict
from tests.machines.people import HIRED, PEOPLE
from workflows.runtime.requests import KeyReused, StaleVersion
from workflows.runtime.tables import event
from workflows.steps import Assignee

START = datetime(FIRST.year, FIRST.month, FIRST.day, 2, 0, tzinfo=UTC)
FUND = 160_000
"""What the fund begins with, in fen: one large payout uses most of it up."""

_ANSWERS: tuple[tuple[type[Exception], Verdict], ...] = (
    (NotFound, HIDDEN),
    (StaleVersion, STALE),
    (KeyReused, KEY_REUSED),
    (Invalid, INVALID),
    (Conflict, CONFLICT),
)


@dataclass(frozen=True)
class Grant:
    """Who holds which role where, by the id that an event carries."""

    who: str
    role: str
    unit: str


class Town:
    """The bureau with its people in a migrated database; one of it serves any number of runs."""

    def __init__(self, database: Database) -> None:
        """Found it in the empty database."""
        self.database, self.clock = database, SetClock(START)
        self.city = bureau.found(database, self.clock)
        self._hire()
        self.ids = self.city.person_ids
        self.names = {SYSTEM_ID: SYSTEM} | {number: name for name, number in self.ids.items()}
        self.actors: dict[str, SignedInActor] = {name: self.city.actor(name) for name in PEOPLE}
        self.grants = {
            grant.id: Grant(name, grant.role.value, grant.unit_path)
            for name, actor in self.actors.items()
            for grant in actor.grants
        }
        self.engine = build_engine(application.GUARDS, application.INVARIANTS, ROLES, self.clock)

    def _hire(self) -> None:
        now, since = self.clock.now(), self.clock.today() - timedelta(days=9999)
        with self.database.writing() as session:
            units = {unit.path: unit for unit in session.scalars(select(Unit))}
            for name, home in HIRED.items():
                person = open_account(
                    session,
                    username=name,
                    name=name,
                    unit=units[home],
                    password_hash="-",  # nobody signs in here
                    now=now,
                    must_change_password=False,
                )
                for role, on in PEOPLE[name]:
                    grant_role(session, person, Role(role), units[on], day=since, now=now)
                self.city.person_ids[name] = person.id
            put_into_fund(session, FUND, Cause(0, now, self.clock.today()))


class Run:
    """One run in the bureau: a session whose transaction ends with a rollback."""

    def __init__(self, town: Town) -> None:
        """Begin at the first day."""
        self.town = town
        town.clock.at = START
        self.session = Session(town.database.writer, expire_on_commit=False)
        self.session.begin()

    def end(self) -> None:
        """Undo all of it."""
        self.session.rollback()
        self.session.close()

    def work(self, who: str) -> Work:
        """Return a piece of work of that person."""
        return Work(self.session, self.town.actors[who], self.town.engine, self.town.clock)

    def register(self, who: str, key: str, caller: Caller, *, has_address: bool = True) -> str:
        """Register a complaint at the city's desk, or at the station a dispute; return its number."""
        at_station = who == "station"
        arrival = Arrival(
            kind=MatterKind.STATION_DISPUTE if at_station else MatterKind.COMPLAINT,
            channel=Channel.STATION if at_station else Channel.PHONE,
            received_at=self.town.clock.now(),
            region_code=CITY.strip("/"),
            source_path=STATION if at_station else DESK,
            first_responder_id=self.town.ids[who],
            holder=Assignee(self.town.ids[who], STATION if at_station else DESK),
            messages=() if at_station else ("receipt.registered",),
            key=key,
        )
        consumer = ConsumerGiven(
            caller.name,
            caller.phone,
            address="襄阳市樊城区米公街道" if has_address else "",
            id_type="id_card" if caller.paper else "",
            id_number=caller.paper,
        )
        shop = MerchantGiven("惠民超市", uscc=caller.shop_code, address="樊城区前进路5号", unit_path=OFFICE)
        return register(self.work(who), arrival, MatterGiven("酸奶过期", "过期十余天"), consumer, shop).number

    def children(self, number: str) -> list[str]:
        """Return the numbers of what was begun from the matter, the oldest first."""
        parent = select(Matter.id).where(Matter.number == number).scalar_subquery()
        found = select(Matter.number).where(Matter.parent_id == parent).order_by(Matter.id)
        return list(self.session.scalars(found))

    def send(self, step: Step, *, forged: bool = False) -> Verdict:
        """Do the step, or find it refused; a refused one leaves nothing behind.

        Forged, it goes to the engine although the person may not see the matter.
        """
        before = self._events()
        savepoint = self.session.begin_nested()
        try:
            self._act(step, forged)
            self.session.flush()
        except Denied as refusal:
            savepoint.rollback()
            return Verdict("refused", frozenset(why.code for why in refusal.reasons))
        except tuple(kind for kind, _answer in _ANSWERS) as refusal:
            savepoint.rollback()
            return next(answer for kind, answer in _ANSWERS if isinstance(refusal, kind))
        savepoint.commit()
        return Verdict("done" if self._events() > before else "replayed")

    def offered(self, who: str, number: str) -> dict[str, bool]:
        """Return each action that the state has, and whether a role of the person reaches it, seen or not."""
        here = progress.standing(self.work("supervisor"), number)
        verdicts = progress.explain(self.work(who), here)
        return {
            name: all(why.code != "role_missing" for why in one.reasons) for name, one in verdicts.items()
        }

    def _act(self, step: Step, forged: bool) -> None:
        work = self.work(step.who)
        payload: dict[str, Any] = dict(step.typed)
        for name in {"receiver", "worker", "co_handler", "approved_by"} & payload.keys():
            payload[name] = self.town.ids[payload[name]]
        submitted = Submitted(step.key, step.version)
        here = progress.standing(self.work("supervisor") if forged else work, step.number)
        if "file" in payload and not forged:
            payload["file"] = _received(payload["file"], f"{step.number} {step.key}")
        if forged:
            progress.act(work, here, step.action, payload, submitted)
        else:
            do(work, here, step.action, payload, submitted)

    def _events(self) -> int:
        return len(self.session.execute(select(event.c.seq)).all())


def _received(name: str, place: str) -> Received:
    """Return a file as it is once it was judged and kept; equal names have equal content."""
    sent = name.encode()
    store_name = sha256(place.encode()).hexdigest()[:32]
    return Received(name, "image/png", len(sent), sha256(sent).hexdigest(), store_name)
