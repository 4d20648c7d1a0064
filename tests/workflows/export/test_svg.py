"""The picture is whole, well-formed, within its frame, and fit for a strict content policy."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from tests.workflows.loan import TEXT, procedure
from workflows.export.svg import svg

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_state_and_arrow_is_drawn(language):
    loan = procedure()
    root = ElementTree.fromstring(svg(loan, language, {"lent": 3}))  # noqa: S314 - our own picture
    texts = "".join(root.itertext())
    boxes = root.findall(f"{SVG}g/{SVG}rect")
    assert len(boxes) == len(loan.states)
    assert "(3)" in texts
    arrows = [path for path in root.findall(f"{SVG}path") if path.get("marker-end")]
    leads = {(s, t) for a in loan.actions.values() for s in a.sources for t in loan.targets(a)}
    assert len(arrows) == len(leads)
    for action in loan.actions.values():
        if action.target:
            assert action.label.in_language(language).split()[0] in texts
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for box in boxes:
        assert 0 <= float(box.attrib["x"]) <= width - float(box.attrib["width"])
        assert 0 <= float(box.attrib["y"]) <= height - float(box.attrib["height"])


def test_no_two_states_cover_each_other():
    root = ElementTree.fromstring(svg(procedure(), "en"))  # noqa: S314 - our own picture
    corners = [(float(box.attrib["x"]), float(box.attrib["y"])) for box in root.findall(f"{SVG}g/{SVG}rect")]
    for at, (x, y) in enumerate(corners):
        assert all(abs(x - other) >= 132 or abs(y - below) >= 44 for other, below in corners[at + 1 :])


def test_nothing_in_it_runs_or_loads():
    picture = svg(procedure(TEXT.replace("en: Lent}", 'en: "<script>&"}')), "en")
    assert "<script" not in picture
    assert "&lt;script&gt;&amp;" in picture
    assert re.search(r"\sstyle=|\son\w+=|href=|<style", picture) is None
