"""Makes an engine out of texts: the short way in for whoever has no application around it yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection

from workflows.counting import TimeRules
from workflows.generic_guards import GUARDS
from workflows.guards import Guard, GuardRegistry
from workflows.loading import load_procedure
from workflows.rule_files import load_rule_set
from workflows.rule_sets import RuleBook
from workflows.runtime.calendar_table import CalendarCache
from workflows.runtime.engine import Engine
from workflows.runtime.moments import microseconds
from workflows.runtime.requests import EngineSettings
from workflows.versioning.versions import Library


def open_engine(
    procedures: Iterable[str],
    rules: Iterable[str],
    guards: Iterable[Guard],
    now: Callable[[], datetime],
    settings: EngineSettings | None = None,
) -> Engine:
    """Read and verify procedures and dated rule sets (YAML texts) and return the engine that runs them.

    `guards` are the caller's own; the generic ones are known anyway. `now` tells aware instants. Raises
    DefinitionError, which lists every finding.
    """
    book = RuleBook(load_rule_set(text, f"rule set {at}") for at, text in enumerate(rules, start=1))
    read = [load_procedure(text, f"procedure {at}") for at, text in enumerate(procedures, start=1)]
    library = Library(read, book, GuardRegistry([*GUARDS, *guards]))
    chosen, calendars = settings or EngineSettings(), CalendarCache()

    def time_rules(connection: Connection) -> TimeRules:
        return TimeRules(book, calendars.calendar(connection, microseconds(now())))

    return Engine(library, time_rules, now, chosen)
