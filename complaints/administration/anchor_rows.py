"""Anchors as the page shows them, each with what is known of it now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from workflows.anchoring.anchor_statements import Anchor
from workflows.runtime import anchors

SHRUNK = "shrunk"
"""There are fewer matters or events now than the anchor counted: something is gone."""


@dataclass(frozen=True, slots=True)
class AnchorRow:
    """One anchor. `wrong` says in English what its row does not hold to, empty where it does.

    `check` is how it stood when the next one was made (`stands`, `broken`, `unchecked`), `shrunk` for the
    last where less is there now than it counted, and empty for the last otherwise.
    """

    anchor: Anchor
    wrong: str
    check: str

    @property
    def root(self) -> str:
        """The root, whole."""
        return self.anchor.statement.root

    @property
    def short_root(self) -> str:
        """The root's first digits, in groups that can be read aloud."""
        return " ".join(self.root[place : place + 4] for place in range(0, 16, 4))

    @property
    def key(self) -> str:
        """The first digits of the public key, by which two keys are told apart."""
        return self.anchor.public_key[:16]


def rows(connection: Connection, up_to: int, skip: int) -> list[AnchorRow]:
    """Return anchors, the latest first."""
    before = max(skip - 1, 0)
    found = anchors.latest(connection, up_to + skip - before, before)
    later = [""] if not skip else []
    later += [one.statement.prior_check for one, _wrong in found]
    if skip:
        found = found[1:]
    made = [AnchorRow(one, wrong, check) for (one, wrong), check in zip(found, later, strict=False)]
    if made and not skip and anchors.has_shrunk(connection, made[0].anchor):
        made[0] = AnchorRow(made[0].anchor, made[0].wrong, SHRUNK)
    return made
