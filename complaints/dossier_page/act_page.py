"""The page of one action: its form, what it will do, and, where it was refused or outrun, why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from flask_babel import gettext as _

from complaints.dossier.action_views import ReasonView, reason_views
from complaints.dossier.brief_matters import BriefMatter
from complaints.dossier.clock_views import localised
from complaints.dossier.completing import what_stands
from complaints.dossier.outrunning import outrun_sentence
from complaints.dossier.progress import Standing, governing, procedure_of
from complaints.dossier.timeline import Entry, entries, last_act
from complaints.dossier.work import Work
from complaints.dossier_page.forms import asked_as, typed_fields
from complaints.dossier_page.matter_page import is_masked
from complaints.dossier_page.offers import Offers, articles
from complaints.dossier_page.queries import clocks
from complaints.dossier_page.relation_rows import other_complaint
from complaints.foundation.errors import NotFound
from complaints.foundation.identity_numbers import credit_code_warning
from complaints.foundation.masking import mask_address, mask_email, mask_name, mask_phone, mask_text
from complaints.mediation.appointments import arranged
from complaints.mediation.guards import REFUSALS
from workflows.counting import may_pause
from workflows.definition import Action, Assign, Field, FieldKind, Handover, Procedure
from workflows.guards import Why
from workflows.runtime.requests import StaleVersion


@dataclass(frozen=True, slots=True)
class Asked:
    """One field as the template asks it."""

    name: str
    way: str
    optional: bool
    hint: str = ""
    upheld: str = ""
    """Of a unit: which one a dispatch that stands goes back to, for the page to choose it by itself."""


class Stopping(NamedTuple):
    """The clocks that run, those that will stand still, those that the state names but whose rules know no
    pause, those that stand still now, and those of them that go on then. `lacking` are those for which
    today's rules have no limit.
    """

    running: frozenset[str]
    stands: list[str]
    runs_on: list[str]
    stood: frozenset[str]
    go_on: list[str]
    lacking: frozenset[str]


@dataclass(frozen=True, slots=True)
class ActPage:
    """What the template draws besides the form."""

    key: str
    label: str
    article: str
    said: str
    """The facts as this reader has them."""
    asked: list[Asked]
    articles: dict[str, dict[str, str]]
    effects: list[tuple[str, str]]
    before: Entry | None = None
    """What a person did last, with what was said: whoever rules on a return must see why it came back."""
    reasons: list[ReasonView] = field(default_factory=list)
    changes: list[Entry] = field(default_factory=list)
    other: BriefMatter | None = None
    """The other complaint of a form about two, with what they have in common."""
    meanwhile: str = ""
    """A sentence where a step beside the states, which makes no form old, may be why it was refused."""
    outrun: str = ""
    """A sentence where the form was older than the matter or had been used already."""


def action_of(work: Work, here: Standing, name: str) -> Action:
    """Return the action of the matter's procedure. Raises NotFound where it has none, or none for people."""
    action = procedure_of(work, here).actions.get(name)
    if action is None or action.automatic:
        raise NotFound(_("There is no such page, or it is not yours to see."))
    return action


def act_page(work: Work, here: Standing, action: Action, offers: Offers, other: str = "") -> ActPage:
    """Return the page of an action that may be done; `other` is the number of another complaint it names."""
    procedure, matter = procedure_of(work, here), here.matter
    stopping = _stopping(work, here, action, procedure)
    hints = _hints(here, action, offers, stopping)
    asked = [
        Asked(one.name, asked_as(one), not one.required, hints.get(one.name, ""), _upheld(one, offers))
        for one in typed_fields(action)
    ]
    return ActPage(
        key=action.name,
        label=localised(action.label),
        article=localised(governing(work, here).article(action.article)),
        said=matter.unnamed(matter.facts) if is_masked(work, here) else matter.facts,
        asked=asked,
        articles=articles(offers),
        effects=_effects(here, action, procedure, stopping),
        before=_before(work, here, action),
        other=other_complaint(work, here, other) if other else None,
    )


def _hints(here: Standing, action: Action, offers: Offers, stopping: Stopping) -> dict[str, str]:
    """Return a word beside a field: what the place of business suggests, or what stands."""
    found, of_unit = {}, []
    back_to = offers.unit(offers.back_to)
    if back_to is not None:
        of_unit.append(_("dispatch upheld: back to %(unit)s, nothing to choose", unit=back_to.name))
    if offers.suggested_unit:
        of_unit.append(_("place of business suggests: %(unit)s", unit=offers.suggested_unit))
    found["unit"] = _("; ").join(of_unit)
    if action.field("refusal") is not None:
        found["refusal"] = _refusal_hint(offers)
    if action.field("co_handler") is not None and not offers.people:
        found["co_handler"] = _("nobody else of this unit can be named")
    found |= _pause_hints(action, offers, stopping)
    return found | (_standing_hints(here) if action.name == "supplement" else {})


def _pause_hints(action: Action, offers: Offers, stopping: Stopping) -> dict[str, str]:
    """Say from which day a limit stands still or counts again, and who may approve it."""
    found = {}
    if action.pauses_from and stopping.stands:
        found[action.pauses_from] = _("from this day on, itself included, the limit stands still")
    if action.resumes_on and stopping.stood:
        found[action.resumes_on] = _("from this day on, itself included, the limit counts again")
    if action.field("approved_by") is not None:
        nobody = _("nobody holds the role of head here today: ask the administrator to name one")
        found["approved_by"] = _("a head of the unit or above it, not you") if offers.people else nobody
    return found


def _refusal_hint(offers: Offers) -> str:
    """Say for which item of the rules that apply the refusal has to be told."""
    codes = [item.code for item in offers.items.get("item", ()) if item.means in REFUSALS]
    if not codes:
        return ""
    return _("needed for item %(item)s, unless such a refusal is on record", item=codes[0])


def _standing_hints(here: Standing) -> dict[str, str]:
    """Return what stands beside each line that begins empty; the complainant's masked, as on the page.

    The merchant's code and address begin empty too: under another name they would be another firm's.
    """
    stands = what_stands(here.matter)
    name = mask_text(stands["merchant_name"])
    shown = {
        "consumer_name": mask_name(stands["consumer_name"]),
        "consumer_phone": mask_phone(stands["consumer_phone"]),
        "consumer_email": mask_email(stands["consumer_email"]),
        "address": mask_address(stands["address"]),
        "merchant_name": name if name != stands["merchant_name"] else "",
        "merchant_code": stands["merchant_code"],
        "merchant_address": mask_text(stands["merchant_address"]),
    }
    found = {
        one: _("now %(value)s; leave empty to keep it", value=value) for one, value in shown.items() if value
    }
    warning = credit_code_warning(stands["merchant_code"])
    if warning:
        found["merchant_code"] += f" · {warning}"
    another = _("another name means another business: type its code and address too")
    found["merchant_name"] = _("; ").join(filter(None, (found.get("merchant_name"), another)))
    return found


def _upheld(one: Field, offers: Offers) -> str:
    return offers.back_to if one.kind is FieldKind.UNIT else ""


def _before(work: Work, here: Standing, action: Action) -> Entry | None:
    """Return the last act of a person as the timeline tells it; for a ruling, the return it rules on."""
    wanted = "return_to_intake" if action.name == "rule_on_return" else ""
    return last_act(work, here, private=not is_masked(work, here), action=wanted)


def refused(work: Work, here: Standing, page: ActPage, reasons: list[Why], meanwhile: str = "") -> ActPage:
    """Return the page with the reasons of a refusal, and what was done beside the states meanwhile."""
    return replace(page, reasons=reason_views(work, here, reasons), meanwhile=meanwhile)


def outrun(work: Work, here: Standing, page: ActPage, stale: StaleVersion) -> ActPage:
    """Return the page with what changed since the form was made, by whom and when."""
    seen = entries(work, here, stale.since, private=not is_masked(work, here))
    return replace(page, changes=seen, outrun=outrun_sentence(work, here, stale.since))


def used_up(page: ActPage) -> ActPage:
    """Return the page that says that this form was sent before with something else in it."""
    return replace(
        page,
        outrun=_(
            "This form was sent once already, with other words in it. "
            "Look at the matter first; to do it once more, send again."
        ),
    )


def _effects(
    here: Standing, action: Action, procedure: Procedure, stopping: Stopping
) -> list[tuple[str, str]]:
    """Say what will follow: the state, who owns it, the limits that end and begin, what is sent."""
    found = []
    known: Mapping[str, Any] = json.loads(here.row["vars"])
    target = procedure.states.get(procedure.target_of(action, here.state, known), procedure.initial)
    moves = target.name != here.state
    if moves:
        found.append((_("State afterwards"), localised(target.label)))
    if action.name == "supplement":
        kept = _("takes what you write; what you leave empty stays, what stood before is kept in the file")
        found.append((_("Registration"), kept))
    owner = _owner_words(action)
    if owner:
        found.append((_("Who handles it"), owner))
    ended = [name for name in (*action.meets, *action.cancels) if name in stopping.running]
    wanted = (*action.opens, *(target.clocks if moves and not action.reverses else ()))
    opened = [name for name in wanted if name not in stopping.lacking]
    if action.undoes:
        back = _("its limits run again as they were; the days of the merging count")
        found.append((_("Time limits"), back))
    elif action.takes_back:
        found.append((_("Time limits"), _("those of before the step run on, with their own days")))
    session = arranged(here.row["vars"]) if stopping.stands else None
    if session is not None:
        stays = _("%(when)s: it stands; move it or call it off if it cannot be held", when=session.words)
        found.append((_("Arranged session"), stays))
    if action.name == "challenge":
        found.append((_("Time limits"), _("none stands still: the days of a challenge count")))
    names = (
        (_("Limits that end"), [procedure.clocks[name].label for name in dict.fromkeys(ended)]),
        (_("Limits that begin"), [procedure.clocks[name].label for name in dict.fromkeys(opened)]),
        (_("Stands still"), [procedure.clocks[name].label for name in stopping.stands]),
        (_("Counts again"), [procedure.clocks[name].label for name in stopping.go_on if name not in ended]),
        (_("Runs on: its rules know no pause"), [procedure.clocks[name].label for name in stopping.runs_on]),
        (_("Will be sent"), [procedure.messages[name] for name in action.emit]),
    )
    return found + [(label, _("; ").join(localised(one) for one in said)) for label, said in names if said]


def _stopping(work: Work, here: Standing, action: Action, procedure: Procedure) -> Stopping:
    """Say which clocks the action lets stand still: the state names them, the rules of each run decide."""
    known: Mapping[str, Any] = json.loads(here.row["vars"])
    target = procedure.target_of(action, here.state, known)
    rows = {row.clock: row for row in clocks(work, here) if row.open}
    moves = target in procedure.states and target != here.state
    named = procedure.states[target].pauses if moves else ()
    stands = [one for one in named if one in rows and may_pause(rows[one], work.time_rules.rules)]
    runs_on = [one for one in named if one in rows and one not in stands]
    stood, rules = frozenset(name for name, row in rows.items() if row.paused), work.time_rules.rules
    go_on = [name for name in rows if moves and name in stood and name not in named]
    lacking = {
        one.name
        for one in procedure.clocks.values()
        if one.if_ruled and not rules.has_limit(one.name, work.today)
    }
    return Stopping(frozenset(rows), stands, runs_on, stood, go_on, frozenset(lacking))


def _owner_words(action: Action) -> str:
    if action.handover is Handover.ASK:
        return _("you hand it on when the receiver accepts; until then it stays where it is")
    words = {
        Assign.ACTOR: _("you"),
        Assign.RECEIVER: _("the unit's named receiver, at once"),
        Assign.INTAKE_DESK: _("the duty officer of the intake desk"),
        Assign.FIRST_RESPONDER: _("the first responder"),
    }
    return words[action.assign] if action.assign is not None else ""
