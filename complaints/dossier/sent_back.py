"""Who sent a proposal on a lead back, when and why: in its state such a lead looks like any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.engine import RowMapping

from complaints.dossier.clock_views import day_text
from complaints.dossier.work import Work
from complaints.foundation.clock import local_moment
from complaints.foundation.masking import mask_text
from complaints.organisation.people import person_names
from complaints.organisation.permissions import Permission, sees_masked
from workflows.runtime.tables import event, private_text

STATE, SENT_BACK = "verifying", "send_back"
TO_AND_FRO = ("propose_filing", "propose_not_filing", "withdraw_proposal", SENT_BACK)
"""What leads from the verification to a proposal, and back."""


@dataclass(frozen=True, slots=True)
class SentBack:
    """A head's no to the last proposal; `reason` is empty where the reader may not see it."""

    by: str
    on: date
    reason: str

    @property
    def words(self) -> str:
        """Say who asks for more, since when."""
        return _("Sent back by %(who)s on %(day)s", who=self.by, day=day_text(self.on))

    @property
    def wanted(self) -> str:
        """Say what is missing."""
        return self.reason or _("(not shown to you)")


def sent_back(work: Work, units: Mapping[int, str]) -> dict[int, SentBack]:
    """Return which leads under verification were sent back to it last, by instance; `units` are their paths.

    Three queries, however many leads; one where none was.
    """
    if not units:
        return {}
    found = work.session.execute(
        select(event.c.instance_id, event.c.seq, event.c.action, event.c.actor_id, event.c.at_us)
        .where(event.c.instance_id.in_(list(units)), event.c.action.in_(TO_AND_FRO), event.c.kind == "act")
        .order_by(event.c.seq)
    ).mappings()
    last = {row["instance_id"]: row for row in found}
    back = {one: row for one, row in last.items() if row["action"] == SENT_BACK}
    if not back:
        return {}
    people = person_names(work.session, [row["actor_id"] for row in back.values()])
    reasons = _reasons(work, back, units)
    return {
        one: SentBack(
            people.get(row["actor_id"], ""), local_moment(row["at_us"]).date(), reasons.get(one, "")
        )
        for one, row in back.items()
    }


def _reasons(work: Work, back: Mapping[int, RowMapping], units: Mapping[int, str]) -> dict[int, str]:
    """Return what is missing, of those leads whose words the reader may see."""
    read = [one for one in back if not sees_masked(work.actor, Permission.CASES_READ, units[one])]
    found = work.session.execute(
        select(private_text.c.instance_id, private_text.c.seq, private_text.c.text).where(
            private_text.c.instance_id.in_(read),
            private_text.c.seq.in_({back[one]["seq"] for one in read}),
            private_text.c.field == "reason",
        )
    )
    return {
        row.instance_id: mask_text(work.engine.settings.unseal(row.text))
        for row in found
        if row.seq == back[row.instance_id]["seq"]
    }
