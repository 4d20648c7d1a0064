"""What the rule sets leave open to the model: whether a clock stands still, and whether it begins at all.

A run is counted by the rule set of its own first day, or by the one that somebody chose, and the model has no
days. So where the sets that know a clock disagree, both ways are walked.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from workflows.definition import Procedure
from workflows.rule_sets import RuleBook

_NONE: frozenset[str] = frozenset()


class Ruled(NamedTuple):
    """Clocks of a procedure. `runs_on`: some set lets them not stand still, `never_stands`: no set lets them;
    `may_lack`: on some days no set has the limit, so that they do not begin.
    """

    runs_on: frozenset[str] = _NONE
    never_stands: frozenset[str] = _NONE
    may_lack: frozenset[str] = _NONE


def asked_of(rules: RuleBook | None, procedure: Procedure) -> Ruled:
    """Return what the sets say of the procedure's clocks; without any, whatever may stand still does."""
    if rules is None:
        return Ruled()
    pausable = {clock for state in procedure.states.values() for clock in state.pauses}
    says = {
        clock: {one.limits[clock].pause_article is not None for one in rules.all if clock in one.limits}
        for clock in pausable
    }
    return Ruled(
        frozenset(clock for clock, found in says.items() if False in found),
        frozenset(clock for clock, found in says.items() if True not in found),
        frozenset(name for name, one in procedure.clocks.items() if one.if_ruled),
    )


def every_way(certain: frozenset[str], open_to: frozenset[str]) -> Iterator[frozenset[str]]:
    """Yield every set of clocks that holds the certain ones, with any of the others."""
    left = sorted(open_to - certain)
    for size in range(len(left) + 1):
        for chosen in combinations(left, size):
            yield certain | frozenset(chosen)
