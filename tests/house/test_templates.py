"""Every template is used, and none writes a text past gettext or HTML past escaping."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
ALL = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
BY_STATUS = {f"errors/{name}.html" for name in ("400", "403", "404", "409", "413", "429", "500", "503")}
"""Chosen by complaints.web.errors from the status."""


def test_every_template_is_used() -> None:
    sources = [*(ROOT / "complaints").rglob("*.py"), *TEMPLATES.rglob("*.html")]
    named = set(
        re.findall(r"""["']([\w/]+\.html)["']""", "\n".join(one.read_text("utf-8") for one in sources))
    )
    assert set(ALL) - named - BY_STATUS == set()
    assert named - set(ALL) == set(), "named but not there"


@pytest.mark.parametrize("template", ALL)
def test_nothing_is_marked_safe_that_people_typed(template: str) -> None:
    text = (TEMPLATES / template).read_text("utf-8")
    assert "autoescape" not in text
    assert not re.search(r"<script(?! nonce=)", text), "a script without a nonce"
    assert not re.search(r"""\son\w+=["']""", text), "a handler in an attribute"
    assert not re.search(r"""<[^>]*\sstyle=""", text), "a style in an attribute"
