"""Guards of a session that is arranged ahead: one at a time, in the future, complete, and both sides told.

Variables read here: `session_on` (the day of the arranged session, ISO 8601, Asia/Shanghai; none where no
session is arranged).
"""

from __future__ import annotations

import re

from complaints.dossier.clock_views import dated
from workflows.definition import Label
from workflows.guards import Facts, Why, day_of, guard

TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
"""A time of day as it is kept: 09:30."""
ON_SITE, CALLED_OFF = "on_site", "called_off"


@guard(exclusive_with=("session_arranged",))
def no_session_arranged(facts: Facts) -> Why | None:
    """One session is arranged at a time: the next one after this one was held, moved or called off."""
    day = day_of(facts.vars.get("session_on"))
    if day is None:
        return None
    return Why(
        "session_arranged",
        Label(f"已经约定在{day}调解。", f"A session is arranged for {day} already."),
        Label("请先记录这一次，或者改期、取消后再约。", "Record that one first, or move it, or call it off."),
    )


NO_SESSION = Why(
    "no_session",
    Label("现在没有约定的调解。", "No session is arranged now."),
    Label("请先约定一次。", "Arrange one first."),
)


@guard(exclusive_with=("no_session_arranged",))
def session_arranged(facts: Facts) -> Why | None:
    """Only what was arranged can be moved or called off."""
    if day_of(facts.vars.get("session_on")) is not None:
        return None
    return NO_SESSION


SESSION_TIME_PAST = Why(
    "session_time_past",
    Label("今天的这个时间已经过去。", "This time of today has passed already."),
    Label("请改填以后的时间。", "Write a later one."),
    fields=("session_at",),
)


@guard(on_payload=True)
def session_lies_ahead(facts: Facts) -> Why | None:
    """Nobody is invited to a day that is over; a session that was held is recorded instead."""
    day = day_of(facts.payload.get("session_on"))
    time = str(facts.payload.get("session_at") or "")
    if day is None or day > facts.today:
        return None
    if day == facts.today:
        # what is no time at all is another guard's to refuse
        if not TIME.fullmatch(time) or not facts.clock_time or time > facts.clock_time:
            return None
        return SESSION_TIME_PAST
    return Why(
        "session_in_the_past",
        Label(f"{day}已经过去，不能约在这一天。", f"{day} is over: no session can be arranged for it."),
        Label(
            "请改填今天或者以后的日期；已经调解过的，请“记录一次调解”。",
            "Write today or a later day; what was held already is recorded as a session.",
        ),
        fields=("session_on",),
    )


@guard(on_payload=True)
def session_within_period(facts: Facts) -> Why | None:
    """Warn once about a day after the last one to work to: whoever ticks it has read the warning.

    Without an agreement the mediation ends then (Order 121 art. 23, item 5). While goods are tested nobody
    knows the last day (art. 22).
    """
    day, clock = day_of(facts.payload.get("session_on")), facts.clocks.get("mediation")
    if day is None or clock is None or not clock.open or clock.paused or day <= clock.alert_due:
        return None
    if facts.payload.get("late_ok") is True:
        return None
    last = dated(clock.alert_due, provisional=clock.provisional)
    return Why(
        "session_after_period",
        Label(
            f"调解期限内最后一个工作日是{last.zh}，到期未达成协议的应当终止调解。",
            f"The mediation is to be done by {last.en}: without an agreement it ends then.",
        ),
        Label("请改约在这一天以前，或者勾选后再提交。", "Choose an earlier day, or tick this box."),
        facts.law("period"),
        fields=("late_ok",),
    )


@guard(on_payload=True)
def session_is_complete(facts: Facts) -> Why | None:
    """A session has a day, a time and its means, and on site a place; a called-off one has none of them."""
    given = {name: str(facts.payload.get(name) or "").strip() for name in _PARTS}
    if facts.payload.get("change") == CALLED_OFF:
        missing: list[str] = []
        left_over = [name for name, value in given.items() if value]
    else:
        needed = _PARTS if given["session_way"] == ON_SITE else _PARTS[:3]
        missing = [name for name in needed if not given[name]]
        left_over = []
        if given["session_at"] and not TIME.fullmatch(given["session_at"]):
            missing.append("session_at")
    if left_over:
        return Why(
            "session_called_off",
            Label(
                "取消的调解没有新的时间和地点。", "A session that is called off has no new time and place."
            ),
            Label("请去掉新的时间和地点，或者选择“改期”。", "Take them out, or choose “moved”."),
            fields=tuple(left_over),
        )
    if not missing:
        return None
    return Why(
        "session_incomplete",
        Label(
            "调解的日期、时间、方式要写全，现场调解还要写明地点。",
            "A session needs its day, its time and its means, and on site its place.",
        ),
        Label("请补全；时间写成 14:30 的样子。", "Fill in what is missing; write the time like 14:30."),
        facts.law("session"),
        fields=tuple(missing),
    )


_PARTS = ("session_on", "session_at", "session_way", "session_place")


@guard(on_payload=True)
def both_told_of_session(facts: Facts) -> Why | None:
    """On site both sides are told beforehand of time, place and mediator (Order 121 art. 20)."""
    if facts.payload.get("session_way") != ON_SITE or facts.payload.get("change") == CALLED_OFF:
        return None
    missing = tuple(name for name in ("told_complainant", "told_respondent") if not facts.payload.get(name))
    if not missing:
        return None
    return Why(
        "session_not_told",
        Label(
            "现场调解应当提前把时间、地点、调解人员告知双方。",
            "On site both sides are told beforehand of the time, the place and the mediator.",
        ),
        Label("请告知后填写告知的方式。", "Tell them, then say how."),
        facts.law("session"),
        fields=missing,
    )


GUARDS = (
    no_session_arranged,
    session_arranged,
    session_lies_ahead,
    session_within_period,
    session_is_complete,
    both_told_of_session,
)
"""The guards of arranged sessions, registered with the room's others."""
