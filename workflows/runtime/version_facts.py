"""Every version of every procedure: from when to when it governs, by which instrument, how many run on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from workflows.definition import Label, Procedure
from workflows.definition_files import DefinitionError
from workflows.rule_sets import RuleBook
from workflows.runtime.version_counts import running_by_state
from workflows.versioning.versions import Library


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """One version. It governs what is received from `effective_from` to `effective_to`, both included;
    `effective_to` is None for the latest. A version is `to_come` before that. `running` counts the matters
    that run on it, by state; None where no database was asked.
    """

    procedure: Procedure
    effective_to: date | None
    instrument: Label | None
    released: bool
    in_force: bool
    to_come: bool
    running: Mapping[str, int] | None

    @property
    def open_matters(self) -> int | None:
        """How many matters run on it."""
        return None if self.running is None else sum(self.running.values())


def version_facts(
    library: Library, today: date, connection: Connection | None = None
) -> tuple[VersionFacts, ...]:
    """Return every version, by procedure and number; with a connection, its running matters too."""
    counts = None if connection is None else running_by_state(connection)
    found = []
    for one in library.procedures:
        until = library.last_day(one)
        in_force = one.effective_from <= today and (until is None or today <= until)
        running = None if counts is None else counts.get((one.name, one.version), {})
        last = today if until is None else min(today, until)
        instrument = _instrument(library.rule_book, one, max(one.effective_from, last))
        to_come = today < one.effective_from
        released = library.is_released(one)
        found.append(VersionFacts(one, until, instrument, released, in_force, to_come, running))
    return tuple(found)


def _instrument(rules: RuleBook, one: Procedure, on: date) -> Label | None:
    """Return the instrument that counts the version's clocks on a day: of the law where it has a limit, else
    the local practice.
    """
    try:
        limits = [
            rules.limit(name, on)
            for name, clock in one.clocks.items()
            if not clock.if_ruled or rules.has_limit(name, on)
        ]
    except DefinitionError:
        return None
    of_law = [limit for limit in limits if not limit.local]
    found = rules.of((of_law or limits)[0].rule_set) if limits else None
    return found.instrument if found else None
