"""Files that are too large together are held back in the browser: nothing chosen or typed is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload

from tests.browser.fixtures import SitDown
from tests.browser.inspecting import NARROW, WIDE
from tests.browser.serving import Served
from tests.factories import matters_of

TOO_MUCH = "所选文件合计超过"
PDF = b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj" + b" " * 3000 + b"\n%%EOF\n"


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_too_much_is_said_beneath_the_files_and_not_sent(
    served: Served, desk: SitDown, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setitem(served.app.jinja_env.globals, "most_file_bytes", 2 * len(PDF) + 10)
    number = matters_of(served.app, served.city).in_state("mediating")
    handler = desk("handler", width).open(f"/matters/{number}/do/attach")
    page = handler.page
    note, chosen = page.get_by_role("alert").filter(has_text=TOO_MUCH), page.locator('input[type="file"]')
    three = [
        FilePayload(name=f"{n}.pdf", mimeType="application/pdf", buffer=PDF + b"%" + bytes([48 + n]))
        for n in range(3)
    ]
    assert not note.is_visible()
    chosen.set_input_files(three)
    assert note.is_visible(), "said when they are chosen, before the rest is filled in"
    handler.judge()
    page.locator("input.chip-in").first.check()
    page.get_by_role("button", name="上传附件").click()
    assert note.is_visible()
    assert chosen.evaluate("one => one.files.length") == 3
    assert handler.at(f"/matters/{number}/do/attach")
    chosen.set_input_files(three[:2])
    assert not note.is_visible()
    with page.expect_navigation():
        page.get_by_role("button", name="上传附件").click()
    assert handler.at(f"/matters/{number}")
    assert not handler.at(f"/matters/{number}/do")


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_a_ledger_that_is_too_large_stays_chosen(
    served: Served, desk: SitDown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(served.app.jinja_env.globals, "most_file_bytes", 10)
    page = desk("intake").open("/ledgers").page
    assert page.get_by_text("合计最多 50 MB").first.is_visible()
    chosen = page.locator('input[name="file"]')
    chosen.set_input_files(FilePayload(name="台账.csv", mimeType="text/csv", buffer=b"0" * 11))
    page.get_by_role("button", name="核对").click()
    assert page.get_by_role("alert").filter(has_text=TOO_MUCH).is_visible()
    assert chosen.evaluate("one => one.files.length === 1 && one === document.activeElement")
