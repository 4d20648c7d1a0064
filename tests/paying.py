"""Brings payouts of the small bureau into the state a test needs, by the room's own actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from complaints.cases.actions import open_lead
from complaints.dossier import progress
from complaints.dossier.models import Matter
from complaints.dossier.progress import Submitted
from complaints.dossier.work import Work
from complaints.foundation.database import Database
from complaints.organisation.accounts import grant_role, open_account
from complaints.organisation.models import Unit
from complaints.organisation.roles import Role
from complaints.payouts import actions
from complaints.payouts.applying import Application, apply
from complaints.payouts.ledger import Balances, Cause, balances, put_into_fund
from complaints.payouts.models import LedgerEntry, Payout
from tests.bureau import COUNTY
from tests.walking import Walk
from workflows.runtime.requests import Outcome
from workflows.runtime.tables import instance

YOGHURT = "味晨酸奶 1 盒"
BOUGHT = date(2026, 11, 23)


@dataclass
class Paying(Walk):
    """Walks payouts as the people of the bureau."""

    @property
    def database(self) -> Database:
        return self.city.database

    def fund(self, fen: int = 5_000_000) -> Balances:
        """Put money into the fund, as the command does."""
        with self.database.writing() as session:
            return put_into_fund(session, fen, Cause(0, self.city.clock.now(), self.city.clock.today()))

    def apply(self, complaint: str, who: str = "handler", key: str = "", **asked: Any) -> str:
        """Apply for a payout from the complaint and return the payout's number."""
        given: dict[str, Any] = {
            "goods": YOGHURT,
            "price_fen": 800,
            "bought_on": BOUGHT,
            "receipt_number": "0082-1147",
        }
        with self.database.writing() as session:
            work = Work(session, self.city.actor(who), self.engine, self.city.clock)
            here = progress.standing(work, complaint)
            return apply(work, here, Application(**(given | asked)), Submitted(key)).number

    def do(self, who: str, number: str, action: str, *, key: str = "", **payload: Any) -> Outcome:
        """Do one action of a payout as that person, in a transaction of its own."""
        with self.database.writing() as session:
            work = Work(session, self.city.actor(who), self.engine, self.city.clock)
            return actions.do(work, progress.standing(work, number), action, payload, Submitted(key))

    def approving(self, fen: int = 800, **asked: Any) -> str:
        """Return a payout that was verified and waits for approval."""
        number = self.apply(self.accepted(), price_fen=fen, **asked)
        self.do("handler", number, "begin_check")
        self.do("handler", number, "confirm", verified_fen=fen, evidence="同批31盒均过期，已扣押")
        return number

    def paying(self, fen: int = 800, **asked: Any) -> str:
        """Return a payout that waits for the cashier."""
        number = self.approving(fen, **asked)
        self.do("payout_approver", number, "approve", approved_fen=fen)
        return number

    def settle(self, number: str, who: str = "cashier", **more: Any) -> Outcome:
        """Record the payment."""
        given = {"way": "cash", "voucher": "0007", "paid_on": self.city.clock.today().isoformat()}
        return self.do(who, number, "settled", **(given | more))

    def recovering(self, fen: int = 800, **asked: Any) -> str:
        """Return a payout that was paid and linked to a case."""
        number = self.paying(fen, **asked)
        self.settle(number)
        self.do("handler", number, "link_case", case_number="樊市监立〔2026〕31号")
        return number

    def lead(self, complaint: str, who: str = "handler") -> str:
        """Open a lead from the complaint and return its number."""
        with self.database.writing() as session:
            work = Work(session, self.city.actor(who), self.engine, self.city.clock)
            here = progress.standing(work, complaint)
            open_lead(work, here, {"clue": "经营超过保质期的食品，同批31盒在售"}, Submitted())
            found = select(Matter.number).where(Matter.parent_id == here.matter.id).order_by(Matter.id.desc())
            return str(session.scalars(found).first())

    def state(self, number: str) -> str:
        """Return the matter's state."""
        with self.database.reading() as session:
            joined = select(instance.c.state).join(Matter, Matter.id == instance.c.subject_id)
            return str(session.execute(joined.where(Matter.number == number)).scalar_one())

    def payout(self, number: str) -> Payout:
        """Return the payout's row."""
        with self.database.reading() as session:
            found = select(Payout).join(Matter, Matter.id == Payout.matter_id).where(Matter.number == number)
            return session.scalars(found).one()

    def entries(self) -> list[tuple[str, str, str, int]]:
        """Return the ledger: kind, debit, credit, fen, in order."""
        with self.database.reading() as session:
            rows = session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)).all()
            return [(one.kind, one.debit, one.credit, one.amount_fen) for one in rows]

    @property
    def balances(self) -> Balances:
        """The ledger's sums."""
        with self.database.reading() as session:
            return balances(session)

    def hire(self, username: str, *roles: Role, unit: str = COUNTY) -> None:
        """Give the bureau one more person with these roles on the unit."""
        clock = self.city.clock
        with self.database.writing() as session:
            home = session.scalars(select(Unit).where(Unit.path == unit)).one()
            person = open_account(
                session,
                username=username,
                name=username,
                unit=home,
                password_hash="-",  # nobody signs in with it
                now=clock.now(),
                must_change_password=False,
            )
            for role in roles:
                grant_role(session, person, role, home, day=clock.today(), now=clock.now())
            self.city.person_ids[username] = person.id
