"""What the generated tests must know of each procedure: people, forms, and what becomes of children."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

from tests.procedures import office
from tests.procedures.office import COLLEAGUE, COUNTY, HANDLER, HEAD, INTAKE_OFFICER, STATION, UNIT
from workflows.calendars.working_calendar import WorkingCalendar, calendar_from, load_holiday_files
from workflows.counting import TimeRules
from workflows.guards import ChildFact
from workflows.people import Person
from workflows.steps import Assignee
from workflows.testing import Paper, Try, World

EVERYTHING = Person(11, {(role, UNIT): 1011 for role in sorted(office.ROLES)})
"""Holds every role: what keeps this person out is never the role."""
SECOND_STATION = Person(12, {("station", UNIT): 1012})
PEOPLE = (
    *(Person(one.id, {(one.role, one.unit): 1000 + one.id}) for one in office.PEOPLE),
    EVERYTHING,
    SECOND_STATION,
)
SIDEWAYS = "/420600/420606/08/"
TOMORROW, YESTERDAY = timedelta(days=1), timedelta(days=-1)


def owner(paper: Paper) -> int:
    return paper.now.owner_id


def last_removed(paper: Paper) -> int:
    """Somebody who had to step back, where there is one."""
    removed = paper.now.vars.get("removed") or [COLLEAGUE.id]
    return int(removed[-1])


def item_meaning(*meanings: str) -> Callable[[Paper], str]:
    """The ground of ending that means one of these, by the rules of the matter."""

    def code(paper: Paper) -> str:
        return next(one.code for one in paper.law.items("termination_items") if one.means in meanings)

    return code


def of_receipt(paper: Paper) -> str:
    return paper.law.items("rule_sets_of_mediation")[0].code


def of_acceptance(paper: Paper) -> str:
    return paper.law.items("rule_sets_of_mediation")[-1].code


def open_number(paper: Paper) -> int:
    """The number of a piece of work that is open, where there is one."""
    return int(min(paper.now.vars.get("work") or {"1": {}}, key=int))


def helper(paper: Paper) -> int:
    """Somebody who helps, where there is one."""
    return int((paper.now.vars.get("co_handlers") or [COLLEAGUE.id])[0])


BESIDE_THE_STATES: Mapping[str, tuple[Try, ...]] = {
    "ask_work": (Try({"due_on": TOMORROW}), Try({"due_on": YESTERDAY})),
    "finish_work": (Try({"work_number": open_number}), Try({"work_number": 99})),
    "call_off_work": (Try({"work_number": open_number}), Try({"work_number": 99})),
    "name_co_handler": (Try({"co_handler": COLLEAGUE.id}), Try({"co_handler": owner})),
    "remove_co_handler": (Try({"co_handler": helper}), Try({"co_handler": 99})),
}
HANDOVER = (
    Try({"receiver": COLLEAGUE.id}),
    Try({"receiver": HANDLER.id}),
    Try({"receiver": owner}),
    Try({"receiver": COLLEAGUE.id, "unit": SIDEWAYS}),
)
TOLD = {"told_complainant": "phone", "told_respondent": "phone"}
SESSION = {
    "session_on": TOMORROW,
    "session_at": "14:30",
    "session_way": "on_site",
    "session_place": "调解室",
    **TOLD,
}
OVER_PERIOD = {"session_on": timedelta(days=90)}

FORMS: Mapping[str, Mapping[str, tuple[Try, ...]]] = {
    "complaint": {
        "ask_identity": (Try(), Try({"deadline": timedelta(days=60)})),
        "refuse": (Try({"remedies_told": True}), Try({"remedies_told": False})),
        "dispatch": (Try(), Try({"receiver": EVERYTHING.id})),
        "rule_on_return": (Try({"ruling": "upheld"}), Try({"ruling": "other_unit"})),
        "tell_decision": (Try(), Try({"told_on": TOMORROW})),
        "record_consent": (Try({"consent_complainant": True, "consent_respondent": True}), Try()),
        "arrange_session": (
            Try(SESSION),
            Try({**SESSION, "session_on": YESTERDAY}),
            Try({**SESSION, **OVER_PERIOD}),
            Try({**SESSION, "session_place": None}),
            Try({**SESSION, "told_respondent": None}),
        ),
        "change_session": (
            Try({"change": "called_off"}),
            Try({**SESSION, "change": "moved"}),
            Try({**SESSION, "change": "moved", "session_on": YESTERDAY}),
            Try({**SESSION, "change": "moved", **OVER_PERIOD}),
            Try({**SESSION, "change": "moved", "session_place": None}),
            Try({**SESSION, "change": "moved", "told_respondent": None}),
        ),
        "hold_session": (Try(), Try({"held_on": TOMORROW})),
        "start_appraisal": (
            Try(),
            Try({"commissioned_on": TOMORROW}),
            Try({"commissioned_on": timedelta(days=-90)}),
            Try({"approved_by": owner}),
        ),
        "finish_appraisal": (Try(), Try({"result_on": TOMORROW})),
        "decide_challenge": (Try({"upheld": False}), Try({"upheld": True})),
        "terminate": (
            Try(),
            Try({"item": item_meaning("refusal", "refusal_by_respondent")}),
            Try({"item": item_meaning("period_over")}),
        ),
        "choose_rule_set": (Try({"rule_set": of_receipt}), Try({"rule_set": of_acceptance})),
        "tell_result": (Try(), Try({"told_on": TOMORROW})),
        "record_attempt": (Try(), Try(days=0)),
        "merge": (Try(), Try({"same_complaint": False})),
        "link": (Try({"links": 1}),),
        "take_in": (Try({"carries": 1}),),
        "offer_handover": (*HANDOVER, Try({"receiver": last_removed})),
        **BESIDE_THE_STATES,
        "name_co_handler": (*BESIDE_THE_STATES["name_co_handler"], Try({"co_handler": last_removed})),
    },
    "station_dispute": {"settle": (Try(), Try({"told": False}))},
    "lead": {
        "extend_verification": (Try(), Try(days=60)),
        "offer_handover": HANDOVER,
        **BESIDE_THE_STATES,
    },
    "payout": {
        "confirm": (Try({"verified_fen": 800}), Try({"verified_fen": 200_000}), Try({"verified_fen": 0})),
        "countersign": (Try({"countersigned_fen": 800}),),
        "approve": (Try({"approved_fen": 800}), Try({"approved_fen": 900})),
        "settled": (Try(), Try({"paid_on": TOMORROW})),
        "link_case": (Try({"case_number": "鄂襄市监案〔2026〕1号"}), Try()),
        "recover": (Try({"recovered_fen": 800}), Try({"recovered_fen": 300}), Try({"recovered_fen": 900})),
        "offer_handover": HANDOVER,
    },
}
STARTS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "complaint": (
        office.STARTS["complaint"],
        {**office.STARTS["complaint"], "respondent_named": False},
        {**office.STARTS["complaint"], "identity_known": False},
        {**office.STARTS["complaint"], "removed": [EVERYTHING.id]},
        {**office.STARTS["complaint"], "carries": 1},
    ),
    "station_dispute": ({},),
    "lead": ({},),
    "payout": (
        office.STARTS["payout"],
        {**office.STARTS["payout"], "two_people_over_fen": 100},
    ),
}
_HANDLERS = (Assignee(HANDLER.id, UNIT), Assignee(EVERYTHING.id, UNIT))
OWNERS: Mapping[str, tuple[Assignee, ...]] = {
    "complaint": (Assignee(INTAKE_OFFICER.id, COUNTY),),
    "station_dispute": (Assignee(STATION.id, UNIT),),
    "lead": _HANDLERS,
    "payout": _HANDLERS,
}
DUTIES: Mapping[str, frozenset[str]] = {
    "complaint": frozenset(),
    "station_dispute": frozenset(),
    "lead": frozenset({"propose_filing", "propose_not_filing"}),
    "payout": frozenset({"begin_check", "confirm", "countersign", "approve"}),
}
_MEDIATING = ("accept", "record_consent", "begin_mediation")
_TOLD = ("tell_decision", "agree", "tell_result")
_ATTEMPTS = ("record_attempt",) * 3
WAYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "complaint": (
        ("dispatch", "refuse", "tell_decision", "open_lead"),
        ("dispatch", *_MEDIATING, "tell_decision", "terminate", "open_lead"),
        ("dispatch", *_MEDIATING, "agree", "tell_result", "open_lead"),
        ("dispatch", *_MEDIATING, "arrange_session", "challenge"),
        ("dispatch", "offer_handover"),
        (
            "dispatch:1",
            *_MEDIATING,
            "tell_decision",
            "agree",
            "tell_result",
            "close",
            *["record_attempt"] * 3,
        ),
        ("dispatch:1", *_MEDIATING, "challenge"),
        ("dispatch", *_MEDIATING, "ask_work", "name_co_handler", *_TOLD),
        ("dispatch", *_MEDIATING, "ask_work", "terminate"),
        ("dispatch", *_MEDIATING, "ask_work", "start_appraisal"),
        ("dispatch", *_MEDIATING, "ask_work", "challenge"),
        ("dispatch", "accept", "ask_work"),
        (
            "dispatch",
            *_MEDIATING,
            "agree",
            "tell_decision",
            "tell_result",
            "close",
            "revisit_unsatisfied",
            "ask_work",
        ),
    ),
    "lead": (("ask_work", "name_co_handler"), ("propose_filing", "file", "ask_work")),
    "payout": (("begin_check", "confirm", "approve", "settled", "link_case"),),
}
"""Where the walk would come late: a lead from what has ended, a challenge, call-backs, money to recover."""
BESIDE = frozenset({"links", "additions", "carries", "reports", "work", "work_asked", "co_handlers"})
CHILDREN: Mapping[str, tuple[ChildFact, ...]] = {
    "lead": (
        ChildFact(91, "lead", "verifying", False, {}),
        ChildFact(91, "lead", "filed", False, {}),
        ChildFact(91, "lead", "concluded", True, {}),
    ),
    "payout": (
        ChildFact(92, "payout", "applied", False, {}),
        ChildFact(92, "payout", "withdrawn", True, {}),
    ),
}

WAIVED: Mapping[str, Mapping[tuple[str, str], str]] = {
    "station_dispute": {
        ("attach", "passed_up"): "there so that the panel says why, and where the files are now",
        ("withdraw_file", "passed_up"): "there so that the panel says why, and where the files are now",
    },
}
"""Edges that nobody may walk, each with its reason."""
SHADOWED: Mapping[str, Mapping[tuple[str, str], str]] = {
    "complaint": {
        ("accept_handover", "not_removed_by_challenge"): "nothing is offered to whoever had to step back",
        ("mark_transferred", "all_work_done"): "tried by hand: open work makes no difference to the walk",
    },
    "payout": {
        ("recover", "something_owed"): "of nothing no larger sum can be recovered, which another guard says",
    },
}
"""Guards that never refuse alone, each with its reason."""


@cache
def calendar() -> WorkingCalendar:
    return calendar_from(load_holiday_files(), "test")


BEGINS = {
    ("complaint", 1): date(2019, 12, 29),
    ("complaint", 2): date(2026, 4, 12),
    ("complaint", 3): date(2026, 4, 12),
}
"""When a matter begins: accepted at once it stays under its rules, else it crosses. One of version 3 that was
received so early was moved to it.
"""


def _forms(name: str, version: int) -> Mapping[str, tuple[Try, ...]]:
    """Return the ways to fill in the forms of the actions of this version, as far as it asks for them."""
    found = {}
    for name_of, tries in FORMS[name].items():
        action = office.library().get(name, version).procedure.actions.get(name_of)
        if action is not None:
            asked = {one.name for one in action.fields}
            found[name_of] = tuple(one for one in tries if asked >= set(one.typed))
    return found


def _ways(name: str, version: int) -> tuple[tuple[str, ...], ...]:
    """Return the ways whose actions this version knows: what is beside the states came with a later one."""
    known = office.library().get(name, version).procedure.actions
    return tuple(way for way in WAYS.get(name, ()) if all(step.partition(":")[0] in known for step in way))


def world(name: str, version: int) -> World:
    """Return the office in which that version is tried."""
    return World(
        office.library().get(name, version),
        TimeRules(office.rules(), calendar()),
        known=office.registry(),
        people=PEOPLE,
        owners=OWNERS[name],
        begins=BEGINS.get((name, version), date(2026, 4, 20)),
        first_responder=office.OPERATOR.id,
        starts=STARTS[name],
        values={"unit": UNIT, "receiver": HANDLER.id, "deadline": TOMORROW, "approved_by": HEAD.id},
        forms=_forms(name, version),
        assignees={"return_to_intake": Assignee(INTAKE_OFFICER.id, COUNTY)},
        ways=_ways(name, version),
        children=CHILDREN,
        # of a lead each proposal waits for open work, so there it makes a difference
        beside=BESIDE - {"work"} if name == "lead" else BESIDE,
        duties=DUTIES[name],
    )
