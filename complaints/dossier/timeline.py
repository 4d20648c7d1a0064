"""What happened to a matter, as its events tell it, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from complaints.dossier.clock_views import localised
from complaints.dossier.progress import Standing, procedure_of
from complaints.dossier.work import Work
from complaints.foundation.clock import local_moment
from complaints.organisation.people import SYSTEM_ID, person_names
from workflows.definition import Action, FieldKind, Procedure
from workflows.runtime import event_log
from workflows.runtime.event_log import Event

ICONS = {
    "act": "talk",
    "timer": "clock",
    "assign": "swap",
    "tell": "mail",
    "note": "plus",
    "pause": "pause",
    "start": "inbox",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `at` is aware, Asia/Shanghai. `details` are label and value of what was
    typed.
    """

    at: datetime
    icon: str
    kind: str
    text: str
    who: str
    seq: int
    details: tuple[tuple[str, str], ...] = ()
    url: str = ""


def timeline(work: Work, here: Standing, *, private: bool) -> list[Entry]:
    """Return the matter's timeline, newest first; private texts only where the reader may see them. Three
    queries in all.
    """
    procedure = procedure_of(work, here)
    events = event_log.events_of(work.connection, here.instance_id)
    names = person_names(work.session, sorted({event.actor_id for event in events} | _assigned(events)))
    texts = work.engine.private_texts(work.connection, here.instance_id) if private else {}
    return [_entry(event, procedure, names, texts) for event in reversed(events)]


def _assigned(events: Sequence[Event]) -> set[int]:
    return {event.effects["owner"]["person"] for event in events if "owner" in event.effects}


def _entry(
    event: Event, procedure: Procedure, names: Mapping[int, str], texts: Mapping[tuple[int, str], str]
) -> Entry:
    action = procedure.actions.get(event.action)
    kind, icon = _kind(event, action)
    return Entry(
        at=local_moment(event.at_us),
        icon=icon,
        kind=kind,
        text=_text(event, action, procedure, names),
        who=_("System") if event.actor_id == SYSTEM_ID else names.get(event.actor_id, ""),
        seq=event.seq,
        details=_details(event, action, texts, names),
    )


def _kind(event: Event, action: Action | None) -> tuple[str, str]:
    effects = event.effects
    if event.kind == "timer":
        return _("Time limit"), ICONS["timer"]
    if event.kind == "start":
        return _("Receipt"), ICONS["start"]
    if "paused" in effects or "resumed" in effects:
        return _("Time limit"), ICONS["pause"]
    if "owner" in effects or "handover" in effects:
        return _("Who handles it"), ICONS["assign"]
    if action is not None and action.field("told_on"):
        return _("Telling"), ICONS["tell"]
    if "state" not in effects and not effects.get("bump"):
        return _("Note"), ICONS["note"]
    return _("Handling"), ICONS["act"]


def _text(event: Event, action: Action | None, procedure: Procedure, names: Mapping[int, str]) -> str:
    effects = event.effects
    if event.kind == "start":
        return _("Registered")
    if event.kind == "timer":
        return _timer_text(event, procedure)
    text = localised(action.label) if action else event.action
    if "owner" in effects:
        text = _("%(what)s: now with %(who)s", what=text, who=names.get(effects["owner"]["person"], ""))
    return text


def _timer_text(event: Event, procedure: Procedure) -> str:
    kind, _dot, clock = event.action.partition(".")
    rule = procedure.clocks.get(clock)
    name = localised(rule.label) if rule else clock
    texts = {
        "warn": _("%(clock)s: reminder", clock=name),
        "due": _("%(clock)s: last day, task given", clock=name),
        "escalate": _("%(clock)s: limit passed, passed up", clock=name),
    }
    text = texts.get(kind, event.action)
    return f"{text} ({_('late')})" if "late_by_seconds" in event.effects else text


def _details(
    event: Event, action: Action | None, texts: Mapping[tuple[int, str], str], names: Mapping[int, str]
) -> tuple[tuple[str, str], ...]:
    if action is None:
        return ()
    found = []
    for one in action.fields:
        value: Any = event.typed.get(one.name)
        if one.private:
            value = texts.get((event.seq, one.name), _("(not shown to you)") if value else None)
        elif one.kind is FieldKind.FEN and value is not None:
            value = f"{value // 100:,}.{value % 100:02d} {_('yuan')}"
        elif one.kind is FieldKind.FLAG and value is not None:
            value = _("yes") if value else _("no")
        elif one.kind is FieldKind.PERSON and value is not None:
            value = names.get(value, str(value))
        if value not in (None, "") and one.kind is not FieldKind.UNIT:
            found.append((localised(one.label), str(value)))
    return tuple(found)
