"""How it is told that a limit was counted again: which of its days moved, and whether they are final."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import reduce
from typing import Any

from flask_babel import gettext as _

from complaints.dossier.clock_views import day_text
from workflows.deadlines import DueDate
from workflows.runtime.planned_moves import due_date_of


def moved_words(was: Mapping[str, Any], now: Mapping[str, Any], *, internal: bool) -> str:
    """Return what became of the days that an event tells; only what the law says is called a legal limit."""
    before, after = due_date_of(was), due_date_of(now)
    said = []
    if before.alert_due != after.alert_due:
        said.append(_("work to %(day)s", day=_change(before.alert_due, after.alert_due)))
    if before.legal_due != after.legal_due:
        change = _change(before.legal_due, after.legal_due)
        said.append(_("limit %(day)s", day=change) if internal else _("legal limit %(day)s", day=change))
    elif not said:
        day = day_text(after.legal_due)
        said.append(_("limit %(day)s", day=day) if internal else _("legal limit %(day)s", day=day))
    if words := _how_final(before, after):
        said.append(words)
    return reduce(lambda one, more: _("%(one)s, %(more)s", one=one, more=more), said)


def _change(before: date, after: date) -> str:
    return f"{day_text(before)} → {day_text(after)}"


def _how_final(before: DueDate, after: DueDate) -> str:
    if not after.provisional:
        return _("final now") if before.provisional else ""
    return _("still provisional") if before.provisional else _("provisional now")
