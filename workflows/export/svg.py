"""A procedure as an SVG picture: a column for each stage, a card for each state, arrows between them.

Each card says in words where its actions lead, so nothing depends on following a line. No script, no style
attribute and no address, so that it may stand in a page with a strict content policy. There its colours
follow the page's; as a file it has its own, since word processors and most viewers know no variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from workflows.definition import Procedure, StateKind
from workflows.export.picture import Card, Picture, is_end, picture_of
from workflows.export.text_lines import width_of, wrapped

_WIDTH, _GAP, _BETWEEN, _MARGIN, _PAD = 236, 64, 18, 16, 12
_HEAD, _TOP = 36, 12
_TITLE, _TEXT, _SMALL = 15, 13, 12
_LINE, _SMALL_LINE = 18, 16
_STUB = 18
_EDGE = 'stroke="var(--line-strong, #c3cdd1)"'
_PAPER, _SHADE = "var(--surface, #fff)", "var(--sunken, #f5f7f7)"
_QUIET, _STRONG = "var(--ink-3, #5a6970)", "var(--accent, #14597a)"
_OF_THE_PAGE = re.compile(r"var\(--[a-z0-9-]+, (#[0-9a-f]+)\)")


@dataclass(frozen=True, slots=True)
class _Row:
    """A piece of text on a card, from `top` down; `target` where an arrow leaves from it."""

    lines: tuple[str, ...]
    top: float
    quiet: bool
    target: str = ""

    @property
    def middle(self) -> float:
        return self.top + len(self.lines) * _LINE / 2


@dataclass(frozen=True, slots=True)
class _Placed:
    """A card with its place: column from the left, corner, height, rows."""

    card: Card
    column: int
    x: float
    y: float
    height: float
    title: tuple[str, ...]
    rows: tuple[_Row, ...]

    @property
    def door(self) -> float:
        """At which height arrows arrive: beside the title."""
        return self.y + _TOP + _TITLE * 0.7


def svg(procedure: Procedure, language: str, counts: Mapping[str, int] | None = None) -> str:
    """Return the picture as a file of its own.

    `language` is a tag such as `zh_CN` or `en`; `counts` says how many matters stand in each state now.
    """
    return _OF_THE_PAGE.sub(r"\1", inline_svg(procedure, language, counts))


def inline_svg(procedure: Procedure, language: str, counts: Mapping[str, int] | None = None) -> str:
    """Return the picture as an `<svg>` element that takes its colours from the page; see `svg`."""
    shown = picture_of(procedure, language, counts)
    cards = {one.card.state.name: one for one in _placed(shown)}
    width = len(shown.columns) * (_WIDTH + _GAP) - _GAP + 2 * _MARGIN
    foot = max(one.y + one.height for one in cards.values()) + _BETWEEN
    beneath = [line for text in shown.always for line in wrapped(text, width - 2 * _MARGIN, _TEXT)]
    height = foot + (len(beneath) * _LINE + 2 * _TOP if beneath else 0)
    mark = f"{procedure.name}-{procedure.version}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-labelledby="title-{mark} desc-{mark}" class="procedure" '
        'fill="none" stroke="currentColor" font-family="sans-serif">',
        f'<title id="title-{mark}">{escape(shown.title)}</title>',
        f'<desc id="desc-{mark}">{escape(shown.description)}</desc>',
        f'<defs><marker id="arrow-{mark}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="currentColor" stroke="none"/>'
        "</marker></defs>",
        *_columns(shown, foot, width),
        *_arrows(cards, f"arrow-{mark}"),
        *(part for one in cards.values() for part in _card(one)),
        *(
            _text(line, _MARGIN, foot + _TOP + (at + 0.75) * _LINE, _TEXT, _QUIET)
            for at, line in enumerate(beneath)
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _placed(shown: Picture) -> Iterator[_Placed]:
    """Give every card its place: column by column, one card below the other."""
    for at, column in enumerate(shown.columns):
        x, y = _MARGIN + at * (_WIDTH + _GAP), float(_HEAD + _TOP)
        for card in column.cards:
            room = _WIDTH - 2 * _PAD
            badge = width_of(str(card.count), _TITLE) + 2 * _PAD if card.count is not None else 0
            title = tuple(wrapped(card.title, room - badge, _TITLE))
            top = y + _TOP + len(title) * (_TITLE + 5)
            rows = []
            for text, target in _texts(card):
                quiet = not target
                size, line = (_SMALL, _SMALL_LINE) if quiet else (_TEXT, _LINE)
                row = _Row(tuple(wrapped(text, room, size)), top, quiet, target)
                rows.append(row)
                top += len(row.lines) * line + 3
            yield _Placed(card, at, x, y, top - y + _TOP - 5, title, tuple(rows))
            y = top + _TOP - 5 + _BETWEEN


def _texts(card: Card) -> Iterator[tuple[str, str]]:
    yield from ((note, "") for note in card.notes)
    for way in card.ways:
        yield f"{way.text} → {way.target_text}", way.target
    if card.stays:
        yield card.stays, ""


def _columns(shown: Picture, foot: float, width: float) -> Iterator[str]:
    """Shade every second column and write the stages above."""
    for at, column in enumerate(shown.columns):
        x = _MARGIN + at * (_WIDTH + _GAP)
        if at % 2 == 0:
            left, right = max(x - _GAP / 2, 0), min(x + _WIDTH + _GAP / 2, width)
            yield (
                f'<rect class="stage" x="{left:.0f}" y="0" width="{right - left:.0f}" '
                f'height="{foot:.0f}" fill="{_SHADE}" stroke="none"/>'
            )
        yield _text(f"{at + 1} {column.title}", x, 25, _TITLE, "currentColor", strong=True)


def _arrows(cards: Mapping[str, _Placed], marker: str) -> Iterator[str]:
    for one in cards.values():
        for row in one.rows:
            if row.target:
                path = _path(one, row.middle, cards[row.target])
                yield f'<path d="{path}" stroke-opacity="0.6" marker-end="url(#{marker})"/>'


def _path(source: _Placed, y: float, target: _Placed) -> str:
    """Lead from the side of a row to the side of the other card's title; within a column along its edge.

    What leads past a whole column is a stub: such lines would cover everything, and the row names the state.
    """
    to_y, left, right = target.door, source.x, source.x + _WIDTH
    if source.column == target.column:
        bow = right + min(_GAP * 0.6, 14 + abs(to_y - y) / 24)
        return f"M{right:.0f} {y:.0f}C{bow:.0f} {y:.0f} {bow:.0f} {to_y:.0f} {right:.0f} {to_y:.0f}"
    start, end = (right, target.x) if target.column > source.column else (left, target.x + _WIDTH)
    if abs(target.column - source.column) > 1:
        return f"M{start:.0f} {y:.0f}h{_STUB if end > start else -_STUB}"
    pull = (_GAP if end > start else -_GAP) * 0.8
    return f"M{start:.0f} {y:.0f}C{start + pull:.0f} {y:.0f} {end - pull:.0f} {to_y:.0f} {end:.0f} {to_y:.0f}"


def _card(one: _Placed) -> Iterator[str]:
    """Draw a card: the start with a bar at its left side, an end with a double border."""
    kind, x, y = one.card.state.kind, one.x, one.y
    yield f'<g class="state state--{one.card.state.name}">'
    yield _box(x, y, _WIDTH, one.height, f'fill="{_PAPER}" {_EDGE}')
    if is_end(one.card.state):
        yield _box(x + 3, y + 3, _WIDTH - 6, one.height - 6, _EDGE)
    if kind is StateKind.INITIAL:
        yield _box(x, y, 5, one.height, f'fill="{_STRONG}" stroke="none"')
    for at, line in enumerate(one.title):
        base = y + _TOP + _TITLE * 0.9 + at * (_TITLE + 5)
        yield _text(line, x + _PAD, base, _TITLE, "currentColor", strong=True)
    if one.card.count is not None:
        yield from _badge(one.card.count, x + _WIDTH - _PAD, y + _TOP - 3)
    for row in one.rows:
        size, line_height, colour = (
            (_SMALL, _SMALL_LINE, _QUIET) if row.quiet else (_TEXT, _LINE, "currentColor")
        )
        for at, line in enumerate(row.lines):
            yield _text(line, x + _PAD, row.top + (at + 0.75) * line_height, size, colour)
    yield "</g>"


def _badge(count: int, right: float, top: float) -> Iterator[str]:
    text = f"{count:,}"
    width = width_of(text, _TITLE) + 14
    colour, ink = (_STRONG, _PAPER) if count else (_SHADE, _QUIET)
    yield (
        f'<rect class="count" x="{right - width:.0f}" y="{top:.0f}" width="{width:.0f}" height="22" rx="11" '
        f'fill="{colour}" stroke="none"/>'
    )
    yield _text(text, right - width / 2, top + 16, _TITLE - 1, ink, strong=True, middle=True)


def _box(x: float, y: float, width: float, height: float, more: str) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}"'
    return f'<rect x="{x:.0f}" y="{y:.0f}" {size} rx="4" stroke-width="1" {more}/>'


def _text(
    text: str, x: float, y: float, size: int, colour: str, *, strong: bool = False, middle: bool = False
) -> str:
    weight = ' font-weight="600"' if strong else ""
    anchor = ' text-anchor="middle"' if middle else ""
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{colour}" stroke="none"{weight}{anchor}>'
        f"{escape(text)}</text>"
    )
