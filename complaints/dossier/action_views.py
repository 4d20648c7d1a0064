"""What may be done with a matter now, and what may not.

Every refused action says why and who could lift it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from complaints.dossier.clock_views import localised
from complaints.dossier.progress import Standing, explain, governing, procedure_of
from complaints.dossier.work import Work
from complaints.foundation.clock import local_moment
from complaints.organisation.directory import nearest_holders
from complaints.organisation.people import SYSTEM_ID, person_names
from complaints.organisation.roles import LABELS, Role
from workflows.compiled import Verdict
from workflows.definition import Action
from workflows.governing import Governing
from workflows.guards import Why
from workflows.runtime.tables import event

DONE_ALREADY = "done_already"
"""Code of the reason that is none: the reader did this very step a moment ago."""


@dataclass(frozen=True, slots=True)
class ReasonView:
    """One reason, and what lifts it; an empty remedy means that nobody can."""

    text: str
    remedy: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class ActionView:
    """One action of the present state."""

    key: str
    label: str
    allowed: bool
    asks: bool
    """Whether it has a form; otherwise the button acts at once."""
    reasons: tuple[ReasonView, ...]
    article: str


def action_views(work: Work, here: Standing) -> list[ActionView]:
    """Return all actions of the present state for this person, in the procedure's order.

    Actions that belong to quite other roles are left out unless somebody near could do them: they are not
    this person's concern.
    """
    verdicts = explain(work, here)
    procedure, law = procedure_of(work, here), governing(work, here)
    names = _who_can(work, here, [why for verdict in verdicts.values() for why in verdict.reasons])
    return [_view(procedure.actions[name], verdict, names, law) for name, verdict in verdicts.items()]


def _view(action: Action, verdict: Verdict, names: Mapping[str, str], law: Governing) -> ActionView:
    return ActionView(
        key=action.name,
        label=localised(action.label),
        allowed=verdict.allowed,
        asks=bool(verdict.fields),
        reasons=tuple(_reason(why, names) for why in verdict.reasons),
        article=localised(law.article(action.article)),
    )


def article_of(work: Work, here: Standing, name: str) -> str:
    """Return the article of an action of the matter, by the rules that govern it; empty where it has none."""
    return localised(governing(work, here).article(procedure_of(work, here).actions[name].article))


def reason_views(work: Work, here: Standing, reasons: Sequence[Why]) -> list[ReasonView]:
    """Return reasons as people read them, with the nearest who can lift each."""
    names = _who_can(work, here, reasons)
    return [_reason(why, names) for why in reasons]


def against(work: Work, here: Standing, name: str) -> list[ReasonView]:
    """Return every reason why the person may not begin the action of the matter's procedure now.

    None where it may be done. KeyError for an action that the procedure does not have.
    """
    verdict = explain(work, here).get(name)
    if verdict is None:
        done = done_just_before(work, here, name)
        return [done] if done else [_not_in_this_state(work, here, procedure_of(work, here).actions[name])]
    return reason_views(work, here, verdict.reasons)


def _not_in_this_state(work: Work, here: Standing, action: Action) -> ReasonView:
    procedure = procedure_of(work, here)
    state = localised(procedure.states[here.state].label)
    known = _(", ").join(localised(procedure.states[one].label) for one in action.sources)
    return ReasonView(
        _("The matter is now “%(state)s”.", state=state),
        _("“%(action)s” can be done in: %(states)s.", action=localised(action.label), states=known),
        "wrong_state",
    )


def done_just_before(work: Work, here: Standing, name: str) -> ReasonView | None:
    """Return when the person did this very step, where it was the last one; else None.

    Who goes back in the browser after a step asks for it again, and has done nothing wrong.
    """
    last = work.session.execute(
        select(event.c.action, event.c.actor_id, event.c.at_us)
        .where(event.c.instance_id == here.instance_id, event.c.kind == "act", event.c.actor_id != SYSTEM_ID)
        .order_by(event.c.seq.desc())
        .limit(1)
    ).first()
    if last is None or (last.action, last.actor_id) != (name, work.actor.id):
        return None
    procedure = procedure_of(work, here)
    return ReasonView(
        _(
            "You did “%(what)s” yourself at %(when)s.",
            what=localised(procedure.actions[name].label),
            when=f"{local_moment(last.at_us):%Y-%m-%d %H:%M}",
        ),
        _("The matter is now “%(state)s”.", state=localised(procedure.states[here.state].label)),
        DONE_ALREADY,
    )


def _reason(why: Why, names: Mapping[str, str]) -> ReasonView:
    return ReasonView(_reason_text(why), _remedy(why, names), why.code)


def _reason_text(why: Why) -> str:
    text = localised(why.text)
    if not why.article:
        return text
    return _("%(text)s (%(article)s).", text=text.rstrip(".。"), article=localised(why.article))


def _remedy(why: Why, names: Mapping[str, str]) -> str:
    """Say what lifts the reason and who can: by name where somebody holds the role nearby, else by role."""
    parts = [localised(why.remedy)] if why.remedy else []
    people = [names[role] for role in why.lifted_by if role in names]
    if people:
        parts.append(_("Who can: %(people)s", people=_(", ").join(dict.fromkeys(people))))
    lies_with = [names[_key(one)] for one in why.people if _key(one) in names]
    if lies_with:
        parts.append(_("It lies with: %(people)s", people=_(", ").join(lies_with)))
    return " ".join(parts)


def _key(person_id: int) -> str:
    """Return under which word a person's name stands beside the names of roles."""
    return f"#{person_id}"


def _who_can(work: Work, here: Standing, reasons: Sequence[Why]) -> dict[str, str]:
    """Return, for each role that could lift a reason, the nearest people who hold it, and the names of those
    with whom it lies; a fixed number of queries.
    """
    roles = {role for why in reasons for role in why.lifted_by}
    known = sorted(role for role in roles if role in set(Role))
    held = nearest_holders(work.session, [Role(role) for role in known], here.row["unit_path"], work.today)
    lies_with = sorted({one for why in reasons for one in why.people})
    people = person_names(work.session, [*(one for ids in held.values() for one in ids[:2]), *lies_with])
    found = {_key(one): people[one] for one in lies_with if one in people}
    for role in known:
        ids = held.get(Role(role), ())
        label = localised(LABELS[Role(role)])
        found[role] = f"{label} {_(', ').join(people[one] for one in ids[:2])}" if ids else label
    return found
