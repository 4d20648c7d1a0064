"""Where the states and arrows of a procedure stand in a picture: layers from left to right.

An arrow that leads back is turned round for the layering. An arrow over several layers gets a place of its
own in each layer it crosses, so that it runs between the states and not under them. Places in a layer
follow the middle of their neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Pair = tuple[str, str]
_SWEEPS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A layer, counted from the left from 0, and a height in rows from the top."""

    layer: int
    row: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The place of each state, and for each arrow its ways through the layers between."""

    places: Mapping[str, Place]
    ways: Mapping[Pair, tuple[Place, ...]]
    layers: int
    rows: float


def arrange(initial: str, states: Sequence[str], arrows: Sequence[Pair], bend: float = 0.4) -> Layout:
    """Return the layout of the states and arrows; `bend` is the height in rows that a passing arrow takes."""
    forward = _forward(initial, states, arrows)
    layer = _layers(states, list(forward))
    chains: dict[Pair, list[str]] = {}
    columns: list[list[str]] = [[] for _ in range(max(layer.values()) + 1)]
    for name in states:
        columns[layer[name]].append(name)
    for source, target in forward:
        passing = [f"{source}>{target}@{at}" for at in range(layer[source] + 1, layer[target])]
        for at, name in enumerate(passing, layer[source] + 1):
            columns[at].append(name)
        chains[source, target] = [source, *passing, target]
    links = [(one, other) for chain in chains.values() for one, other in pairwise(chain)]
    height = {name: 1.0 if name in layer else bend for column in columns for name in column}
    rows = _order(columns, links, height)
    places = {name: Place(at, rows[name]) for at, column in enumerate(columns) for name in column}
    ways = {}
    for pair in dict.fromkeys(arrows):
        chain = chains[pair] if pair in chains else chains[pair[1], pair[0]][::-1]
        ways[pair] = tuple(places[name] for name in chain[1:-1])
    deepest = max(rows[name] + height[name] / 2 for name in rows)
    return Layout({name: places[name] for name in states}, ways, len(columns), deepest)


def _forward(initial: str, states: Sequence[str], arrows: Sequence[Pair]) -> dict[Pair, None]:
    """Return the arrows without circles: one that leads back to a state on the way is turned round."""
    onward: dict[str, list[str]] = {name: [] for name in states}
    for source, target in arrows:
        onward[source].append(target)
    found: dict[Pair, None] = {}
    open_states: set[str] = set()
    done: set[str] = set()

    def visit(name: str) -> None:
        open_states.add(name)
        for target in onward[name]:
            found[(target, name) if target in open_states else (name, target)] = None
            if target not in open_states and target not in done:
                visit(target)
        open_states.discard(name)
        done.add(name)

    for name in (initial, *states):
        if name not in done:
            visit(name)
    return found


def _layers(states: Sequence[str], forward: Sequence[Pair]) -> dict[str, int]:
    """Return each state's layer: one further than the furthest state that leads to it."""
    layer = dict.fromkeys(states, 0)
    for _ in states:
        for source, target in forward:
            layer[target] = max(layer[target], layer[source] + 1)
    return layer


def _order(columns: list[list[str]], links: Sequence[Pair], height: Mapping[str, float]) -> dict[str, float]:
    """Sort each layer by the middle of its neighbours, from left to right and back; return each one's row."""
    near: dict[str, list[str]] = {name: [] for column in columns for name in column}
    for one, other in links:
        near[one].append(other)
        near[other].append(one)
    rows: dict[str, float] = {}
    for column in columns:
        _stack(column, rows, height)
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            middle = {name: _middle(near[name], rows, rows[name]) for name in column}
            column.sort(key=middle.__getitem__)
            _stack(column, rows, height)
    _align(columns, near, rows, height)
    top = min(rows[name] - height[name] / 2 for name in rows)
    return {name: row - top for name, row in rows.items()}


def _middle(names: Sequence[str], rows: Mapping[str, float], otherwise: float) -> float:
    return sum(rows[name] for name in names) / len(names) if names else otherwise


def _stack(column: Sequence[str], rows: dict[str, float], height: Mapping[str, float]) -> None:
    """Put a layer's places one below the other, centred on row 0."""
    at = -sum(height[name] for name in column) / 2
    for name in column:
        rows[name] = at + height[name] / 2
        at += height[name]


def _align(
    columns: Sequence[Sequence[str]],
    near: Mapping[str, list[str]],
    rows: dict[str, float],
    height: Mapping[str, float],
) -> None:
    """Draw each place towards its neighbours as far as the ones above and below leave room."""
    for _ in range(_SWEEPS):
        for column in columns:
            for at, name in enumerate(column):
                wanted = _middle(near[name], rows, rows[name])
                if at > 0:
                    above = column[at - 1]
                    wanted = max(wanted, rows[above] + (height[above] + height[name]) / 2)
                if at + 1 < len(column):
                    below = column[at + 1]
                    wanted = min(wanted, rows[below] - (height[below] + height[name]) / 2)
                rows[name] = wanted
