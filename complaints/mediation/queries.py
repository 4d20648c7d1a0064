"""What waits for a handler or a head, and what a station has in hand, by the day it falls due.

Every list costs a fixed number of queries, whatever its length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, select, union
from sqlalchemy.orm import Session

from complaints.dossier.beside import AskedWork, asked_in, helps_with, open_work_of
from complaints.dossier.clock_views import day_text, localised
from complaints.dossier.models import Matter, MatterKind
from complaints.dossier.visibility import visible_to
from complaints.dossier.work import Work
from complaints.dossier.worklists import MatterRow, keys, portion, worklist
from complaints.mediation.models import MediationSession
from complaints.mediation.next_steps import next_action
from complaints.organisation.people import SignedInActor
from complaints.organisation.roles import Role
from complaints.organisation.units import at_or_below
from workflows.definition import Procedure
from workflows.runtime.tables import instance, task

TABS = ("mine", "offered", "helping", "unit", "tasks")
"""The lists of the desk, in their order."""

BANDS = ("late", "today", "later", "still")
"""How urgent a row is: past its legal day, due today, due later, no clock running."""


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One line of the desk: the matter, how urgent it is, what is to be done next, and the tasks it gave."""

    matter: MatterRow
    band: str
    own: bool
    """Whether the reader owns it."""
    next_action: str
    next_label: str
    theirs: bool
    """Whether the next action is the reader's: the owner's, but a challenge is a head's to decide."""
    tasks: tuple[str, ...] = ()
    asked: AskedWork | None = None
    """The reader's own piece of work, which is then the next step and says how urgent the row is."""


def desk_counts(work: Work) -> dict[str, int]:
    """Count the rows of each tab, in one query."""
    # each tab by itself: one scan over whatever any tab may hold would read every matter of the unit
    counts = [
        select(func.count())
        .select_from(instance)
        .where(visible_to(work.actor), tab_condition(work.actor, tab))
        .scalar_subquery()
        for tab in TABS
    ]
    return dict(zip(TABS, work.session.execute(select(*counts)).one(), strict=True))


def tab_condition(actor: SignedInActor, tab: str) -> ColumnElement[bool]:
    """Return the condition of a tab, on `instance` alone."""
    open_complaint = and_(instance.c.procedure == MatterKind.COMPLAINT.value, instance.c.ended.is_(False))
    if tab == "offered":
        return and_(instance.c.handover_to == actor.id, instance.c.ended.is_(False))
    if tab == "helping":
        return helps_with(actor)
    if tab == "unit":
        return and_(open_complaint, at_or_below(instance.c.unit_path, actor.paths(Role.HANDLER, Role.HEAD)))
    if tab == "tasks":
        return instance.c.id.in_(select(task.c.instance_id).where(*_open_tasks(actor)))
    return and_(open_complaint, instance.c.owner_id == actor.id)


def waiting_for(session: Session, actor: SignedInActor) -> int:
    """Count what waits for the person: open complaints, handovers to answer, work asked for. One query."""
    # asked for every page's menu: each part by an index of its own, where one OR would read every matter
    reasons = (
        and_(instance.c.procedure == MatterKind.COMPLAINT.value, instance.c.owner_id == actor.id),
        instance.c.handover_to == actor.id,
    )
    parts = [select(instance.c.id).where(instance.c.ended.is_(False), one) for one in reasons]
    waiting = union(*parts, asked_in(actor))
    statement = select(func.count()).select_from(waiting.subquery())
    return int(session.execute(statement).scalar_one())


def desk(work: Work, tab: str, offset: int = 0) -> list[DeskRow]:
    """Return one page of a tab, the most urgent first."""
    return _desk_rows(work, tab, worklist(work, tab_condition(work.actor, tab), offset=offset))


def desk_keys(work: Work, tab: str) -> list[int]:
    """Return the ids of a whole tab, the earliest due first."""
    return keys(work, tab_condition(work.actor, tab))


def desk_portion(work: Work, tab: str, ids: Sequence[int]) -> list[DeskRow]:
    """Return those of the matters that the reader may see, as rows of the tab, the most urgent first."""
    return _desk_rows(work, tab, portion(work, ids))


def _desk_rows(work: Work, tab: str, rows: Sequence[MatterRow]) -> list[DeskRow]:
    asked = _asked(work, rows) if tab == "helping" else {}
    if tab == "helping":
        tasks = {row.instance_id: _help_sentences(work, row, asked.get(row.instance_id, ())) for row in rows}
    else:
        tasks = _task_sentences(work, rows) if tab == "tasks" else {}
    found = [
        _desk_row(work, row, tasks.get(row.instance_id, ()), next(iter(asked.get(row.instance_id, ())), None))
        for row in rows
    ]
    return sorted(found, key=lambda one: BANDS.index(one.band))


def _desk_row(work: Work, row: MatterRow, tasks: tuple[str, ...], asked: AskedWork | None) -> DeskRow:
    action = "finish_work" if asked else next_action(row)
    label = _procedure(work, row).actions[action].label if action else None
    own = row.owner_id == work.actor.id
    return DeskRow(
        matter=row,
        band=_band_of_work(asked.due_on, work.today) if asked else band(row, work.today),
        own=own,
        next_action=action,
        next_label=localised(label),
        theirs=asked is not None or (not own if action == "decide_challenge" else own),
        tasks=tasks,
        asked=asked,
    )


def band(row: MatterRow, today: date) -> str:
    """Return how urgent the row is on that day (Asia/Shanghai)."""
    if row.clock is None:
        return "still"
    if today > row.clock.legal_due:
        return "late"
    return "today" if today >= row.clock.alert_due else "later"


def _band_of_work(due_on: date, today: date) -> str:
    if due_on < today:
        return "late"
    return "today" if due_on == today else "later"


def _open_tasks(actor: SignedInActor) -> tuple[ColumnElement[bool], ...]:
    return (task.c.person_id == actor.id, task.c.done_seq.is_(None))


def _task_sentences(work: Work, rows: Sequence[MatterRow]) -> dict[int, tuple[str, ...]]:
    """Return what each matter's open tasks tell this person, the latest of each clock. One query."""
    found: dict[int, dict[str, str]] = {}
    by_instance = {row.instance_id: row for row in rows}
    statement = (
        select(task.c.instance_id, task.c.kind, task.c.name, task.c.clock)
        .where(*_open_tasks(work.actor), task.c.instance_id.in_(list(by_instance)))
        .order_by(task.c.seq, task.c.id)
    )
    for instance_id, kind, name, clock in work.session.execute(statement):
        row = by_instance[instance_id]
        sentence = _task_sentence(_procedure(work, row), kind, name, clock, row, work.actor.id)
        found.setdefault(instance_id, {})[clock] = sentence
    return {instance_id: tuple(texts.values()) for instance_id, texts in found.items()}


def _task_sentence(
    procedure: Procedure, kind: str, name: str, clock: str, row: MatterRow, reader_id: int
) -> str:
    """Say what a task asks of its reader."""
    if name in procedure.tasks:
        return localised(procedure.tasks[name])
    if name.startswith("work."):
        label = localised(procedure.work.get(name.removeprefix("work.")))
        return _("“%(work)s” is due: finish it, or have it called off.", work=label)
    rule = procedure.clocks.get(clock)
    label = localised(rule.label) if rule else clock
    if kind == "warn":
        return _("“%(clock)s” falls due soon: finish it in time.", clock=label)
    if row.state == "closed":
        return _("The limit of “%(clock)s” has passed: ask who calls back to do it today.", clock=label)
    if row.owner_id == reader_id:
        return _(
            "The limit of “%(clock)s” has passed: finish it today and say why it took longer.", clock=label
        )
    return _(
        "The limit of “%(clock)s” has passed: see that %(owner)s finishes it today.",
        clock=label,
        owner=row.owner,
    )


def _asked(work: Work, rows: Sequence[MatterRow]) -> dict[int, list[AskedWork]]:
    """Return what this person still has to do in each matter, the earliest due first. One query."""
    found: dict[int, list[AskedWork]] = {}
    for one in open_work_of(work.connection, work.actor.id, [row.instance_id for row in rows]):
        found.setdefault(one.instance_id, []).append(one)
    return found


def _help_sentences(work: Work, row: MatterRow, asked: Sequence[AskedWork]) -> tuple[str, ...]:
    """Say what this person was asked to do in the matter, and by which day; else that one helps."""
    found = []
    for one in asked:
        label = localised(_procedure(work, row).work.get(one.kind))
        late = one.due_on < work.today
        words = _("%(work)s: late, due on %(day)s") if late else _("%(work)s: due on %(day)s")
        found.append(words % {"work": label, "day": day_text(one.due_on)})
    return tuple(found) or (_("You are co-handler."),)


def _procedure(work: Work, row: MatterRow) -> Procedure:
    """Return the procedure in force on the day of receipt, by which the matter was begun."""
    return work.engine.library.version_for(row.kind, row.received_on).procedure


def sessions_of(session: Session, matter: Matter) -> Sequence[MediationSession]:
    """Return the sessions held so far, the first one first."""
    return session.scalars(
        select(MediationSession)
        .where(MediationSession.matter_id == matter.id)
        .order_by(MediationSession.held_on, MediationSession.seq)
    ).all()
