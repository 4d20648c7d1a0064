"""Compares what a page offers with what a forged submission gets, for one matter and one person.

Each submission is tried in a transaction of its own that is undone, so that one matter serves for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask

from complaints.dossier import progress
from complaints.dossier.progress import Standing
from complaints.dossier.refusals import Denied
from complaints.dossier.work import Work
from complaints.dossier_page.actions import do
from complaints.dossier_page.panel import panel
from complaints.foundation.errors import Invalid, NotFound
from tests.bureau import OFFICE
from tests.factories import Matters
from workflows.definition import Action, Field, FieldKind


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person's page and forged submission say about one action."""

    who: str
    state: str
    action: str
    offered: bool
    done: bool


def answers(app: Flask, matters: Matters, number: str, who: str) -> list[Answer]:
    """Return the page's and the engine's answer for each action of the present state.

    None for what is not seen.

    Actions of other states are tried as well where the person owns the matter: whoever may do most.
    """
    with matters.work(who) as work, app.test_request_context():
        try:
            here = progress.standing(work, number)
        except NotFound:
            return []
        offered = {one.key for one in panel(work, here, ()).can}
        found = []
        owns = here.row["owner_id"] == work.actor.id
        for action in progress.procedure_of(work, here).actions.values():
            if here.state not in action.sources and not owns:
                continue
            done = _tried(work, here, action, matters)
            found.append(Answer(who, here.state, action.name, action.name in offered, done))
        return found


def _tried(work: Work, here: Standing, action: Action, matters: Matters) -> bool:
    """Tell whether the forged act goes through, or fails on nothing but what was typed."""
    payload = {one.name: _value(one, matters) for one in action.fields}
    point = work.session.begin_nested()
    try:
        do(work, here, action.name, payload, progress.Submitted())
    except Denied as denied:
        return all(why.fields for why in denied.reasons)
    except NotFound:
        return False
    except Invalid:
        return True
    else:
        return True
    finally:
        point.rollback()


def _value(one: Field, matters: Matters) -> Any:
    """Return something that fits the field."""
    today = matters.city.clock.today()
    return {
        FieldKind.TEXT: "伪造的提交",
        FieldKind.DATE: today.isoformat(),
        FieldKind.FEN: 100,
        FieldKind.INTEGER: 1,
        FieldKind.FLAG: True,
        FieldKind.CODE: one.choices[0] if one.choices else "id_card",
        FieldKind.ITEM: "no_authority" if one.items == "return_reasons" else "3",
        FieldKind.PERSON: matters.city.person_ids["other_handler"],
        FieldKind.UNIT: OFFICE,
    }[one.kind]
