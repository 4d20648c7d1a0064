"""The model: what a bureau without a computer would have on paper. Plain values, no database, no engine.

People are user names, days are days, sums are fen. A `Book` holds every matter and the fund.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from tests.machines.days import Due, due
from tests.machines.people import sees


@dataclass
class Clock:
    """One run of one limit. `pauses` are first and last day; the last is None while it stands still."""

    name: str
    start: date
    n: int
    unit: str
    met_on: date | None = None
    cancelled: bool = False
    extended: bool = False
    pauses: list[list[date | None]] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether it still runs, or stands still."""
        return self.met_on is None and not self.cancelled

    @property
    def paused(self) -> bool:
        """Whether it stands still now."""
        return self.open and bool(self.pauses) and self.pauses[-1][1] is None

    @property
    def due(self) -> Due:
        """The days it ends on; a pause that still lasts does not count yet."""
        whole = [(a, b) for a, b in self.pauses if a is not None and b is not None and b >= a]
        return due(self.start, self.n, self.unit, whole)


class Caller(NamedTuple):
    """Who complains, and against a shop of which code; empty where it was not told."""

    name: str
    phone: str
    paper: str = ""
    """Number of an identity paper."""
    shop_code: str = ""


@dataclass
class Paper:
    """A file of a matter: its name, which here stands for its content too, and who attached it."""

    name: str
    kind: str
    added_by: str
    withdrawn: bool = False


@dataclass
class Relation:
    """Two complaints that were linked, the older one first, or merged, the merged one first."""

    kind: str
    first: str
    second: str
    made_by: str
    ended_by: str | None = None


@dataclass
class File:
    """One matter on paper."""

    number: str
    kind: str
    state: str
    owner: str
    unit: str
    first: str
    registered_by: str
    caller: Caller
    parent: str = ""
    seq: int = 1
    version: int = 1
    known: dict[str, Any] = field(default_factory=dict)
    did: dict[str, str] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    verified_by: set[str] = field(default_factory=set)
    clocks: list[Clock] = field(default_factory=list)
    owners: list[tuple[str, str]] = field(default_factory=list)
    offer: tuple[str, str] | None = None
    messages: list[str] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    """Numbered from 1 in this order."""
    set_aside_from: str = ""
    """The state it had when it was merged."""
    stopped: list[Clock] = field(default_factory=list)
    """The limits that the merging stopped."""
    paid: int = 0
    work: dict[int, str] = field(default_factory=dict)
    """Who was asked for the work that is not done, by number."""
    asked: int = 0
    """How much work was ever asked for."""
    helping: set[str] = field(default_factory=set)
    """Who handles it beside its owner."""
    steps: dict[str, tuple[str, int, int] | None] = field(default_factory=dict)
    """Who did a step that can be taken back, which version and which event it made; None once it was."""
    finding: Clock | None = None
    """The limit that the latest finding met."""

    @property
    def last_step(self) -> tuple[str, int, int] | None:
        """The latest of the steps that can be taken back."""
        return max((one for one in self.steps.values() if one), key=lambda one: one[2], default=None)

    @property
    def standing_papers(self) -> dict[int, str]:
        """The names of its papers by number, without those withdrawn."""
        return {n: one.name for n, one in enumerate(self.papers, 1) if not one.withdrawn}

    def clock(self, name: str) -> Clock | None:
        """Return the latest run of a limit, open or ended."""
        return next((one for one in reversed(self.clocks) if one.name == name), None)

    def running(self, name: str) -> Clock | None:
        """Return the run of a limit that is not over."""
        found = self.clock(name)
        return found if found is not None and found.open else None

    def is_seen_by(self, who: str) -> bool:
        """Tell whether the person may see it."""
        mine = who in (self.first, self.registered_by)
        offered = self.offer is not None and self.offer[0] == who
        return sees(who, self.kind, self.unit, mine=mine, offered=offered)


@dataclass
class Book:
    """Every matter, the day, and the fund."""

    today: date
    funded: int
    files: dict[str, File] = field(default_factory=dict)
    receipts: dict[tuple[str, str], str] = field(default_factory=dict)
    """Unit and number of a receipt, and the standing payout that was applied for with it."""
    relations: list[Relation] = field(default_factory=list)

    def open_relations(self, kind: str) -> list[Relation]:
        """Return the links, or the mergings, that nobody took back."""
        return [one for one in self.relations if one.kind == kind and one.ended_by is None]

    def standing(self, kind: str, first: str, second: str) -> Relation:
        """Return the one that stands between these two."""
        return next(one for one in self.open_relations(kind) if (one.first, one.second) == (first, second))

    def linked(self, number: str) -> list[str]:
        """Return the numbers of the complaints that are linked with this one."""
        pairs = [{one.first, one.second} for one in self.open_relations("link")]
        return [other for pair in pairs if number in pair for other in pair - {number}]

    def carried(self, number: str) -> list[str]:
        """Return the numbers of the complaints that are merged into this one."""
        return [one.first for one in self.open_relations("merge") if one.second == number]

    @property
    def payouts(self) -> list[File]:
        """The payouts."""
        return [one for one in self.files.values() if one.kind == "payout"]

    @property
    def fund(self) -> int:
        """What lies in the fund."""
        return self.funded + sum((one.known.get("recovered_fen") or 0) - one.paid for one in self.payouts)

    @property
    def free(self) -> int:
        """What of it is not promised to an approved payout."""
        promised = sum(one.known.get("approved_fen") or 0 for one in self.payouts if not one.paid)
        return self.fund - promised


@dataclass(frozen=True)
class Step:
    """What somebody sends: which action of which matter, what is typed, with which key and version."""

    who: str
    number: str
    action: str
    typed: Mapping[str, Any]
    key: str = ""
    version: int | None = None


@dataclass(frozen=True)
class Verdict:
    """How a step must be answered: `done`, or `refused` with every reason, `hidden`, `stale`, `invalid`…"""

    answer: str
    codes: frozenset[str] = frozenset()


DONE = Verdict("done")
HIDDEN = Verdict("hidden")
STALE = Verdict("stale")
INVALID = Verdict("invalid")
CONFLICT = Verdict("conflict")
REPLAYED = Verdict("replayed")
KEY_REUSED = Verdict("key reused")
