"""Keeps, in the database, what each version of each procedure said, so that a running matter's law is known.

A version on which matters run never changes: what changed belongs into a new version. A draft that nobody
runs on may still change.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from workflows.definition import Procedure
from workflows.definition_files import DefinitionError
from workflows.rule_sets import RuleSet
from workflows.runtime.tables import definition, event, instance
from workflows.versioning.fingerprints import says
from workflows.versioning.versions import Library

_KNOWN = select(definition.c.name, definition.c.version, definition.c.fingerprint, definition.c.source)
_RUNNING = select(func.count()).where(
    instance.c.procedure == bindparam("of"), instance.c.version == bindparam("at")
)
_TOLD = (
    select(event.c.instance_id).where(
        event.c.procedure == bindparam("of"), event.c.version == bindparam("at")
    )
).limit(1)
_RUN = (
    select(instance.c.procedure, instance.c.version)
    .distinct()
    .order_by(instance.c.procedure, instance.c.version)
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
    check_running(connection, library)
    known = {(row.name, row.version): row for row in connection.execute(_KNOWN)}
    written = []
    for procedure in library.procedures:
        key = (procedure.name, procedure.version)
        source = whole_text(procedure)
        before = known.get(key)
        if before is None:
            _add(connection, procedure, source, now_us)
        elif before.source == source and before.fingerprint == procedure.fingerprint:
            continue
        if before is not None:
            values = {"new_fingerprint": procedure.fingerprint, "new_source": source}
            connection.execute(_UPDATE, {"of": key[0], "at": key[1], **values})
        written.append(key)
    return written


def check_running(connection: Connection, library: Library) -> None:
    """Hold that every version on which there are matters is still in the library, unchanged; guards as well,
    for the library verifies all it holds. Raises DefinitionError for the first that is not.

    Read before anything is served: without its version a matter could not even be looked at.
    """
    present = {(one.name, one.version): one.fingerprint for one in library.procedures}
    for row in connection.execute(_KNOWN).all():
        fingerprint = present.get((row.name, row.version))
        if fingerprint != row.fingerprint:
            _refuse_where_used(connection, row.name, row.version, gone=fingerprint is None)


def falsified(connection: Connection, library: Library) -> Iterator[str]:
    """Say of every record that does not say what its version says that it was changed past the program.

    Of a version that the program does not have, and of a draft on which nothing runs, nothing can be said;
    nor of wording, which may be bettered.
    """
    present = {(one.name, one.version): one for one in library.procedures}
    known = set()
    for row in connection.execute(_KNOWN).all():
        known.add((row.name, row.version))
        procedure = present.get((row.name, row.version))
        if procedure is None:
            continue
        if row.fingerprint != procedure.fingerprint:
            if library.is_released(procedure) or _is_used(connection, row.name, row.version):
                yield f"the record of {row.name} version {row.version} has another fingerprint than its file"
        elif not _says(row.source, procedure):
            yield f"the record of {row.name} version {row.version} says otherwise than its fingerprint"
    for name, version in connection.execute(_RUN).all() if known else ():
        if (name, version) not in known:
            yield f"there is no record of {name} version {version}, on which matters run: run cli init"


def _says(source: str, procedure: Procedure) -> bool:
    try:
        return says(procedure, json.loads(source))
    except ValueError:
        return False


def _is_used(connection: Connection, name: str, version: int) -> bool:
    return connection.execute(_TOLD, {"of": name, "at": version}).first() is not None


def whole_text(defined: Procedure | RuleSet) -> str:
    """Return all that a version or a rule set says, labels included, as JSON with sorted keys."""
    return json.dumps(_plain(defined), ensure_ascii=False, sort_keys=True, indent=1)


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


def _refuse_where_used(connection: Connection, name: str, version: int, *, gone: bool) -> None:
    """Raise DefinitionError where matters run on a version, or did: their history is read by it."""
    of = {"of": name, "at": version}
    running = connection.execute(_RUNNING, of).scalar_one()
    if not running and connection.execute(_TOLD, of).first() is None:
        return
    whose = f"matters run on this version ({running} of them)" if running else "matters ran on this version"
    zh = f"有{running}件事项按这一版本办理" if running else "有事项曾按这一版本办理"
    if gone:
        raise DefinitionError(
            f"{name}.{version}.yaml is gone, but {whose}: add the file again.",
            f"{name}.{version}.yaml不见了，而{zh}：请放回文件。",
        )
    raise DefinitionError(
        f"{name}.{version}.yaml was changed, but {whose}: restore the file and put the change into "
        f"version {version + 1}.",
        f"{name}.{version}.yaml被改动了，而{zh}：请恢复文件，改动写进第{version + 1}版。",
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
