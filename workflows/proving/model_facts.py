"""What a guard is told in the model: the part of the facts that the model follows, and nothing else.

A guard marked `in_model` is judged by its own function, so what is proved of it is what it does. Where it
asks for something the model does not follow (who acts, which day it is), that is an error of its mark, and
the procedure is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workflows.definition import Label
from workflows.proving.situations import Situation


class Unmodelled(LookupError):  # noqa: N818 - it is a question that has no answer here
    """Something was asked that the model does not follow: name it in the mark, or leave the mark out."""


class Followed(dict[str, Any]):
    """The followed variables, or the followed part of what was typed: each name present, None where empty.

    Hashable by its content; nobody changes it. A name that is not followed is Unmodelled.
    """

    __slots__ = ("_hash",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        """Take the values and their hash."""
        super().__init__(values)
        self._hash = hash(frozenset(values.items()))

    def __hash__(self) -> int:  # type: ignore[override]  # a dict that nobody changes
        return self._hash

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value, or the default where it is empty. Raises Unmodelled."""
        value = self[name]
        return default if value is None else value

    def __missing__(self, name: str) -> Any:
        raise Unmodelled(f"the variable {name!r}")


class _Partly:
    """Something of which the model follows a part; everything else is Unmodelled."""

    def __getattr__(self, name: str) -> Any:
        raise Unmodelled(name)


class _Offer(_Partly):
    """That there is a handover; the model does not tell whose."""


class _Clock(_Partly):
    """A running or paused clock without its days."""

    open = True

    def __init__(self, name: str, now: Situation) -> None:
        self.name = name
        self.paused = name in now.paused
        self.extended = name in now.extended


class _Clocks:
    """The clocks that run or stand still. Of any other the model does not know whether it ever ran."""

    def __init__(self, now: Situation) -> None:
        self._now = now

    def get(self, name: str) -> _Clock:
        if name in self._now.running or name in self._now.paused:
            return _Clock(name, self._now)
        raise Unmodelled(f"the clock {name!r} when it does not run")


class ModelFacts(_Partly):
    """A situation of the model as a guard sees it."""

    def __init__(
        self, procedure: str, now: Situation, payload: Mapping[str, Any], *, children: bool = False
    ) -> None:
        """Show the situation, with its children where asked, and the followed part of what was typed."""
        self.procedure = procedure
        self.state = now.state
        self.vars = now.vars
        self.payload = payload
        if children:
            self.children = now.children
        self.clocks = _Clocks(now)
        self.handover = None if now.offer is None else _Offer()

    def law(self, subject: str) -> Label | None:
        """Return no article: in the model a reason is only there or not, whatever it would cite.

        A guard that decides by whether there is a rule is not to be marked `in_model`.
        """
        return None


class Typed(dict[str, Any]):
    """What was typed as far as it is followed. A field of the action that is not followed is Unmodelled."""

    def __init__(self, typed: Iterable[tuple[str, Any]], fields: Iterable[str]) -> None:
        """Take the followed values and the names of all fields of the action."""
        super().__init__(typed)
        self._hidden = frozenset(fields) - frozenset(self)

    def get(self, name: str, default: Any = None) -> Any:
        """Return what was typed, or the default where nothing was. Raises Unmodelled."""
        if name in self._hidden:
            raise Unmodelled(f"the field {name!r}")
        value = super().get(name)
        return default if value is None else value
