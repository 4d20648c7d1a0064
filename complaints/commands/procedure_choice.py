"""Which procedure and version a command means."""

from __future__ import annotations

from datetime import date

from complaints.app import build_services
from complaints.commands.parts import Parts
from complaints.foundation.errors import NotFound
from workflows.definition import Procedure
from workflows.runtime.definitions import check_running
from workflows.runtime.engine import Engine
from workflows.runtime.rule_records import check_rule_sets
from workflows.versioning.versions import Library


def engine_of(parts: Parts) -> Engine:
    """Return the engine with the verified procedures. Raises DefinitionError with every finding."""
    return build_services(parts.settings, parts.clock, parts.database).engine


def check_versions(parts: Parts) -> None:
    """Hold that all versions and rule sets by which matters run are here, unchanged: else nothing is served.

    Raises DefinitionError.
    """
    library = engine_of(parts).library
    with parts.database.reading() as session:
        check_running(session.connection(), library)
        check_rule_sets(session.connection(), library.rule_book)


def chosen(library: Library, name: str, version: int | None, today: date) -> Procedure:
    """Return one version, by default the one in force today. Raises NotFound, which names those there are."""
    known = [one for one in library.procedures if one.name == name]
    if not known:
        names = ", ".join(sorted({one.name for one in library.procedures}))
        raise NotFound(f"There is no procedure {name!r}: write one of {names}.")
    if version is None:
        return library.version_for(name, today).procedure
    for one in known:
        if one.version == version:
            return one
    versions = ", ".join(str(one.version) for one in known)
    raise NotFound(f"The procedure {name!r} has no version {version}: write one of {versions}.")
