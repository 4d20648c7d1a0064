"""What a person types into the form of each action, and the addresses that take it.

Each form is whole and lawful, so that whatever refuses it refuses the person, the state or the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
from types import MappingProxyType
from typing import Any

from tests.bureau import OFFICE

TODAY, SOON, SOMEBODY, PAPER = "{today}", "{soon}", "{somebody}", "{paper}"
OTHER, LINKED = "{other}", "{linked}"
"""Stand for the day of sending, three days later, a person to whom the matter may be handed, and a file."""

NO_SUCH_ACTION = "no_such_action"

Typed = Mapping[str, Any]

_HANDOVER: Mapping[str, Typed] = {
    "offer_handover": {"receiver": SOMEBODY, "reason": "休假"},
    "accept_handover": {},
    "decline_handover": {},
    "add_note": {"note": "已经电话联系"},
}
_FILES: Mapping[str, Typed] = {
    "attach": {"kind": "receipt", "file": PAPER},
    "withdraw_file": {"file_number": "1", "reason": "传错了"},
}
_BESIDE: Mapping[str, Typed] = {
    "ask_work": {"work": "inspection", "worker": SOMEBODY, "due_on": SOON, "note": "看货架"},
    "finish_work": {"work_number": "1", "note": "已经看过"},
    "call_off_work": {"work_number": "1", "reason": "不需要了"},
    "name_co_handler": {"co_handler": SOMEBODY},
    "remove_co_handler": {"co_handler": SOMEBODY},
}
_TOLD: Typed = {"channel": "sms", "told_on": TODAY, "proof": "短信回执 001"}
_SESSION: Typed = {"session_on": SOON, "session_at": "14:30", "session_way": "phone"}

TYPED: Mapping[str, Mapping[str, Typed]] = MappingProxyType(
    {
        "complaint": {
            **_HANDOVER,
            **_FILES,
            **_BESIDE,
            "read_reports": {},
            "ask_identity": {"deadline": SOON, "note": "身份证复印件"},
            "record_identity": {"proof_kind": "id_card", "note": "当面核对"},
            "dispatch": {"unit": OFFICE, "note": "经营地在辖区"},
            "take_back": {"reason": "分送错误"},
            "return_to_intake": {"reason_code": "no_authority", "reason": "经营地在别处"},
            "rule_on_return": {"ruling": "upheld", "unit": OFFICE, "reason": "实际经营地在辖区"},
            "accept": {"note": "符合受理条件"},
            "refuse": {"item": "1", "reason": "不属于职责", "remedies_told": "y"},
            "tell_decision": _TOLD,
            "withdraw": {"channel": "phone", "note": "已经解决"},
            "record_consent": {
                "consent_complainant": "yes",
                "consent_respondent": "yes",
                "channel": "phone",
            },
            "begin_mediation": {},
            "arrange_session": {**_SESSION, "bring": "发票"},
            "change_session": {**_SESSION, "change": "moved", "reason": "商家负责人出差"},
            "hold_session": {
                "held_on": TODAY,
                "place": "所内调解室",
                "outcome": "adjourned",
                "notes": "双方各说了一遍",
            },
            "start_appraisal": {
                "body": "襄阳市产品质量检验所",
                "paper": "委 2026-018",
                "commissioned_on": TODAY,
                "approved_by": SOMEBODY,
                "note": "",
            },
            "finish_appraisal": {"paper": "报 2026-018", "result_on": TODAY, "result": "实测为 2 级"},
            "challenge": {"reason": "调解员与商家有亲属关系"},
            "decide_challenge": {"upheld": "no", "reason": "没有亲属关系"},
            "choose_rule_set": {"rule_set": "order-121", "reason": "按收到之日的规定"},
            "agree": {"form": "performed", "amount": "3299.00", "terms": "退货退款"},
            "terminate": {"item": "3", "reason": "双方明确表示无法达成协议"},
            "tell_result": {
                "channel": "in_person",
                "told_on": TODAY,
                "proof_complainant": "当面签收",
                "proof_respondent": "当面签收",
            },
            "open_lead": {"clue": "货架上另有三十一盒过期酸奶"},
            "supplement": {"address": "襄阳市樊城区人民广场路 9 号", "note": "来电人回电补充"},
            "add_from_call": {"said": "商家今天又拒绝退款"},
            "read_additions": {},
            "link": {"other": OTHER, "reason": "同一批次的同一问题"},
            "unlink": {"other": LINKED, "reason": "不是同一问题"},
            "merge": {"into": OTHER, "same_complaint": "y", "reason": "同一投诉人来电两次"},
            "unmerge": {"reason": "核实后是两件事"},
            "mark_transferred": {},
            "close": {},
            "record_attempt": {"channel": "phone", "outcome": "not_reached"},
            "revisit": {"grade": "satisfied", "told": "办得快"},
            "revisit_unsatisfied": {"reason": "退款没有到账"},
            "end_unreached": {},
            "finish_redo": {"done": "已督促退款"},
            "apply_payout": {
                "goods": "空调 1 台",
                "price_fen": "3299.00",
                "bought_on": TODAY,
                "receipt_number": "0082-2026",
                "facts": "能效标识不实",
            },
        },
        "lead": {
            **_HANDOVER,
            **_FILES,
            **_BESIDE,
            "withdraw_proposal": {"reason": "漏写一项"},
            "extend_verification": {"reason": "需要检测"},
            "propose_filing": {"ground": "《中华人民共和国食品安全法》第三十四条"},
            "propose_not_filing": {"reason": "没有违法事实"},
            "send_back": {"reason": "补充进货票据"},
            "file": {"case_number": "樊市监立〔2026〕18 号"},
            "not_file": {"reason": "没有违法事实"},
            "pass_on": {"agency": "樊城区公安分局", "receipt_number": "樊公受〔2026〕7 号"},
            "conclude": {
                "value": "256.00",
                "fine": "10000.00",
                "forfeit": "248.00",
                "decision_number": "樊市监处罚〔2026〕18 号",
            },
        },
        "payout": {
            **_HANDOVER,
            **_FILES,
            "withdraw_finding": {"reason": "金额写错"},
            "begin_check": {},
            "confirm": {"verified_fen": "8.00", "evidence": "同批31盒均过期，已扣押"},
            "refuse": {"reason": "不是假货"},
            "countersign": {"countersigned_fen": "8.00"},
            "approve": {"approved_fen": "8.00"},
            "send_back": {"reason": "补充检验报告"},
            "settled": {"way": "cash", "voucher": "现金收条 0007", "paid_on": TODAY},
            "failed": {"proof": "账户已注销"},
            "link_case": {"case_number": "樊市监立〔2026〕31 号", "not_filed_decision": ""},
            "recover": {"recovered_fen": "8.00", "reference": "罚没 0031"},
            "write_off": {"reason": "商家已注销"},
            "file": {},
            "withdraw": {"reason": "商家已退款"},
        },
        "station_dispute": {
            "read_reports": {},
            **_FILES,
            "record_offer": {"consumer_offer": "199.00", "merchant_offer": "100.00"},
            "settle": {"amount": "150.00", "kind": "refund", "terms": "当场退款", "told": "y"},
            "pass_up": {"reason": "双方未达成一致"},
            "withdraw": {"note": "自己和商家谈好了"},
            "add_note": {"note": "已经电话联系"},
        },
    }
)
"""What is typed, by procedure and action, under the names of the generic form. Sums in yuan."""


@dataclass(frozen=True, slots=True)
class Door:
    """An address that takes an action.

    `names` maps the generic form's fields to the door's own; `more` is what it sends besides. `n` in both
    stands for the matter's number. `back` is where it leads to also when nothing was done.
    """

    address: str
    names: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)
    back: str = ""

    def data(self, number: str, typed: Typed, key: str, version: int) -> dict[str, Any]:
        """Return the form as a browser sends it, but for the token of the browser."""
        fields = {self.names.get(name, name): value for name, value in typed.items()}
        hidden = {"idempotency_key": key, "form_version": str(version)}
        for name, value in hidden.items():
            fields[self.names.get(name, name)] = value
        return {
            name.format(n=number): value.format(n=number) if name in self.more else value
            for name, value in (fields | dict(self.more)).items()
        }


_ANSWERED = "/mediation?tab=offered"
_OWN_DOORS: Mapping[tuple[str, str], Door] = {
    ("complaint", "apply_payout"): Door("/payouts/apply?from={n}", {"price_fen": "price"}),
    ("complaint", "arrange_session"): Door("/mediation/{n}/arrange"),
    ("complaint", "change_session"): Door("/mediation/{n}/change"),
    ("complaint", "hold_session"): Door("/mediation/{n}/session"),
    ("complaint", "agree"): Door("/mediation/{n}/agreement", {"form": "agreement"}),
    ("complaint", "dispatch"): Door(
        "/intake/dispatch",
        {"unit": "unit-{n}", "idempotency_key": "key-{n}", "form_version": "version-{n}"},
        {"n": "{n}"},
    ),
    **{
        (kind, f"{answer}_handover"): Door("/mediation/{n}/handover", more={"answer": answer}, back=_ANSWERED)
        for kind in ("complaint", "lead", "payout")
        for answer in ("accept", "decline")
    },
    **{
        ("station_dispute", action): Door(f"/station/{{n}}/{page}")
        for action, page in {
            "record_offer": "offers",
            "settle": "settle",
            "pass_up": "pass-up",
            "withdraw": "withdraw",
        }.items()
    },
    **{
        ("payout", action): Door(f"/payouts/{{n}}/{action}")
        for action in (
            "begin_check",
            "confirm",
            "countersign",
            "approve",
            "settled",
            "link_case",
            "recover",
            "file",
        )
    },
}
"""The rooms' own addresses beside the matter's page."""


def doors(kind: str, action: str) -> list[Door]:
    """Return every address that takes the action, the matter's page first."""
    own = _OWN_DOORS.get((kind, action))
    found = Door(f"/matters/{{n}}/do/{action}")
    return [found, own] if own else [found]


def typed(kind: str, action: str, today: date, somebody: str, others: tuple[str, str]) -> Typed:
    """Return what is typed on that day.

    `somebody` is a receiver as the list of people offers one, `others` the numbers of an
    earlier complaint and of one that is linked.
    """
    known = {
        TODAY: today.isoformat(),
        SOON: (today + timedelta(days=3)).isoformat(),
        SOMEBODY: somebody,
        OTHER: others[0],
        LINKED: others[1],
        # a client closes what it has sent: each form has its own
        PAPER: (BytesIO(b"%PDF-1.4\n%%EOF\n"), "发票.pdf"),
    }
    return {name: known.get(value, value) for name, value in TYPED[kind].get(action, {}).items()}
