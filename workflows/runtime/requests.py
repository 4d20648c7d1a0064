"""What goes into the engine and what comes out: starts, acts, outcomes, and refusals that are no faults."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection

from workflows.canonical import digest
from workflows.runtime.event_log import Event
from workflows.steps import Assignee


class UnknownInstance(LookupError):  # noqa: N818 - a refusal is no error of the program
    """There is no such instance."""


class KeyReused(Exception):  # noqa: N818 - a refusal is no error of the program
    """The same idempotency key came with another content: no double click, but a mistake of the caller."""


class StaleVersion(Exception):  # noqa: N818 - a refusal is no error of the program
    """The page is older than the matter. `since` are the events the page has not seen."""

    def __init__(self, seen: int, now: int, since: tuple[Event, ...]) -> None:
        """Keep both versions and what lies between them."""
        super().__init__(f"the form shows version {seen}, the matter is at version {now}")
        self.seen, self.now, self.since = seen, now, since


def secret_salt() -> str:
    """Return 128 bits that nobody can guess."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What the application decides for the engine.

    `seal` encrypts private texts at rest, `unseal` reads them again. `fingerprint` digests what was submitted
    under an idempotency key; what people typed can be guessed, so an application gives a digest with a key.
    `changed_hands` is told of an instance, by its id, whose unit or open handover a step has changed, in that
    step's transaction and after its row was written. `salt` makes the salt of a private text's digest; only a
    simulation, which has to be repeatable, gives another than the secret one.
    """

    hash_alg: str = "sm3"
    seal: Callable[[str], str] = str
    unseal: Callable[[str], str] = str
    fingerprint: Callable[[str], str] = digest
    changed_hands: Callable[[Connection, int], object] = lambda _connection, _instance_id: None
    salt: Callable[[], str] = secret_salt


@dataclass(frozen=True, slots=True)
class Act:
    """What a request becomes.

    `key` is the form's idempotency key, `expected_version` the row version it was made from. `assignee` is
    the person whom the application chose, where the action's `assign` asks for one; `child_id` the instance
    that an action with a `child` has started. `recorded` is what the event keeps where the application works
    it out from what was typed; the payload still tells a double click from another submission.
    """

    instance_id: int
    action: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    expected_version: int | None = None
    assignee: Assignee | None = None
    child_id: int | None = None
    recorded: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """What begins an instance.

    `received_on` (Asia/Shanghai) chooses the version; `vars` are what guards must know. `content` is a digest
    of what was submitted under `key`, made by the application with a key of its own. `told` is what the event
    says of the subject, and `private` what it says as a salted digest only: by them a check finds a subject
    that was changed past the log.
    """

    procedure: str
    subject_type: str
    subject_id: int
    owner: Assignee
    first_responder_id: int
    received_on: date
    vars: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    private: Mapping[str, str] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    parent_id: int | None = None
    key: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step did. `replayed` tells that the answer is the one of an earlier, equal submission."""

    instance_id: int
    seq: int
    from_state: str
    to_state: str
    replayed: bool = False
