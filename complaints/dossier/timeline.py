"""What happened to a matter, as its events tell it, newest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from complaints.dossier.clock_views import due_text, localised
from complaints.dossier.erasing import REASONS
from complaints.dossier.field_values import IDENTIFIERS, Names, value_text
from complaints.dossier.file_names import shown as file_name_shown
from complaints.dossier.models import MatterKind
from complaints.dossier.moved_words import moved_words
from complaints.dossier.progress import Standing, governing
from complaints.dossier.reported import Report, reported, work_asked, work_day_text
from complaints.dossier.work import Work
from complaints.foundation.clock import local_moment
from complaints.foundation.masking import mask_address, mask_email, mask_phone, mask_text
from complaints.organisation.people import SYSTEM_ID, person_names
from complaints.organisation.permissions import Permission, allowed
from complaints.organisation.units import unit_names
from workflows.definition import Action, FieldKind, Procedure
from workflows.runtime import event_log, migration
from workflows.runtime.event_log import Event
from workflows.runtime.private_texts import ERASE, erased_of

ICONS = {
    "act": "talk",
    "timer": "clock",
    "assign": "move",
    "tell": "mail",
    "note": "plus",
    "pause": "pause",
    "start": "in",
}


MASKS: Mapping[str, Callable[[str], str]] = {
    "address": mask_address,
    "consumer_phone": mask_phone,
    "consumer_email": mask_email,
    "file": file_name_shown,
}
"""How a complainant's values are masked, here as on the page: the full one costs a reason."""

GROUPS = ("handling", "limits", "telling", "owner", "notes")
"""What an entry is about; the filter's tabs in their order."""


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
    group: str = "handling"
    """One of GROUPS, for the filter."""
    details: tuple[tuple[str, str], ...] = ()
    url: str = ""


def timeline(work: Work, here: Standing, *, private: bool) -> list[Entry]:
    """Return the matter's timeline, newest first; private texts only where the reader may see them.

    The number of queries does not grow with the events.
    """
    return entries(work, here, event_log.events_of(work.connection, here.instance_id), private=private)


def last_act(work: Work, here: Standing, *, private: bool, action: str = "") -> Entry | None:
    """Return what a person did last with the matter, or did last of that action; None where nobody did."""
    acts = [
        one
        for one in event_log.events_of(work.connection, here.instance_id)
        if one.kind == "act" and action in ("", one.action)
    ]
    found = entries(work, here, acts[-1:], private=private)
    return found[0] if found else None


def texts_in_full(work: Work, here: Standing) -> str:
    """Return the private texts of the matter in which something is masked, a line each, as they were typed.

    For whoever gave a reason and may: the caller writes that down first.
    """
    found = []
    events = event_log.events_of(work.connection, here.instance_id)
    texts = _readable(work, here, events)
    for event in events:
        action = _procedure(work, event).actions.get(event.action)
        for one in action.fields if action else ():
            words = texts.get((event.seq, one.name), "")
            if _masked(one.name, words) != words:
                found.append(f"#{event.seq} {localised(one.label)}{_(': ')}{words}")
    return "\n".join(found)


def _masked(name: str, words: str) -> str:
    """Return a private text as the timeline shows it: addresses to the district, numbers of people hidden."""
    mask = MASKS.get(name.removesuffix("_before"))
    if mask is not None:
        return mask(words)
    return words if name in IDENTIFIERS else mask_text(words)


def entries(work: Work, here: Standing, events: Sequence[Event], *, private: bool) -> list[Entry]:
    """Return these events of the matter as entries, newest first."""
    typed = [event.typed for event in events]
    names = Names(
        person_names(work.session, sorted(_people(events))),
        unit_names(work.session, [one["unit"] for one in typed if "unit" in one]),
        governing(work, here),
        work_asked(work, events),
    )
    texts = {**_readable(work, here, events), **erased_texts(work, here)} if private else {}
    told = reported(work, events)
    return [_entry(event, _procedure(work, event), names, texts, told) for event in reversed(events)]


def _procedure(work: Work, event: Event) -> Procedure:
    """Return the version by which the step was done: a matter may have been moved to another since."""
    return work.engine.library.get(event.procedure, event.version).procedure


def erased_texts(work: Work, here: Standing) -> dict[tuple[int, str], str]:
    """Return what stands in the place of each text that was erased; only an ended matter has any."""
    if not here.row["ended"]:
        return {}
    erasures = event_log.events_of_kind(work.connection, here.instance_id, ERASE)
    return dict.fromkeys(erased_of(erasures), _gone())


def _gone() -> str:
    return _("(erased by rule)")


def _readable(work: Work, here: Standing, events: Sequence[Event]) -> dict[tuple[int, str], str]:
    """Return the private texts that this person may read; a clue only with the right to read cases.

    That a lead was opened is a step of the complaint; what it says is the lead's (SAMR Order 121, arts 9 and
    37), and whoever may not open the lead does not read it beside the step either.
    """
    texts = work.engine.private_texts(work.connection, here.instance_id)
    if allowed(work.actor, Permission.CASES_READ, here.row["unit_path"]):
        return texts
    known = work.engine.library.remembered(here.row["procedure"], here.row["version"])
    opening = {name for name, one in known.actions.items() if one.child == MatterKind.LEAD.value}
    clues = {event.seq for event in events if event.action in opening}
    return {place: words for place, words in texts.items() if place[0] not in clues}


def _people(events: Sequence[Event]) -> set[int]:
    """Return everybody whom the events name: who acted, owned, was offered a matter, or approved a pause."""
    found = {event.actor_id for event in events}
    for event in events:
        effects = event.effects
        found |= {effects["owner"]["person"]} if effects.get("owner") else set()
        found |= {effects["handover"]["to"]} if effects.get("handover") else set()
        found |= {one["person"] for one in effects.get("work_asked", ())}
        found |= {one["by"] for one in effects.get("paused", ())}
        found |= {*effects.get("co_handlers_named", ()), *effects.get("co_handlers_removed", ())}
    return found


def _entry(
    event: Event,
    procedure: Procedure,
    names: Names,
    texts: Mapping[tuple[int, str], str],
    told: Mapping[int, Report],
) -> Entry:
    action = procedure.actions.get(event.action) if event.kind == "act" else None
    group, kind, icon = _kind(event, action)
    report = told.get(event.seq)
    return Entry(
        at=local_moment(event.at_us),
        icon=icon,
        kind=kind,
        text=report.text if report else _text(event, action, procedure, names.people),
        who=_("System") if event.actor_id == SYSTEM_ID else names.people.get(event.actor_id, ""),
        seq=event.seq,
        group=group,
        details=report.details if report else _details(event, action, texts, names),
    )


def _kind(event: Event, action: Action | None) -> tuple[str, str, str]:
    effects = event.effects
    if event.kind in ("timer", "calendar"):
        return "limits", _("Time limit"), ICONS["timer"]
    if event.kind == "start":
        return "handling", _("Receipt"), ICONS["start"]
    if event.kind == migration.KIND:
        return "handling", _("Version of the procedure"), ICONS["assign"]
    if "paused" in effects or "resumed" in effects or "moved" in effects:
        return "limits", _("Time limit"), ICONS["pause"]
    if "work_asked" in effects or "work_ended" in effects:
        return "handling", _("Work"), ICONS["act"]
    if action is not None and action.hears:
        return "handling", _("Reported result"), ICONS["start"]
    if effects.keys() & {"owner", "handover", "co_handlers_named", "co_handlers_removed"}:
        return "owner", _("Who handles it"), ICONS["assign"]
    if action is not None and action.field("told_on"):
        return "telling", _("Telling"), ICONS["tell"]
    if "state" not in effects and not effects.get("bump"):
        return "notes", _("Note"), ICONS["note"]
    return "handling", _("Handling"), ICONS["act"]


def _text(event: Event, action: Action | None, procedure: Procedure, names: Mapping[int, str]) -> str:
    effects = event.effects
    if event.kind == "start":
        return _("Registered")
    if event.kind == "timer":
        return _timer_text(event, procedure)
    if event.kind == ERASE:
        reason = REASONS.get(str(event.typed.get("reason")))
        return _("Texts erased: %(reason)s", reason=localised(reason) if reason else "")
    if event.kind == "calendar":
        return _calendar_text(event, procedure)
    if event.kind == migration.KIND:
        return _version_text(event, procedure)
    text = localised(action.label) if action else event.action
    if "owner" in effects:
        text = _("%(what)s: now with %(who)s", what=text, who=names.get(effects["owner"]["person"], ""))
    return text


def _calendar_text(event: Event, procedure: Procedure) -> str:
    """Say of each limit which of its days moved, from when to when."""
    text = _("Limits counted again by the new holiday notice")
    moved = [
        _moved_text(procedure, one["clock"], one["was"], one)
        for one in event.effects.get("moved", ())
        if "was" in one
    ]
    return f"{text}{_(': ')}{_('; ').join(moved)}" if moved else text


def _moved_text(procedure: Procedure, clock: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    rule = procedure.clocks.get(clock)
    name, internal = (localised(rule.label), rule.internal) if rule else (clock, False)
    return _("%(clock)s %(moved)s", clock=name, moved=moved_words(was, now, internal=internal))


def _limit_text(dates: Mapping[str, Any]) -> str:
    return due_text(date.fromisoformat(dates["legal_due"]), provisional=dates["provisional"])


def _version_text(event: Event, procedure: Procedure) -> str:
    """Say by which version the matter runs from now on, and which due dates moved with it."""
    said = event.effects["version"]
    text = _(
        "Now runs by version %(new)s of the procedure, in force from %(day)s (before: version %(old)s)",
        new=said["to"],
        old=said["from"],
        day=procedure.effective_from.isoformat(),
    )
    clocks = [_moved_text(procedure, one["clock"], one["was"], one) for one in event.effects.get("moved", ())]
    clocks += [_begun_text(procedure, one) for one in event.effects.get("opened", ())]
    return f"{text}{_(': ')}{_('; ').join(clocks)}" if clocks else text


def _begun_text(procedure: Procedure, one: Mapping[str, Any]) -> str:
    """Say which limit begins with the move, and until when it runs."""
    name = localised(procedure.clocks[one["clock"]].label)
    return _("%(clock)s begins, due %(day)s", clock=name, day=_limit_text(one))


def _timer_text(event: Event, procedure: Procedure) -> str:
    kind, _dot, clock = event.action.partition(".")
    if clock.startswith("work."):
        return work_day_text(event, procedure)
    rule = procedure.clocks.get(clock)
    name = localised(rule.label) if rule else clock
    texts = {
        "warn": _("%(clock)s: reminder", clock=name),
        "due": _("%(clock)s: last day, task given", clock=name),
        "escalate": _("%(clock)s: limit passed, passed up", clock=name),
    }
    text = texts.get(kind, event.action)
    late = event.effects.get("late_by_seconds")
    return text if late is None else f"{text} ({_late(late)})"


def _late(seconds: int) -> str:
    """Say by how much something came late: no worker had run meanwhile."""
    days, hours = seconds // 86_400, max(seconds // 3_600, 1)
    if days:
        return ngettext("%(num)d day late", "%(num)d days late", days)
    return ngettext("%(num)d hour late", "%(num)d hours late", hours)


def _details(
    event: Event, action: Action | None, texts: Mapping[tuple[int, str], str], names: Names
) -> tuple[tuple[str, str], ...]:
    """Return label and value of everything that was typed; a private text only where it was handed in."""
    if event.kind == migration.KIND:
        return ((_("Reason"), str(event.typed.get("reason", ""))),)
    if action is None:
        return ()
    typed, on, found = event.typed, local_moment(event.at_us).date(), []
    for one in action.fields:
        if one.derived and (one.kind is FieldKind.FLAG or one.name == "digest"):
            continue  # what follows for the guards, and what a file's own page shows
        if one.private:
            words = texts.get((event.seq, one.name))
            hidden = _("(not shown to you)") if typed.get(one.name) else ""
            value = hidden if words is None else words if words == _gone() else _masked(one.name, words)
        elif one.name == "work_number":
            value = f"{typed[one.name]} {names.work.get(typed[one.name], '')}"
        else:
            value = value_text(one, typed.get(one.name), names, on)
        if value:
            found.append((localised(one.label), value))
    return tuple(found)
