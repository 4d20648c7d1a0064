"""What holds for all shipped procedures: reasons help, private words are private, a person decides."""

from __future__ import annotations

from datetime import date

import pytest

from tests.procedures.office import PEOPLE, begin, compiled, library, rules
from workflows.definition import FieldKind
from workflows.proving.reachability import ENDS

NAMES = ("complaint", "station_dispute", "lead", "payout")
VERSIONS = [(one.name, one.version) for one in library().procedures]


def test_these_are_the_procedures():
    assert tuple(sorted({one.name for one in library().procedures})) == tuple(sorted(NAMES))


def test_the_version_of_two_instruments_uses_the_words_of_neither_alone():
    """申诉 of 1996 became 投诉 in 2014: the items of each time say one of them, the labels neither."""
    first = compiled("complaint", 1).procedure
    labels = [
        one for action in first.actions.values() for one in (action.label, *(f.label for f in action.fields))
    ]
    labels += [one.label for part in (first.states, first.clocks) for one in part.values()]
    labels += [*first.messages.values(), *first.tasks.values(), *first.stages.values()]
    assert len(labels) > 100
    assert not [one.zh for one in labels if any(word in one.zh for word in ("申诉", "投诉", "被诉"))]
    before, after = (
        rules().items("termination_items", date(2014, 3, 14)),
        rules().items("termination_items", date(2014, 3, 15)),
    )
    assert "申诉人" in before[0].label.zh
    assert "投诉人" in after[0].label.zh


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_every_guard_says_what_would_help(name, version):
    """A reason without a remedy leaves a person standing."""
    matter = begin(name, version)
    for action in compiled(name, version).procedure.actions.values():
        for who in PEOPLE:
            for reason in compiled(name, version).why(action.name, matter.facts(who, {}), typed=False):
                assert reason.remedy is not None, (action.name, reason.code)
                assert reason.text.zh
                assert reason.text.en


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_free_text_about_people_is_private(name, version):
    """Reasons, notes and proofs may hold personal data: the log keeps only their digest."""
    for action in compiled(name, version).procedure.actions.values():
        for field in action.fields:
            if field.kind is FieldKind.TEXT and field.name in {
                "reason",
                "note",
                "proof",
                "terms",
                "clue",
                "told",
                "done",
            }:
                assert field.private, (action.name, field.name)


def test_every_registered_guard_is_needed():
    assert library().unused_guards == set()


def test_nothing_is_done_by_the_system_alone():
    """No administrative step is automatic: at a limit a person gets a task.

    What is automatic writes into one file what a person did in another, and moves nothing.
    """
    for procedure in library().procedures:
        for one in (action for action in procedure.actions.values() if action.automatic):
            changed = (one.target, one.meets, one.cancels, one.opens, one.extends, one.emit, one.sets)
            assert not any((*changed, one.assign, one.handover, one.child, one.reverses)), one.name
            told = {"child", "reached"} if one.hears else {"other", "links", "carries"}
            assert {field.name for field in one.fields} <= told


def test_no_action_leads_to_more_states_than_its_definition_names():
    """One state, the same state, or, where a merging is undone, the one it was done from: never a choice."""
    for procedure in library().procedures:
        machine = library().get(procedure.name, procedure.version)._machine
        for one in procedure.actions.values():
            for source in one.sources:
                edges = {edge.dest for edge in machine.get_transitions(one.name, source)}
                if one.undoes:
                    assert edges <= set(procedure.actions[one.undoes].sources), one.name
                else:
                    assert edges == {one.target or source}, one.name
            assert not any(field.name in ("state", "to", "target") for field in one.fields), one.name


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_ends_are_ends(name, version):
    defined = compiled(name, version).procedure
    assert any(state.kind in ENDS for state in defined.states.values())
