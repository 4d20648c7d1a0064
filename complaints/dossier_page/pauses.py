"""The ledger of pauses as people read it: from when to when a limit stood still, by which paper and article,
who approved it, and what limited the waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from complaints.dossier.clock_views import day_text, localised
from complaints.dossier.work import Work
from complaints.organisation.people import person_names
from workflows.definition import Procedure
from workflows.rows import ClockRow, PauseRow


@dataclass(frozen=True, slots=True)
class PauseLine:
    """One interval of the ledger. `facts` are pairs of label and value."""

    clock: str
    when: str
    days: str
    running: bool
    facts: list[tuple[str, str]]


def pause_ledger(
    work: Work, procedure: Procedure, rows: Sequence[ClockRow], of: Sequence[ClockRow]
) -> list[PauseLine]:
    """Return every pause of the clocks `of`, oldest first; `rows` are all clocks of the matter.

    The names of those who approved cost one query, and none where nothing stood still.
    """
    found = sorted(((one.since, row, one) for row in of for one in row.pauses), key=lambda each: each[0])
    people = person_names(work.session, [one.approved_by for _since, _row, one in found])
    return [_line(work, procedure, rows, row, one, people) for _since, row, one in found]


def when(one: PauseRow) -> str:
    """Say from which day to which a limit stood still."""
    if one.to is None:
        return _("since %(day)s, still running", day=day_text(one.since))
    if one.to < one.since:
        return _("%(day)s, less than a day", day=day_text(one.since))
    return _("%(first)s to %(last)s", first=day_text(one.since), last=day_text(one.to))


def _line(
    work: Work,
    procedure: Procedure,
    rows: Sequence[ClockRow],
    row: ClockRow,
    one: PauseRow,
    people: dict[int, str],
) -> PauseLine:
    last = one.to or max(work.today, one.since)
    days = max((last - one.since).days + 1, 0)
    article = work.time_rules.rules.limit_in(row.rule_set, row.clock, row.start).pause_article
    begun = procedure.actions.get(one.reason)
    told = [
        (_("Step"), localised(begun.label) if begun else ""),
        (_("Paper"), one.paper),
        (_("Paper at the end"), one.end_paper),
        (_("Approved by"), people.get(one.approved_by, "")),
        (_("Legal basis"), localised(article)),
        (_("The waiting ends by"), _limited(procedure, rows, one)),
    ]
    left_out = ngettext("%(num)d day not counted", "%(num)d days not counted", days)
    return PauseLine(
        clock=localised(procedure.clocks[row.clock].label),
        when=when(one),
        days=left_out if article else _("counted after all: the rules that count it now know no pause"),
        running=one.to is None,
        facts=[(label, value) for label, value in told if value],
    )


def _limited(procedure: Procedure, rows: Sequence[ClockRow], one: PauseRow) -> str:
    """Return the last day of the waiting: that of the clock which ran beside the pause."""
    beside = [row for row in rows if row.clock == one.limited_by and row.start <= one.since]
    if not beside:
        return ""
    label = procedure.clocks[one.limited_by].label
    return _("%(day)s (%(clock)s)", day=day_text(max(beside, key=_opened).legal_due), clock=localised(label))


def _opened(row: ClockRow) -> int:
    return row.opened_seq
