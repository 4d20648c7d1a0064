from __future__ import annotations

import pytest
from flask import Flask

from complaints.web.local_paths import local_path, page_before


@pytest.mark.parametrize(
    "path", ["/", "/matters/420600-20261124-00001-7", "/hotline?q=%E9%85%B8%E5%A5%B6&page=2", "/a#b"]
)
def test_our_own_paths(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        *(None, "", "//evil.com", "/\\evil.com", "\\/evil.com", "/\t/evil.com", "/\n/evil.com"),
        *("https:evil.com", "evil.com", "/ /evil.com", "/\x00", "/a\\b", "/" + "x" * 2001),
        *("javascript:alert(1)", " /matters"),
    ],
)
def test_c58_everything_else_leads_home(path: str | None) -> None:
    assert local_path(path) == "/"


@pytest.mark.parametrize(
    ("referrer", "page"),
    [
        ("http://localhost/hotline?x=1", "/hotline?x=1"),
        ("http://evil.com/hotline", "/"),
        ("http://localhost//evil.com", "/"),
        ("", "/"),
    ],
)
def test_page_before(app: Flask, referrer: str, page: str) -> None:
    with app.test_request_context("/", headers={"Referer": referrer}):
        assert page_before() == page
