"""The proof of a limit, day by day: each counted and each skipped day with its cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from complaints.dossier.clock_views import ClockView, clock_view, day_text, localised, unchecked
from complaints.dossier.progress import Standing, remembered_by
from complaints.dossier.work import Work
from complaints.dossier_page.pauses import PauseLine, pause_ledger
from complaints.dossier_page.queries import clocks
from complaints.foundation.errors import NotFound
from workflows.calendars.working_calendar import DayKind, DayReason, WorkingCalendar
from workflows.counting import TimeRules, as_counted, until_tomorrow
from workflows.deadlines import Cause, DayLine, DueDate, Pause, Unit
from workflows.given_back import due_with_pauses, explain_with_pauses
from workflows.governing import binding
from workflows.rows import ClockRow, PauseRow
from workflows.rule_sets import Limit, RuleSet, Source
from workflows.runtime.calendar_table import calendar_of


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the proof. `number` is empty where the day does not count; `mark` names the three dates."""

    day: str
    number: str
    cause: str
    marks: tuple[str, ...]
    today: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """The page of a clock."""

    clock: ClockView
    limit: str
    instrument: str
    rests_on: str
    """Local practice and internal limits say what their number rests on, others where it was not checked."""
    beside: list[str]
    """The limits that bind as well and end no earlier."""
    start: str
    nominal: str
    alert_due: str
    legal_due: str
    days: list[Day]
    counted: int
    skipped: int
    pauses: list[PauseLine]
    provisional: bool
    recounts: bool
    """Whether the next notice has it counted again: what is over stays as it was counted."""
    final_through: str
    running_pause: bool
    calendar: str
    rolls: bool
    on_record: str
    """The legal limit on record; while the clock stands still, the three dates above are those as if."""
    agrees: bool
    """Whether counting the days again gives the dates on record; always so unless the clock stands still."""


def proof(work: Work, here: Standing, key: str) -> Proof:
    """Return the proof of the clock `name-seq` of the matter. Raises NotFound where it has no such clock."""
    return proof_of(work, here, run_of(work, here, key))


def run_of(work: Work, here: Standing, key: str) -> ClockRow:
    """Return the run `name-seq` of the matter's clocks. Raises NotFound where it has no such run."""
    row = next((one for one in clocks(work, here) if f"{one.clock}-{one.opened_seq}" == key), None)
    if row is None:
        raise NotFound(_("There is no such page, or it is not yours to see."))
    return row


def counted_by(work: Work, row: ClockRow) -> WorkingCalendar:
    """Return the calendar by which the run was counted, as it was in that revision.

    The present one where a database of before the revisions were kept no longer has it.
    """
    now = work.time_rules.calendar
    if row.calendar == now.revision:
        return now
    return calendar_of(work.connection, row.calendar) or now


def proof_of(work: Work, here: Standing, row: ClockRow) -> Proof:
    """Return the proof of a run, by the calendar it was counted by."""
    time, procedure = work.time_rules, remembered_by(work, here)
    row = as_counted(row, time.rules)
    rule = procedure.clocks[row.clock]
    whole = time.rules.limit_in(row.rule_set, row.clock, row.start)
    limit, governed = binding(whole, row), time.rules.of(row.rule_set)
    rules = _counting_rule(governed, whole, row.start, time), localised(whole.pause_article)
    calendar = counted_by(work, row)
    pauses = not_counted(row, work.today)
    lines = explain_with_pauses(row.start, row.n, Unit(row.unit), calendar, pauses, calendar.rolls_weekends)
    due = due_with_pauses(row.start, row.n, Unit(row.unit), calendar, pauses, calendar.rolls_weekends)
    agrees = row.paused or due[:3] == (row.nominal, row.alert_due, row.legal_due)
    counted = sum(1 for line in lines if line.number is not None)
    shown = clock_view(row, rule, time, work.today)
    marks = _marks(due, row.met_on, internal=shown.internal)
    return Proof(
        clock=shown,
        limit=_limit(row.n, row.unit),
        instrument=localised(governed.instrument) if governed else row.rule_set,
        rests_on=localised(limit.default) or unchecked(limit),
        beside=[
            _beside(row, one, until_tomorrow(row, work.today), time)
            for one in whole.all_binding
            if one is not limit
        ],
        start=day_text(row.start),
        nominal=day_text(due.nominal),
        alert_due=day_text(due.alert_due),
        legal_due=day_text(due.legal_due),
        days=[_day(line, marks, work.today, rules) for line in lines],
        counted=counted,
        skipped=len(lines) - counted,
        pauses=pause_ledger(work, procedure, clocks(work, here) if row.pauses else (row,), (row,)),
        provisional=due.provisional,
        recounts=due.provisional and row.open,
        final_through=day_text(calendar.final_through),
        running_pause=row.paused,
        calendar=row.calendar,
        rolls=calendar.rolls_weekends,
        on_record=day_text(row.legal_due),
        agrees=agrees,
    )


def not_counted(row: ClockRow, today: date) -> Sequence[Pause]:
    """Return the stretches that are not counted; one still running is taken as far as today."""
    found = [
        Pause(one.since, one.to or max(today, one.since)) for one in row.pauses if _lasted(one.since, one.to)
    ]
    return tuple(found)


def _lasted(since: date, to: date | None) -> bool:
    return to is None or to >= since


def _limit(n: int, unit: str) -> str:
    if unit == Unit.WORKDAY:
        return ngettext("%(num)d working day", "%(num)d working days", n)
    return ngettext("%(num)d calendar day", "%(num)d calendar days", n)


def _beside(row: ClockRow, other: Limit, pauses: Sequence[PauseRow], time: TimeRules) -> str:
    due = time.due(row.start, other.n, other.unit, pauses)
    return _(
        "%(limit)s until %(day)s (%(article)s) bind as well: the earlier day counts",
        limit=_limit(other.n, other.unit),
        day=day_text(due.legal_due),
        article=localised(other.article),
    )


def _marks(due: DueDate, met_on: date | None, *, internal: bool) -> tuple[tuple[date | None, str], ...]:
    """Return what is said beside the days that matter; only what the law says is called a legal limit."""
    return (
        (due.alert_due, _("work to this day")),
        (due.nominal, _("last day counted")),
        (due.legal_due, _("limit, until midnight") if internal else _("legal limit, until midnight")),
        (met_on, _("met on this day")),
    )


def _day(
    line: DayLine, marks: tuple[tuple[date | None, str], ...], today: date, rules: tuple[str, str]
) -> Day:
    number = "" if line.number is None else str(line.number)
    here = tuple(words for day, words in marks if day == line.date)
    return Day(day_text(line.date), number, _cause(line, *rules), here, line.date == today)


def _counting_rule(governed: RuleSet | None, limit: Limit, start: date, time: TimeRules) -> str:
    """Return the article by which the clock's own instrument leaves out the first day and moves the last.

    Only Order 121 has one (art. 45): of an earlier instrument it is said that it has none, or that its text
    was not checked, also where that of another is not which binds beside it. A limit that the office sets
    itself rests on no article.
    """
    if governed is None or governed.local:
        return ""
    article = time.rules.article("counting", start, governed)
    if article is not None:
        return localised(article)
    read = {governed.source, *(one.source for one in limit.all_binding)}
    if read == {Source.TEXT}:
        return _("the instrument has no article on how days are counted")
    return _("the text of the instrument was not checked for an article on how days are counted")


def _cause(line: DayLine, counting: str, pausing: str) -> str:
    """Say in words why the day counts or does not, and by which article of the rules that count it."""
    kind = _kind(line.day)
    if line.cause is Cause.FIRST_DAY:
        return _cited(_("day of the event, not counted"), counting)
    if line.cause is Cause.PAUSED:
        return _cited(_("appraisal or testing, not counted"), pausing)
    if line.cause is Cause.ROLLED:
        return _cited(_("%(kind)s: the last day moves on", kind=kind), counting)
    if line.cause is Cause.GIVEN_BACK:
        return _("%(kind)s: was left of the period when the appraisal began", kind=kind)
    if line.cause is Cause.NOT_WORKING:
        return _("%(kind)s, not counted", kind=kind)
    return kind


def _cited(words: str, article: str) -> str:
    return _("%(text)s (%(article)s)", text=words, article=article) if article else words


def _kind(day: DayReason) -> str:
    """Say what kind of day it is, and that it may yet change where a notice to come can name it."""
    if day.kind is DayKind.MAKE_UP:
        words = _("worked to make up for %(name)s", name=day.name)
    elif day.kind is DayKind.HOLIDAY:
        words = day.name if day.statutory else _("%(name)s, day off by notice", name=day.name)
    elif day.kind is DayKind.WEEKEND:
        words = _("weekend")
    else:
        words = _("working day")
    if not day.announced:
        return _("%(kind)s (year not announced)", kind=words)
    return words if day.final else _("%(kind)s (next year's notice may change it)", kind=words)
