"""What forms hand to actions: a session as it was held, a dispute as it was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class SessionHeld:
    """A session as it was held. Offers are integer fen, or None where it was not about a sum."""

    held_on: date
    place: str
    outcome: str
    notes: str
    consumer_offer_fen: int | None = None
    merchant_offer_fen: int | None = None


@dataclass(frozen=True, slots=True)
class DisputeGiven:
    """What a station asks in its first minute. `amount_fen` is integer fen, `phone` normalised."""

    consumer: str
    phone: str
    shop: str
    title: str
    facts: str
    place: str = ""
    """Counter, floor or stall in the venue."""
    happened_on: date | None = None
    amount_fen: int | None = None
    demands: Sequence[str] = ()
    notice_version: str = ""
