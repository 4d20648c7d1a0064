"""The workflow engine as this application runs it: its procedures, rules and guards, its calendar table, its
clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from sqlalchemy import Connection

from complaints.dossier import messages, search_reach
from complaints.foundation.clock import Clock
from complaints.foundation.encryption import cipher, keyed_hash
from workflows.counting import TimeRules
from workflows.definition_files import DefinitionError
from workflows.guards import Guard, GuardRegistry
from workflows.loading import PROCEDURES, load_procedures
from workflows.proving.invariants import Invariant
from workflows.rule_files import shipped_rules
from workflows.rule_sets import RuleBook
from workflows.runtime.calendar_table import CalendarCache
from workflows.runtime.engine import Engine, EngineSettings
from workflows.versioning.versions import Library, load_released


def build_engine(
    guards: Iterable[Guard],
    invariants: Iterable[Invariant],
    roles: frozenset[str],
    clock: Clock,
    *,
    hash_alg: str = "sm3",
) -> Engine:
    """Build the engine.

    Raises DefinitionError, which refuses to boot, where a procedure does not verify or can break a promise.
    """
    rules, library = _verified(tuple(guards), tuple(invariants), roles)
    settings = EngineSettings(
        hash_alg=hash_alg,
        seal=lambda words: cipher().encrypt(words),
        unseal=lambda stored: cipher().decrypt(stored),
        fingerprint=lambda said: keyed_hash(said),
        changed_hands=search_reach.follow,
    )
    return Engine(library, time_rules(rules, clock), clock.now, settings)


@cache
def _verified(
    guards: tuple[Guard, ...], invariants: tuple[Invariant, ...], roles: frozenset[str]
) -> tuple[RuleBook, Library]:
    """Read and verify rules and procedures, once a process: neither changes while it runs."""
    rules = shipped_rules()
    procedures = load_procedures(PROCEDURES)
    registry = GuardRegistry(guards)
    library = Library(
        procedures,
        rules,
        registry,
        roles=roles,
        messages=messages.NAMES,
        releases=load_released(),
        invariants=invariants,
    )
    if library.unused_invariants:
        unused = ", ".join(sorted(library.unused_invariants))
        raise DefinitionError(
            f"No procedure names {unused}: add it to `invariants`, or take it out.",
            f"没有流程写明{unused}：请加入`invariants`，或者去掉。",
        )
    return rules, library


def time_rules(rules: RuleBook, clock: Clock) -> Callable[[Connection], TimeRules]:
    """Return what gives each step its dated rules and the calendar of the database."""
    cache = CalendarCache()

    def current(connection: Connection) -> TimeRules:
        return TimeRules(rules, cache.calendar(connection, clock.now_us()))

    return current
