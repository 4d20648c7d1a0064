"""The picture is whole, well-formed, within its frame, and fit for a strict content policy."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from tests.workflows.loan import TEXT, procedure
from workflows.export.svg import inline_svg, svg
from workflows.export.text_lines import width_of

SVG = "{http://www.w3.org/2000/svg}"


def drawn(language: str = "en", counts: dict[str, int] | None = None, text: str = TEXT) -> Element:
    return ElementTree.fromstring(svg(procedure(text), language, counts))  # noqa: S314 - our own picture


def cards(root: Element) -> list[Element]:
    return [one for one in root.findall(f"{SVG}g") if one.get("class", "").startswith("state ")]


def box(card: Element) -> tuple[float, ...]:
    """Return left, top, right and bottom of a card."""
    rect = card.find(f"{SVG}rect")
    assert rect is not None
    x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_state_and_way_is_drawn(language):
    loan, root = procedure(), drawn(language)
    texts = "".join(root.itertext()).replace(" ", "")
    assert len(cards(root)) == len(loan.states)
    arrows = [path for path in root.findall(f"{SVG}path") if path.get("marker-end")]
    leads = {(s, t) for a in loan.actions.values() for s in a.sources for t in loan.targets(a)}
    assert len(arrows) == len(leads)
    for action in loan.actions.values():
        assert (action.label.in_language(language).replace(" ", "") in texts) is not action.automatic
    for label in loan.stages.values():
        assert label.in_language(language) in texts


def test_what_may_be_done_anywhere_stands_once():
    texts = ["".join(one.itertext()) for one in drawn().iter(f"{SVG}text")]
    assert "In every state: Remark" in texts
    assert "Until the end: Hand over, Accept, Drop" in texts
    assert sum("Remark" in one for one in texts) == 1
    assert "Meanwhile: Renew" in texts
    assert "Part again → Asked" in texts
    both = TEXT.replace("from: asked, to: joined", "from: [asked, lent], to: joined")
    texts = ["".join(one.itertext()) for one in drawn(text=both).iter(f"{SVG}text")]
    assert "Part again → where it was before" in " ".join(texts)


def test_counts_are_seen_and_heard():
    root = drawn("zh_CN", {"lent": 1_312, "counted": 3})
    texts = [one.text for one in root.iter(f"{SVG}text")]
    assert texts.count("0") == 5
    assert {"1,312", "3"} <= set(texts)
    heard = root.find(f"{SVG}desc")
    assert heard is not None
    assert "已借出 1312" in (heard.text or "")
    assert root.attrib["aria-labelledby"].split() == ["title-library_loan-1", heard.attrib["id"]]
    assert not any(one.get("class") == "count" for one in drawn().iter())


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_no_card_covers_another_or_leaves_the_frame(language):
    root = drawn(language, {"lent": 3})
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    boxes = [box(card) for card in cards(root)]
    for at, (left, top, right, bottom) in enumerate(boxes):
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert all(
            right < other[0] or other[2] < left or bottom < other[1] or other[3] < top
            for other in boxes[at + 1 :]
        )


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_word_stands_inside_its_card(language):
    long = TEXT.replace(
        "label: {zh: 借出, en: Lend}", "label: {zh: " + "借出" * 30 + ", en: " + "lend it " * 20 + "}"
    )
    for card in cards(drawn(language, text=long)):
        left, top, right, bottom = box(card)
        for one in card.iter(f"{SVG}text"):
            x, y, size = (float(one.attrib[name]) for name in ("x", "y", "font-size"))
            assert left < x
            assert x + width_of(one.text or "", size) <= right
            assert top < y < bottom


def test_nothing_in_it_runs_or_loads():
    picture = svg(procedure(TEXT.replace("en: Lent}", 'en: "<script>&"}')), "en")
    assert "<script" not in picture
    assert "&lt;script&gt;&amp;" in picture
    assert re.search(r"\sstyle=|\son\w+=|href=|<style", picture) is None


def test_a_file_has_its_own_colours_and_a_page_lends_them():
    """A word processor draws black where it meets a variable that it does not know."""
    file, element = (draw(procedure(), "en", {"lent": 2}) for draw in (svg, inline_svg))
    assert "var(" not in file
    assert 'fill="#14597a"' in file
    assert 'fill="var(--accent, #14597a)"' in element
