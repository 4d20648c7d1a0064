"""Errors that a person can do something about. Each carries one clear sentence.

None of them is a fault of the program.
"""

from __future__ import annotations


class Problem(Exception):  # noqa: N818 (it is the person's, not an error of the program)
    """Something the person can mend.

    `sentence` says what is wrong, where, and what to do, already in their language.
    """

    status = 400

    def __init__(self, sentence: str) -> None:
        """Keep the sentence for the page."""
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(Problem):
    """There is no such thing, or it is not this person's to see: the two are never told apart."""

    status = 404


class NotAllowed(Problem):
    """The person lacks the role for this."""

    status = 403


class Conflict(Problem):
    """Somebody else was faster, or the page is out of date."""

    status = 409


class Invalid(Problem):
    """What was typed cannot be taken. `field` names the form's field, if there is one."""

    status = 422

    def __init__(self, sentence: str, field: str = "") -> None:
        """Keep the sentence and the field it belongs to."""
        super().__init__(sentence)
        self.field = field
