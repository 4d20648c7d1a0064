"""The latest lawful day for answering a complaint of any year, for counting historical records.

The steps follow one another, each from the last lawful day of the one before: decision, mediation, telling
(the same chain that an operator is shown for a new complaint). Each is counted by the rule set of the day on
which it begins, as those of a running matter are: what is received in the last days of an instrument is
decided by it and mediated by the next. A step for which its rule set has no limit is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from workflows.calendars.working_calendar import WorkingCalendar
from workflows.counting import TimeRules
from workflows.rule_files import shipped_rules
from workflows.rule_sets import RuleSet

PART = "complaints"
"""The part of the law whose rule sets say it."""
CHAIN = ("accept_decision", "mediation", "tell_result")
"""The limits that follow on each other, by the names of their clocks."""


@dataclass(frozen=True, slots=True)
class LatestDay:
    """The latest lawful day. `rules` are those of the day of receipt.

    `provisional`: a holiday notice to come may still move the day.
    """

    rules: RuleSet
    day: date
    provisional: bool


def rules_of(day: date) -> RuleSet | None:
    """Return the rule set in force on a day, such as that of receipt, or None before the first."""
    sets = (one for one in shipped_rules().all if one.part == PART)
    return next((one for one in sets if one.in_force(day)), None)


def latest_day(received_on: date, calendar: WorkingCalendar) -> LatestDay | None:
    """Return the latest lawful day for a complaint received that day.

    None before the first rules. Raises DateOutsideCalendarError for years whose working days are not known:
    nothing is guessed from Monday to Friday.
    """
    rules = rules_of(received_on)
    if rules is None:
        return None
    time = TimeRules(shipped_rules(), calendar)
    day, provisional = received_on, False
    for clock in CHAIN:
        governing = rules_of(day)
        if governing is not None and clock in governing.limits:
            due, _limit = time.first_of(governing.limits[clock], day)
            day, provisional = due.legal_due, provisional or due.provisional
    return LatestDay(rules, day, provisional)
