"""A look at what is sealed or masked: its reason, and the two lines it leaves (PIPL arts 6 and 51)."""

from __future__ import annotations

from flask_babel import gettext as _

from complaints.dossier.models import Disclosure
from complaints.dossier.record_models import RecordDisclosure
from complaints.dossier.work import Work
from complaints.foundation.errors import Invalid
from complaints.foundation.masking import mask_text
from complaints.organisation.security_log import record

SHORTEST_REASON = 4
"""Characters of a reason; fewer say nothing."""
LONGEST_REASON = 400


def stated_reason(reason: str, asked: str) -> str:
    """Return the reason with the numbers in it masked: whoever reads the log has no right to them.

    Raises Invalid, with the sentence `asked` where the reason says nothing.
    """
    said = mask_text(reason.strip())
    if len(said) < SHORTEST_REASON:
        raise Invalid(asked, "reason")
    if len(said) > LONGEST_REASON:
        raise Invalid(_("At most %(most)s characters, please.", most=LONGEST_REASON), "reason")
    return said


def note_look(work: Work, look: Disclosure | RecordDisclosure, subject: str, address: str) -> None:
    """Write the look down, in its own table and in the security log; `address` is the browser's."""
    work.session.add(look)
    record(
        work.session,
        work.now,
        "full_value_seen",
        success=True,
        actor_id=work.actor.id,
        subject=subject,
        address=address,
    )
    work.session.flush()
