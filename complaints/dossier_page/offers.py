"""What an action's form offers for units, people and items: only what the matter may lawfully have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask_babel import gettext as _

from complaints.dossier.attachments import files_of
from complaints.dossier.clock_views import localised
from complaints.dossier.progress import Standing, governing, procedure_of
from complaints.dossier.work import Work
from complaints.dossier_page.queries import Candidate, colleagues, handover_candidates, heads, people_of_unit
from complaints.dossier_page.work_rows import work_rows
from complaints.intake.actions import unit_before
from complaints.organisation.receivers import units_with_receivers
from complaints.organisation.roles import Role
from complaints.web.file_rows import file_words
from workflows.beside import co_handlers
from workflows.definition import Action, Assign, CoHandling, FieldKind, Handover, Procedure, WorkStep
from workflows.rule_sets import Item


@dataclass(frozen=True, slots=True)
class UnitOffer:
    """A unit that a matter may be dispatched to, with its named receiver of today (0 where there is none)."""

    path: str
    name: str
    receiver_id: int
    receiver: str

    @property
    def words(self) -> str:
        """The unit as the list shows it: who will own the matter, or that nobody can."""
        if not self.receiver_id:
            return _("%(unit)s: no named receiver today", unit=self.name)
        return _("%(unit)s, received by %(person)s", unit=self.name, person=self.receiver)


@dataclass(frozen=True, slots=True)
class Offers:
    """Everything a form offers besides its own choices."""

    items: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    """Items of the rule set that governs the list in this matter, by the field's name."""
    units: tuple[UnitOffer, ...] = ()
    people: tuple[Candidate, ...] = ()
    back_to: str = ""
    """Path of the unit that returned the matter, to which a dispatch that stands goes again."""
    suggested_unit: str = ""
    """Name of the unit of the operator's place of business; a hint, never set (SAMR Order 121, art. 13)."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The matter's files in words, by number."""
    work: Mapping[str, str] = field(default_factory=dict)
    """The open work that this person may end, in words, by number."""

    def unit(self, path: str) -> UnitOffer | None:
        """Return the offered unit at the path, or None."""
        return next((one for one in self.units if one.path == path), None)

    def person(self, person_id: int, unit_path: str) -> Candidate | None:
        """Return the offered person for the unit, or None."""
        return next((one for one in self.people if (one.id, one.unit_path) == (person_id, unit_path)), None)


def offers_for(work: Work, here: Standing, action: Action) -> Offers:
    """Return what the action's form offers this person today."""
    listed = [one for one in action.fields if one.kind is FieldKind.ITEM]
    law = governing(work, here) if listed else None
    items = {one.name: law.items(one.items) for one in listed} if law else {}
    if action.assign is Assign.RECEIVER:
        offered = _units(work)
        back_to = unit_before(work, here) if action.name == "rule_on_return" else ""
        return Offers(items, units=offered, back_to=back_to, suggested_unit=_suggested(here, offered))
    if action.handover is Handover.ASK:
        roles = _accepting_roles(procedure_of(work, here))
        return Offers(items, people=tuple(handover_candidates(work, here, roles)))
    if action.co_handler is not None or action.work is not None:
        return replace(_beside(work, here, action), items=items)
    if action.field("approved_by") is not None:
        return Offers(items, people=tuple(heads(work, here)))
    if action.name == "withdraw_file":
        files = {str(one.number): file_words(work, here, one) for one in files_of(work, here)}
        return Offers(items, files=files)
    return Offers(items)


def _beside(work: Work, here: Standing, action: Action) -> Offers:
    """Return who of the unit may be asked or named, who helps already, or what work is open."""
    known = json.loads(here.row["vars"])
    helping = co_handlers(known)
    if action.work is WorkStep.ASK:
        return Offers(people=tuple(colleagues(work, here)))
    if action.co_handler is CoHandling.NAME:
        left_out = {here.row["owner_id"], *helping, *known.get("removed", ())}
        return Offers(people=tuple(one for one in colleagues(work, here) if one.id not in left_out))
    if action.co_handler is CoHandling.REMOVE:
        return Offers(people=tuple(people_of_unit(work, here, helping)))
    rows = work_rows(work, here)
    mine = action.work is WorkStep.FINISH and here.row["owner_id"] != work.actor.id
    ends = [one for one in rows if one.open and (one.mine or not mine)]
    return Offers(work={str(one.number): one.words for one in ends})


def chooses_unit(action: Action) -> bool:
    """Tell whether a unit is chosen and its named receiver follows from it."""
    return action.assign is Assign.RECEIVER


def _units(work: Work) -> tuple[UnitOffer, ...]:
    """Return the units, those that nobody receives for today behind the others."""
    found = (
        UnitOffer(unit.path, unit.name, person.id if person else 0, person.name if person else "")
        for unit, person in units_with_receivers(work.session, work.actor.paths(Role.INTAKE), work.today)
    )
    return tuple(sorted(found, key=lambda one: not one.receiver_id))


def _suggested(here: Standing, offered: tuple[UnitOffer, ...]) -> str:
    merchant = here.matter.merchant
    found = next((one for one in offered if merchant and one.path == merchant.unit_path), None)
    return found.name if found else ""


def _accepting_roles(procedure: Procedure) -> list[str]:
    """Return the roles that may accept a handover in this procedure."""
    return [
        scope.role
        for action in procedure.actions.values()
        if action.handover is Handover.ACCEPT
        for scope in action.roles
    ]


def articles(offers: Offers) -> dict[str, dict[str, str]]:
    """Return the article of each offered item, by field and code."""
    return {
        name: {item.code: localised(item.article) for item in listed} for name, listed in offers.items.items()
    }
