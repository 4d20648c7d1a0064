"""An autumn of complaints whose every ending is known: played day by day by the real actions.

September and October 2026: 20 September and 10 October are worked, 25 September and 1 to 7 October are
off. Seven working days from 1 September end on the 10th; sixty days from an acceptance on the 2nd end on
1 November.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from complaints.foundation.clock import SHANGHAI
from tests.bureau import OTHER_OFFICE
from tests.factories import ACCEPT, APPRAISE, BEGIN, CLOSE, CONSENT, DISPATCH, TODAY, Matters, Step

RECEIVED = date(2026, 9, 1)


def told(action: str, on: date, who: str = "handler") -> Step:
    """Return the act of telling, entered with the day of telling."""
    more = {
        "tell_decision": {"proof": "回执"},
        "tell_result": {"proof_complainant": "回执", "proof_respondent": "回执"},
    }
    return (who, action, {"channel": "phone", "told_on": on.isoformat(), **more[action]})


def terminate(item: str = "3") -> Step:
    """Return the end of a mediation by that item of article 23."""
    return ("handler", "terminate", {"item": item, "reason": "双方未能达成一致"})


def day(month: int, number: int) -> date:
    """Return a day of 2026."""
    return date(2026, month, number)


AGREE: Step = ("handler", "agree", {"form": "performed", "amount": 10_000, "terms": "退款"})
REFUSE: Step = ("handler", "refuse", {"item": "1", "reason": "不属于职责", "remedies_told": True})
WITHDRAW: Step = ("intake", "withdraw", {"channel": "phone", "note": "已经解决"})
APPRAISED: Step = (
    "handler",
    "finish_appraisal",
    {"paper": "报 2026-031", "result_on": TODAY, "result": "不合格"},
)
RETURN: Step = ("handler", "return_to_intake", {"reason_code": "no_authority", "reason": "经营地在别处"})
ELSEWHERE: Step = ("intake", "dispatch", {"unit": OTHER_OFFICE, "receiver": "other_handler"})

_ACCEPTED = [(day(9, 2), DISPATCH), (day(9, 2), ACCEPT), (day(9, 3), told("tell_decision", day(9, 3)))]
_MEDIATED = [*_ACCEPTED, (day(9, 4), CONSENT), (day(9, 4), BEGIN)]

STORIES: dict[str, list[tuple[date, Step]]] = {
    "all in time": [
        *_MEDIATED,
        (day(9, 20), AGREE),
        (day(9, 22), told("tell_result", day(9, 22))),
        (day(9, 23), CLOSE),
    ],
    "told late": [
        (day(9, 2), DISPATCH),
        (day(9, 3), ACCEPT),
        (day(9, 14), told("tell_decision", day(9, 14))),
        (day(9, 30), terminate()),
        (day(10, 20), told("tell_result", day(10, 20))),
    ],
    "told in time, recorded late": [
        (day(9, 2), DISPATCH),
        (day(9, 3), ACCEPT),
        (day(9, 15), told("tell_decision", day(9, 8))),
    ],
    "never told": [(day(9, 2), DISPATCH)],
    "withdrawn": [(day(9, 4), WITHDRAW)],
    "withdrawn after the limit": [(day(9, 15), WITHDRAW)],
    "refused": [(day(9, 2), DISPATCH), (day(9, 3), REFUSE), (day(9, 4), told("tell_decision", day(9, 4)))],
    "at the laboratory": [*_MEDIATED, (day(9, 10), APPRAISE)],
    "back from the laboratory": [*_MEDIATED, (day(9, 10), APPRAISE), (day(11, 3), APPRAISED)],
    "mediated too long": _MEDIATED,
    "ended too late": [
        *_MEDIATED,
        (day(11, 3), terminate("5")),
        (day(11, 6), told("tell_result", day(11, 6))),
    ],
    "returned too late": [(day(9, 2), DISPATCH), (day(9, 14), RETURN)],
    "at the other office": [(day(9, 2), ELSEWHERE)],
}
"""Every complaint was received on 1 September; `LATER` are received afterwards."""

LATER: dict[str, tuple[date, list[tuple[date, Step]]]] = {
    "young": (day(11, 12), [(day(11, 13), DISPATCH)]),
    "young and told": (
        day(11, 12),
        [(day(11, 13), DISPATCH), (day(11, 13), ACCEPT), (day(11, 16), told("tell_decision", day(11, 16)))],
    ),
}

ENDINGS: dict[str, tuple[str, str, str]] = {
    "all in time": ("in_time", "in_time", "in_time"),
    "told late": ("late", "in_time", "late"),
    "told in time, recorded late": ("in_time", "missing", ""),
    "never told": ("missing", "", ""),
    "withdrawn": ("left_out", "", ""),
    "withdrawn after the limit": ("missing", "", ""),
    "refused": ("in_time", "", ""),
    "at the laboratory": ("in_time", "not_due", ""),
    "back from the laboratory": ("in_time", "not_due", ""),
    "mediated too long": ("in_time", "missing", ""),
    "ended too late": ("in_time", "late", "in_time"),
    "returned too late": ("missing", "", ""),
    "at the other office": ("missing", "", ""),
    "young": ("not_due", "", ""),
    "young and told": ("in_time", "not_due", ""),
}
"""How each stands on 20 November 2026 towards accepted, handled and replied; empty where not counted."""

LAST_DAY = day(11, 20)
CUT_OFFS = (
    day(9, 10),
    day(9, 11),
    day(9, 15),
    day(9, 30),
    day(10, 20),
    day(11, 2),
    day(11, 3),
    day(11, 6),
    LAST_DAY,
)
"""Days as of which the figures are computed: limits pass on some of them, and acts happen."""


@dataclass(frozen=True, slots=True)
class Season:
    """The complaints' numbers by the names of their stories."""

    numbers: dict[str, str]


def morning(of: date) -> datetime:
    """Return ten o'clock of the day."""
    return datetime.combine(of, time(10), SHANGHAI)


def play(matters: Matters, at_the_end_of: Callable[[date], Any] = lambda _day: None) -> Season:
    """Play everything in the order of its days, and call back at the end of each day."""
    starts = {name: (RECEIVED, acts) for name, acts in STORIES.items()} | LATER
    numbers: dict[str, str] = {}
    days = {*CUT_OFFS, *(start for start, _acts in starts.values())}
    days |= {on for _start, acts in starts.values() for on, _step in acts}
    for today in sorted(days):
        matters.city.clock.at = morning(today)
        for name, (start, acts) in starts.items():
            if start == today:
                numbers[name] = matters.a_complaint()
            for on, step in acts:
                if on == today:
                    matters.walk(numbers[name], step)
        matters.city.clock.at = datetime.combine(today, time(23, 30), SHANGHAI)
        at_the_end_of(today)
    return Season(numbers)
