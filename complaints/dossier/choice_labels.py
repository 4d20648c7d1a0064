"""Words for the short codes that an action's field offers, for forms and for the timeline.

Codes are ours and stable.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from complaints.dossier.codes import ID_TYPES, TELLING_CHANNELS
from workflows.definition import Field, Label

CHOICES: Mapping[str, Label] = MappingProxyType(
    {
        **TELLING_CHANNELS,
        # a ruling of the intake desk on a return
        "upheld": Label("维持原分送", "Dispatch upheld"),
        "other_unit": Label("改分送其他单位", "Sent to another unit"),
        # how a session is held: SAMR Order 121, art. 20; by phone and internet as above
        "on_site": Label("现场", "On site"),
        "video": Label("音频、视频", "Audio or video"),
        "moved": Label("改期", "Moved"),
        "called_off": Label("取消", "Called off"),
        # what came of a session
        "no_agreement": Label("未达成一致", "No agreement"),
        "adjourned": Label("改期再调解", "Adjourned"),
        "offer": Label("一方提出方案", "One side made an offer"),
        # the form of an agreement: SAMR Order 121, art. 24
        "document": Label("制作调解书", "Mediation document"),
        "performed": Label("即时履行", "Performed at once"),
        "waived": Label("双方同意不制作调解书", "Both sides waive the document"),
        # a call-back that reached nobody
        "not_reached": Label("联系不上", "Not reached"),
        "no_answer": Label("无人接听", "No answer"),
        # grades of a call-back
        "very_satisfied": Label("非常满意", "Very satisfied"),
        "satisfied": Label("满意", "Satisfied"),
        "fair": Label("一般", "Fair"),
        "unsatisfied": Label("不满意", "Not satisfied"),
        # a private settlement at a station
        "refund": Label("退款", "Refund"),
        "exchange": Label("换货", "Exchange"),
        "repair": Label("修理", "Repair"),
        "compensation": Label("赔偿", "Compensation"),
        "apology": Label("赔礼道歉", "Apology"),
        "other": Label("其他", "Other"),
        # kinds of paper among a matter's files
        "receipt": Label("票据", "Receipt"),
        "photo": Label("照片", "Photograph"),
        "identity_proof": Label("身份证明", "Proof of identity"),
        "power_of_attorney": Label("授权委托书", "Power of attorney"),
        "appraisal_report": Label("鉴定报告", "Appraisal report"),
        "agreement": Label("调解书", "Mediation document"),
        "other_paper": Label("其他材料", "Other"),
        # how a payout is paid
        "cash": Label("现金", "Cash"),
        "transfer": Label("银行转账", "Bank transfer"),
    }
)
"""Every code that a procedure's field names among its choices; a test holds it against the files."""

OPEN_FIELDS: Mapping[str, Mapping[str, Label]] = MappingProxyType({"proof_kind": ID_TYPES})
"""What is offered for a code field whose procedure names no choices, by the field's name."""


def choices_of(field: Field) -> Mapping[str, Label]:
    """Return code and words of everything the field offers, in order. KeyError for a code without words."""
    if field.words:
        return field.words
    if field.choices:
        return {code: CHOICES[code] for code in field.choices}
    return OPEN_FIELDS.get(field.name, {})


def choice_label(field: Field, code: str) -> Label:
    """Return the words of a chosen code; a code that nobody knows any more stands for itself."""
    known = {**CHOICES, **OPEN_FIELDS.get(field.name, {}), **field.words}
    return known.get(code) or Label(code, code)
