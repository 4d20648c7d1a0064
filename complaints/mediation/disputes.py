"""What a station has in hand: disputes of its own venue and of no other, and where a passed-up one went."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from complaints.dossier.clock_views import ClockView, clock_views, is_provisional, localised
from complaints.dossier.models import Matter, MatterKind, Merchant
from complaints.dossier.progress import Standing, remembered_by, standing
from complaints.dossier.visibility import JOIN
from complaints.dossier.work import Work
from complaints.dossier.worklists import MatterRow, keys, worklist
from complaints.foundation.clock import SHANGHAI, microseconds
from complaints.foundation.errors import NotFound
from complaints.foundation.masking import mask_text
from complaints.organisation.models import Unit, UnitKind
from complaints.organisation.people import SignedInActor
from complaints.organisation.roles import Role
from complaints.organisation.units import unit_names
from workflows.runtime import reading
from workflows.runtime.tables import instance


@dataclass(frozen=True, slots=True)
class PassedUp:
    """Where a dispute went that was passed up: for its first responder, who follows it to the reply.

    Number, state, owner's unit and the day to work to; nothing of what the office writes.
    """

    number: str
    state_label: str
    unit: str
    alert_due: date | None
    provisional: bool


def own_stations(session: Session, actor: SignedInActor) -> Sequence[Unit]:
    """Return the stations at which the person mediates, by path."""
    paths = [grant.unit_path for grant in actor.grants if grant.role is Role.STATION]
    return session.scalars(
        select(Unit).where(Unit.path.in_(paths), Unit.kind == UnitKind.STATION.value).order_by(Unit.path)
    ).all()


def of_stations(actor: SignedInActor) -> ColumnElement[bool]:
    """Return the condition "a dispute of a station at which the person mediates", and of no other."""
    paths = [grant.unit_path for grant in actor.grants if grant.role is Role.STATION]
    return and_(Matter.kind == MatterKind.STATION_DISPUTE.value, instance.c.unit_path.in_(paths))


def open_disputes(work: Work) -> list[MatterRow]:
    """Return what the station has in hand, the earliest due first."""
    return worklist(work, *_open(work))


def done_today(work: Work) -> list[MatterRow]:
    """Return what ended today (Asia/Shanghai), the newest first."""
    return worklist(work, *_done_today(work), newest_first=True)


def todays_keys(work: Work) -> list[int]:
    """Return the ids of all that the station has in hand, and then of what ended today."""
    return [*keys(work, *_open(work)), *keys(work, *_done_today(work), newest_first=True)]


def _open(work: Work) -> tuple[ColumnElement[bool], ...]:
    return of_stations(work.actor), instance.c.ended.is_(False)


def _done_today(work: Work) -> tuple[ColumnElement[bool], ...]:
    midnight = datetime.combine(work.today, time.min, SHANGHAI)
    ended = and_(instance.c.ended.is_(True), instance.c.changed_at_us >= microseconds(midnight))
    return of_stations(work.actor), ended


def disputes_in_hand(session: Session, actor: SignedInActor) -> int:
    """Count the open disputes that the person owns. One query."""
    statement = (
        select(func.count())
        .select_from(instance)
        .where(
            instance.c.procedure == MatterKind.STATION_DISPUTE.value,
            instance.c.owner_id == actor.id,
            instance.c.ended.is_(False),
        )
    )
    return int(session.execute(statement).scalar_one())


def shops_of(session: Session, station_path: str) -> Sequence[str]:
    """Return the names of shops that earlier disputes of the station named, the newest first.

    A seller who is called by a telephone number is not proposed: a list shows no full number.
    """
    statement = (
        select(Merchant.name)
        .join(Matter, Matter.merchant_id == Merchant.id)
        .where(Matter.kind == MatterKind.STATION_DISPUTE.value, Matter.source_path == station_path)
        .group_by(Merchant.name)
        .order_by(func.max(Matter.id).desc())
        .limit(40)
    )
    return [name for name in session.scalars(statement) if mask_text(name) == name]


def passed_up(work: Work, dispute: Matter) -> PassedUp | None:
    """Return where a dispute went that this person may see; None while it was not passed up."""
    row = (
        work.session.execute(
            select(Matter.number, instance)
            .join(instance, JOIN)
            .where(Matter.parent_id == dispute.id, Matter.kind == MatterKind.COMPLAINT.value)
            .order_by(Matter.id)
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    procedure = work.engine.library.get(row["procedure"], row["version"]).procedure
    unit = unit_names(work.session, [row["unit_path"]]).get(row["unit_path"], "")
    return PassedUp(
        row["number"],
        localised(procedure.states[row["state"]].label),
        unit,
        row["next_alert_due"],
        is_provisional(row["next_legal_due"], work.time_rules),
    )


def own_dispute(work: Work, number: str) -> Standing:
    """Return a dispute of one's own station. Raises NotFound for every other matter."""
    here = standing(work, number)
    stations = {grant.unit_path for grant in work.actor.grants if grant.role is Role.STATION}
    if here.matter.kind != MatterKind.STATION_DISPUTE.value or here.row["unit_path"] not in stations:
        raise NotFound(_("There is no such page, or it is not yours to see."))
    return here


def offers_of(here: Standing) -> dict[str, int]:
    """Return the offers last recorded, in fen: consumer_offer and merchant_offer, or nothing."""
    known: dict[str, Any] = json.loads(here.row["vars"])
    return {name: known[name] for name in ("consumer_offer", "merchant_offer") if known.get(name) is not None}


def settlement_of(here: Standing) -> dict[str, Any]:
    """Return what a settled dispute was settled with: amount (fen) and kind; nothing while it is not."""
    known: dict[str, Any] = json.loads(here.row["vars"])
    return {name: known.get(name) for name in ("amount", "kind")} if here.state == "settled" else {}


def running_clocks(work: Work, here: Standing) -> list[ClockView]:
    """Return the running clocks of a dispute as people see them."""
    rows = [row for row in reading.clocks_of(work.connection, here.instance_id) if row.open]
    return clock_views(rows, remembered_by(work, here), work.time_rules, work.today)
