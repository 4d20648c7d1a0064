"""What holds of every payout, and of a complaint that has one. All sums are integer fen."""

from __future__ import annotations

from workflows.definition import Procedure
from workflows.proving.invariants import invariant
from workflows.proving.model_steps import SUMS
from workflows.proving.situations import Situation

APPROVED = ("paying", "paid", "recovering", "recovered", "written_off")
CLOSED = ("closed", "revisited")


@invariant(
    "还有先赔没有办完的投诉不能办结。", "No complaint is closed while a payout of it is open.", children=True
)
def closed_has_no_open_payout(_procedure: Procedure, now: Situation) -> bool:
    """A complaint is not closed over the head of a running payout."""
    return now.state not in CLOSED or all(
        child.ended or child.procedure != "payout" for child in now.children or ()
    )


@invariant(
    "兑付的不超过批准的，批准的不超过核实的，核实的不超过购买价款和上限。",
    "Paid is what was approved, approved within verified, verified within the price paid and the cap.",
    reads=("claimed_fen", "payout_cap_fen", "verified_fen", "approved_fen"),
    starts={"claimed_fen": SUMS, "payout_cap_fen": (None, *SUMS)},
)
def paid_within_approved_within_claimed(_procedure: Procedure, now: Situation) -> bool:
    """The price is advanced, never more."""
    if now.state not in APPROVED:
        return True
    approved, verified = now.vars.get("approved_fen") or 0, now.vars.get("verified_fen") or 0
    cap = now.vars.get("payout_cap_fen")
    return 0 < approved <= verified <= (now.vars.get("claimed_fen") or 0) and (cap is None or verified <= cap)


@invariant(
    "追回的不超过兑付的；全部追回才能归档，没有追回的由负责人核销。",
    "Recovered is at most what was paid; filed is what came back whole, the rest is written off.",
    reads=("approved_fen", "recovered_fen"),
)
def recovered_within_paid_out(_procedure: Procedure, now: Situation) -> bool:
    """No more comes back than went out, and a file is closed as recovered only when all came back."""
    approved, back = now.vars.get("approved_fen") or 0, now.vars.get("recovered_fen") or 0
    if now.state == "recovered":
        return back == approved
    return back <= approved and not (now.state == "written_off" and back == approved)


INVARIANTS = (closed_has_no_open_payout, paid_within_approved_within_claimed, recovered_within_paid_out)
"""The invariants of payouts, registered by create_app."""
