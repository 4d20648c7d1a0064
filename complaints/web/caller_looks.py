"""Looking at what others took of a caller's number leaves a line in the security log, in every room.

A number, a title and a state tell of a person once the telephone number is known: so each way to see them by
a number is written down, whether it is the history of the number or a suggestion that names the same caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from complaints.dossier.brief_matters import BriefMatter, SimilarComplaints
from complaints.organisation.security_log import last_subject, record
from complaints.web.access import address, current_actor
from complaints.web.services import clock
from complaints.web.transaction import reading, writing

LOOK = "caller_history"
"""The security log's word for a look at the matters of a number."""
SAME_LOOK = timedelta(hours=12)
"""A shift: so long a page may show again what its reader has looked up."""


def note_look(shown: Sequence[BriefMatter], *, anew: bool) -> None:
    """Write down that matters which others took were shown for a number.

    A page that shows no more than the last look did is the look that is written down already; with other
    matters, or for a draft whose number nobody looked up, it is a look of its own. `anew` tells that the
    number was just typed and asked for, which is always one.
    """
    others = [one.number for one in shown if not one.own]
    if not others:
        return
    now, person = clock().now(), current_actor().id
    if not anew:
        last_look = last_subject(reading(), LOOK, person, now - SAME_LOOK, now)
        _count, _colon, last = last_look.partition(": ")
        if set(others) <= set(last.split(" ")):
            return
    subject = f"{len(others)}: {' '.join(others)}"
    with writing() as session:
        record(session, now, LOOK, success=True, actor_id=person, subject=subject, address=address())


def noted(found: SimilarComplaints) -> SimilarComplaints:
    """Return the similar complaints for showing; those of the same caller are a look at the number."""
    note_look([one for one in found.rows if one.same_caller], anew=False)
    return found
