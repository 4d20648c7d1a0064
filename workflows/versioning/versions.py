"""Which version of a procedure governs a day, and that a released version never changes.

A new matter takes the version in force on its legal day; a running one stays with the version it began
with, and so do its guards. `Library` verifies every procedure before any of them can be used."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from workflows.compiled import Compiled
from workflows.definition import Procedure
from workflows.definition_files import DefinitionError, read_checked
from workflows.guards import GuardRegistry
from workflows.loading import PROCEDURES, RELEASED
from workflows.proving.engine_invariants import ENGINE_INVARIANTS
from workflows.proving.invariants import Invariant, InvariantRegistry
from workflows.proving.model_checking import TooManySituations
from workflows.proving.model_facts import Unmodelled
from workflows.proving.model_report import Proof
from workflows.proving.proofs import prove
from workflows.proving.verification import verify
from workflows.rule_sets import RuleBook
from workflows.versioning.fingerprints import fingerprint

__all__ = ["Library", "Release", "check_released", "fingerprint", "load_released"]

_SCHEMA = PROCEDURES / "released.schema.json"
_Named = TypeVar("_Named")


@dataclass(frozen=True, slots=True)
class Release:
    """The fingerprint under which a version of a procedure was released."""

    procedure: str
    version: int
    fingerprint: str


def load_released(directory: Path = PROCEDURES) -> tuple[Release, ...]:
    """Return the releases that the directory's `released.yaml` names. Raises DefinitionError."""
    data = read_checked((directory / RELEASED).read_text(encoding="utf-8"), RELEASED, _SCHEMA)
    return tuple(Release(one["procedure"], one["version"], one["fingerprint"]) for one in data["released"])


def check_released(procedures: Iterable[Procedure], releases: Iterable[Release]) -> None:
    """Hold that each released version is still there, unchanged. Raises DefinitionError for the first that
    is not."""
    known = {(one.name, one.version): fingerprint(one) for one in procedures}
    for release in releases:
        present = known.get((release.procedure, release.version))
        if present == release.fingerprint:
            continue
        what, zh = ("is gone", "不见了") if present is None else ("was changed", "被改动了")
        raise DefinitionError(
            f"{release.procedure}.{release.version}.yaml: this released version {what}, and running matters "
            f"depend on it: restore it and put the change into version {release.version + 1}.",
            f"{release.procedure}.{release.version}.yaml：这个已发布的版本{zh}，而在办事项按它办理："
            f"请恢复，改动写进第{release.version + 1}版。",
        )


class Library:
    """All versions of all procedures, verified, model checked and compiled."""

    def __init__(
        self,
        procedures: Iterable[Procedure],
        rule_book: RuleBook,
        guards: GuardRegistry,
        *,
        roles: Collection[str] | None = None,
        messages: Collection[str] | None = None,
        releases: Iterable[Release] = (),
        invariants: Iterable[Invariant] = (),
    ) -> None:
        """Verify, prove and compile. Raises DefinitionError that lists every finding.

        `roles` and `messages` are the names that the application knows; None leaves them unchecked.
        `invariants` are the promises that procedures may name, besides the engine's own, which all keep.
        """
        listed = sorted(procedures, key=lambda one: (one.name, one.version))
        self.rule_book = rule_book
        self.guards = guards
        self.invariants = InvariantRegistry(invariants)
        _check_versions(listed)
        _check_heard(listed)
        self._releases = tuple(releases)
        check_released(listed, self._releases)
        names = frozenset(one.name for one in listed)
        found = [
            f"{one.name}.{one.version}, {finding}"
            for one in listed
            for finding in verify(one, guards, rule_book, roles, messages, names, self.invariants.names)
        ]
        if found:
            raise DefinitionError("\n".join(found))
        self._proofs = {(one.name, one.version): self._prove(one, listed) for one in listed}
        broken = [sentence for one in self._proofs.values() for sentence in one.faults()]
        if broken:
            raise DefinitionError("\n".join(broken))
        self._compiled: Mapping[tuple[str, int], Compiled] = MappingProxyType(
            {(one.name, one.version): Compiled(one, guards, self._promises(one)) for one in listed}
        )
        self.heard: frozenset[tuple[str, str]] = frozenset(_heard(listed))
        """Procedure and state of a child of which some procedure wants to hear."""

    def _promises(self, one: Procedure) -> tuple[Invariant, ...]:
        return (*ENGINE_INVARIANTS, *(self.invariants[name] for name in one.invariants))

    def _prove(self, one: Procedure, listed: Iterable[Procedure]) -> Proof:
        started = {action.child for action in one.actions.values()}
        family = [other for other in listed if other.name in started]
        try:
            return prove(one, self.guards, self._promises(one), family, self.rule_book)
        except (Unmodelled, TooManySituations) as error:
            raise DefinitionError(f"{one.name}.{one.version}, model: {error}") from error

    def proof(self, name: str, version: int) -> Proof:
        """Return what model checking showed of one version. KeyError where there is none."""
        return self._proofs[name, version]

    @property
    def procedures(self) -> tuple[Procedure, ...]:
        """Every version, by name and number."""
        return tuple(one.procedure for one in self._compiled.values())

    @property
    def unused_guards(self) -> frozenset[str]:
        """Names of registered guards that no version needs: each was meant to protect something."""
        needed = {name for one in self.procedures for action in one.actions.values() for name in action.needs}
        return self.guards.names - needed

    @property
    def unused_invariants(self) -> frozenset[str]:
        """Names of registered invariants that no version names: nobody holds what they promise."""
        return self.invariants.names - {name for one in self.procedures for name in one.invariants}

    def is_released(self, procedure: Procedure) -> bool:
        """Tell whether the version was released, so that it never changes any more."""
        return any(
            (one.procedure, one.version) == (procedure.name, procedure.version) for one in self._releases
        )

    def get(self, name: str, version: int) -> Compiled:
        """Return one version. Raises DefinitionError where there is none."""
        try:
            return self._compiled[name, version]
        except KeyError:
            raise DefinitionError(
                f"There is no version {version} of the procedure {name!r}: add its file again.",
                f"流程{name}没有第{version}版：请放回它的文件。",
            ) from None

    def last_day(self, one: Procedure) -> date | None:
        """Return the last day of receipt on which the version is taken; None for the latest."""
        later = [
            other.effective_from
            for other in self.procedures
            if other.name == one.name and other.version > one.version
        ]
        return min(later) - timedelta(days=1) if later else None

    def remembered(self, name: str, version: int) -> Procedure:
        """Return the version, and beside its own names those that only other versions of it know.

        A matter that was moved still tells of states, clocks and messages from before; nothing is decided by
        them. Raises DefinitionError where there is no such version.
        """
        own = self.get(name, version).procedure
        others = [one for one in self.procedures if one.name == name and one is not own]
        if not others:
            return own
        return replace(
            own,
            stages=_with_others(own.stages, [one.stages for one in others]),
            states=_with_others(own.states, [one.states for one in others]),
            actions=_with_others(own.actions, [one.actions for one in others]),
            clocks=_with_others(own.clocks, [one.clocks for one in others]),
            messages=_with_others(own.messages, [one.messages for one in others]),
            tasks=_with_others(own.tasks, [one.tasks for one in others]),
        )

    def version_for(self, name: str, day: date) -> Compiled:
        """Return the version in force on a day (Asia/Shanghai). Raises DefinitionError where none was yet."""
        versions = [one for key, one in self._compiled.items() if key[0] == name]
        if not versions:
            raise DefinitionError(
                f"There is no procedure {name!r}: mend the name or add its file.",
                f"没有流程{name}：请改正名称，或者放入它的文件。",
            )
        in_force = [one for one in versions if one.procedure.effective_from <= day]
        if not in_force:
            first = min(one.procedure.effective_from for one in versions)
            raise DefinitionError(
                f"No version of the procedure {name!r} was in force on {day}: the first begins on {first}. "
                "Take a later day, or add the version of that time.",
                f"{day}没有施行中的流程{name}：最早的版本自{first}起。请改用较晚的日期，或者加入当时的版本。",
            )
        return max(in_force, key=lambda one: (one.procedure.effective_from, one.procedure.version))


def _with_others(own: Mapping[str, _Named], others: Sequence[Mapping[str, _Named]]) -> Mapping[str, _Named]:
    """Return a part of a version, and after it what only the others have, the latest of them first."""
    found = dict(own)
    for other in reversed(others):
        found |= {name: one for name, one in other.items() if name not in found}
    return MappingProxyType(found)


def _heard(procedures: Iterable[Procedure]) -> Iterator[tuple[str, str]]:
    for one in procedures:
        for action in one.actions.values():
            for child, states in action.hears.items():
                for state in states:
                    yield child, state


def _check_heard(procedures: list[Procedure]) -> None:
    """Hold that each state of a child that is listened for exists in some version of the child."""
    known = {(one.name, state) for one in procedures for state in one.states}
    names = {one.name for one in procedures}
    for child, state in sorted(set(_heard(procedures)) - known):
        if child in names:
            raise DefinitionError(
                f"No version of {child!r} has the state {state!r} that another procedure wants to hear of: "
                "mend `hears`.",
                f"{child}的各版本都没有另一流程要等待的状态{state}：请改正`hears`。",
            )


def _check_versions(procedures: list[Procedure]) -> None:
    """Hold that each version stands once, and that a later version begins no earlier."""
    for earlier, later in pairwise(procedures):
        if earlier.name != later.name:
            continue
        if earlier.version == later.version:
            raise DefinitionError(
                f"Version {later.version} of {later.name!r} is there twice: give one a new number.",
                f"{later.name}第{later.version}版有两份：请给其中一份新的版本号。",
            )
        if later.effective_from < earlier.effective_from:
            raise DefinitionError(
                f"Version {later.version} of {later.name!r} begins before version {earlier.version}: "
                "mend effective_from.",
                f"{later.name}第{later.version}版的起始日早于第{earlier.version}版：请改正effective_from。",
            )
