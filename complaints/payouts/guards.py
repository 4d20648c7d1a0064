"""Guards of buy-fake-compensate-first: amounts, the fund, one payout a purchase, and who may sign what.

All sums are integer fen. Variables read here: `claimed_fen` (the price paid), `verified_fen`,
`approved_fen`, `recovered_fen`, `countersigned_fen`, `payout_cap_fen`, `two_people_over_fen`,
`applied_by`, `case_number`, `not_filed_decision`. The rules behind them are local
practice: Hubei's text of 2011 was not found.
"""

from __future__ import annotations

from complaints.foundation.money import format_yuan as yuan
from workflows.definition import Label, Reach
from workflows.generic_guards import not_the_doer
from workflows.guards import Facts, Why, day_of, guard

not_the_asker = not_the_doer(
    "not_the_asker",
    ("start", "begin_check", "confirm"),
    Label("申请、核实的人不能批准这笔先赔。", "Whoever applied or verified may not approve this payout."),
    # whoever verified before it was sent back stays out, even after another verified it anew
    variables=("applied_by", "verified_by"),
)
not_the_approver = not_the_doer(
    "not_the_approver",
    ("approve", "countersign"),
    Label("批准的人不能兑付同一笔先赔。", "Whoever approved this payout may not pay it."),
)


def _fen(value: object) -> int | None:
    """Return a sum in fen, or None where there is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _too_much(code: str, field: str, given: int, most: int, zh: str, en: str) -> Why:
    return Why(
        code,
        Label(
            f"金额{yuan(given)}元超过{zh}{yuan(most)}元。",
            f"{yuan(given)} yuan is more than {en}, {yuan(most)} yuan.",
        ),
        Label("请改填金额。", "Mend the sum."),
        fields=(field,),
    )


@guard(
    on_payload=True, in_model=True, reads=("claimed_fen", "payout_cap_fen", "verified_fen", "approved_fen")
)
def amount_within_rule(facts: Facts) -> Why | None:
    """Approved within verified, verified within the price and the cap: the price is advanced, no multiple."""
    verified, approved = _fen(facts.payload.get("verified_fen")), _fen(facts.payload.get("approved_fen"))
    if verified is not None:
        claimed, cap = _fen(facts.vars.get("claimed_fen")), _fen(facts.vars.get("payout_cap_fen"))
        if claimed is None:
            return _no_sum("claimed_fen", Label("购买价款", "price paid"))
        if verified > claimed:
            return _too_much("over_price", "verified_fen", verified, claimed, "购买价款", "the price paid")
        if cap is not None and verified > cap:
            return _too_much("over_cap", "verified_fen", verified, cap, "先赔上限", "the cap of a payout")
    if approved is not None:
        known = _fen(facts.vars.get("verified_fen"))
        if known is None:
            return _no_sum("verified_fen", Label("核实金额", "verified sum"))
        if approved > known:
            return _too_much("over_verified", "approved_fen", approved, known, "核实金额", "the verified sum")
    if 0 in (verified, approved):
        return Why(
            "nothing_to_pay",
            Label("金额为零，没有可以先赔的。", "The sum is zero: there is nothing to pay."),
            Label("请填写金额，或者不予先赔。", "Give a sum, or refuse the payout."),
            fields=("verified_fen", "approved_fen"),
        )
    return None


def _no_sum(name: str, label: Label) -> Why:
    return Why(
        f"no_{name}",
        Label(f"还没有{label.zh}。", f"The {label.en} is not known."),
        Label("请先补充。", "Supply it first."),
    )


def purchase_taken(number: str = "") -> Why:
    """Return the reason that another payout, of that number, has the purchase."""
    which = (f"（{number}）", f" ({number})") if number else ("", "")
    return Why(
        "purchase_taken",
        Label(f"同一次购买已经有一笔先赔{which[0]}。", f"This purchase already has a payout{which[1]}."),
        Label(
            "请核对购物凭证；重复的，不予先赔。",
            "Compare the receipts; refuse the payout if it is the same purchase.",
        ),
    )


def fund_too_small(approved_fen: int, free_fen: int) -> Why:
    """Return the reason that the fund has less free than is to be approved; sums in fen."""
    return Why(
        "fund_too_small",
        Label(
            f"先赔资金可用余额{yuan(free_fen)}元，不够支付{yuan(approved_fen)}元。",
            f"The fund has {yuan(free_fen)} yuan free, which does not cover {yuan(approved_fen)} yuan.",
        ),
        Label("请先补充先赔资金，再批准。", "Have money put into the fund first, then approve."),
        fields=("approved_fen",),
    )


FUND_NOT_OPENED = Why(
    "fund_not_opened",
    Label("先赔资金还没有开立。", "The fund for advance payments has not been opened."),
    Label(
        "请系统管理员开立先赔资金（cli payouts fund），再批准。",
        "Ask the system administrator to open it (cli payouts fund), then approve.",
    ),
)
NOTHING_OWED = Why(
    "nothing_owed",
    Label(
        "已经全部追回，没有可以再追偿或者核销的金额。",
        "Everything was recovered: there is nothing left to recover or to write off.",
    ),
    Label("请直接归档。", "File the payout instead."),
)


@guard(on_payload=True)
def two_people_over_limit(facts: Facts) -> Why | None:
    """Above the office's limit a second person countersigns first; where no limit is known every sum is
    above it.
    """
    limit, approved = (
        _fen(facts.vars.get("two_people_over_fen")) or 0,
        _fen(facts.payload.get("approved_fen")),
    )
    if approved is None or approved <= limit:
        return None
    signed = _fen(facts.vars.get("countersigned_fen")) or 0
    if signed >= approved and facts.did("countersign") not in (None, facts.actor.id):
        return None
    return Why(
        "second_signature_missing",
        Label(
            f"超过{yuan(limit)}元的先赔须两人审批，还缺另一人会签。",
            f"Above {yuan(limit)} yuan two people approve: another one must countersign first.",
        ),
        Label("请另一位负责人或者审批人先会签。", "Ask another head or approver to countersign."),
        lifted_by=("head", "payout_approver"),
        fields=("approved_fen",),
    )


NOT_OWNER_NOR_APPROVER = Why(
    "not_owner_nor_approver",
    Label("您不是承办人，也不是审批人。", "You are neither the owner nor an approver."),
    Label("请承办人或者审批人办理。", "Ask the owner or an approver."),
    lifted_by=("head", "payout_approver"),
)


@guard()
def is_owner_or_approver(facts: Facts) -> Why | None:
    """The owner refuses what is not proven; a head or an approver may refuse what was proposed."""
    unit = facts.unit_path
    if facts.actor.id == facts.owner_id or any(
        facts.actor.grant(role, unit, Reach.UP) is not None for role in ("head", "payout_approver")
    ):
        return None
    return NOT_OWNER_NOR_APPROVER


@guard(on_payload=True)
def paid_on_not_ahead(facts: Facts) -> Why | None:
    """A payment is recorded after it was made."""
    paid = day_of(facts.payload.get("paid_on"))
    if paid is None or paid <= facts.today:
        return None
    return Why(
        "paid_on_unfit",
        Label("兑付日期不能晚于今天。", "The day of payment lies after today."),
        Label("请改填兑付日期。", "Mend the day."),
        fields=("paid_on",),
    )


@guard(on_payload=True)
def case_or_decision_given(facts: Facts) -> Why | None:
    """A payout is linked either to the case number or to the decision not to file, never to neither."""
    given = [
        name for name in ("case_number", "not_filed_decision") if str(facts.payload.get(name) or "").strip()
    ]
    if len(given) == 1:
        return None
    return Why(
        "case_or_decision",
        Label(
            "请填写立案号或者不予立案决定，二者填一项。",
            "Give either the case number or the decision not to file.",
        ),
        Label("没有立案的，留在例外清单上。", "What was not filed stays on the list of exceptions."),
        fields=("case_number", "not_filed_decision"),
    )


@guard(on_payload=True, in_model=True, reads=("approved_fen", "recovered_fen"))
def recovered_within_paid(facts: Facts) -> Why | None:
    """What was recovered so far grows with each entry and never passes what was paid."""
    total, paid = _fen(facts.payload.get("recovered_fen")), _fen(facts.vars.get("approved_fen")) or 0
    before = _fen(facts.vars.get("recovered_fen")) or 0
    if total is None or before < total <= paid:
        return None
    return Why(
        "recovered_unfit",
        Label(
            f"累计追回金额应当大于{yuan(before)}元、不超过{yuan(paid)}元。",
            f"The total recovered so far is more than {yuan(before)} and at most {yuan(paid)} yuan.",
        ),
        Label("请填写到目前为止的累计金额。", "Give the total so far."),
        fields=("recovered_fen",),
    )


@guard(in_model=True, reads=("approved_fen", "recovered_fen"))
def fully_recovered(facts: Facts) -> Why | None:
    """A payout is filed as recovered when all that was paid came back; the rest is written off by a head."""
    paid, back = _fen(facts.vars.get("approved_fen")) or 0, _fen(facts.vars.get("recovered_fen")) or 0
    if back >= paid:
        return None
    return Why(
        "not_fully_recovered",
        Label(f"还有{yuan(paid - back)}元没有追回。", f"{yuan(paid - back)} yuan are still outstanding."),
        Label("请继续追偿，或者由负责人核销。", "Go on recovering, or have a head write the rest off."),
        lifted_by=("head",),
    )


@guard(in_model=True, reads=("approved_fen", "recovered_fen"))
def something_owed(facts: Facts) -> Why | None:
    """Where all that was paid came back, nothing more is recovered or written off: the payout is filed.

    The tables hold the same when it is written off (`complaints.payouts.actions`).
    """
    paid, back = _fen(facts.vars.get("approved_fen")) or 0, _fen(facts.vars.get("recovered_fen")) or 0
    return NOTHING_OWED if 0 < paid <= back else None


PAYOUT_OPEN = Why(
    "payout_open",
    Label("还有一笔先赔没有办完。", "A payout of this complaint is still open."),
    Label("请先办完先赔：追回、核销或者撤回。", "Finish it first: recovered, written off or withdrawn."),
    lifted_by=("handler", "head", "payout_approver", "cashier"),
)


@guard(in_model=True, children=True)
def no_open_payout(facts: Facts) -> Why | None:
    """A complaint is not closed over the head of a running payout."""
    running = [child for child in facts.children if child.procedure == "payout" and not child.ended]
    if not running:
        return None
    return PAYOUT_OPEN


GUARDS = (
    not_the_asker,
    not_the_approver,
    amount_within_rule,
    two_people_over_limit,
    is_owner_or_approver,
    paid_on_not_ahead,
    case_or_decision_given,
    recovered_within_paid,
    fully_recovered,
    something_owed,
    no_open_payout,
)
"""The guards of payouts, registered by create_app."""
