"""The scenes of a complaint: each of its states, and what a state can also be."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.complaints.dossier_page.beside_scenes import ASKING, helped, reported, with_a_filed_lead
from tests.complaints.dossier_page.scene import COLLEAGUE, OFFER, Scene
from tests.factories import (
    CONSENT,
    FILE_LEAD,
    LEAD,
    PATHS,
    TELL_DECISION,
    TELL_RESULT,
    TERMINATE,
    Matters,
    Step,
)

_ARRANGE: Step = (
    "handler",
    "arrange_session",
    {"session_on": "2026-11-26", "session_at": "09:30", "session_way": "phone"},
)


def _complaint(state: str, *more: Step) -> Callable[[Matters], str]:
    def walk(matters: Matters) -> str:
        matters.in_state("dispatched")  # an earlier one, to be linked to or merged into
        number = matters.in_state(state)
        matters.walk(number, *more)
        return number

    return walk


def _linked(matters: Matters) -> str:
    _another, earlier, number = (matters.in_state("dispatched") for _one in range(3))
    matters.walk(number, ("handler", "link", {"other": earlier, "reason": "同一批次的同一问题"}))
    return number


def _filed_and_told(matters: Matters) -> str:
    """Return a complaint whose lead is filed and whose result is told: it may be marked as transferred."""
    number = _complaint("mediating")(matters)
    matters.walk(number, LEAD)
    matters.walk(matters.lead_of(number), *FILE_LEAD)
    matters.walk(number, TERMINATE, TELL_RESULT)
    return number


def _with_a_file(matters: Matters) -> str:
    number = _complaint("mediating")(matters)
    matters.attach(number)
    return number


def _called_in_vain(matters: Matters) -> str:
    number = _complaint("closed")(matters)
    for _day in range(3):
        matters.walk(number, ("operator", "record_attempt", {"channel": "phone", "outcome": "no_answer"}))
        matters.city.clock.move(days=1)
    return number


_ACTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "registered": (
        ("operator", "attach"),
        ("intake", "ask_identity"),
        ("intake", "dispatch"),
        ("operator", "withdraw"),
    ),
    "identity_asked": (("intake", "record_identity"),),
    "dispatched": (
        ("intake", "take_back"),
        ("handler", "return_to_intake"),
        ("handler", "merge"),
        ("handler", "accept"),
        ("handler", "refuse"),
        ("operator", "supplement"),
    ),
    "returned": (("intake", "rule_on_return"), ("intake", "supplement"), ("intake", "link")),
    "accepted": (
        ("handler", "tell_decision"),
        ("handler", "record_consent"),
        ("handler", "apply_payout"),
        ("handler", "supplement"),
        ("operator", "add_from_call"),
    ),
    "mediating": (
        ("handler", "arrange_session"),
        ("handler", "hold_session"),
        ("handler", "start_appraisal"),
        ("handler", "challenge"),
        ("handler", "agree"),
        ("handler", "open_lead"),
        ("head", "offer_handover"),
        *ASKING,
    ),
    "appraising": (("handler", "finish_appraisal"), ("handler", "hold_session")),
    "suspended": (("head", "decide_challenge"), ("handler", "terminate")),
    "mediated": (("handler", "tell_result"),),
    "terminated": (("supervisor", "add_note"),),
    "withdrawn": (("intake", "close"),),
    "closed": (
        ("operator", "record_attempt"),
        ("intake", "revisit"),
        ("supervisor", "revisit_unsatisfied"),
    ),
    "redo": (("handler", "finish_redo"),),
}

COMPLAINTS = (
    helped("complaint", "mediating", _complaint("mediating")),
    reported("complaint", "mediating", "handler", with_a_filed_lead),
    *(Scene(state, "complaint", state, _complaint(state), _ACTS.get(state, ())) for state in PATHS),
    Scene("transferred", "complaint", "transferred", _complaint("transferred")),
    Scene("merged", "complaint", "merged", _complaint("merged"), (("intake", "unmerge"),)),
    Scene(
        "linked to another",
        "complaint",
        "dispatched",
        _linked,
        (("handler", "unlink"),),
        whole=False,
    ),
    Scene(
        "a caller added to it",
        "complaint",
        "accepted",
        _complaint("accepted", ("operator", "add_from_call", {"said": "商家今天又拒绝退款"})),
        (("handler", "read_additions"),),
        whole=False,
    ),
    Scene(
        "both sides consent",
        "complaint",
        "accepted",
        _complaint("accepted", TELL_DECISION, CONSENT),
        (("handler", "begin_mediation"),),
        whole=False,
    ),
    Scene(
        "a handover waits",
        "complaint",
        "mediating",
        _complaint("mediating", OFFER),
        ((COLLEAGUE, "accept_handover"), ("handler", "decline_handover")),
        whole=False,
    ),
    Scene(
        "a session is arranged",
        "complaint",
        "mediating",
        _complaint("mediating", _ARRANGE),
        (("handler", "change_session"),),
        whole=False,
    ),
    Scene(
        "a file is attached",
        "complaint",
        "mediating",
        _with_a_file,
        (("handler", "withdraw_file"), ("head", "attach")),
        whole=False,
    ),
    Scene(
        "a filed lead",
        "complaint",
        "terminated",
        _filed_and_told,
        (("handler", "mark_transferred"),),
        whole=False,
    ),
    Scene(
        "three calls in vain",
        "complaint",
        "closed",
        _called_in_vain,
        (("operator", "end_unreached"),),
        whole=False,
    ),
)
