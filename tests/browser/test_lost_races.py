"""The page of whoever was too late, at both widths: who was faster, and one's own words."""

from __future__ import annotations

import pytest

from tests.browser.fixtures import SitDown
from tests.browser.inspecting import NARROW, WIDE
from tests.browser.serving import Served
from tests.factories import TODAY, matters_of

WORDS = "消费者要求当面说明，" * 12 + "\n商家愿意换货"


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_what_was_typed_is_handed_back_where_the_matter_is_gone(
    served: Served, desk: SitDown, width: int, migrated_url: str
) -> None:
    matters = matters_of(served.app, served.city)
    number = matters.in_state("dispatched")
    late = desk("handler", width).open(f"/matters/{number}/do/return_to_intake")
    late.page.locator("textarea[name=reason]").fill(WORDS)
    matters.do("intake", number, "take_back", reason="分送有误")
    late.page.locator("form.form button[type=submit]").click()
    late.page.wait_for_load_state()
    late.judge()
    late.sees("“收回”", "本件已不在您处")
    assert late.page.locator(".say-f").text_content() == WORDS
    assert late.page.locator("main form").count() == 0


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_form_whose_work_was_called_off_says_by_whom(
    served: Served, desk: SitDown, width: int, migrated_url: str
) -> None:
    matters = matters_of(served.app, served.city)
    number = matters.in_state("mediating")
    worker = served.city.person_ids["handler"]
    matters.do("handler", number, "ask_work", work="inspection", worker=worker, due_on=TODAY)
    late = desk("handler", width).open(f"/matters/{number}/do/finish_work")
    late.page.locator("select[name=work_number]").select_option("1")
    late.page.locator("textarea[name=note]").fill(WORDS)
    matters.do("head", number, "call_off_work", work_number=1, reason="不再需要")
    late.page.locator("form.form button[type=submit]").click()
    late.page.wait_for_load_state()
    late.judge()
    late.sees("“撤销交办工作”")
    assert late.page.locator("textarea[name=note]").input_value() == WORDS
