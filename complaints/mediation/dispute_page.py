"""What the pages of a dispute show: its head, both offers, and who receives what is passed up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from complaints.dossier.clock_views import localised
from complaints.dossier.codes import DEMANDS
from complaints.dossier.progress import Standing, intake_duty, procedure_of
from complaints.dossier.work import Work
from complaints.foundation.errors import Conflict
from complaints.foundation.masking import mask_name, mask_phone
from complaints.mediation import disputes
from complaints.organisation.people import person_names
from complaints.organisation.units import unit_names


@dataclass(frozen=True, slots=True)
class Proposal:
    """Both offers with what lies between them, and a sum half way, in fen. `at` is its place, 0 to 1."""

    consumer: int
    merchant: int
    gap: int
    proposed: int
    step: int
    at: float

    @classmethod
    def between(cls, consumer: int, merchant: int) -> Proposal:
        """Put the sum half way, in whole yuan.

        Where the merchant offers enough, it is what the consumer asks for."""
        gap = max(consumer - merchant, 0)
        proposed = consumer if gap == 0 else merchant + gap // 2 // 100 * 100
        return cls(
            consumer,
            merchant,
            gap,
            proposed,
            1000 if gap >= 5000 else 100,
            (proposed - merchant) / gap if gap else 1.0,
        )


def head(work: Work, here: Standing) -> dict[str, Any]:
    """Return what every page of a dispute shows of it, personal values masked."""
    matter = here.matter
    consumer = matter.consumer
    clocks = disputes.running_clocks(work, here)
    return {
        "station_name": unit_names(work.session, [here.row["unit_path"]]).get(here.row["unit_path"], ""),
        "matter": matter,
        "state": localised(procedure_of(work, here).states[here.state].label),
        "state_name": here.state,
        "clock": clocks[0] if clocks else None,
        "consumer": mask_name(consumer.name) if consumer else "",
        "phone": mask_phone(consumer.phone) if consumer else "",
        "merchant": matter.merchant.masked_name if matter.merchant else "",
        "place": matter.merchant.masked_address if matter.merchant else "",
        "demands": [localised(DEMANDS[code]) for code in matter.demands if code in DEMANDS],
        "owner": person_names(work.session, [here.row["owner_id"]]).get(here.row["owner_id"], ""),
        "known": disputes.offers_of(here),
        "settled": disputes.settlement_of(here),
    }


def receiving_desk(work: Work, here: Standing) -> str:
    """Return who at the intake desk receives what is passed up; empty where nobody has the duty today."""
    try:
        duty = intake_duty(work, here.row["unit_path"])
    except Conflict:
        return ""
    unit = unit_names(work.session, [duty.unit_path]).get(duty.unit_path, "")
    return f"{unit} {person_names(work.session, [duty.person_id]).get(duty.person_id, '')}"
