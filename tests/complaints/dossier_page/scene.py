"""A scene: a matter that was brought into a state by the real actions, in which acts are then tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.bureau import OFFICE
from tests.factories import Matters, Step

COLLEAGUE = "colleague"
"""A second handler of the office, who takes over what the first one hands on."""

OFFER: Step = ("handler", "offer_handover", {"unit": OFFICE, "receiver": COLLEAGUE, "reason": "休假"})


@dataclass(frozen=True, slots=True)
class Scene:
    """A matter in a state; `kind` is the name of its procedure.

    `acts` are who does what from here in the small run. A scene that is not `whole` shows what its state can
    also be, and is tried by the people of the bureau without the neighbours.
    """

    name: str
    kind: str
    state: str
    walk: Callable[[Matters], str]
    acts: tuple[tuple[str, str], ...] = ()
    whole: bool = True
