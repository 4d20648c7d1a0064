"""Ways of a few turns to what random walks seldom meet: a rare person, a rare form, two who differ.

They are pinned turn by turn, so that no new rule or form of the machine shifts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tests.machines.judging import refused
from tests.machines.paper import CONFLICT, Caller, Verdict


class Call(NamedTuple):
    """Somebody registers what a caller complains of."""

    who: str
    caller: Caller


class Turn(NamedTuple):
    """Somebody sends a form of an action, for the matter at that place of the book."""

    who: str
    action: str
    form: int = 0
    place: int = 0


class Way(NamedTuple):
    """The turns, and how the last one must be answered."""

    turns: tuple[Call | Turn, ...]
    end: Verdict


_CHEN, _ZHOU = Caller("陈晓民", "13800138000"), Caller("周慧敏", "13800138000")

WAYS: Mapping[str, Way] = {
    "to approve what one asked for": Way(
        (
            Call("operator", _CHEN),
            Turn("intake", "dispatch"),
            Turn("handler", "accept"),
            Turn("deputy", "apply_payout"),
            Turn("deputy", "begin_check", place=1),
            Turn("deputy", "confirm", place=1),
            Turn("deputy", "approve", place=1),
        ),
        refused("not_the_asker"),
    ),
    "to merge two who differ": Way(
        (Call("operator", _CHEN), Call("operator", _ZHOU), Turn("intake", "merge", place=1)),
        refused("other_complainant"),
    ),
    "to attach one file twice": Way(
        (Call("operator", _CHEN), Turn("operator", "attach", form=1), Turn("operator", "attach", form=1)),
        CONFLICT,
    ),
}
