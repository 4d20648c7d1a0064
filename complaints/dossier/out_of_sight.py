"""Which step took a matter out of somebody's sight while that person's form lay open.

Told is only who saw the matter in the very version that the form shows, by the roles of that day; and only
the one step that ended it: its name, its person, its time. To everybody else the matter is not there.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from complaints.dossier.models import Matter
from complaints.dossier.visibility import JOIN, saw, visible_among
from complaints.dossier.work import Work
from complaints.foundation.clock import local_moment
from complaints.organisation.models import Person
from complaints.organisation.people import SignedInActor, actor_of
from workflows.projection import Projection, apply
from workflows.runtime import event_log
from workflows.runtime.event_log import Event
from workflows.runtime.tables import instance


def step_that_hid(work: Work, matter: ColumnElement[bool], version: int) -> Event | None:
    """Return the step after which this person saw the matter no more, who saw its `version`.

    None where the matter is seen, was not seen then, or does not exist: the three are told apart to nobody.
    """
    found = (
        work.session.execute(
            select(
                instance.c.id,
                instance.c.procedure,
                Matter.registered_by,
                visible_among(work.actor).label("is_seen"),
            )
            .join(Matter, JOIN)
            .where(matter)
        )
        .mappings()
        .first()
    )
    if found is None or found["is_seen"]:
        return None
    events = event_log.events_of(work.connection, found["id"])
    stands = _after_each(events)
    end = next((place for place, one in enumerate(stands) if one.row_version > version), None)
    if not end:  # no event has outdated the form, or it shows a version that nobody ever saw
        return None
    then = _as_of(work, events[end])

    def sees(one: Projection) -> bool:
        return then is not None and saw(then, found["procedure"], found["registered_by"], one)

    if not sees(stands[end - 1]):
        return None
    return next((event for event, one in zip(events[end:], stands[end:], strict=True) if not sees(one)), None)


def _after_each(events: Sequence[Event]) -> list[Projection]:
    """Return how the matter stood after each of its events."""
    stands, now = [], Projection()
    for event in events:
        now = apply(now, event.effects)
        stands.append(now)
    return stands


def _as_of(work: Work, event: Event) -> SignedInActor | None:
    """Return who asks, with the roles of the day on which the event made the form old."""
    person = work.session.get(Person, work.actor.id)
    return None if person is None else actor_of(work.session, person, local_moment(event.at_us).date())
