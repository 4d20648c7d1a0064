"""What is typed into each action: the lawful form first, then forms that are wrong in one way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from tests.bureau import COUNTY, OFFICE, OTHER_OFFICE
from tests.machines.paper import Book, File
from tests.machines.people import RECEIVERS

Typed = dict[str, Any]

_NOTE: Typed = {"note": "已经电话联系"}
_HANDOVER = (
    {"unit": OFFICE, "receiver": "colleague", "reason": "休假"},
    {"unit": OFFICE, "receiver": "handler", "reason": "休假"},
    {"unit": OFFICE, "receiver": "deputy", "reason": "休假"},
    {"unit": COUNTY, "receiver": "county_handler", "reason": "休假"},
    {"unit": OTHER_OFFICE, "receiver": "other_handler", "reason": "休假"},
)
_TELL = {"channel": "sms", "told_on": "{today}", "proof": "短信回执 001"}
_RESULT = {
    "channel": "in_person",
    "told_on": "{today}",
    "proof_complainant": "当面签收",
    "proof_respondent": "当面签收",
}
_SESSION = {"session_on": "{soon}", "session_at": "14:30", "session_way": "phone"}
_COMMISSION = {
    "body": "襄阳市产品质量检验所",
    "paper": "委 2026-018",
    "commissioned_on": "{today}",
    "approved_by": "head",
}
_TERMINATE = {"item": "3", "reason": "双方明确表示无法达成协议"}
_DISPATCH = tuple({"unit": unit, "receiver": who} for unit, who in RECEIVERS.items())
_HANDED: Mapping[str, tuple[Typed, ...]] = {
    "offer_handover": _HANDOVER,
    "accept_handover": ({},),
    "decline_handover": ({},),
    "add_note": (_NOTE,),
}
_FILES: Mapping[str, tuple[Typed, ...]] = {
    "attach": (
        {"file": "照片 {fresh}.png", "kind": "photo"},
        {"file": "小票.png", "kind": "receipt"},
    ),
    "withdraw_file": (
        {"file_number": "{paper}", "reason": "传错了"},
        {"file_number": 99, "reason": "传错了"},
    ),
}
_WORK: Mapping[str, tuple[Typed, ...]] = {
    "ask_work": (
        {"work": "inspection", "worker": "colleague", "due_on": "{soon}", "note": "看货架"},
        {"work": "inspection", "worker": "handler", "due_on": "{soon}"},
        {"work": "inspection", "worker": "colleague", "due_on": "{yesterday}"},
    ),
    "finish_work": (
        {"work_number": "{work}", "note": "已经看过"},
        {"work_number": 99, "note": "已经看过"},
    ),
    "call_off_work": ({"work_number": "{work}", "reason": "不需要了"},),
    "name_co_handler": ({"co_handler": "colleague"}, {"co_handler": "handler"}),
    "remove_co_handler": ({"co_handler": "colleague"}, {"co_handler": "handler"}),
}
_REPORTS: Mapping[str, tuple[Typed, ...]] = {"read_reports": ({},)}
_HEARD: tuple[Typed, ...] = ({"child": 1, "reached": "filed"},)
_JOIN = {"reason": "同一件事"}
_ONE = {**_JOIN, "same_complaint": True}

FORMS: Mapping[str, Mapping[str, tuple[Typed, ...]]] = {
    "complaint": {
        **_HANDED,
        **_FILES,
        **_WORK,
        **_REPORTS,
        "hear_lead": _HEARD,
        "hear_payout": _HEARD,
        "ask_identity": (
            {"deadline": "{soon}", "note": "身份证复印件"},
            {"deadline": "{today}", "note": "身份证复印件"},
            {"deadline": "{far}", "note": "身份证复印件"},
        ),
        "record_identity": ({"proof_kind": "id_card"},),
        "dispatch": _DISPATCH,
        "take_back": ({"reason": "分送错误"},),
        "return_to_intake": ({"reason_code": "no_authority", "reason": "经营地在别处"},),
        "rule_on_return": tuple(
            {"ruling": ruling, "unit": unit, "reason": "实际经营地在辖区"}
            for ruling in ("upheld", "other_unit")
            for unit in (OFFICE, OTHER_OFFICE)
        ),
        "accept": ({},),
        "refuse": (
            {"item": "1", "reason": "不属于职责", "remedies_told": True},
            {"item": "1", "reason": "不属于职责", "remedies_told": False},
        ),
        "tell_decision": (
            _TELL,
            {**_TELL, "told_on": "{tomorrow}"},
            {**_TELL, "told_on": "{yesterday}"},
            {"channel": "sms", "told_on": "{today}"},
        ),
        "withdraw": ({"channel": "phone", "note": "已经解决"},),
        "record_consent": (
            {"consent_complainant": True, "consent_respondent": True, "channel": "phone"},
            {"consent_complainant": True, "channel": "phone"},
            {"consent_respondent": False, "channel": "phone"},
            {"channel": "phone"},
        ),
        "begin_mediation": ({},),
        "arrange_session": (
            _SESSION,
            {**_SESSION, "session_on": "{yesterday}"},
            {**_SESSION, "session_on": "{far}"},
        ),
        "change_session": (
            {**_SESSION, "change": "moved", "reason": "商家出差"},
            {"change": "called_off", "reason": "商家出差"},
        ),
        "hold_session": tuple(
            {"held_on": day, "place": "所内调解室", "outcome": "adjourned", "notes": "双方各说了一遍"}
            for day in ("{today}", "{tomorrow}", "{yesterday}")
        ),
        "start_appraisal": (
            _COMMISSION,
            {**_COMMISSION, "commissioned_on": "{yesterday}"},
            {**_COMMISSION, "commissioned_on": "{tomorrow}"},
            {**_COMMISSION, "approved_by": "handler"},
            {**_COMMISSION, "approved_by": "deputy"},
        ),
        "finish_appraisal": tuple(
            {"paper": "报 2026-018", "result_on": day, "result": "实测为 2 级"}
            for day in ("{today}", "{yesterday}", "{tomorrow}")
        ),
        "challenge": ({"reason": "调解员与商家有亲属关系"},),
        "decide_challenge": (
            {"upheld": False, "reason": "没有亲属关系"},
            {"upheld": True, "reason": "确有亲属关系"},
        ),
        "choose_rule_set": ({"rule_set": "order-121", "reason": "按收到之日的规定"},),
        "agree": ({"form": "performed", "amount": 329_900, "terms": "退货退款"},),
        "terminate": (_TERMINATE, {**_TERMINATE, "item": "5"}, {**_TERMINATE, "item": "2"}),
        "tell_result": (
            _RESULT,
            {**_RESULT, "told_on": "{tomorrow}"},
            {**_RESULT, "told_on": "{yesterday}"},
        ),
        "open_lead": ({"clue": "货架上另有三十一盒过期酸奶"},),
        "apply_payout": tuple(
            {"goods": "酸奶 1 盒", "price_fen": fen, "bought_on": "{yesterday}", "receipt_number": receipt}
            for fen, receipt in ((800, "{fresh}"), (150_000, "{fresh}"), (90_000, "{fresh}"), (800, "0082"))
        ),
        "mark_transferred": ({},),
        "close": ({},),
        "record_attempt": ({"channel": "phone", "outcome": "no_answer"},),
        "revisit": ({"grade": "satisfied"},),
        "revisit_unsatisfied": ({"reason": "退款没有到账"},),
        "end_unreached": ({},),
        "finish_redo": ({"done": "已督促退款"},),
        "add_from_call": ({"said": "又打来，还没有退款"},),
        "read_additions": ({},),
        "link": ({**_JOIN, "other": "{older}"}, {**_JOIN, "other": "{any}"}),
        "unlink": ({**_JOIN, "other": "{linked}"}, {**_JOIN, "other": "{any}"}),
        "merge": (
            {**_ONE, "into": "{older}"},
            {**_ONE, "into": "{any}"},
            {**_ONE, "into": "{older}", "same_complaint": False},
        ),
        "unmerge": (_JOIN,),
        **dict.fromkeys(("linked_from_there", "unlinked_from_there"), ({"other": "{any}"},)),
        **dict.fromkeys(("take_in", "let_go"), ({"other": "{any}"},)),
        "supplement": ({"address": "襄阳市樊城区人民广场路 {fresh} 号", "note": "来电补充"},),
    },
    "lead": {
        **_HANDED,
        **_FILES,
        "extend_verification": ({"reason": "需要检测"},),
        "propose_filing": ({"ground": "《中华人民共和国食品安全法》第三十四条"},),
        "propose_not_filing": ({"reason": "没有违法事实"},),
        "send_back": ({"reason": "补充进货票据"},),
        "withdraw_proposal": ({"reason": "漏写一项"},),
        **_WORK,
        "file": ({"case_number": "樊市监立〔2026〕18 号"},),
        "not_file": ({"reason": "没有违法事实"},),
        "pass_on": ({"agency": "樊城区公安分局", "receipt_number": "樊公受〔2026〕7 号"},),
        "conclude": (
            {
                "value": 25_600,
                "fine": 1_000_000,
                "forfeit": 24_800,
                "decision_number": "樊市监处罚〔2026〕1 号",
            },
        ),
    },
    "payout": {
        **_HANDED,
        **_FILES,
        "begin_check": ({},),
        "confirm": (
            {"verified_fen": "{claimed}", "evidence": "同批均过期"},
            {"verified_fen": 0, "evidence": "同批均过期"},
            {"verified_fen": 160_000, "evidence": "同批均过期"},
        ),
        "refuse": ({"reason": "不是假货"},),
        "countersign": ({"countersigned_fen": "{claimed}"}, {"countersigned_fen": 100}),
        "approve": ({"approved_fen": "{claimed}"}, {"approved_fen": 500}, {"approved_fen": 0}),
        "send_back": ({"reason": "补充检验报告"},),
        "withdraw_finding": ({"reason": "金额写错"},),
        "settled": (
            {"way": "cash", "voucher": "0007", "paid_on": "{today}"},
            {"way": "cash", "voucher": "0007", "paid_on": "{tomorrow}"},
        ),
        "failed": ({"proof": "账户已注销"},),
        "link_case": (
            {"case_number": "樊市监立〔2026〕31 号"},
            {"not_filed_decision": "樊市监不立〔2026〕2 号"},
            {},
        ),
        "recover": (
            {"recovered_fen": "{claimed}", "reference": "罚没 0031"},
            {"recovered_fen": 300, "reference": "罚没 0030"},
        ),
        "write_off": ({"reason": "商家已注销"},),
        "file": ({},),
        "withdraw": ({"reason": "商家已退款"},),
    },
    "station_dispute": {
        "record_offer": ({"consumer_offer": 19_900, "merchant_offer": 10_000},),
        "settle": (
            {"amount": 15_000, "kind": "refund", "terms": "当场退款", "told": True},
            {"amount": 15_000, "kind": "refund", "terms": "当场退款", "told": False},
        ),
        "pass_up": ({"reason": "双方未达成一致"},),
        "withdraw": ({"note": "自己和商家谈好了"},),
        "hear_complaint": _HEARD,
        **_REPORTS,
        "add_note": (_NOTE,),
        **_FILES,
    },
}
"""The forms of each action, by procedure. Words in braces are filled in on the day."""


def filled(book: Book, file: File, form: Mapping[str, Any], fresh: int) -> Typed:
    """Return the form with days, sums and a fresh number put in."""
    days = {"today": 0, "yesterday": -1, "tomorrow": 1, "soon": 3, "far": 75}
    words: dict[str, Any] = {
        f"{{{name}}}": (book.today + timedelta(days=more)).isoformat() for name, more in days.items()
    }
    words["{claimed}"] = file.known.get("claimed_fen", 1)
    words["{work}"] = _one_of(sorted(file.work), fresh, 1)
    words["{paper}"] = _one_of(sorted(file.standing_papers), fresh, 1)
    words |= _others(book, file, fresh)
    found = {}
    for name, value in form.items():
        value = words.get(value, value) if isinstance(value, str) else value
        found[name] = value.replace("{fresh}", str(fresh)) if isinstance(value, str) else value
    return found


def _others(book: Book, file: File, fresh: int) -> Typed:
    """Return numbers of other matters to be named; the file's own where there is none of that sort."""
    numbers, own = list(book.files), file.number
    older = [one for one in numbers[: numbers.index(own)] if book.files[one].kind == "complaint"]
    return {
        "{older}": _one_of(older, fresh, own),
        "{linked}": _one_of(book.linked(own), fresh, own),
        "{any}": _one_of(numbers, fresh, own),
    }


def _one_of(choices: Sequence[Any], fresh: int, otherwise: Any) -> Any:
    return choices[fresh % len(choices)] if choices else otherwise
