"""A long story is folded to twelve lines and opened by a word, with the keyboard and without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator

from complaints.dossier.models import Matter
from tests.browser.fixtures import SitDown
from tests.browser.inspecting import NARROW, WIDE
from tests.browser.serving import Served
from tests.factories import matters_of

SENTENCE = "冷藏室不制冷，报修后师傅说等配件，一直没有人联系。"
ON_A_PHONE = SENTENCE * 14
"""More than twelve lines of a phone, fewer of a desk."""
ANYWHERE = "\n".join(f"{n}．{SENTENCE}" for n in range(1, 21))


def told(served: Served, facts: str) -> tuple[str, str]:
    """Return a complaint and a station's dispute in which that was told."""
    matters = matters_of(served.app, served.city)
    numbers = matters.in_state("mediating"), matters.a_dispute()
    with served.city.database.writing() as session:
        session.query(Matter).update({Matter.facts_in_full: facts})
    return numbers


def height(one: Locator) -> float:
    """Return the height in pixels."""
    box = one.bounding_box()
    assert box is not None
    return box["height"]


@pytest.mark.parametrize(
    ("facts", "width", "folded"),
    [
        (ANYWHERE, WIDE, True),
        (ANYWHERE, NARROW, True),
        (ON_A_PHONE, WIDE, False),
        (ON_A_PHONE, NARROW, True),
        (SENTENCE, NARROW, False),
    ],
)
def test_a_long_story_is_folded(
    served: Served, desk: SitDown, facts: str, width: int, folded: bool, migrated_url: str
) -> None:
    complaint, dispute = told(served, facts)
    pages = (
        ("handler", f"/matters/{complaint}"),
        ("handler", f"/matters/{complaint}/do/terminate"),
        ("station", f"/station/{dispute}"),
    )
    for who, path in pages:
        page = desk(who, width).open(path).page
        story, word = page.locator(".say-f"), page.locator(".said summary")
        assert story.text_content() == facts
        beside = "/do/" in path and facts != SENTENCE  # a column as narrow as a phone
        if not folded and not beside:
            assert word.filter(visible=True).count() == 0, path
            continue
        before = height(story)
        assert before < 13 * 24, path
        assert word.inner_text().strip() == "展开全部"
        word.focus()
        page.keyboard.press("Enter")
        assert height(story) > before, path
        assert word.inner_text().strip() == "收起"
        page.keyboard.press("Enter")
        assert height(story) == before, path
