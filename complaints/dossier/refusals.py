"""A refusal that knows whom it hit: what the web floor writes down and shows."""

from __future__ import annotations

from workflows.compiled import Refused


class Denied(Refused):
    """An act on a matter was refused.

    Besides the reasons it names the instance and the person, for the record.
    """

    def __init__(self, refused: Refused, instance_id: int, actor_id: int) -> None:
        """Keep what the engine said and whom it concerned."""
        super().__init__(refused.action, refused.reasons)
        self.instance_id, self.actor_id = instance_id, actor_id
