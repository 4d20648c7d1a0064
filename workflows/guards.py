"""Guards: named questions about the facts, answered with None or with a reason a person can act on.

A guard is a pure function of `Facts`. Its reason says what is wrong, by which article, what would lift it
and who could. A reason that says the same every time is a constant beside its guard: a page asks dozens of
guards, and building a reason costs more than judging. A guard on `payload` judges what was typed: it is asked
when the action is fired, not when a page lists what may be done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from workflows.definition import Label, Reach


class Actor(Protocol):
    """Who acts. The grants themselves live with the application."""

    @property
    def id(self) -> int:
        """Id of the account; 0 is the system."""
        ...

    def grant(self, role: str, unit_path: str, reach: Reach) -> int | None:
        """Return the id of the grant by which this person holds the role there today, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Why:
    """One reason why an action may not be done now.

    `lifted_by` names the roles that could lift it; empty means nobody can, and the page says so.
    """

    code: str
    text: Label
    remedy: Label | None = None
    article: Label | None = None
    lifted_by: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    people: tuple[int, ...] = ()
    """Accounts of those with whom it lies; the engine knows no names."""


class Citing:
    """A reason whose article is that of the matter: all else of it is constant, so that it is made once for
    each article there is.
    """

    __slots__ = ("_made", "_why")

    def __init__(self, why: Why) -> None:
        """Take the reason without its article."""
        self._why = why
        self._made: dict[Label | None, Why] = {}

    def under(self, article: Label | None) -> Why:
        """Return the reason as it cites the article; None where the matter's law has no such rule."""
        made = self._made.get(article)
        if made is None:
            made = self._made[article] = replace(self._why, article=article)
        return made


@dataclass(frozen=True, slots=True)
class ChildFact:
    """What a parent may know of an instance it started."""

    instance_id: int
    procedure: str
    state: str
    ended: bool
    vars: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClockFact:
    """A clock as a guard sees it; dates are Asia/Shanghai."""

    name: str
    alert_due: date
    legal_due: date
    open: bool
    met_on: date | None
    extended: bool
    paused: bool
    provisional: bool = False
    """A holiday notice to come may still change its dates."""
    rule_set: str = ""


@dataclass(frozen=True, slots=True)
class HandoverFact:
    """A handover that waits for its receiver."""

    giver_id: int
    receiver_id: int
    unit_path: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a guard may know: the instance, who acts, what was typed, and the day (Asia/Shanghai)."""

    procedure: str
    state: str
    unit_path: str
    owner_id: int
    first_responder_id: int
    vars: Mapping[str, Any]
    actor: Actor
    today: date
    payload: Mapping[str, Any] = field(default_factory=dict)
    children: Sequence[ChildFact] = ()
    clocks: Mapping[str, ClockFact] = field(default_factory=dict)
    handover: HandoverFact | None = None
    items: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What each item means, by list and code, in the rule set that governs the list in this matter."""
    articles: Mapping[str, Label] = field(default_factory=dict)
    """The articles by which this matter is handled, by subject; a subject without one has no such rule."""
    may_pause: Callable[[str], bool] = lambda _clock: True
    """Whether the rule set by which a running clock counts lets it stand still at all."""
    end_by: Callable[[str, str], date | None] = lambda _clock, _rule_set: None
    """The legal end that a running clock would have by another rule set; None where nothing says so."""
    clock_time: str = ""
    """The time of day as HH:MM (Asia/Shanghai); empty where only the day is known."""
    version: int = 0
    """The instance's row version: it grows with each act that makes open forms stale."""
    work: Mapping[str, Label] = field(default_factory=dict)
    """The kinds of work that the procedure knows, with their labels."""

    def law(self, subject: str) -> Label | None:
        """Return the article on a subject in the rule set that governs it here; None where it has none."""
        return self.articles.get(subject)

    def means(self, list_name: str, code: object) -> str:
        """Return what the item of that code means in this matter's list; empty where it is none."""
        return self.items.get(list_name, {}).get(str(code), "")

    def did(self, action: str) -> int | None:
        """Return who did the action last, or None: separation of duties reads this."""
        done: Mapping[str, int] = self.vars.get("by", {})
        return done.get(action)


_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
GuardFunction = Callable[[Facts], Why | None]


@dataclass(frozen=True, slots=True)
class Guard:
    """A registered guard. `on_payload` guards judge what was typed.

    In the model checker a guard is a free choice: it may hold or not. One that is `in_model` is asked there:
    its answer rests on nothing but the state, whether a handover waits, what clocks run, the variables it
    `reads` (and fields of those names) and, where it says so, `children`. `exclusive_with` names guards that
    never hold together with this one.
    """

    name: str
    judge: GuardFunction
    on_payload: bool = False
    exclusive_with: tuple[str, ...] = ()
    in_model: bool = False
    reads: tuple[str, ...] = ()
    children: bool = False


class GuardRegistry:
    """The guards an application knows, by name."""

    def __init__(self, guards: Iterable[Guard] = ()) -> None:
        """Register the given guards; the same name twice is an error."""
        self._guards: dict[str, Guard] = {}
        for one in guards:
            self.register(one)

    def register(self, guard: Guard) -> None:
        """Add a guard. Raises ValueError where the name is taken by another function."""
        known = self._guards.get(guard.name)
        if known is not None and known.judge is not guard.judge:
            raise ValueError(f"guard {guard.name!r} is registered twice")
        self._guards[guard.name] = guard

    def __getitem__(self, name: str) -> Guard:
        """Return the guard of that name; KeyError if there is none."""
        return self._guards[name]

    @property
    def names(self) -> frozenset[str]:
        """All registered names."""
        return frozenset(self._guards)


def guard(
    *,
    on_payload: bool = False,
    exclusive_with: tuple[str, ...] = (),
    in_model: bool = False,
    reads: tuple[str, ...] = (),
    children: bool = False,
) -> Callable[[GuardFunction], Guard]:
    """Make a Guard of a function; the function's name is the guard's name."""

    def make(judge: GuardFunction) -> Guard:
        return Guard(judge.__name__, judge, on_payload, exclusive_with, in_model, reads, children)

    return make


def day_of(value: object) -> date | None:
    """Return the calendar day that a payload or a variable holds: a date, or an ISO text such as
    2026-04-15; else None.
    """
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    if isinstance(value, str) and _ISO_DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return None
