"""The scenes of a lead: each of its states, and a handover that waits."""

from __future__ import annotations

from collections.abc import Callable

from tests.complaints.dossier_page.beside_scenes import ASKING, helped
from tests.complaints.dossier_page.scene import COLLEAGUE, OFFER, Scene
from tests.factories import FILE_LEAD, LEAD, Matters, Step

_PROPOSE = FILE_LEAD[0]
_PROPOSE_NOT: Step = ("handler", "propose_not_filing", {"reason": "没有违法事实"})
_SUMS = {"value": 25_600, "fine": 1_000_000, "forfeit": 24_800}
_CONCLUDE: Step = ("handler", "conclude", {**_SUMS, "decision_number": "樊市监处罚〔2026〕18 号"})


def _lead(*steps: Step) -> Callable[[Matters], str]:
    def walk(matters: Matters) -> str:
        parent = matters.in_state("mediating")
        matters.walk(parent, LEAD)
        number = matters.lead_of(parent)
        matters.walk(number, *steps)
        return number

    return walk


def _with_a_file(matters: Matters) -> str:
    number = _lead()(matters)
    matters.attach(number)
    return number


LEADS = (
    Scene(
        "verifying",
        "lead",
        "verifying",
        _lead(),
        (
            ("head", "extend_verification"),
            ("handler", "propose_filing"),
            ("handler", "propose_not_filing"),
            ("handler", "pass_on"),
            ("handler", "offer_handover"),
            ("supervisor", "add_note"),
            *ASKING,
        ),
    ),
    helped("lead", "verifying", _lead()),
    Scene(
        "filing proposed",
        "lead",
        "filing_proposed",
        _lead(_PROPOSE),
        (("head", "file"), ("head", "send_back"), ("handler", "withdraw_proposal")),
    ),
    Scene("not filing proposed", "lead", "not_filing_proposed", _lead(_PROPOSE_NOT), (("head", "not_file"),)),
    Scene(
        "a lead's file is attached",
        "lead",
        "verifying",
        _with_a_file,
        (("handler", "attach"), ("head", "withdraw_file")),
        whole=False,
    ),
    Scene("filed", "lead", "filed", _lead(*FILE_LEAD), (("handler", "conclude"),)),
    Scene(
        "not filed",
        "lead",
        "not_filed",
        _lead(_PROPOSE_NOT, ("head", "not_file", {"reason": "没有违法事实"})),
    ),
    Scene(
        "passed on",
        "lead",
        "passed",
        _lead(("handler", "pass_on", {"agency": "樊城区公安分局", "receipt_number": "樊公受〔2026〕7 号"})),
    ),
    Scene("concluded", "lead", "concluded", _lead(*FILE_LEAD, _CONCLUDE)),
    Scene(
        "a lead's handover waits",
        "lead",
        "verifying",
        _lead(OFFER),
        ((COLLEAGUE, "accept_handover"), (COLLEAGUE, "decline_handover")),
        whole=False,
    ),
)
