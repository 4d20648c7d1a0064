"""The dated rule sets: what each instrument says, from which day to which, its limits, grounds and papers."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from complaints.organisation.permissions import Permission
from complaints.procedures.rule_rows import one_set, rule_rows
from complaints.web.access import needs
from complaints.web.work import reading_work


@needs(Permission.PROCEDURES_READ)
def rule_sets() -> ResponseReturnValue:
    """List every rule set, the latest of each part of the law first, local practice last."""
    work = reading_work()
    return render_template("procedures/rule_sets.html", rows=rule_rows(work.engine.library, work.today))


@needs(Permission.PROCEDURES_READ)
def rule_set(named: str) -> ResponseReturnValue:
    """Show one set: limits with articles, each list item by item, the papers, what the office set itself."""
    work = reading_work()
    return render_template("procedures/rule_set.html", row=one_set(work.engine.library, work.today, named))
