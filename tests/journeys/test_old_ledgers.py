"""历史台账：受理台导入三年的台账，处理一项冲突，审计逐条核对，隔壁所看不到。"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config import Settings
from tests.browser.fixtures import SitDown
from tests.browser.serving import Served
from tests.complaints.commands.running import run
from tests.complaints.ledgers.sheets import OWN, as_csv, as_xlsx, put, row


def ledger_of(year: int, **changed: Any) -> list[list[Any]]:
    """Return a year's ledger of one office: three complaints, one of them late, one never answered."""
    office = {"unit": "米公市场监管所", "reply": "已调解，退款。"} | changed
    return [
        row(**office, number=f"{year}-001", received_at=f"{year}-03-01", replied_at=f"{year}-03-18"),
        row(**office, number=f"{year}-002", received_at=f"{year}年5月6日", replied_at=f"{year}/10/30"),
        row(**(office | {"reply": ""}), number=f"{year}-003", received_at=f"{year}0701", replied_at=""),
    ]


def test_three_years_of_ledgers(
    served: Served,
    desk: SitDown,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    intake = desk("intake")
    files = [
        put(tmp_path, "2021年台账.csv", as_csv(ledger_of(2021), encoding="gb18030")),
        put(tmp_path, "2022年台账.xlsx", as_xlsx(ledger_of(2022))),
        put(tmp_path, "2023年台账.csv", as_csv(ledger_of(2023), encoding="utf-8-sig")),
    ]
    for file in files:
        bring(intake, file)
        intake.sees("新增 3", "相同 0", "冲突 0", "不予导入 0")
        intake.press("导入", intake.page.locator("main .form-foot"))
        intake.sees("已导入")
    # 列名不是通常的：在页面上逐列指定，选过的都在，文件不必重新上传
    bring(intake, put(tmp_path, "2023年台账（旧格式）.csv", as_csv(ledger_of(2023), OWN)))
    intake.sees("各列是什么？", "2023-001", "138****8000")
    intake.misses("13800138000")
    check = intake.page.locator("main .form-foot").first
    intake.fill({"A 流水号": "编号", "B 谁": "投诉人", "E 说了什么": "投诉内容", "H 结果": "答复"})
    intake.press("按所选各列核对", check)
    intake.sees("还没有为以下项目选定列：接收时间")
    intake.fill({"G 哪天": "接收时间", "I 何时": "答复时间", "J 哪里": "单位"})
    intake.press("按所选各列核对", check)
    intake.sees("新增 0", "相同 3", "未采用的列：题, 店")
    intake.press("放弃")
    # 2023年有一行日期写反了，整份文件都不导入，除非明确跳过这一行
    bad = [*ledger_of(2023), row(number="2023-004", received_at="05/01/2023", unit="米公市场监管所")]
    bring(intake, put(tmp_path, "2023年台账（补）.csv", as_csv(bad)))
    intake.sees("新增 0", "相同 3", "不予导入 1", "可以是两个不同的日期")
    intake.press("导入", intake.page.locator("main .form-foot"))
    intake.sees("有1行不予导入")
    intake.press("放弃")
    # 同一编号换了内容：不改原记录，等人处理
    bring(intake, put(tmp_path, "2022年台账（新）.csv", as_csv(ledger_of(2022, person="周小明")[:1])))
    intake.sees("冲突 1", "与已有记录内容不同：投诉人")
    intake.press("导入", intake.page.locator("main .form-foot"))
    intake.press("处理冲突").press("2022-001")
    intake.sees("周明", "周小明")
    intake.fill({"以哪一份内容为准": "采用另一份", "理由": "核对纸质登记表，姓名以新台账为准"})
    intake.press("确定", intake.page.locator(".form-foot"))
    intake.sees("周小明", "138****8000", "已处理的冲突", "核对纸质登记表")
    intake.misses("13800138000")
    address = intake.page.url.removeprefix(served.url)
    # 审计员看得到指标，逐条核对
    auditor = desk("auditor")
    auditor.open("/supervision?first=2021-01-01&last=2026-11-24")
    auditor.sees("历史台账按期答复率", "33.33 %", "3 / 9")
    auditor.open(address).sees("周**", "历史记录，只读")
    auditor.misses("周小明")
    monkeypatch.setattr("complaints.commands.parts.Clock", lambda: served.clock)
    period = ("--from", "2021-01-01", "--to", "2026-11-24", "--list", "--json")
    facts = json.loads(run(settings, "audit", "response", *period).stdout)["historical records"]
    assert (facts["numerator"], facts["denominator"]) == (3, 9)
    days = {one["number"]: (one["working days"], one["rule set"], one["stands"]) for one in facts["records"]}
    # 2021年3月1日（周一）至18日：13个工作日
    assert days["2021-001"] == (13, "order-20", "in_time")
    assert days["2022-002"][2] == "late"
    assert days["2023-003"] == (None, "order-20", "missing")
    # 隔壁所看不到：既不在页面上，也不承认有这条记录
    neighbour = desk("other_handler")
    neighbour.open(address)
    neighbour.misses("周小明", "2022-001", "电饭煲")
    neighbour.open("/ledgers").misses("2021年台账")


def bring(intake: Any, file: Path) -> None:
    """Bring a ledger on the page."""
    intake.open("/ledgers")
    intake.page.set_input_files('input[name="file"]', str(file))
    intake.fill({"是哪个单位的台账": "樊城区市场监督管理局"})
    intake.press("核对", intake.page.locator("main .form-foot"))
