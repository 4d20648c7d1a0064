"""The supervisor's pages: any address is answered, lists equal their counts, people see only theirs."""

from __future__ import annotations

import re
from functools import partial

import pytest

from tests.bureau import COUNTY, OFFICE, OTHER_OFFICE, SignIn
from tests.complaints.counted_queries import statements
from tests.factories import DISPATCH, Matters

ELSEWHERE = ("intake", "dispatch", {"unit": OTHER_OFFICE, "receiver": "other_handler"})


def matters_of_list(html: str) -> list[str]:
    """Return the numbers of the matters in a list, in its order."""
    return re.findall(r'<a href="/matters/([0-9-]+)">', html)


def tabs(html: str) -> dict[str, int]:
    """Return the counts of the tabs by their addresses' endings."""
    found = re.findall(
        r'<a href="/supervision/figures/[^"]*?"[^>]*>([^<]*) <b class="num">(\d+)</b></a>', html
    )
    return {label: int(count) for label, count in found}


def test_lists_equal_their_counts_and_keep_the_scope(matters: Matters, client_as: SignIn) -> None:
    late = [matters.in_state("dispatched") for _ in range(2)]
    told = matters.in_state("mediating")
    withdrawn = matters.in_state("withdrawn")
    matters.city.clock.move(days=10)
    young = matters.in_state("dispatched")
    client = client_as("supervisor")
    page = client.get("/supervision?first=2026-11-01&last=2026-12-31&basis=received")
    gap = re.search(r'href="(/supervision/figures/accepted[^"]*)"', page.text)
    assert gap is not None
    listed = client.get(gap[1].replace("&amp;", "&"))
    assert listed.status_code == 200
    assert sorted(matters_of_list(listed.text)) == sorted(late)
    counts = tabs(listed.text)
    assert sorted(counts.values()) == [1, 1, 1, 2, 5]
    scope = "first=2026-11-01&last=2026-12-31"
    for ending, expected in (
        ("ending=in_time", [told]),
        ("ending=left_out", [withdrawn]),
        ("ending=not_due", [young]),
        ("ending=late&ending=missing", late),
        ("", [*late, told, withdrawn, young]),
    ):
        listed = client.get(f"/supervision/figures/accepted?{scope}&{ending}")
        assert sorted(matters_of_list(listed.text)) == sorted(expected), ending
    back = re.search(r'href="(/supervision\?[^"]*)">', listed.text)
    assert back is not None
    assert "first=2026-11-01" in back[1]


def test_a_unit_is_chosen_by_its_line_and_figures_follow(matters: Matters, client_as: SignIn) -> None:
    here, there = matters.a_complaint(), matters.a_complaint()
    matters.walk(here, DISPATCH)
    matters.walk(there, ELSEWHERE)
    matters.city.clock.move(days=10)
    client = client_as("supervisor")
    page = client.get("/supervision?first=2026-11-01").text
    assert set(matters_of_list(page)) == {here, there}
    line = re.search(r'href="(/supervision\?[^"]*unit=[^"]*)">柿铺市场监管所', page)
    assert line is not None
    chosen = client.get(line[1].replace("&amp;", "&")).text
    assert set(matters_of_list(chosen)) == {there}
    assert " 0 / " in chosen
    assert f'<option selected value="{OTHER_OFFICE}">' in chosen
    listed = client.get(f"/supervision/figures/accepted?first=2026-11-01&unit={OFFICE}").text
    assert matters_of_list(listed) == [here]


def test_a_head_reads_the_own_office_only(matters: Matters, client_as: SignIn) -> None:
    here, there = matters.a_complaint(), matters.a_complaint()
    matters.walk(here, DISPATCH)
    matters.walk(there, ELSEWHERE)
    matters.city.clock.move(days=10)
    client = client_as("head")
    page = client.get("/supervision?first=2026-11-01").text
    assert set(matters_of_list(page)) == {here}
    assert "柿铺市场监管所" not in page
    for asked in ("", f"&unit={OTHER_OFFICE}", f"&unit={COUNTY}"):
        listed = client.get(f"/supervision/figures/accepted?first=2026-11-01{asked}").text
        assert matters_of_list(listed) == [here], asked


@pytest.mark.parametrize("username", ["operator", "intake", "handler", "station", "cashier", "system_admin"])
def test_nobody_else_comes_in(client_as: SignIn, username: str) -> None:
    client = client_as(username)
    assert client.get("/supervision").status_code == 403
    assert client.get("/supervision/figures/accepted").status_code == 403


ODD = [
    "first=(select 1)",
    "first=2026-02-30&last=2026-13-01",
    "first=0001-01-01&last=9999-12-31&as_of=9999-12-31",
    "first=2026-12-31&last=2026-11-01",
    "first=%00&as_of=%ff",
    "first=2026-11-01&first=2026-10-01",
    "as_of=2026-11-25",
    "as_of=1999-01-01",
    "basis=unknown",
    "basis=received&basis=closed",
    "unit=/none/",
    "unit=%27%20OR%201%3D1",
    "unit=%00",
    "ending=unknown&ending=late",
    "ending=late&ending=late",
    "page=-1",
    "page=0",
    "page=99999999999999999999",
    "page=１",
    "page=x&page=2",
    "size=1000000&sort=(select…)&dir=x",
    f"first={'9' * 5000}",
]
"""Addresses nobody's page makes."""


def test_c55_an_odd_address_is_answered_with_what_can_be_counted(client_as: SignIn) -> None:
    client = client_as("supervisor")
    for asked in ODD:
        for path in ("/supervision", "/supervision/figures/accepted"):
            answer = client.get(f"{path}?{asked}")
            assert answer.status_code == 200, (path, asked)
            assert "2026-11-24" in answer.text


def test_what_was_wrong_is_said_beside_its_field(client_as: SignIn) -> None:
    client = client_as("supervisor")
    page = client.get("/supervision?first=2026-02-30&as_of=2026-11-25&basis=x&unit=/none/").text
    for field in ("first", "as_of", "basis", "unit"):
        assert f'id="{field}-e"' in page, field
    assert 'value="2026-02-30"' in page
    exchanged = client.get("/supervision?first=2026-11-20&last=2026-11-10").text
    assert 'id="last-e"' in exchanged
    assert exchanged.index('value="2026-11-10"') < exchanged.index('value="2026-11-20"')


def test_a_list_that_is_cut_says_how_many_there_are(
    matters: Matters, client_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("complaints.supervision.views.MOST", 2)
    for _ in range(3):
        matters.in_state("dispatched")
    matters.city.clock.move(days=10)
    page = client_as("supervisor").get("/supervision").text
    assert len(matters_of_list(page)) == 2
    assert re.search(r'<span class="aside">[^<]*2[^<]*3[^<]*</span>', page)


def test_a_figure_that_is_none_of_the_three_is_not_found(client_as: SignIn) -> None:
    assert client_as("supervisor").get("/supervision/figures/everything").status_code == 404


def test_more_matters_take_no_more_statements(matters: Matters, client_as: SignIn) -> None:
    client = client_as("supervisor")
    paths = ("/supervision?first=2026-11-01", "/supervision/figures/accepted?first=2026-11-01")

    def taken() -> list[int]:
        return [len(statements(matters.city.database, partial(client.get, path))) for path in paths]

    matters.in_state("dispatched")
    matters.city.clock.move(days=10)
    few = taken()
    for _ in range(3):
        matters.in_state("dispatched")
    matters.city.clock.move(days=10)
    assert taken() == few
