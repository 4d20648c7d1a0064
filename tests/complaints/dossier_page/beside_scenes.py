"""Scenes of what stands beside the states: work that waits, a co-handler, a result that was reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from tests.complaints.dossier_page.scene import COLLEAGUE, Scene
from tests.factories import FILE_LEAD, LEAD, TODAY, Matters, Step
from tests.walking import Walk
from workflows.runtime import outbox
from workflows.runtime.outbox import Delivery, Receipt
from workflows.runtime.reports import Reporting

ASKING: tuple[tuple[str, str], ...] = (("handler", "ask_work"), ("handler", "name_co_handler"))
"""Who asks for work and names a co-handler where nobody helps yet."""
_ENDING = (("handler", "finish_work"), ("head", "call_off_work"), ("handler", "remove_co_handler"))
_NAMED: Step = ("handler", "name_co_handler", {"co_handler": COLLEAGUE})


def helped(kind: str, state: str, walk: Callable[[Matters], str]) -> Scene:
    """Return the scene of a matter on which work waits and somebody helps."""

    def beside(matters: Matters) -> str:
        number = walk(matters)
        person = matters.city.person_ids[COLLEAGUE]
        asked: Step = ("handler", "ask_work", {"work": "inspection", "worker": person, "due_on": TODAY})
        matters.walk(number, asked, (*_NAMED[:2], {"co_handler": person}))
        return number

    return Scene(f"work on a {kind} waits", kind, state, beside, _ENDING, whole=False)


def reported(kind: str, state: str, who: str, walk: Callable[[Matters], str]) -> Scene:
    """Return the scene of a matter to which another that came from it has reported."""

    def told(matters: Matters) -> str:
        number = walk(matters)
        take_down(matters)
        return number

    return Scene(
        f"something was reported to a {kind}", kind, state, told, ((who, "read_reports"),), whole=False
    )


def with_a_filed_lead(matters: Matters) -> str:
    """Return a complaint whose lead was filed as a case."""
    # earlier ones, to one of which it may be linked
    _another, _earlier, number = (matters.in_state("mediating") for _one in range(3))
    matters.walk(number, LEAD)
    matters.walk(matters.lead_of(number), *FILE_LEAD)
    return number


def take_down(matters: Matters | Walk) -> None:
    """Deliver the reports that wait, as the worker does; messages to people stay."""

    @contextmanager
    def writing() -> Iterator[Connection]:
        with matters.city.database.writing() as session:
            yield session.connection()

    send = Reporting(matters.engine, writing, lambda _row: Receipt(Delivery.SENT))
    outbox.relay(writing, send, matters.city.clock.now_us, up_to=200)
