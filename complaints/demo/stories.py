"""Reads the stories of the demonstration and turns them into acts on the stage, day by day."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from complaints.demo.stage import Act, Stage, Story, moment
from complaints.dossier import progress
from complaints.dossier.callers import by_phone
from complaints.dossier.models import Matter, Merchant
from complaints.dossier.progress import Standing, Submitted
from complaints.dossier.registration import ConsumerGiven, MatterGiven, MerchantGiven
from complaints.dossier.work import Work
from complaints.dossier_page.actions import do
from complaints.foundation.errors import Conflict
from complaints.foundation.money import parse_yuan
from complaints.hotline.actions import register_complaint
from complaints.mediation.actions import register_dispute
from complaints.mediation.given import DisputeGiven
from complaints.organisation.models import Person
from complaints.organisation.units import need_unit
from complaints.payouts.applying import Application, apply
from workflows.calendars.working_calendar import WorkingCalendar

HERE = Path(__file__).parent
MERCHANTS: Mapping[str, Any] = yaml.safe_load((HERE / "merchants.yaml").read_text(encoding="utf-8"))
NOTICE = "2026-1"


class Times:
    """Turns "so many working days ago, at nine" into moments."""

    def __init__(self, calendar: WorkingCalendar, today: date, now: datetime) -> None:
        """Count from the machine's today; nothing happens later than now."""
        self._calendar, self._today, self._now = calendar, today, now

    def received(self, days_ago: int) -> date:
        """Return the working day that lies so many working days before today; for 0 today itself."""
        day = self._today
        for _ in range(days_ago):
            day = self._calendar.last_working_day_on_or_before(day - timedelta(days=1))
        return day

    def after(self, start: date, working_days: int) -> date:
        """Return the working day so many working days after the start."""
        return self._calendar.add_working_days(start, working_days) if working_days else start

    def at(self, day: date, clock_time: str) -> datetime:
        """Return a moment of the day; what would lie ahead of now happened just now."""
        hour, minute = clock_time.split(":")
        return min(moment(day, int(hour), int(minute)), self._now)


def complaint_stories(times: Times) -> Iterator[Story]:
    """Return every complaint of the file as a story."""
    for told in yaml.safe_load((HERE / "complaints.yaml").read_text(encoding="utf-8")):
        yield _story(times, told, _registering(told))


def dispute_stories(times: Times) -> Iterator[Story]:
    """Return every dispute of the stations as a story."""
    for told in yaml.safe_load((HERE / "disputes.yaml").read_text(encoding="utf-8")):
        yield _story(times, told, _taking(told))


def _story(times: Times, told: Mapping[str, Any], begin: Callable[[Stage, dict[str, str]], None]) -> Story:
    start = times.received(told["days_ago"])
    acts = [Act(times.at(start, told["at"]), 0, begin)]
    for place, (days, clock_time, who, action, typed) in enumerate(told.get("acts", ()), start=1):
        acts.append(Act(times.at(times.after(start, days), clock_time), place, _acting(who, action, typed)))
    return Story(acts)


def _taking(told: Mapping[str, Any]) -> Callable[[Stage, dict[str, str]], None]:
    def run(stage: Stage, notes: dict[str, str]) -> None:
        with stage.work_of(told["by"]) as work:
            name, phone = told["consumer"]
            dispute = DisputeGiven(
                consumer=name,
                phone=phone,
                shop=told["shop"],
                title=told["title"],
                facts=told["facts"],
                place=told["place"],
                amount_fen=parse_yuan(told["amount"]),
                demands=told["demands"],
                notice_version=NOTICE,
            )
            station = need_unit(work.session, told["station"])
            notes["complaint"] = register_dispute(work, station, dispute, secrets.token_hex(16)).number

    return run


def _registering(told: Mapping[str, Any]) -> Callable[[Stage, dict[str, str]], None]:
    def run(stage: Stage, notes: dict[str, str]) -> None:
        with stage.work_of(told["by"]) as work:
            matter = register_complaint(
                work,
                given(told),
                consumer(told),
                merchant(work.session, told["merchant"]),
                secrets.token_hex(16),
            )
            notes["complaint"] = matter.number

    return run


def _acting(who: str, action: str, typed: Mapping[str, Any]) -> Callable[[Stage, dict[str, str]], None]:
    """Return an act; `lead:file` means the action `file` of the story's lead."""
    kind, _colon, name = action.rpartition(":")

    def run(stage: Stage, notes: dict[str, str]) -> None:
        with stage.work_of(who) as work:
            here = progress.standing(work, notes[kind or "complaint"])
            payload = {key: _value(stage, work.session, value) for key, value in typed.items()}
            payload |= dict(_grounds(work, here, name, typed))
            if payload.get("into") == "$same_caller":
                payload["into"] = _earlier_of_caller(work, here)
            submitted = Submitted(secrets.token_hex(16))
            if name == "apply_payout":
                notes["payout"] = apply(work, here, _application(work, payload), submitted).number
                return
            do(work, here, name, payload, submitted)
            if name == "open_lead":
                notes["lead"] = (
                    work.session.scalars(
                        select(Matter.number)
                        .where(Matter.parent_id == here.matter.id)
                        .order_by(Matter.id.desc())
                    ).first()
                    or ""
                )

    return run


def _grounds(work: Work, here: Standing, action: str, typed: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the grounds that are named by what they mean, with their codes in the rule set that governs the
    matter on the act's day.
    """
    for name, value in typed.items():
        if not isinstance(value, Mapping):
            continue
        field = progress.procedure_of(work, here).actions[action].field(name)
        items = progress.governing(work, here).items(field.items if field and field.items else "")
        codes = [item.code for item in items if item.means in value["means"]]
        if not codes:
            raise Conflict(f"{action}: nothing that may be chosen here means {' or '.join(value['means'])}.")
        yield name, codes[0]


def _earlier_of_caller(work: Work, here: Standing) -> str:
    """Return the number of the complaint that the same telephone made before this one."""
    consumer = here.matter.consumer
    if consumer is None:
        return ""
    earlier = select(Matter.number).where(by_phone(consumer.phone), Matter.id < here.matter.id)
    return work.session.scalars(earlier.order_by(Matter.id.desc())).first() or ""


def _application(work: Work, typed: Mapping[str, Any]) -> Application:
    return Application(typed["goods"], parse_yuan(typed["price"]), work.today, typed["receipt"])


def _value(stage: Stage, session: Any, value: Any) -> Any:
    """Replace $day by the act's day (with +n for days after it) and @name by the account's id."""
    if isinstance(value, str) and value.startswith("$day"):
        more = int(value.partition("+")[2] or 0)
        return (stage.clock.today() + timedelta(days=more)).isoformat()
    if isinstance(value, str) and value.startswith("@"):
        return session.scalars(select(Person.id).where(Person.username == value[1:])).one()
    return value


def given(told: Mapping[str, Any]) -> MatterGiven:
    """Return what was said."""
    return MatterGiven(
        title=told["title"],
        facts=told["facts"],
        amount_fen=parse_yuan(told["amount"]),
        category_code=told["category"],
        problem_code=told["problem"],
        demands=told["demands"],
        evidence=told["evidence"],
        consent_publish=True,
        notice_version=NOTICE,
    )


def consumer(told: Mapping[str, Any]) -> ConsumerGiven:
    """Return the complainant's side."""
    name, phone, address, gender = told["consumer"]
    email = told.get("email", "")
    wish = "email" if email else "phone"
    return ConsumerGiven(name, phone, gender=gender, address=address, reply_channel=wish, email=email)


def merchant(session: Any, key: str) -> MerchantGiven:
    """Return the merchant's side: known from an earlier story, or new."""
    about = MERCHANTS[key]
    known = session.scalars(select(Merchant.id).where(Merchant.name == about["name"]).limit(1)).first()
    return MerchantGiven(
        about["name"],
        merchant_id=known,
        uscc=about["uscc"],
        address=about["address"],
        unit_path=about["unit"],
    )
