"""The bureau of a simulation: a database of its own, people, an engine with repeatable salts, a worker."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from random import Random
from typing import Any, cast

from sqlalchemy import Connection, bindparam, select

from complaints.administration.actions import settle_message
from complaints.dossier import progress
from complaints.dossier.delivery import Delivering
from complaints.dossier.models import Channel, Matter, MatterKind
from complaints.dossier.progress import Submitted
from complaints.dossier.refusals import Denied
from complaints.dossier.registration import Arrival, ConsumerGiven, MatterGiven, MerchantGiven, register
from complaints.dossier.work import Work
from complaints.dossier_page.actions import do
from complaints.foundation.clock import SHANGHAI
from complaints.foundation.database import Database
from complaints.foundation.errors import Conflict, Invalid, NotFound
from complaints.gateways.choose import Gateways
from complaints.organisation.directory import RoleDirectory
from complaints.payouts.ledger import Cause, put_into_fund
from tests.bureau import CITY, DESK, OFFICE, OTHER_OFFICE, OTHER_STATION, STATION
from tests.machines.town import FUND, Town
from tests.simulation.gateway import Gateway
from tests.simulation.habits import Stand
from workflows.runtime import outbox, worker
from workflows.runtime.requests import StaleVersion
from workflows.runtime.tables import instance
from workflows.runtime.tables import outbox as outbox_table
from workflows.steps import Assignee

MORE_FUND = 20_000_000
"""Fen that are put into the fund besides what the town begins with."""
OPENING = FUND + MORE_FUND
_STAND = (
    select(instance).join(Matter, Matter.id == instance.c.subject_id).where(Matter.number == bindparam("of"))
)
_NEW = select(Matter.id, Matter.number).where(Matter.id > bindparam("after")).order_by(Matter.id)


class DiedError(Exception):
    """The process died: before its commit nothing is left of what it did."""


class Place:
    """Everything that happens goes through here, each piece in a transaction of its own."""

    def __init__(self, database: Database, dice: Random, begins: date) -> None:
        """Found the bureau in the migrated database."""
        self.database, self.dice = database, dice
        self.town = Town(database)
        self.clock, self.ids, self.names = self.town.clock, self.town.ids, self.town.names
        self.engine = self.town.engine
        self.engine.settings = replace(self.engine.settings, salt=lambda: f"{dice.getrandbits(128):032x}")
        self.directory = RoleDirectory(self.clock.today)
        self.gateway = Gateway(dice, lambda seconds: self.clock.move(seconds=seconds))
        doors = Gateways(cast("Any", self.gateway), cast("Any", self.gateway), cast("Any", self.gateway))
        self._deliver = Delivering(database, self.engine, doors)
        self._last_matter = 0
        self.clock.at = datetime.combine(begins, time(8, 0), SHANGHAI)
        with database.writing() as session:
            put_into_fund(session, MORE_FUND, Cause(0, self.clock.now(), self.clock.today()))

    def at(self, day: date, hour: int, minute: int) -> None:
        """Walk to that time of that day; never back."""
        self.clock.at = max(self.clock.at, datetime.combine(day, time(hour, minute), SHANGHAI))

    @contextmanager
    def work(self, who: str, *, dies: bool = False) -> Iterator[Work]:
        """Open one transaction of a person; a process that dies leaves nothing of it."""
        with self.database.writing() as session:
            yield Work(session, self.town.actors[who], self.engine, self.clock)
            session.flush()
            if dies:
                raise DiedError

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self.database.writing() as session:
            yield session.connection()

    # -- what people do

    def register(self, key: str, caller: int, *, station: str = "", dies: bool = False) -> str:
        """Register a call at the city's desk, or a dispute at a venue; return its number."""
        who = {"": "operator", STATION: "station", OTHER_STATION: "other_station"}[station]
        where = station or DESK
        arrival = Arrival(
            kind=MatterKind.STATION_DISPUTE if station else MatterKind.COMPLAINT,
            channel=Channel.STATION if station else Channel.PHONE,
            received_at=self.clock.now(),
            region_code=CITY.strip("/"),
            source_path=where,
            first_responder_id=self.ids[who],
            holder=Assignee(self.ids[who], where),
            messages=() if station else ("receipt.registered",),
            key=key,
        )
        shop = MerchantGiven(
            f"惠民超市{caller % 7}店",
            address=f"樊城区前进路{caller % 50}号",
            unit_path=OTHER_OFFICE if station == OTHER_STATION or caller % 4 == 0 else OFFICE,
        )
        consumer = ConsumerGiven("赵小明", f"1390710{caller % 10_000:04d}", address="襄阳市樊城区米公街道")
        with self.work(who, dies=dies) as work:
            return register(work, arrival, MatterGiven("酸奶过期", "过期十余天"), consumer, shop).number

    def act(
        self,
        who: str,
        number: str,
        action: str,
        typed: dict[str, Any],
        sent: Submitted,
        *,
        dies: bool = False,
    ) -> str:
        """Do one action; return "done", or why not in a word."""
        payload = dict(typed)
        for name in {"receiver", "approved_by"} & payload.keys():
            payload[name] = self.ids[payload[name]]
        try:
            with self.work(who, dies=dies) as work:
                do(work, progress.standing(work, number), action, payload, sent)
        except Denied as refusal:
            return "refused: " + " ".join(sorted(why.code for why in refusal.reasons))
        except (NotFound, Invalid, Conflict, StaleVersion) as refusal:
            return f"refused: {type(refusal).__name__}"
        return "done"

    # -- what the worker does

    def drain(self) -> int:
        """Fire what is due and send what waits; return how much that was."""
        done = 0
        while fired := worker.fire_due(self.engine, self.directory, self._writing, self.clock.now_us, 200):
            done += fired
        logging.disable(logging.CRITICAL)  # a gateway that breaks off is logged, which is not the point here
        try:
            while outbox.relay(self._writing, self._deliver, self.clock.now_us, up_to=20):
                done += 1
        finally:
            logging.disable(logging.NOTSET)
        return done

    def settle_unclear(self) -> None:
        """An administrator asks the gateway about each unclear message and says what came of it."""
        with self.database.writing() as session:
            asked = select(outbox_table.c.id, outbox_table.c.dedupe_key).where(
                outbox_table.c.state == outbox.AMBIGUOUS
            )
            for number, key in list(session.execute(asked.order_by(outbox_table.c.id))):
                settle_message(
                    session,
                    self.clock,
                    self.town.actors["system_admin"],
                    number,
                    arrived=bool(self.gateway.arrived[key]),
                    reason="asked the gateway",
                    address="127.0.0.1",
                )

    # -- looking

    def stand(self, number: str) -> tuple[Stand, int, int]:
        """Return where a matter stands, the version its forms carry, and the id of its instance."""
        with self.database.reading() as session:
            row = session.connection().execute(_STAND, {"of": number}).mappings().one()
        offered = self.names.get(row["handover_to"]) if row["handover_to"] else None
        owner = self.names[row["owner_id"]]
        known = json.loads(row["vars"])
        here = (number, row["procedure"], row["state"], owner, row["unit_path"], known, offered)
        return Stand(*here, self.clock.today()), row["row_version"], row["id"]

    def new_matters(self) -> list[str]:
        """Return the numbers of matters that came about since this was asked last."""
        with self.database.reading() as session:
            found = list(session.connection().execute(_NEW, {"after": self._last_matter}))
        self._last_matter = found[-1][0] if found else self._last_matter
        return [number for _id, number in found]
