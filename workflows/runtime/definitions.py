"""Keeps, in the database, what each version of each procedure said, so that a running matter's law is known.

A version on which matters run never changes: what changed belongs into a new version. A draft that nobody
runs on may still change.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from workflows.definition import Procedure
from workflows.definition_files import DefinitionError
from workflows.runtime.tables import definition, instance
from workflows.versions import Library

_KNOWN = select(definition.c.name, definition.c.version, definition.c.fingerprint, definition.c.source)
_RUNNING = select(func.count()).where(
    instance.c.procedure == bindparam("of"), instance.c.version == bindparam("at")
)
_INSERT = insert(definition)
_UPDATE = (
    update(definition)
    .where(definition.c.name == bindparam("of"), definition.c.version == bindparam("at"))
    .values(fingerprint=bindparam("new_fingerprint"), source=bindparam("new_source"))
)


def record_definitions(connection: Connection, library: Library, now_us: int) -> list[tuple[str, int]]:
    """Record text and fingerprint of every version of the library; return those that are new or changed.

    A better wording alone is no change of the fingerprint and is recorded. Raises DefinitionError where the
    fingerprint of a version on which matters run is another than before.
    """
    known = {(row.name, row.version): row for row in connection.execute(_KNOWN)}
    written = []
    for procedure in library.procedures:
        key = (procedure.name, procedure.version)
        source = definition_text(procedure)
        before = known.get(key)
        if before is None:
            _add(connection, procedure, source, now_us)
        elif before.fingerprint != procedure.fingerprint:
            _refuse_where_running(connection, procedure)
        elif before.source == source:
            continue
        if before is not None:
            values = {"new_fingerprint": procedure.fingerprint, "new_source": source}
            connection.execute(_UPDATE, {"of": key[0], "at": key[1], **values})
        written.append(key)
    return written


def definition_text(procedure: Procedure) -> str:
    """Return the whole procedure, labels included, as JSON with sorted keys: what was in force."""
    return json.dumps(_plain(procedure), ensure_ascii=False, sort_keys=True, indent=1)


def _add(connection: Connection, procedure: Procedure, source: str, now_us: int) -> None:
    connection.execute(
        _INSERT,
        {
            "name": procedure.name,
            "version": procedure.version,
            "fingerprint": procedure.fingerprint,
            "source": source,
            "seen_at_us": now_us,
        },
    )


def _refuse_where_running(connection: Connection, procedure: Procedure) -> None:
    of = {"of": procedure.name, "at": procedure.version}
    running = connection.execute(_RUNNING, of).scalar_one()
    if running:
        raise DefinitionError(
            f"{procedure.name}.{procedure.version}.yaml was changed, but matters run on this version "
            f"({running} of them): restore the file and put the change into version {procedure.version + 1}."
        )


def _plain(value: Any) -> Any:
    """Return the value in JSON's own types."""
    if isinstance(value, enum.Enum | date):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value
