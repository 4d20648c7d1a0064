"""The page of one action: its form, what it will do, and, where it was refused or outrun, why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flask_babel import gettext as _

from complaints.dossier.action_views import ReasonView, reason_views
from complaints.dossier.clock_views import localised
from complaints.dossier.progress import Standing, explain, procedure_of
from complaints.dossier.timeline import Entry, entries
from complaints.dossier.work import Work
from complaints.dossier_page.forms import asked_as, typed_fields
from complaints.dossier_page.matter_page import is_masked
from complaints.dossier_page.offers import Offers, articles
from complaints.foundation.errors import NotFound
from workflows.compiled import Verdict
from workflows.definition import Action, Procedure
from workflows.guards import Why
from workflows.runtime.requests import StaleVersion


@dataclass(frozen=True, slots=True)
class Asked:
    """One field as the template asks it."""

    name: str
    way: str
    optional: bool
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ActPage:
    """What the template draws besides the form."""

    key: str
    label: str
    article: str
    asked: list[Asked]
    articles: dict[str, dict[str, str]]
    effects: list[tuple[str, str]]
    reasons: list[ReasonView] = field(default_factory=list)
    changes: list[Entry] = field(default_factory=list)
    outrun: str = ""
    """A sentence where the form was older than the matter or had been used already."""


def action_of(work: Work, here: Standing, name: str) -> Action:
    """Return the action of the matter's procedure. Raises NotFound where it has none, or none for people."""
    action = procedure_of(work, here).actions.get(name)
    if action is None or action.automatic:
        raise NotFound(_("There is no such page, or it is not yours to see."))
    return action


def act_page(work: Work, here: Standing, action: Action, offers: Offers) -> ActPage:
    """Return the page of an action that may be done."""
    procedure = procedure_of(work, here)
    hint = (
        _("place of business suggests: %(unit)s", unit=offers.suggested_unit) if offers.suggested_unit else ""
    )
    asked = [
        Asked(one.name, asked_as(one), not one.required, hint if one.name == "unit" else "")
        for one in typed_fields(action)
    ]
    return ActPage(
        key=action.name,
        label=localised(action.label),
        article=localised(action.article),
        asked=asked,
        articles=articles(offers),
        effects=_effects(work, here, action, procedure),
    )


def against(work: Work, here: Standing, action: Action) -> list[ReasonView]:
    """Return every reason why the person may not begin the action now; none where it may be done."""
    verdict = explain(work, here).get(action.name)
    if verdict is None:
        return [_not_in_this_state(work, here, action)]
    return reason_views(work, here, verdict.reasons)


def verdict_of(work: Work, here: Standing, action: Action) -> Verdict | None:
    """Return whether the page offers the action, or None where the present state does not know it."""
    return explain(work, here).get(action.name)


def refused(work: Work, here: Standing, page: ActPage, reasons: list[Why]) -> ActPage:
    """Return the page with the reasons of a refusal."""
    return replace(page, reasons=reason_views(work, here, reasons))


def outrun(work: Work, here: Standing, page: ActPage, stale: StaleVersion) -> ActPage:
    """Return the page with what changed since the form was made, by whom and when."""
    seen = entries(work, here, stale.since, private=not is_masked(work, here))
    return replace(page, changes=seen, outrun=_("This matter was changed after the form was opened."))


def used_up(page: ActPage) -> ActPage:
    """Return the page that says that this form was sent before with something else in it."""
    return replace(
        page,
        outrun=_(
            "This form was sent once already, with other words in it. "
            "Look at the matter first; to do it once more, send again."
        ),
    )


def _not_in_this_state(work: Work, here: Standing, action: Action) -> ReasonView:
    procedure = procedure_of(work, here)
    state = localised(procedure.states[here.state].label)
    known = _(", ").join(localised(procedure.states[one].label) for one in action.sources)
    return ReasonView(
        _("The matter is now “%(state)s”.", state=state),
        _("“%(action)s” can be done in: %(states)s.", action=localised(action.label), states=known),
        "wrong_state",
    )


def _effects(work: Work, here: Standing, action: Action, procedure: Procedure) -> list[tuple[str, str]]:
    """Say what will follow: the state, the limits that end and begin, what is sent."""
    found = []
    target = procedure.states.get(action.target or "")
    if target is not None:
        found.append((_("State afterwards"), localised(target.label)))
    ended = [*action.meets, *action.cancels]
    opened = [*action.opens, *(target.clocks if target is not None and target.name != here.state else ())]
    words = _("; ")
    for label, names in ((_("Limits that end"), ended), (_("Limits that begin"), opened)):
        if names:
            known = [procedure.clocks[name] for name in dict.fromkeys(names)]
            found.append((label, words.join(localised(one.label) for one in known)))
    if target is not None and target.pauses:
        paused = words.join(localised(procedure.clocks[name].label) for name in target.pauses)
        found.append((_("Stands still"), paused))
    if action.emit:
        sent = words.join(localised(procedure.messages[name]) for name in action.emit)
        found.append((_("Will be sent"), sent))
    return found
