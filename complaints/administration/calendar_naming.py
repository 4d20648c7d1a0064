"""The names of clocks beside their moves, read once a version of a procedure."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from complaints.dossier.clock_views import localised
from workflows.runtime.engine import Engine
from workflows.runtime.planned_moves import Move


def naming(engine: Engine) -> Callable[[Move], tuple[str, bool]]:
    """Return what tells a clock's name in the reader's language, and whether it is the office's own."""

    @cache
    def named(procedure: str, version: int, clock: str) -> tuple[str, bool]:
        rule = engine.library.get(procedure, version).procedure.clocks[clock]
        return localised(rule.label), rule.internal

    return lambda one: named(one.procedure, one.version, one.clock)
