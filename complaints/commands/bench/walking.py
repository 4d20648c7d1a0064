"""A path that matters are walked along, each step in a transaction of its own, as the engine is used."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection, select

from complaints.commands.bench.ground import Ground
from complaints.dossier.models import Matter
from complaints.dossier.visibility import JOIN
from complaints.organisation.people import actor_by_username
from workflows.runtime.requests import Act
from workflows.runtime.tables import instance

Door = Callable[[], AbstractContextManager[Connection]]
PATH = (
    ("sunli", "dispatch"),
    ("zhangyuanhang", "accept"),
    ("zhangyuanhang", "tell_decision"),
    ("zhangyuanhang", "record_consent"),
    ("zhangyuanhang", "begin_mediation"),
    ("zhangyuanhang", "hold_session"),
)
"""Six steps of a complaint that are measured as one mix."""


class Walk:
    """Walks matters along PATH, each step in a transaction of its own, as the engine is used."""

    def __init__(self, place: Ground, numbers: list[str], door: Door | None = None) -> None:
        """Look up people and instances beforehand: only the engine's own work is measured.

        `door` opens the transaction of a step: the application's, with a session, unless another is given.
        """
        self._place, self._door = place, door or place.parts.writing_connection
        today = place.stage.clock.today()
        with place.parts.database.reading() as session:
            self._people = {who: actor_by_username(session, who, today) for who, _action in PATH}
            rows = session.execute(
                select(Matter.number, instance.c.id).join(instance, JOIN).where(Matter.number.in_(numbers))
            )
            self.instances: dict[str, int] = dict(rows.all())
        handler = self._people["zhangyuanhang"]
        day = today.isoformat()
        self._payloads: dict[str, dict[str, Any]] = {
            "dispatch": {"unit": "/420600/420606/01/", "receiver": handler.id if handler else 0},
            "tell_decision": {"channel": "phone", "told_on": day, "proof": "电话告知"},
            "record_consent": {"consent_complainant": True, "consent_respondent": True, "channel": "phone"},
            "hold_session": {"held_on": day, "place": "所里", "outcome": "offer", "notes": "双方各让一步"},
        }

    def one(self, number: str, upto: int = len(PATH)) -> None:
        """Walk one matter along the path, or along its first steps."""
        for who, action in PATH[:upto]:
            actor = self._people[who]
            if actor is None:
                raise LookupError(who)
            act = Act(self.instances[number], action, self._payloads.get(action, {}), key=f"{number}{action}")
            with self._door() as connection:
                self._place.stage.engine.act(connection, act, actor)
