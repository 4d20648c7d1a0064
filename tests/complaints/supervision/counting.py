"""The three figures counted once more, by hand: from rows of events, the calendar and the law's text.

Nothing of the application's own counting is used: no clock rows, no query of the supervision room.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, text

from complaints.foundation.clock import SHANGHAI
from workflows.calendars.working_calendar import WorkingCalendar
from workflows.deadlines import Pause, Unit, due_date
from workflows.given_back import due_with_pauses
from workflows.runtime.calendar_table import read_calendar

ACCEPTED, HANDLED, REPLIED = "accepted", "handled", "replied"


@dataclass
class Told:
    """What the events of one complaint tell by the end of a day."""

    number: str
    received: date
    unit: str = ""
    days: dict[str, date] = field(default_factory=dict)
    """The day of each action's latest event."""
    told: dict[str, date] = field(default_factory=dict)
    """The day of telling that was entered, by action."""
    pauses: list[tuple[date, date | None]] = field(default_factory=list)


def count_by_hand(
    connection: Connection, first: date, last: date, basis: str, as_of: date, unit: str = ""
) -> dict[str, dict[str, str]]:
    """Return, for each figure, how each complaint stands as of the end of the day."""
    calendar = read_calendar(connection)
    found: dict[str, dict[str, str]] = {ACCEPTED: {}, HANDLED: {}, REPLIED: {}}
    for one in _tales(connection, as_of):
        entry = {
            "received": one.received,
            "accepted": one.days.get("accept"),
            "closed": one.days.get("close"),
        }
        day = entry[basis]
        if day is None or not first <= day <= last or not one.unit.startswith(unit):
            continue
        for key, ending in _endings(one, calendar, as_of).items():
            found[key][one.number] = ending
    return found


def _tales(connection: Connection, as_of: date) -> list[Told]:
    rows = connection.execute(
        text(
            "SELECT m.number, m.received_on, e.action, e.at_us, e.payload, e.changes FROM matter m"
            " JOIN wf_instance i ON i.subject_id = m.id AND i.subject_type = 'matter'"
            " JOIN wf_event e ON e.instance_id = i.id WHERE m.kind = 'complaint' ORDER BY m.id, e.seq"
        )
    )
    tales: dict[str, Told] = {}
    for number, received, action, at_us, payload, changes in rows:
        day = datetime.fromtimestamp(at_us / 1_000_000, SHANGHAI).date()
        if day > as_of:
            continue
        one = tales.setdefault(number, Told(number, date.fromisoformat(str(received))))
        _note(one, action, day, json.loads(payload), json.loads(changes))
    return list(tales.values())


def _note(one: Told, action: str, day: date, payload: Mapping[str, str], changes: Mapping[str, dict]) -> None:
    one.days[action] = day
    if "told_on" in payload:
        one.told[action] = date.fromisoformat(payload["told_on"])
    if "owner" in changes:
        one.unit = changes["owner"]["unit"]
    if action == "start_appraisal":
        one.pauses.append((date.fromisoformat(payload["commissioned_on"]), None))
    if action in ("finish_appraisal", "terminate") and one.pauses and one.pauses[-1][1] is None:
        ended = date.fromisoformat(payload.get("result_on") or day.isoformat())
        one.pauses[-1] = (one.pauses[-1][0], ended - timedelta(days=1))


def _endings(one: Told, calendar: WorkingCalendar, as_of: date) -> dict[str, str]:
    limit = due_date(one.received, 7, Unit.WORKDAY, calendar).legal_due
    withdrawn = one.days.get("withdraw")
    if withdrawn is not None and withdrawn <= limit:
        return {ACCEPTED: "left_out"}
    found = {ACCEPTED: _ending(one.told.get("tell_decision"), limit, as_of)}
    if "accept" not in one.days:
        return found
    end = one.days.get("agree") or one.days.get("terminate")
    whole = [Pause(since, to) for since, to in one.pauses if to is not None and to >= since]
    limit = due_with_pauses(one.days["accept"], 60, Unit.DAY, calendar, whole, roll_weekends=False).legal_due
    paused = bool(one.pauses) and one.pauses[-1][1] is None and one.pauses[-1][0] <= limit
    found[HANDLED] = "not_due" if paused and end is None else _ending(end, limit, as_of)
    if end is not None:
        limit = due_date(end, 7, Unit.WORKDAY, calendar).legal_due
        found[REPLIED] = _ending(one.told.get("tell_result"), limit, as_of)
    return found


def _ending(done: date | None, limit: date, as_of: date) -> str:
    if done is not None:
        return "in_time" if done <= limit else "late"
    return "missing" if limit < as_of else "not_due"
