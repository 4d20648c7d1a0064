"""What the administrators do about messages: say what happened to one that the machine cannot settle."""

from __future__ import annotations

from sqlalchemy.orm import Session

from complaints.foundation.clock import Clock
from complaints.organisation.people import SignedInActor
from complaints.organisation.security_log import record
from workflows.runtime import outbox


def settle_message(
    session: Session,
    clock: Clock,
    actor: SignedInActor,
    outbox_id: int,
    *,
    arrived: bool,
    reason: str,
    address: str,
) -> bool:
    """Settle an unclear or undeliverable message, with a line in the security log.

    The message is sent again under its own id, which a gateway knows. Return False where it was settled
    meanwhile; then nothing is written.
    """
    done = outbox.decide(session.connection(), outbox_id, sent=arrived, why=reason, now_us=clock.now_us())
    if done:
        record(
            session,
            clock.now(),
            "message_settled",
            success=True,
            actor_id=actor.id,
            subject=f"outbox {outbox_id} {'arrived' if arrived else 'again'}",
            address=address,
        )
    return done
