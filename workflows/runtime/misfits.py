"""What does not fit in a log or beside it: at which event, and in one sentence what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that does not fit: where, and in one sentence what. `seq` 0 means the rows themselves."""

    instance_id: int
    seq: int
    sentence: str


class MisfitError(Exception):
    """Something does not fit, at an event or, with `seq` 0, in the rows."""

    def __init__(self, seq: int, sentence: str) -> None:
        """Keep the place and the sentence."""
        super().__init__(sentence)
        self.seq, self.sentence = seq, sentence
