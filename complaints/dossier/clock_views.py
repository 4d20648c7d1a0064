"""Clocks as people see them: how much is left, by which article, with shape and words as well as colour.

Amber starts at the rule's own first warning, red when the legal day has passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from workflows.counting import TimeRules, as_counted, if_it_goes_on
from workflows.definition import ClockRule, Label, Procedure
from workflows.governing import binding
from workflows.rows import ClockRow
from workflows.rule_sets import Limit, Source

WEEKDAYS = "一二三四五六日"


def localised(label: Label | None) -> str:
    """Return the label in the reader's language, Chinese where nobody reads."""
    if label is None:
        return ""
    locale = get_locale()
    return label.in_language(str(locale) if locale else "zh")


def day_text(day: date) -> str:
    """Write a day as 2026-11-24 (周二)."""
    locale = get_locale()
    if locale is None or locale.language == "zh":
        return f"{day:%Y-%m-%d} (周{WEEKDAYS[day.weekday()]})"
    return f"{day:%Y-%m-%d} ({day:%a})"


def due_text(day: date, *, provisional: bool) -> str:
    """Write a day on which something falls due; marked where a holiday notice to come may change it."""
    text = day_text(day)
    return _("%(day)s (provisional)", day=text) if provisional else text


def is_provisional(legal_due: date | None, time: TimeRules) -> bool:
    """Tell whether a legal end lies on a day that a holiday notice not yet out may still change."""
    return legal_due is not None and legal_due > time.calendar.final_through


def may_move(row: ClockRow) -> bool:
    """Tell whether a notice to come may still change how the clock stands.

    What is over is not counted again, and was met in time or not at all; only what was met after a
    provisional end was judged by a day that no notice named. The day itself keeps its mark: it was counted
    without the notice of its year.
    """
    return row.provisional and (row.open or (row.met_on is not None and row.met_on > row.legal_due))


def dated(day: date, *, provisional: bool) -> Label:
    """Write a day on which something falls due for a sentence in both languages, marked as `due_text`."""
    return Label(f"{day}（暂定）", f"{day} (provisional)") if provisional else Label(f"{day}", f"{day}")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a clock's bar, in parts of its whole."""

    start: float
    width: float
    kind: str


@dataclass(frozen=True, slots=True)
class ClockView:
    """One clock as the parts draw it. While it stands still its days are those as if it went on tomorrow.

    `days_left` counts the clock's own unit and is negative when overdue.
    """

    key: str
    name: str
    shape: str
    remaining: str
    article: str
    internal: bool
    provisional: bool
    lines: tuple[str, ...]
    fraction: float
    days_left: int
    alert_due: date
    legal_due: date
    segments: tuple[Segment, ...] = ()
    proof_url: str = ""
    number: str = ""
    url: str = ""
    rule_set: str = field(default="")


def clock_view(
    row: ClockRow, rule: ClockRule, time: TimeRules, today: date, proof_url: str = ""
) -> ClockView:
    """Return how the clock looks on that day (Asia/Shanghai)."""
    row = if_it_goes_on(as_counted(row, time.rules), today, time)
    limit = binding(time.rules.limit_in(row.rule_set, row.clock, row.start), row)
    left = days_left(row, today, time)
    shape = shape_of(row, rule, today, time)
    return ClockView(
        key=f"{row.clock}-{row.opened_seq}",
        name=localised(rule.label),
        shape=shape,
        remaining=_remaining(row, shape, left, today, time),
        article=localised(limit.article),
        internal=rule.internal or limit.internal,
        provisional=may_move(row),
        lines=_lines(row, limit, internal=rule.internal or limit.internal or limit.local),
        fraction=_fraction(row, today),
        days_left=left,
        alert_due=row.alert_due,
        legal_due=row.legal_due,
        segments=_segments(row, today),
        proof_url=proof_url,
        rule_set=row.rule_set,
    )


def clock_views(
    rows: Sequence[ClockRow], procedure: Procedure, time: TimeRules, today: date, proof_url: str = ""
) -> list[ClockView]:
    """Return the clocks of a matter: those that run first, by due day, then those that were met. Cancelled
    ones are left out.
    """
    shown = [row for row in rows if row.cancelled_seq is None]
    shown.sort(key=lambda row: (not row.open, row.alert_due if row.open else date.max, -row.opened_seq))
    return [clock_view(row, procedure.clocks[row.clock], time, today, proof_url) for row in shown]


def shape_of(row: ClockRow, rule: ClockRule, today: date, time: TimeRules) -> str:
    """Return on_time, soon, late, paused or met; a clock met after its legal day stays late."""
    if row.met_on is not None:
        return "met" if row.met_on <= row.legal_due else "late"
    if row.paused:
        return "paused"
    if today > row.legal_due:
        return "late"
    ahead = max((abs(one) for one in rule.warn), default=1)
    return "soon" if time.calendar.working_days_between(today, row.alert_due) <= ahead else "on_time"


def days_left(row: ClockRow, today: date, time: TimeRules) -> int:
    """Return how many days of the clock's own unit remain until the day people work to; negative when
    overdue.
    """
    if row.unit == "workday":
        if today <= row.alert_due:
            return time.calendar.working_days_between(today, row.alert_due)
        return -time.calendar.working_days_between(row.alert_due, today)
    if today > row.legal_due:
        return -(today - row.legal_due).days
    # the list says the day people work to, so the count runs to that day; after it, to the legal one
    return ((row.alert_due if today <= row.alert_due else row.legal_due) - today).days


def _remaining(row: ClockRow, shape: str, left: int, today: date, time: TimeRules) -> str:
    if row.met_on is not None:
        return _("in time") if shape == "met" else _("done late")
    if shape == "paused":
        return _("paused, not counting")
    if shape == "late":
        over = max(-left, (today - row.legal_due).days if row.unit != "workday" else 1)
        if row.unit == "workday":
            return ngettext("%(num)d working day overdue", "%(num)d working days overdue", over)
        return ngettext("%(num)d day overdue", "%(num)d days overdue", over)
    if left <= 0:
        return _("due today")
    if row.unit == "workday":
        return ngettext("%(num)d working day left", "%(num)d working days left", left)
    return ngettext("%(num)d day left", "%(num)d days left", left)


def unchecked(limit: Limit) -> str:
    """Say what a limit of the law rests on where its text was not read; empty where it was."""
    return to_be_checked(limit.source)


def to_be_checked(source: Source) -> str:
    """Say what a rule rests on where the text of its instrument was not read; empty where it was."""
    words = {
        Source.QUOTED: _("Quoted by secondary texts: check it against the official text."),
        Source.KNOWN: _("From memory: check it against the official text."),
        Source.ASSUMED: _("Not found: the rule of a neighbouring time stands here. Check the official text."),
    }
    return words.get(source, "")


def _lines(row: ClockRow, limit: Limit, *, internal: bool) -> tuple[str, ...]:
    due = due_text(row.legal_due, provisional=row.provisional)
    # only what the law says is called a legal limit
    end = _("limit %(day)s", day=due) if internal else _("legal limit %(day)s", day=due)
    if row.met_on is not None:
        return (_("met on %(day)s", day=day_text(row.met_on)), end)
    work_to = due_text(row.alert_due, provisional=row.provisional)
    if row.paused:
        lines = [_("if it goes on tomorrow: work to %(day)s", day=work_to), end]
    else:
        lines = [_("work to %(day)s", day=work_to), end]
    stopped = sum(
        (one.to - one.since).days + 1 for one in row.pauses if one.to is not None and one.to >= one.since
    )
    if stopped:
        lines.append(ngettext("%(num)d day not counted", "%(num)d days not counted", stopped))
    if row.extended:
        lines.append(_("extended"))
    if limit.source is not Source.TEXT:
        lines.append(_("text not checked"))
    return tuple(lines)


def _fraction(row: ClockRow, today: date) -> float:
    """Return the part of the time that is used up."""
    whole = max((row.legal_due - row.start).days, 1)
    used = ((row.met_on or today) - row.start).days
    return min(max(used / whole, 0.0), 1.0)


def _segments(row: ClockRow, today: date) -> tuple[Segment, ...]:
    """Return the bar in stretches where the clock was paused; a bar without pauses needs none."""
    if not row.pauses:
        return ()
    whole = max((row.legal_due - row.start).days, 1)
    end = min(row.met_on or today, row.legal_due)
    found, at = [], row.start
    for one in row.pauses:
        until = min((one.to or today) + timedelta(days=1), end)
        found.append(Segment((at - row.start).days / whole, max((one.since - at).days, 0) / whole, "run"))
        found.append(
            Segment((one.since - row.start).days / whole, max((until - one.since).days, 0) / whole, "pause")
        )
        at = max(until, at)
    found.append(Segment((at - row.start).days / whole, max((end - at).days, 0) / whole, "run"))
    return tuple(one for one in found if one.width > 0)
