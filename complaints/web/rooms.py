"""What a room tells the frame about itself: its place in the rail, who may enter, what waits in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint
from sqlalchemy.orm import Session

from complaints.foundation.clock import Clock
from complaints.organisation.people import SignedInActor
from complaints.organisation.permissions import Permission

Count = Callable[[Session, SignedInActor, Clock], int]


@dataclass(frozen=True, slots=True)
class Room:
    """A room with its blueprint. A room without a label has pages but no place in the rail."""

    blueprint: Blueprint
    url: str = ""
    """The first page, such as /hotline."""
    label: str | None = None
    """A lazy text (`_l`), read in the language of the page."""
    icon: str = ""
    """A name of templates/parts/icons.html."""
    permission: Permission | None = None
    """Whoever has it sees the room in the rail."""
    count: Count | None = None
    """How many things wait there for this person; one query, asked on every page."""

    @property
    def key(self) -> str:
        """The room's name, which is its blueprint's."""
        return self.blueprint.name


@dataclass(frozen=True, slots=True)
class RailEntry:
    """One room as the rail shows it."""

    key: str
    url: str
    label: str
    icon: str
    current: bool
    count: int
