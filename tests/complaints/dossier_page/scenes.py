"""Every scene: each state of each procedure, and what needs more than a state.

Together the scenes have every action that is done by a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from complaints.dossier.progress import standing
from complaints.dossier_page.queries import family
from tests.complaints.dossier_page.beside_scenes import reported
from tests.complaints.dossier_page.complaint_scenes import COMPLAINTS
from tests.complaints.dossier_page.lead_scenes import LEADS
from tests.complaints.dossier_page.payout_scenes import PAYOUTS
from tests.complaints.dossier_page.scene import Scene
from tests.factories import Matters, Step

_SETTLE: Step = (
    "station",
    "settle",
    {"amount": 19_900, "kind": "exchange", "terms": "换一双新鞋", "told": True},
)


def _dispute(*steps: Step) -> Callable[[Matters], str]:
    def walk(matters: Matters) -> str:
        number = matters.a_dispute()
        matters.walk(number, *steps)
        return number

    return walk


def _with_a_file(matters: Matters) -> str:
    number = matters.a_dispute()
    matters.attach(number, "station")
    return number


def _answered(matters: Matters) -> str:
    """Return a dispute that was passed up and refused by the office."""
    number = _dispute(("station", "pass_up", {"reason": "双方未达成一致"}))(matters)
    with matters.reading("supervisor") as work:
        complaint = family(work, standing(work, number)).children[0].number
    matters.walk(
        complaint, ("intake", "refuse", {"item": "1", "reason": "不属于职责", "remedies_told": True})
    )
    return number


_DISPUTES = (
    Scene(
        "at the station",
        "station_dispute",
        "registered",
        _dispute(),
        tuple(("station", one) for one in ("record_offer", "settle", "pass_up", "withdraw", "add_note")),
    ),
    Scene(
        "a photograph at the station",
        "station_dispute",
        "registered",
        _with_a_file,
        (("station", "attach"), ("station", "withdraw_file")),
        whole=False,
    ),
    Scene("settled", "station_dispute", "settled", _dispute(_SETTLE)),
    Scene(
        "passed up",
        "station_dispute",
        "passed_up",
        _dispute(("station", "pass_up", {"reason": "双方未达成一致"})),
    ),
    reported("station_dispute", "passed_up", "station", _answered),
    Scene(
        "taken back",
        "station_dispute",
        "withdrawn",
        _dispute(("station", "withdraw", {"note": "自己和商家谈好了"})),
    ),
)


SCENES: Mapping[str, tuple[Scene, ...]] = MappingProxyType(
    {"complaint": COMPLAINTS, "lead": LEADS, "payout": PAYOUTS, "station_dispute": _DISPUTES}
)
"""Every scene by its procedure."""
