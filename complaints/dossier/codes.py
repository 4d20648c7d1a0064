"""Short lists that a matter is described with. Codes are ours and stable; labels are shown in the reader's
language.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from workflows.definition import Label


def _labels(**labels: tuple[str, str]) -> Mapping[str, Label]:
    return MappingProxyType({code: Label(zh, en) for code, (zh, en) in labels.items()})


KINDS = _labels(
    complaint=("投诉", "Complaint"),
    station_dispute=("维权站纠纷", "Station dispute"),
    lead=("线索", "Lead"),
    payout=("购假先赔", "Payout"),
)

CHANNELS = _labels(
    phone=("电话", "Phone"),
    visit=("来人", "Visit"),
    letter=("来信", "Letter"),
    station=("维权服务站", "Service station"),
    platform=("全国12315平台", "National 12315 platform"),
    hotline_12345=("12345 热线转办", "Passed on by 12345"),
    transfer=("其他部门转办", "Passed on by another agency"),
)

TELLING_CHANNELS = _labels(
    phone=("电话", "Phone"),
    sms=("短信", "Text message"),
    email=("电子邮件", "E-mail"),
    letter=("信函", "Letter"),
    in_person=("当面", "In person"),
    internet=("互联网", "Internet"),
)
"""How a decision or result may be told (footnotes to forms 5 to 8 of the 2026 set)."""

DEMANDS = _labels(
    repair=("修理", "Repair"),
    remake=("重作", "Remake"),
    exchange=("更换", "Exchange"),
    return_goods=("退货", "Return the goods"),
    make_up=("补足商品数量", "Make up the quantity"),
    refund=("退还货款和服务费用", "Refund of price or fee"),
    compensation=("赔偿损失", "Compensation"),
)
"""What a consumer may ask for: 消费者权益保护法第五十二条."""

EVIDENCE = _labels(
    invoice=("发票", "Invoice"),
    receipt=("小票、收据", "Receipt"),
    contract=("合同", "Contract"),
    warranty=("三包凭证", "Warranty"),
    photo=("照片、录像", "Photos, videos"),
    chat=("聊天记录", "Chat record"),
    goods=("实物", "The goods"),
    none=("没有", "None"),
)

GENDERS = _labels(female=("女士", "Ms"), male=("先生", "Mr"))

REPLY_CHANNELS = _labels(
    phone=("电话", "Phone"),
    sms=("短信", "Text message"),
    email=("电子邮件", "E-mail"),
    letter=("信函", "Letter"),
)
"""How a complainant may wish to be told; an e-mail needs the address."""

ID_TYPES = _labels(
    id_card=("居民身份证", "Identity card"),
    passport=("护照", "Passport"),
    hk_mo_tw=("港澳台居民居住证", "Residence permit (Hong Kong, Macao, Taiwan)"),
    foreign_pr=("外国人永久居留身份证", "Permanent residence card"),
    other=("其他", "Other"),
)
"""Not every complainant has an identity card."""
