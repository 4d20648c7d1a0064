"""Work asked for beside the states of a matter, and who helps with it, as the matter's page shows them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from complaints.dossier.clock_views import day_text, localised
from complaints.dossier.progress import Standing, procedure_of
from complaints.dossier.work import Work
from complaints.foundation.masking import mask_text
from complaints.organisation.people import person_names
from workflows.beside import co_handlers
from workflows.definition import WORK_ASKED, WorkStep
from workflows.rows import WorkRow
from workflows.runtime import reading


@dataclass(frozen=True, slots=True)
class WorkView:
    """One piece of work. `shape` is done, late, soon (due today) or still (open, due later)."""

    number: int
    kind: str
    who: str
    due: str
    asked_by: str
    state: str
    shape: str
    open: bool
    mine: bool
    wanted: str = ""
    """What was asked for, numbers in it masked as everywhere on the page."""
    finish_url: str = ""
    call_off_url: str = ""

    @property
    def words(self) -> str:
        """The piece in one line, as a list of choices shows it."""
        words = _(
            "%(n)s. %(work)s, %(who)s, due on %(day)s",
            n=self.number,
            work=self.kind,
            who=self.who,
            day=self.due,
        )
        return f"{words}{_(': ')}{self.wanted}" if self.wanted else words


@dataclass(frozen=True, slots=True)
class Beside:
    """What goes on beside the states: the open work first, and who helps."""

    rows: tuple[WorkView, ...]
    helping: tuple[str, ...]


def beside(work: Work, here: Standing, can: Collection[str]) -> Beside:
    """Return the section of the page; `can` are the actions that this person may do now."""
    rows = work_rows(work, here, can)
    helping = co_handlers(json.loads(here.row["vars"]))
    names = person_names(work.session, helping) if helping else {}
    return Beside(
        tuple(sorted(rows, key=lambda one: not one.open)),
        tuple(names[one] for one in helping if one in names),
    )


def work_rows(work: Work, here: Standing, can: Collection[str] = ()) -> list[WorkView]:
    """Return all work ever asked for, by number. Three queries, none where nothing was ever asked for."""
    if not json.loads(here.row["vars"]).get(WORK_ASKED):
        return []
    rows = reading.work_of(work.connection, here.instance_id)
    names = person_names(work.session, [one for row in rows for one in (row.person_id, row.asked_by)])
    texts = work.engine.private_texts(work.connection, here.instance_id)
    return [_view(work, here, row, names, can, texts.get((row.asked_seq, "note"), "")) for row in rows]


def _view(
    work: Work, here: Standing, row: WorkRow, names: dict[int, str], can: Collection[str], wanted: str
) -> WorkView:
    label = procedure_of(work, here).work.get(row.kind)
    is_open, mine = row.ended_seq is None, row.person_id == work.actor.id
    state, shape = _state(work, row)

    def url(action: str) -> str:
        return url_for("dossier_page.do", number=here.matter.number, action=action, work_number=row.number)

    ends = is_open and "finish_work" in can and (mine or here.row["owner_id"] == work.actor.id)
    return WorkView(
        number=row.number,
        kind=localised(label) if label else row.kind,
        who=names.get(row.person_id, ""),
        due=day_text(row.due_on),
        asked_by=names.get(row.asked_by, ""),
        state=state,
        shape=shape,
        open=is_open,
        mine=mine,
        wanted=mask_text(wanted),
        finish_url=url("finish_work") if ends else "",
        call_off_url=url("call_off_work") if is_open and "call_off_work" in can else "",
    )


def _state(work: Work, row: WorkRow) -> tuple[str, str]:
    if row.ended_seq is not None:
        return (_("done") if row.ended_how == WorkStep.FINISH.value else _("called off")), "done"
    late = (work.today - row.due_on).days
    if late > 0:
        return _("late since %(day)s", day=day_text(row.due_on)), "late"
    return (_("due today"), "soon") if late == 0 else (_("not done yet"), "still")
