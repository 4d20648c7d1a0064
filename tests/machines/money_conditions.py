"""What stands against an action of a lead, a payout or a station's dispute, and which conditions each has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tests.machines import belonging, beside
from tests.machines import conditions as on
from tests.machines.conditions import Case, Condition, Reasons


def not_extended(c: Case) -> Reasons:
    clock = c.file.clock("verify")
    if clock is not None and clock.extended:
        yield "extended_already"


def still_runs(c: Case) -> Reasons:
    clock = c.file.clock("verify")
    if clock is not None and c.today > clock.due.legal:
        yield "verification_over"


def not_the_proposer(c: Case) -> Reasons:
    if c.who in {c.file.did.get("propose_filing"), c.file.did.get("propose_not_filing")}:
        yield "not_the_proposer"


def not_the_asker(c: Case) -> Reasons:
    asked = {c.file.did.get(one) for one in ("start", "begin_check", "confirm")}
    if c.who in asked | {c.knows("applied_by")} | c.file.verified_by:
        yield "not_the_asker"


def not_the_approver(c: Case) -> Reasons:
    if c.who in {c.file.did.get("approve"), c.file.did.get("countersign")}:
        yield "not_the_approver"


def sum_fits(c: Case) -> Reasons:
    verified, approved = c.typed.get("verified_fen"), c.typed.get("approved_fen")
    if verified is not None and verified > c.knows("claimed_fen"):
        yield "over_price"
    elif approved is not None and c.knows("verified_fen") is None:
        yield "no_verified_fen"
    elif approved is not None and approved > c.knows("verified_fen"):
        yield "over_verified"
    elif 0 in (verified, approved):
        yield "nothing_to_pay"


def two_people(c: Case) -> Reasons:
    approved = c.typed.get("approved_fen") or 0
    if approved <= on.TWO_PEOPLE_OVER:
        return
    signed = c.file.did.get("countersign")
    if (c.knows("countersigned_fen") or 0) < approved or signed in (None, c.who):
        yield "second_signature_missing"


def paid_by_today(c: Case) -> Reasons:
    day = c.day("paid_on")
    if day is not None and day > c.today:
        yield "paid_on_unfit"


def one_link(c: Case) -> Reasons:
    if ("case_number" in c.typed) == ("not_filed_decision" in c.typed):
        yield "case_or_decision"


def something_owed(c: Case) -> Reasons:
    if 0 < (c.knows("approved_fen") or 0) <= (c.knows("recovered_fen") or 0):
        yield "nothing_owed"


def recovered_fits(c: Case) -> Reasons:
    total = c.typed.get("recovered_fen") or 0
    if not (c.knows("recovered_fen") or 0) < total <= (c.knows("approved_fen") or 0):
        yield "recovered_unfit"


def all_came_back(c: Case) -> Reasons:
    if (c.knows("recovered_fen") or 0) < (c.knows("approved_fen") or 0):
        yield "not_fully_recovered"


def parties_told(c: Case) -> Reasons:
    if c.typed.get("told") is not True:
        yield "parties_not_told"


def files_still_here(c: Case) -> Reasons:
    """What was passed up is the office's: the station neither adds to it nor takes from it."""
    if c.file.state == "passed_up":
        yield "files_passed_up"


_HANDOVER: Mapping[str, tuple[Condition, ...]] = {
    "offer_handover": (on.owner_or_head, on.no_offer, on.receiver_fits),
    "accept_handover": (on.an_offer, on.the_receiver),
    "decline_handover": (on.an_offer, on.a_party),
}
_MEDIATOR = (on.owner, on.not_removed)

_BESIDE: Mapping[str, tuple[Condition, ...]] = {
    **beside.WORK,
    "call_off_work": (on.owner_or_head, beside.some_work, beside.that_work),
    "name_co_handler": (on.owner_or_head, beside.another_helper),
    "remove_co_handler": (on.owner_or_head, beside.some_helper, beside.that_helper),
}
CONDITIONS: Mapping[str, Mapping[str, tuple[Condition, ...]]] = MappingProxyType(
    {
        "complaint": {
            "offer_handover": (*_HANDOVER["offer_handover"], on.receiver_stays),
            "accept_handover": (*_HANDOVER["accept_handover"], on.not_removed),
            "decline_handover": _HANDOVER["decline_handover"],
            "ask_identity": (on.owner_or_intake, on.deadline_leaves_time),
            "record_identity": (on.owner_or_intake,),
            "return_to_intake": (on.owner, on.not_ruled),
            "accept": (on.owner, on.identity),
            "refuse": (on.owner_or_intake, on.remedies),
            "tell_decision": (
                on.owner_or_intake,
                on.decision_not_told_yet,
                on.told_between("decided_on"),
            ),
            "record_consent": (on.owner, on.somebody_consents),
            "begin_mediation": (on.owner, on.both_consent),
            "arrange_session": (*_MEDIATOR, on.no_session, on.session_fits),
            "change_session": (*_MEDIATOR, on.a_session, on.session_fits),
            "hold_session": (beside.owner_or_helper, on.not_removed, on.session_held),
            **_BESIDE,
            "ask_work": (*beside.WORK["ask_work"], on.not_removed),
            "name_co_handler": (*_BESIDE["name_co_handler"], beside.helper_stays),
            "read_reports": (on.owner, beside.no_report),
            "start_appraisal": (*_MEDIATOR, on.commission_fits),
            "finish_appraisal": (on.owner, on.result_fits),
            "challenge": _MEDIATOR,
            "decide_challenge": (on.not_owner, on.not_removed),
            "choose_rule_set": (on.one_set_alone,),
            "agree": _MEDIATOR,
            "terminate": (*_MEDIATOR, on.ground_fits),
            "tell_result": (on.owner, on.result_not_told_yet, on.told_between("ended_on")),
            "mark_transferred": (
                on.owner,
                on.decision_was_told,
                on.result_was_told,
                on.a_lead_is_filed,
                beside.work_left,
            ),
            "close": (
                on.closes_own,
                on.decision_was_told,
                on.result_was_told,
                on.no_payout_runs,
                beside.work_left,
            ),
            "record_attempt": (on.not_the_handler, on.another_day, on.attempts_left),
            "revisit": (on.not_the_handler,),
            "revisit_unsatisfied": (on.not_the_handler,),
            "end_unreached": (on.not_the_handler, on.three_attempts),
            "finish_redo": (on.owner, on.no_payout_runs, beside.work_left),
            "supplement": (on.may_complete,),
            "read_additions": (on.owner, belonging.something_was_added),
            "unlink": (belonging.a_link,),
            "unmerge": (belonging.a_merging,),
            "merge": (
                on.no_offer,
                belonging.carries_none,
                belonging.no_child_stays_behind,
                belonging.stated_to_be_one,
            ),
        },
        "lead": {
            **_HANDOVER,
            "extend_verification": (on.not_owner, not_extended, still_runs),
            **_BESIDE,
            "propose_filing": (on.owner, beside.work_left),
            "propose_not_filing": (on.owner, beside.work_left),
            "withdraw_proposal": (beside.my_step, beside.nobody_since),
            "send_back": (not_the_proposer,),
            "file": (not_the_proposer,),
            "not_file": (not_the_proposer,),
            "pass_on": (on.owner,),
            "conclude": (on.owner, beside.work_left),
        },
        "payout": {
            **_HANDOVER,
            "begin_check": (on.owner,),
            "confirm": (on.owner, sum_fits),
            "refuse": (on.owner_or_approver,),
            "countersign": (not_the_asker,),
            "approve": (not_the_asker, sum_fits, two_people),
            "send_back": (not_the_asker,),
            "withdraw_finding": (beside.my_step, beside.nobody_since),
            "settled": (not_the_approver, paid_by_today),
            "failed": (not_the_approver,),
            "link_case": (on.owner, one_link),
            "recover": (something_owed, recovered_fits),
            "write_off": (on.not_owner, something_owed),
            "file": (on.owner, all_came_back),
            "withdraw": (on.owner,),
        },
        "station_dispute": {
            "settle": (on.owner, parties_told),
            "pass_up": (on.owner,),
            "read_reports": (on.owner, beside.no_report),
            "withdraw": (on.owner,),
            "attach": (files_still_here,),
            "withdraw_file": (files_still_here,),
        },
    }
)
"""The conditions of each action, by procedure; an action that is not named has none."""
