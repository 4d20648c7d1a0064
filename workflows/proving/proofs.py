"""Proves a procedure once a process: the same definition, guards and promises are not walked again."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from workflows.definition import Procedure
from workflows.guards import GuardRegistry
from workflows.proving.invariants import Invariant
from workflows.proving.model_checking import check
from workflows.proving.model_report import Proof
from workflows.proving.model_rules import asked_of
from workflows.rule_sets import RuleBook

_PROVED: dict[object, Proof] = {}


def prove(
    procedure: Procedure,
    guards: GuardRegistry,
    invariants: Collection[Invariant],
    family: Iterable[Procedure] = (),
    rules: RuleBook | None = None,
) -> Proof:
    """Return what model checking shows of a verified procedure, from memory where it was shown before.

    Only what holds is remembered: the way to a fault is told in labels, which no fingerprint covers. Raises
    Unmodelled and TooManySituations.
    """
    family = tuple(family)
    needed = {name for action in procedure.actions.values() for name in action.needs}
    key = (
        procedure.fingerprint,
        tuple(one.fingerprint for one in family),
        frozenset((name, guards[name].judge) for name in needed if guards[name].in_model),
        tuple(invariants),
        asked_of(rules, procedure),
    )
    if key in _PROVED:
        return _PROVED[key]
    proof = check(procedure, guards, invariants, family, rules)
    if procedure.fingerprint and not proof.violations:
        _PROVED[key] = proof
    return proof
