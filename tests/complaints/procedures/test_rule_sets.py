"""The dated rules on pages: every set with its limits, grounds and papers, word for word as the data say."""

from __future__ import annotations

import html
import re

import pytest

from tests.bureau import Bureau, SignIn
from workflows.rule_files import shipped_rules

pytestmark = pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
PAGE = "/procedures/rules"


def words(page: str) -> str:
    return html.unescape(page)


def test_every_set_is_listed_and_leads_to_its_page(city: Bureau, client_as: SignIn) -> None:
    client = client_as("operator")
    listed = words(client.get(PAGE).text)
    ids = re.findall(rf'href="{PAGE}/([a-z0-9-]+)"', listed)
    assert sorted(ids) == sorted(one.id for one in shipped_rules().all)
    assert ids[0] == "order-121"
    assert ids[-1] == "local-practice"
    assert f'href="{PAGE}"' in client.get("/procedures").text
    assert f'href="{PAGE}/order-51"' in client.get("/procedures/complaint").text


@pytest.mark.parametrize("rules", shipped_rules().all, ids=lambda one: one.id)
def test_a_page_prints_everything_that_the_set_says(city: Bureau, client_as: SignIn, rules) -> None:
    page = words(client_as("handler").get(f"{PAGE}/{rules.id}").text)
    assert rules.instrument.zh in page
    for limit in rules.limits.values():
        assert all(one.article.zh in page for one in limit.all_binding)
    for listed in rules.lists.values():
        assert listed.article.zh in page
        for item in listed.items:
            assert item.label.zh in page
    for form in rules.forms.values():
        assert f"<li>{form.zh}</li>" in page
    for setting in rules.settings.values():
        assert setting.label.zh in page
    assert not re.search(r"<h3[^>]*>[a-z_]+</h3>", page), "a list without a name that people read"


def test_what_was_not_read_says_so(city: Bureau, client_as: SignIn) -> None:
    client = client_as("auditor")
    assert "没有核对原文，请核对官方文本。" in client.get(f"{PAGE}/order-51").text
    listed = client.get(PAGE).text
    assert listed.count("规章原文，其中标明的部分除外") == 1
    assert listed.count("规章原文</td>") == 2
    # what the penalty procedure leaves out and the program counts is said in the list and on the set's page
    assert listed.count("规章原文<br>") == 2
    gap = "不计入核查期限（凭记忆，待核对原文）；本系统目前不予扣除"
    assert listed.count(gap) == 3
    assert gap in client.get(f"{PAGE}/verification-2026").text
    # of the Regulation beside Order 20 only the sixty days are from memory
    beside = client.get(f"{PAGE}/order-20-and-778").text
    assert "60 日" in beside
    assert "实施条例》第四十六条：没有核对原文" in beside
    assert "（以先到者为准）" in beside
    missing = client.get(f"{PAGE}/order-99")
    assert missing.status_code == 404
    assert "没有这份规则" in missing.text
