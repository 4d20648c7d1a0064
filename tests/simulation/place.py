"""The bureau of a simulation: a database of its own, people, an engine with repeatable salts, the worker."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import bindparam, select

from complaints.administration.actions import settle_message
from complaints.administration.calendar_actions import load_notice
from complaints.app import build_services
from complaints.commands.working import Worker
from complaints.dossier import progress
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
from complaints.payouts.ledger import Cause, put_into_fund
from config import LogSettings, Settings
from tests import bureau
from tests.bureau import CITY, DESK, OFFICE, OTHER_OFFICE, OTHER_STATION, STATION
from tests.machines.town import FUND, Town
from tests.simulation.gateway import Gateway
from tests.simulation.habits import Stand
from workflows.calendars.holiday_years import HolidayYear
from workflows.runtime import outbox
from workflows.runtime.calendar_table import revision
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
_CASES = (
    select(Matter.number, instance.c.procedure, instance.c.id)
    .join(instance, instance.c.subject_id == Matter.id)
    .order_by(instance.c.id)
)
_NEW = _CASES.where(instance.c.id > bindparam("after"))
_CHANGED = _CASES.where(instance.c.changed_at_us >= bindparam("since"))


class Case(NamedTuple):
    """A matter as the checks ask for it."""

    number: str
    kind: str
    instance_id: int


class DiedError(Exception):
    """The process died: before its commit nothing is left of what it did."""


class Place:
    """Everything that happens goes through here, each piece in a transaction of its own."""

    def __init__(self, database: Database, dice: Random, begins: date, folder: Path) -> None:
        """Found the bureau in the migrated database; anchors and files go into the folder."""
        self.database, self.dice = database, dice
        self.town = Town(database)
        self.clock, self.ids, self.names = self.town.clock, self.town.ids, self.town.names
        self.engine = self.town.engine
        self.engine.settings = replace(self.engine.settings, salt=lambda: f"{dice.getrandbits(128):032x}")
        self.gateway = Gateway(dice, lambda seconds: self.clock.move(seconds=seconds))
        doors = Gateways(cast("Any", self.gateway), cast("Any", self.gateway), cast("Any", self.gateway))
        parts = build_services(_settings(database, folder), self.clock, database)
        self._worker = Worker(replace(parts, engine=self.engine), lambda _line: None, doors)
        self._last = 0
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

    def load_notice(self, year: HolidayYear) -> None:
        """An administrator loads a year's notice; the worker then counts the running clocks again."""
        admin = self.town.actors["system_admin"]
        with self.database.writing() as session:
            base = revision(session.connection())
            load_notice(session, self.clock, admin, year, base=base, address="127.0.0.1")

    # -- what the worker does

    def drain(self) -> list[Case]:
        """Let the worker do all that is due; return the matters in which it did something."""
        begun_us = self.clock.now_us()
        logging.disable(logging.CRITICAL)  # a gateway that breaks off is logged, which is not the point here
        try:
            self._worker.drain()
        finally:
            logging.disable(logging.NOTSET)
        with self.database.reading() as session:
            return [Case(*row) for row in session.connection().execute(_CHANGED, {"since": begun_us})]

    def sweep(self) -> None:
        """Let the worker remove what nobody names and look at how the tables have grown."""
        self._worker.sweep()

    def settle_unclear(self) -> None:
        """An administrator finds out what became of each message about which the gateway cannot be asked."""
        with self.database.writing() as session:
            asked = select(outbox_table.c.id, outbox_table.c.dedupe_key).where(
                outbox_table.c.state == outbox.AMBIGUOUS, outbox_table.c.lease_until_us.is_(None)
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

    def new_matters(self) -> list[Case]:
        """Return the matters that came about since this was asked last."""
        with self.database.reading() as session:
            found = [Case(*row) for row in session.connection().execute(_NEW, {"after": self._last})]
        self._last = found[-1].instance_id if found else self._last
        return found


def _settings(database: Database, folder: Path) -> Settings:
    """Return settings with a key to sign the anchors with: the same one each time, so that they repeat."""
    vault = folder / "vault"
    vault.mkdir()
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    kept = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (vault / "key").touch(0o600)
    (vault / "key").write_bytes(kept)
    url = database.url.render_as_string(hide_password=False)
    log = LogSettings(anchor_key=vault / "key", anchor_dir=vault)
    return bureau.settings(url, folder / "instance", b"", log=log)
