"""The pages of the procedures: versions with counts, a picture, what differs, and a move rehearsed."""

from __future__ import annotations

import pytest

from complaints.app import build_services
from complaints.foundation.database import Database
from config import Settings
from tests.bureau import Bureau, SetClock, SignIn
from tests.walking import Walk

pytestmark = pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)


@pytest.fixture
def accepted(city: Bureau, settings: Settings, database: Database, clock: SetClock) -> str:
    return Walk(city, build_services(settings, clock, database).engine).accepted()


@pytest.mark.parametrize("who", ["operator", "handler", "supervisor", "system_admin"])
def test_everybody_finds_the_versions_in_the_rail(accepted: str, client_as: SignIn, who: str) -> None:
    page = client_as(who).get("/procedures")
    assert page.status_code == 200
    assert "市场监督管理投诉举报处理办法" in page.text
    assert 'href="/procedures/complaint/3"' in page.text
    assert 'href="/procedures"' in client_as(who).get("/procedures/complaint/3").text


def test_a_version_shows_its_picture_with_counts_and_what_was_proved(
    accepted: str, client_as: SignIn
) -> None:
    page = client_as("handler").get("/procedures/complaint/3").text
    assert "<svg" in page
    assert "已受理" in page
    assert "任何时候都有且只有一名承办人。" in page
    assert accepted not in page


def test_what_is_not_there_is_no_fault(city: Bureau, client_as: SignIn) -> None:
    client = client_as("supervisor")
    for address in ("/complaint/99", "/nothing/1", "/complaint/3/99", "/complaint/98/99/rehearsal"):
        assert client.get(f"/procedures{address}").status_code == 404


def test_a_version_does_not_differ_from_itself(city: Bureau, client_as: SignIn) -> None:
    assert "没有差别" in client_as("handler").get("/procedures/complaint/3/3").text


def test_without_a_plan_the_rehearsal_says_so(city: Bureau, client_as: SignIn) -> None:
    assert "没有变更方案" in client_as("supervisor").get("/procedures/complaint/3/3/rehearsal").text
    assert client_as("handler").get("/procedures/complaint/3/3/rehearsal").status_code == 403
