"""The scenes of a payout: each of its states, a handover that waits, and all of the money come back."""

from __future__ import annotations

from collections.abc import Callable

from tests.complaints.dossier_page.scene import COLLEAGUE, OFFER, Scene
from tests.factories import TODAY, Matters, Step

_CHECK: tuple[Step, ...] = (("handler", "begin_check", {}),)
_CONFIRM: tuple[Step, ...] = (
    *_CHECK,
    ("handler", "confirm", {"verified_fen": 800, "evidence": "同批31盒均过期，已扣押"}),
)
_APPROVE: tuple[Step, ...] = (*_CONFIRM, ("payout_approver", "approve", {"approved_fen": 800}))
_PAY: tuple[Step, ...] = (
    *_APPROVE,
    ("cashier", "settled", {"way": "cash", "voucher": "现金收条 0007", "paid_on": TODAY}),
)
_LINK: tuple[Step, ...] = (*_PAY, ("handler", "link_case", {"case_number": "樊市监立〔2026〕31 号"}))
_BACK: tuple[Step, ...] = (*_LINK, ("handler", "recover", {"recovered_fen": 800, "reference": "罚没 0031"}))


def _payout(*steps: Step) -> Callable[[Matters], str]:
    def walk(matters: Matters) -> str:
        number = matters.a_payout(matters.in_state("accepted"))
        matters.walk(number, *steps)
        return number

    return walk


def _with_a_file(matters: Matters) -> str:
    number = _payout()(matters)
    matters.attach(number)
    return number


PAYOUTS = (
    Scene(
        "applied",
        "payout",
        "applied",
        _payout(),
        (("handler", "begin_check"), ("handler", "withdraw"), ("head", "offer_handover")),
    ),
    Scene("being verified", "payout", "verifying", _payout(*_CHECK), (("handler", "confirm"),)),
    Scene(
        "approving",
        "payout",
        "approving",
        _payout(*_CONFIRM),
        (
            ("payout_approver", "approve"),
            ("head", "countersign"),
            ("head", "refuse"),
            ("handler", "withdraw_finding"),
            ("payout_approver", "send_back"),
        ),
    ),
    Scene(
        "paying",
        "payout",
        "paying",
        _payout(*_APPROVE),
        (("cashier", "settled"), ("cashier", "failed"), ("cashier", "add_note")),
    ),
    Scene(
        "a payout's file is attached",
        "payout",
        "applied",
        _with_a_file,
        (("handler", "attach"), ("head", "withdraw_file")),
        whole=False,
    ),
    Scene("paid", "payout", "paid", _payout(*_PAY), (("handler", "link_case"),)),
    Scene(
        "recovering",
        "payout",
        "recovering",
        _payout(*_LINK),
        (("cashier", "recover"), ("head", "write_off")),
    ),
    Scene("all came back", "payout", "recovering", _payout(*_BACK), (("handler", "file"),), whole=False),
    Scene("recovered", "payout", "recovered", _payout(*_BACK, ("handler", "file", {}))),
    Scene(
        "written off",
        "payout",
        "written_off",
        _payout(*_LINK, ("head", "write_off", {"reason": "商家已注销"})),
    ),
    Scene(
        "payout refused",
        "payout",
        "refused",
        _payout(*_CHECK, ("handler", "refuse", {"reason": "不是假货"})),
    ),
    Scene(
        "payout withdrawn",
        "payout",
        "withdrawn",
        _payout(("handler", "withdraw", {"reason": "商家已退款"})),
    ),
    Scene(
        "a payout's handover waits",
        "payout",
        "applied",
        _payout(OFFER),
        ((COLLEAGUE, "accept_handover"), ("handler", "decline_handover")),
        whole=False,
    ),
)
