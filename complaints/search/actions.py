"""A search is kept for some hours under a random address, and a look for a person is written down."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from sqlalchemy import delete

from complaints.dossier.work import Work
from complaints.organisation.security_log import record
from complaints.search.asking import Asked
from complaints.search.models import SearchQuery
from complaints.search.queries import Why, personal_hits

_KEY = re.compile(r"[A-Za-z0-9_-]{16}", re.ASCII)
KEPT_FOR = timedelta(hours=12)
"""A shift: so long the page of hits can be opened again."""
LOOK = "person_search"
"""The security log's word for a search by telephone, identity number or name."""
_ALWAYS = (Why.PHONE, Why.PAPER)
"""A look for these is written down whatever it found; a name only where it was one."""


def keep(work: Work, asked: Asked, address: str) -> str:
    """Keep the search of this person, write a look for somebody down, and return the search's address."""
    session = work.session
    session.execute(delete(SearchQuery).where(SearchQuery.asked_at < work.now - KEPT_FOR))
    for why, found in personal_hits(work, asked).items():
        if found or why in _ALWAYS:
            record(
                session,
                work.now,
                LOOK,
                success=True,
                actor_id=work.actor.id,
                subject=f"{why.name.lower()}: {len(found)}",
                address=address,
            )
    key = secrets.token_urlsafe(12)
    session.add(SearchQuery(id=key, person_id=work.actor.id, words=asked.text, asked_at=work.now))
    return key


def kept(work: Work, key: str) -> str | None:
    """Return the words of a search of this person, or None where it is another's or no longer kept."""
    found = work.session.get(SearchQuery, key) if _KEY.fullmatch(key) else None
    if found is None or found.person_id != work.actor.id or found.asked_at < work.now - KEPT_FOR:
        return None
    return found.words
