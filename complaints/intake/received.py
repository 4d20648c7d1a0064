"""How something that did not come by the hotline reached the office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from complaints.dossier.models import Channel


@dataclass(frozen=True, slots=True)
class Received:
    """The channel, and when it reached us (aware): the day counts, not the day of registration."""

    channel: Channel
    received_at: datetime
