"""Holds what lies beside the log against it: private texts, and messages to people outside.

A private text that is missing was either erased by an event, or taken away.
"""

from __future__ import annotations

from collections.abc import Callable

from workflows.definition import Procedure
from workflows.runtime import outbox, private_texts
from workflows.runtime.event_log import Event
from workflows.runtime.histories import History
from workflows.runtime.misfits import MisfitError


def check_private_texts(history: History, unseal: Callable[[str], str]) -> None:
    """Hold that the words beside the log are exactly those whose digests it carries, but for the erased."""
    by_seq = {event.seq: event for event in history.events}
    told = private_texts.told_of(history.events)
    erased = private_texts.erased_of(history.events)
    for row in history.private_texts:
        seq, name = row["seq"], row["field"]
        if (seq, name) not in told:
            raise MisfitError(seq, f"a private text stands beside it under {name!r}, which it does not name")
        if (seq, name) in erased:
            raise MisfitError(seq, f"its private text {name!r} was erased and is there again")
        try:
            words = unseal(row["text"])
        except Exception as error:
            raise MisfitError(seq, f"its private text {name!r} cannot be read: {error}") from error
        if not private_texts.fits(by_seq[seq], name, row["salt"], words):
            raise MisfitError(seq, f"its private text {name!r} differs from the digest in the log")
    kept = {(row["seq"], row["field"]) for row in history.private_texts}
    missing = sorted(told - erased - kept)
    if missing:
        seq, name = missing[0]
        raise MisfitError(seq, f"its private text {name!r} is missing, and no event says that it was erased")


def check_messages(history: History, procedure_of: Callable[[Event], Procedure]) -> None:
    """Hold that each event has caused exactly the messages that its definition, or its start, names."""
    told = {
        outbox.key_of(event.instance_id, event.seq, name): (event.seq, name)
        for event in history.events
        for name in _messages(event, procedure_of)
    }
    for row in history.messages:
        if told.pop(row["dedupe_key"], None) != (row["seq"], row["message"]):
            raise MisfitError(
                row["seq"], f"a message {row['message']!r} stands beside it that it has not caused"
            )
    if told:
        seq, name = min(told.values())
        raise MisfitError(seq, f"its message {name!r} is missing")


def _messages(event: Event, procedure_of: Callable[[Event], Procedure]) -> tuple[str, ...]:
    if event.kind == "start":
        return tuple(event.effects.get("started", {}).get("messages", ()))
    if event.kind == "act":
        return outbox.messages_of(procedure_of(event).actions[event.action], event.effects)
    return ()
