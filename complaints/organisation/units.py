"""The tree of units: finding, founding, and the condition "this unit and all below"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from complaints.foundation.errors import NotFound
from complaints.organisation.models import Unit, UnitKind


def found_unit(
    session: Session, code: str, name: str, kind: UnitKind, parent: Unit | None, day: date, **more: Any
) -> Unit:
    """Add a unit under its parent, valid from the day. `more` are further columns.

    The path follows from the codes.
    """
    if not re.fullmatch(r"[0-9A-Za-z-]{1,20}", code, re.ASCII):
        raise ValueError(f"a unit's code has letters, digits and dashes only: {code!r}")
    unit = Unit(
        code=code,
        name=name,
        kind=kind.value,
        parent=parent,
        path=f"{parent.path if parent else '/'}{code}/",
        valid_from=day,
        valid_to=None,
        **more,
    )
    session.add(unit)
    session.flush()
    return unit


def unit_by_path(session: Session, path: str) -> Unit | None:
    """Return the unit at the path, ended ones included."""
    return session.scalars(select(Unit).where(Unit.path == path)).first()


CANDIDATES = 8
"""Units named where none was found by what was typed; more are only counted."""


def need_unit(session: Session, path: str) -> Unit:
    """Return the unit at the path.

    Nothing is guessed: for a name, a part of one or a code, NotFound lists the units that may be meant, each
    with its path.
    """
    unit = unit_by_path(session, path)
    if unit is not None:
        return unit
    meant = _meant(session, path)
    if not meant:
        raise NotFound(f"There is no unit {path!r}: cli user units lists them with their paths.")
    named = "; ".join(f"{one.name} {one.path}" for one in meant[:CANDIDATES])
    more = f"; and {len(meant) - CANDIDATES} more (cli user units lists all)" if meant[CANDIDATES:] else ""
    raise NotFound(
        f"There is no unit at the path {path!r}. Write the path of the one you mean: {named}{more}."
    )


def _meant(session: Session, words: str) -> list[Unit]:
    """Return the units that have not ended and whose name or path contains the words, or whose code it is."""
    part = unicodedata.normalize("NFKC", words).casefold().strip()
    if not part:
        return []
    found = session.scalars(select(Unit).where(Unit.valid_to.is_(None)).order_by(Unit.path))
    return [one for one in found if part in one.name.casefold() or part in one.path.casefold()]


def units(session: Session, day: date, *kinds: UnitKind, below: str = "/") -> Sequence[Unit]:
    """Return the units valid on the day, by path: of the given kinds or all, at and below a path."""
    query = select(Unit).where(_valid(day))
    if kinds:
        query = query.where(Unit.kind.in_([kind.value for kind in kinds]))
    if below != "/":
        query = query.where(at_or_below(Unit.path, [below]))
    return session.scalars(query.order_by(Unit.path)).all()


def unit_names(session: Session, paths: Iterable[str]) -> dict[str, str]:
    """Return the names of units by path, in one query."""
    wanted = set(paths)
    if not wanted:
        return {}
    return dict(session.execute(select(Unit.path, Unit.name).where(Unit.path.in_(wanted))).all())


def at_or_below(
    column: ColumnElement[str] | InstrumentedAttribute[str], paths: Iterable[str]
) -> ColumnElement[bool]:
    """Return the condition that the unit path in the column is one of the paths or below one; no path, no
    row.

    A range in byte order, which the plain index answers: "/420600/" <= path < "/4206000". The column has type
    PATH.
    """
    ranges = [and_(column >= path, column < f"{path[:-1]}0") for path in paths]
    return or_(*ranges) if ranges else false()


def above(path: str) -> tuple[str, ...]:
    """Return the paths of the unit itself and of all above it, the nearest first."""
    codes = path.strip("/").split("/")
    return tuple(f"/{'/'.join(codes[:end])}/" for end in range(len(codes), 0, -1))


def intake_desk_for(session: Session, path: str, day: date) -> Unit | None:
    """Return the intake desk that serves a unit.

    The nearest desk directly under one of the units above it.
    """
    parent = aliased(Unit)
    desks = session.scalars(
        select(Unit)
        .join(parent, Unit.parent_id == parent.id)
        .where(parent.path.in_(above(path)), Unit.kind == UnitKind.INTAKE_DESK.value, _valid(day))
        .order_by(Unit.path)
    ).all()
    return max(desks, key=lambda desk: desk.path.count("/"), default=None)


def region_code_of(session: Session, path: str) -> str:
    """Return the county or city (six digits of GB/T 2260) that the unit, or the nearest above, answers for.

    Where none names its region, the nearest code of six digits in the path; empty without one.
    """
    rows = session.execute(
        select(Unit.path, Unit.region_code).where(Unit.path.in_(above(path)), Unit.region_code != "")
    )
    named: str = max(rows, key=lambda row: len(row[0]), default=("", ""))[1]
    coded = [code for code in reversed(path.strip("/").split("/")) if re.fullmatch(r"[0-9]{6}", code)]
    return named[:6] or (coded[0] if coded else "")


def _valid(day: date) -> ColumnElement[bool]:
    """Return the condition that a unit is valid on the day."""
    return and_(Unit.valid_from <= day, or_(Unit.valid_to.is_(None), Unit.valid_to >= day))
