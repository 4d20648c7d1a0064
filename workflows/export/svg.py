"""A procedure as an SVG picture: states in layers from left to right, arrows with the actions' names.

No script and no style attribute, so that it may stand in a page with a strict content policy; colours
follow the page."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from html import escape
from itertools import pairwise

from workflows.definition import Procedure, StateKind
from workflows.export.edges import Edge, edges, state_text
from workflows.export.layout import Layout, Place, arrange

_WIDTH, _HEIGHT = 132, 44
_GAP, _ROW, _MARGIN = 190, 78, 24
_SIZE, _SMALL = 14, 12
_BACK = 11
"""How much lower an arrow that leads back leaves and arrives: it does not lie on the one that leads on."""
_LINE = 13
_PAPER = "var(--paper, #fff)"
_Point = tuple[float, float]
_Box = tuple[float, float, float, float]


def svg(procedure: Procedure, language: str, counts: Mapping[str, int] | None = None) -> str:
    """Return the picture as an `<svg>` element.

    `language` is a tag such as `zh_CN` or `en`; `counts` says how many matters stand in each state now.
    """
    arrows = edges(procedure, language)
    layout = arrange(
        procedure.initial.name, tuple(procedure.states), tuple((one.source, one.target) for one in arrows)
    )
    width = layout.layers * (_WIDTH + _GAP) - _GAP + 2 * _MARGIN
    height = layout.rows * _ROW + 2 * _MARGIN
    title = escape(procedure.label.in_language(language))
    marker = f"arrow-{procedure.name}-{procedure.version}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-label="{title}" class="procedure" '
        'fill="none" stroke="currentColor" font-family="sans-serif">',
        f"<title>{title}</title>",
        f'<defs><marker id="{marker}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto-start-reverse">'
        '<path d="M0 0 8 4 0 8z" fill="currentColor" stroke="none"/></marker></defs>',
        *_arrows(arrows, layout, marker),
        *(
            _state(procedure, name, state_text(procedure, name, language, counts), layout)
            for name in procedure.states
        ),
        *_labels(arrows, layout),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _centre(place: Place) -> _Point:
    return _MARGIN + place.layer * (_WIDTH + _GAP) + _WIDTH / 2, _MARGIN + place.row * _ROW


def _points(edge: Edge, layout: Layout) -> list[_Point]:
    """Return the arrow's points from the side of its source to the side of its target."""
    source, target = layout.places[edge.source], layout.places[edge.target]
    side = _WIDTH / 2 if source.layer < target.layer else -_WIDTH / 2
    start, end = _centre(source), _centre(target)
    between: list[_Point] = []
    for place in layout.ways[edge.source, edge.target]:
        x, y = _centre(place)
        between += [(x - side, y), (x + side, y)]
    shift = _BACK if side < 0 else 0
    return [(start[0] + side, start[1] + shift), *between, (end[0] - side, end[1] + shift)]


def _arrows(arrows: tuple[Edge, ...], layout: Layout, marker: str) -> Iterator[str]:
    for edge in arrows:
        points = _points(edge, layout)
        path = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
        for (x, y), (to_x, to_y) in pairwise(points):
            bend = (to_x - x) / 2
            path += f"C{x + bend:.0f} {y:.0f} {to_x - bend:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}"
        back = layout.places[edge.source].layer > layout.places[edge.target].layer
        dashes = ' stroke-dasharray="5 4"' if back else ""
        yield f'<path d="{path}" stroke-opacity="0.55"{dashes} marker-end="url(#{marker})"/>'


def _state(procedure: Procedure, name: str, text: str, layout: Layout) -> str:
    """Draw a state; an end has a thick border, and so does the start."""
    x, y = _centre(layout.places[name])
    strong = procedure.states[name].kind is not StateKind.OPEN
    lines = _wrapped(text, _WIDTH - 12, _SIZE)
    top = y - (len(lines) - 1) * _SIZE * 0.6 + _SIZE * 0.36
    texts = "".join(
        f'<text x="{x:.0f}" y="{top + at * _SIZE * 1.2:.0f}" text-anchor="middle" font-size="{_SIZE}" '
        f'fill="currentColor" stroke="none">{escape(line)}</text>'
        for at, line in enumerate(lines)
    )
    return (
        f'<g class="state state--{name}"><rect x="{x - _WIDTH / 2:.0f}" y="{y - _HEIGHT / 2:.0f}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" rx="8" fill="{_PAPER}" stroke-width="{2.5 if strong else 1}"/>'
        f"{texts}</g>"
    )


def _labels(arrows: tuple[Edge, ...], layout: Layout) -> Iterator[str]:
    """Write each arrow's text where it covers neither a state nor another text, if there is such a place."""
    taken = [
        (x - _WIDTH / 2, y - _HEIGHT / 2, x + _WIDTH / 2, y + _HEIGHT / 2)
        for x, y in map(_centre, layout.places.values())
    ]
    for edge in arrows:
        lines = _wrapped(edge.text, _GAP - 30, _SMALL)
        half = max(_text_width(line, _SMALL) for line in lines) / 2
        tall = len(lines) * _LINE
        spots = _spots(_points(edge, layout))
        x, y = next((spot for spot in spots if not _covered(_box(spot, half, tall), taken)), spots[0])
        taken.append(_box((x, y), half, tall))
        for at, line in enumerate(lines):
            yield (
                f'<text x="{x:.0f}" y="{y - tall / 2 + (at + 0.8) * _LINE:.0f}" text-anchor="middle" '
                f'font-size="{_SMALL}" fill="currentColor" stroke="{_PAPER}" stroke-width="4" '
                f'paint-order="stroke">{escape(line)}</text>'
            )


def _spots(points: list[_Point]) -> list[_Point]:
    """Return places for a text along the arrow: in each gap between two layers, from its middle outwards."""
    spots: list[_Point] = []
    for (x, y), (to_x, to_y) in list(pairwise(points))[::2]:
        for part in (0.5, 0.4, 0.6, 0.3, 0.7):
            ease = part * part * (3 - 2 * part)
            spots += [(x + (to_x - x) * part, y + (to_y - y) * ease + shift) for shift in (-7, 7, -20, 20)]
    return spots


def _box(spot: _Point, half: float, tall: float) -> _Box:
    return spot[0] - half, spot[1] - tall / 2, spot[0] + half, spot[1] + tall / 2


def _covered(box: _Box, taken: list[_Box]) -> bool:
    left, top, right, bottom = box
    return any(
        left < other[2] and other[0] < right and top < other[3] and other[1] < bottom for other in taken
    )


def _text_width(text: str, size: int) -> float:
    return sum(size if unicodedata.east_asian_width(sign) in "WF" else size * 0.56 for sign in text)


def _wrapped(text: str, width: float, size: int) -> list[str]:
    """Break a text into lines no wider than the width: at spaces, or after a Chinese mark or sign."""
    pieces: list[str] = []
    for sign in text:
        wide = unicodedata.east_asian_width(sign) in "WF"
        in_word = bool(pieces) and not wide and pieces[-1][-1] != " " and not _is_wide(pieces[-1][-1])
        if in_word or (pieces and sign in "、，。）”"):
            pieces[-1] += sign
        else:
            pieces.append(sign)
    lines = [""]
    for piece in pieces:
        if lines[-1] and _text_width(lines[-1] + piece.rstrip(), size) > width:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"
