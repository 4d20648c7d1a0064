"""Keeps, in the database, what each dated rule set said, so that the law behind a running clock is known.

A set by which clocks were counted never changes, but for the last day that one without an end is given. A
draft by which nothing was counted may still change.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Connection, bindparam, insert, select, update

from workflows.definition_files import DefinitionError
from workflows.rule_releases import RuleRelease, changed, fingerprint_of, rule_fingerprint
from workflows.rule_sets import RuleBook
from workflows.runtime.definitions import whole_text
from workflows.runtime.tables import deadline, rule_set

_KNOWN = select(rule_set)
_COUNTED = select(deadline.c.id).where(deadline.c.rule_set == bindparam("by")).limit(1)
_BY = select(deadline.c.rule_set).distinct().order_by(deadline.c.rule_set)
_INSERT = insert(rule_set)
_UPDATE = (
    update(rule_set)
    .where(rule_set.c.name == bindparam("of"))
    .values(
        valid_to=bindparam("new_valid_to"),
        fingerprint=bindparam("new_fingerprint"),
        source=bindparam("new_source"),
    )
)


def record_rule_sets(connection: Connection, book: RuleBook, now_us: int) -> list[str]:
    """Record text and fingerprint of every rule set; return the ids of those that are new or changed.

    A better wording alone is no change of the fingerprint and is recorded. Raises DefinitionError where a set
    by which clocks were counted is another than before.
    """
    check_rule_sets(connection, book)
    known = {row.name: row for row in connection.execute(_KNOWN)}
    written = []
    for one in book.all:
        before, source = known.get(one.id), whole_text(one)
        if before is not None and before.source == source:
            continue
        values = {"valid_to": one.valid_to, "fingerprint": rule_fingerprint(one), "source": source}
        if before is None:
            connection.execute(_INSERT, {"name": one.id, "seen_at_us": now_us, **values})
        else:
            connection.execute(
                _UPDATE, {"of": one.id, **{f"new_{name}": value for name, value in values.items()}}
            )
        written.append(one.id)
    return written


def falsified(connection: Connection, book: RuleBook) -> Iterator[str]:
    """Say of every record that does not bear the fingerprint of its own text, or is of another set than the
    one by which clocks were counted, that it was changed past the program.
    """
    known = set()
    for row in connection.execute(_KNOWN).all():
        known.add(row.name)
        try:
            said = json.loads(row.source)
            own = said["id"], fingerprint_of(said), said["valid_to"]
        except (AttributeError, LookupError, TypeError, ValueError):
            own = "", "", None
        if own != (row.name, row.fingerprint, row.valid_to and row.valid_to.isoformat()):
            yield f"the record of the rule set {row.name} says otherwise than its fingerprint"
        elif _is_counted_by(connection, row.name) and changed(
            book.of(row.name), RuleRelease(row.name, row.fingerprint, row.valid_to)
        ):
            yield f"the record of the rule set {row.name} has another fingerprint than its file"
    for name in connection.execute(_BY).scalars() if known else ():
        if name not in known:
            yield f"there is no record of the rule set {name}, by which clocks were counted: run cli init"


def _is_counted_by(connection: Connection, name: str) -> bool:
    return connection.execute(_COUNTED, {"by": name}).first() is not None


def check_rule_sets(connection: Connection, book: RuleBook) -> None:
    """Hold that every set by which clocks were counted is still there, unchanged.

    Raises DefinitionError for the first that is not. Read before anything is served: by a changed set a past
    clock would be explained by days that it never had.
    """
    for row in connection.execute(_KNOWN).all():
        fault = changed(book.of(row.name), RuleRelease(row.name, row.fingerprint, row.valid_to))
        if fault and _is_counted_by(connection, row.name):
            raise DefinitionError(f"The rule set {row.name} {fault.en}", f"规则{row.name}{fault.zh}")
