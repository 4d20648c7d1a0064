"""Who leads a matter from where to where: written by hand from the law and the office's practice.

The machine judges by this table and by nothing of the procedures' own files, which
`test_pinned.py` holds against it: a role too many there, or another target, is a difference, not a belief.
`role@self` is held on the unit the matter lies with, `role@up` on it or above.
"""

from __future__ import annotations

from collections.abc import Mapping

Line = tuple[str, str, str]
"""From which states, to which one (empty: it stays), by which roles (empty: the system alone)."""

KINDS: Mapping[str, Mapping[str, str]] = {
    "complaint": {
        "at work": "registered identity_asked dispatched returned accepted mediating appraising suspended"
        " mediated terminated transferred refused withdrawn redo",
        "aside": "merged",
        "may end": "closed",
        "final": "revisited",
    },
    "lead": {
        "at work": "verifying filing_proposed not_filing_proposed filed",
        "final": "not_filed passed concluded",
    },
    "payout": {
        "at work": "applied verifying approving paying paid recovering",
        "final": "recovered written_off refused withdrawn",
    },
    "station_dispute": {"at work": "registered", "final": "settled passed_up withdrawn"},
}
"""The states of each kind of matter: work goes on, it is set aside, it may end there, it has ended."""

EVERY, WORK = "every state", "at work"
_BEFORE = "registered identity_asked dispatched returned"
"""Acceptance is not decided yet."""
_HOLDERS = "intake@up handler@self head@up"

_COMPLAINT: Mapping[str, Line] = {
    # arts 10, 33, 41: who complains is known, the desk dispatches, and no unit passes it sideways
    "ask_identity": ("registered dispatched", "identity_asked", "intake@up handler@self"),
    "record_identity": ("identity_asked", "", "intake@up handler@self"),
    "dispatch": ("registered identity_asked", "dispatched", "intake@up"),
    "take_back": ("dispatched", "registered", "intake@up"),
    "return_to_intake": ("dispatched identity_asked", "returned", "handler@self"),
    "rule_on_return": ("returned", "dispatched", "intake@up"),
    # arts 15, 16, 23: decided, and told by whoever holds it
    "accept": ("dispatched identity_asked", "accepted", "handler@self head@self"),
    "refuse": (_BEFORE, "refused", "handler@self intake@up"),
    "tell_decision": (
        "accepted mediating appraising suspended mediated terminated refused",
        "",
        "handler@self intake@up",
    ),
    "withdraw": (_BEFORE, "withdrawn", "operator@up intake@up handler@self"),
    # arts 18 to 24: the handler mediates, nobody else; of a challenge the head decides
    "record_consent": ("accepted", "", "handler@self"),
    "begin_mediation": ("accepted", "mediating", "handler@self"),
    "arrange_session": ("mediating", "", "handler@self"),
    "change_session": ("mediating appraising suspended", "", "handler@self"),
    "hold_session": ("mediating appraising", "", "handler@self"),
    "start_appraisal": ("mediating", "appraising", "handler@self"),
    "finish_appraisal": ("appraising", "mediating", "handler@self"),
    "challenge": ("mediating", "suspended", "handler@self"),
    "decide_challenge": ("suspended", "mediating", "head@up"),
    "choose_rule_set": ("accepted mediating suspended", "", "head@up"),
    "agree": ("mediating", "mediated", "handler@self"),
    "terminate": ("accepted mediating appraising suspended", "terminated", "handler@self"),
    "tell_result": ("mediated terminated", "", "handler@self"),
    # art. 27 and local practice: a clue is handed on from any state, a price advanced once a unit has it
    "open_lead": (EVERY, "", "handler@self head@up intake@up"),
    "apply_payout": (
        "identity_asked dispatched accepted mediating appraising suspended mediated terminated transferred"
        " refused redo",
        "",
        "handler@self",
    ),
    "mark_transferred": ("mediated terminated refused", "transferred", "handler@self"),
    "close": (
        "mediated terminated refused withdrawn transferred",
        "closed",
        "handler@self head@up intake@up operator@up",
    ),
    # art. 26: called back by somebody else than the unit; who is not satisfied sends it into a redo
    **{
        name: ("closed", target, "supervisor@up intake@up operator@up")
        for name, target in (
            ("record_attempt", ""),
            ("revisit", "revisited"),
            ("revisit_unsatisfied", "redo"),
            ("end_unreached", "revisited"),
        )
    },
    "finish_redo": ("redo", "closed", "handler@self intake@up operator@up"),
    # what comes in later, and complaints that belong together (adr/0020)
    "supplement": (WORK, "", "operator@up intake@up handler@self"),
    "add_from_call": (WORK, "", "operator@up intake@up"),
    "read_additions": (WORK, "", "operator@up intake@up handler@self"),
    "link": (EVERY, "", _HOLDERS),
    "unlink": (EVERY, "", _HOLDERS),
    "linked_from_there": (EVERY, "", ""),
    "unlinked_from_there": (EVERY, "", ""),
    "merge": (_BEFORE, "merged", _HOLDERS),
    "unmerge": ("merged", "before", _HOLDERS),
    "take_in": (f"{_BEFORE} accepted mediating appraising suspended", "", ""),
    "let_go": (EVERY, "", ""),
    # one owner at every instant; files and notes
    "ask_work": ("accepted mediating appraising suspended redo", "", "handler@self"),
    "finish_work": ("accepted mediating appraising suspended mediated terminated redo", "", "handler@self"),
    "call_off_work": (
        "accepted mediating appraising suspended mediated terminated redo",
        "",
        "handler@self head@up",
    ),
    "name_co_handler": (
        "accepted mediating appraising suspended mediated terminated transferred redo",
        "",
        "handler@self head@up",
    ),
    "remove_co_handler": (
        "accepted mediating appraising suspended mediated terminated transferred redo",
        "",
        "handler@self head@up",
    ),
    "hear_lead": (EVERY, "", ""),
    "hear_payout": (EVERY, "", ""),
    "read_reports": (EVERY, "", "operator@up intake@up handler@self"),
    "offer_handover": (WORK, "", "head@up handler@self intake@up"),
    "accept_handover": (WORK, "", "handler@self intake@up"),
    "decline_handover": (WORK, "", "handler@self head@up intake@up"),
    "add_note": (EVERY, "", "operator@up intake@up handler@self head@up supervisor@up"),
    "attach": (EVERY, "", "operator@up intake@up handler@self head@up"),
    "withdraw_file": (EVERY, "", "operator@up intake@up handler@self head@up"),
}
_LEAD: Mapping[str, Line] = {
    # art. 27: the handler proposes, the head decides
    "extend_verification": ("verifying", "", "head@up"),
    "propose_filing": ("verifying", "filing_proposed", "handler@self"),
    "propose_not_filing": ("verifying", "not_filing_proposed", "handler@self"),
    "send_back": ("filing_proposed not_filing_proposed", "verifying", "head@up"),
    "withdraw_proposal": ("filing_proposed not_filing_proposed", "verifying", "handler@self"),
    "ask_work": ("verifying filed", "", "handler@self"),
    "finish_work": ("verifying filed", "", "handler@self"),
    "call_off_work": ("verifying filed", "", "handler@self head@up"),
    "name_co_handler": ("verifying filing_proposed not_filing_proposed filed", "", "handler@self head@up"),
    "remove_co_handler": ("verifying filing_proposed not_filing_proposed filed", "", "handler@self head@up"),
    "file": ("filing_proposed", "filed", "head@up"),
    "not_file": ("not_filing_proposed", "not_filed", "head@up"),
    "pass_on": ("verifying", "passed", "handler@self"),
    "conclude": ("filed", "concluded", "handler@self"),
    "offer_handover": (WORK, "", "head@up handler@self"),
    "accept_handover": (WORK, "", "handler@self"),
    "decline_handover": (WORK, "", "handler@self head@up"),
    "add_note": (EVERY, "", "handler@self head@up supervisor@up"),
    "attach": (EVERY, "", "handler@self head@up"),
    "withdraw_file": (EVERY, "", "handler@self head@up"),
}
_PAYOUT: Mapping[str, Line] = {
    # local practice: the handler verifies, another approves, a third pays
    "begin_check": ("applied", "verifying", "handler@self"),
    "confirm": ("verifying", "approving", "handler@self"),
    "refuse": ("applied verifying approving", "refused", "handler@self head@up payout_approver@up"),
    "countersign": ("approving", "", "head@up payout_approver@up"),
    "approve": ("approving", "paying", "head@up payout_approver@up"),
    "send_back": ("approving", "verifying", "head@up payout_approver@up"),
    "withdraw_finding": ("approving", "verifying", "handler@self"),
    "settled": ("paying", "paid", "cashier@up"),
    "failed": ("paying", "approving", "cashier@up"),
    "link_case": ("paid", "recovering", "handler@self"),
    "recover": ("recovering", "", "handler@self cashier@up"),
    "write_off": ("recovering", "written_off", "head@up"),
    "file": ("recovering", "recovered", "handler@self"),
    "withdraw": ("applied verifying approving", "withdrawn", "handler@self"),
    "offer_handover": (WORK, "", "head@up handler@self"),
    "accept_handover": (WORK, "", "handler@self"),
    "decline_handover": (WORK, "", "handler@self head@up"),
    "add_note": (EVERY, "", "handler@self head@up payout_approver@up cashier@up supervisor@up"),
    "attach": (EVERY, "", "handler@self head@up payout_approver@up cashier@up"),
    "withdraw_file": (EVERY, "", "handler@self head@up payout_approver@up cashier@up"),
}
_STATION: Mapping[str, Line] = {
    # art. 6: settled between the two sides, or passed up; a station refuses nothing
    "record_offer": ("registered", "", "station@self"),
    "settle": ("registered", "settled", "station@self"),
    "pass_up": ("registered", "passed_up", "station@self"),
    "withdraw": ("registered", "withdrawn", "station@self"),
    "hear_complaint": (EVERY, "", ""),
    "read_reports": (EVERY, "", "station@self"),
    "add_note": (EVERY, "", "station@self"),
    "attach": (EVERY, "", "station@self"),
    "withdraw_file": (EVERY, "", "station@self"),
}
LINES: Mapping[str, Mapping[str, Line]] = {
    "complaint": _COMPLAINT,
    "lead": _LEAD,
    "payout": _PAYOUT,
    "station_dispute": _STATION,
}
"""Every action of every kind of matter. A new one is written here before the machine can do it."""
