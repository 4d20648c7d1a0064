"""A day chooses the version; a released version never changes; a bad procedure is not let in."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.loan import ROLES, TEXT, guards, procedure, rule_book
from workflows import beside_guards
from workflows.definition import Action
from workflows.definition_files import DefinitionError
from workflows.versioning.versions import Library, Release, check_released, fingerprint, load_released

SECOND = TEXT.replace("version: 1", "version: 2", 1).replace(
    "effective_from: 2026-01-01", "effective_from: 2026-07-01"
)


def library(*texts: str, **more) -> Library:
    return Library([procedure(one) for one in texts or (TEXT,)], rule_book(), guards(), roles=ROLES, **more)


@pytest.mark.parametrize(
    ("day", "version"),
    [(date(2026, 1, 1), 1), (date(2026, 6, 30), 1), (date(2026, 7, 1), 2), (date(2028, 2, 29), 2)],
)
def test_the_day_chooses_the_version(day, version):
    assert library(SECOND, TEXT).version_for("library_loan", day).procedure.version == version


def test_a_running_matter_keeps_its_version():
    assert library(TEXT, SECOND).get("library_loan", 1).procedure.version == 1
    assert [one.version for one in library(TEXT, SECOND).procedures] == [1, 2]


def test_what_is_not_there_is_said_plainly():
    known = library()
    with pytest.raises(DefinitionError, match=r"No version of .* 2025-12-31: the first begins on 2026-01-01"):
        known.version_for("library_loan", date(2025, 12, 31))
    with pytest.raises(DefinitionError, match="There is no procedure 'fines'"):
        known.version_for("fines", date(2026, 3, 2))
    with pytest.raises(DefinitionError, match="There is no version 3"):
        known.get("library_loan", 3)


def test_a_bad_procedure_is_not_let_in():
    bad = TEXT.replace("reader_known", "reader_knwon").replace("to: counted", "to: recounted")
    with pytest.raises(DefinitionError) as caught:
        library(bad)
    assert len(str(caught.value).splitlines()) >= 2
    assert "library_loan.1, actions › lend: the guard 'reader_knwon'" in str(caught.value)


def test_a_guard_that_nothing_needs_is_known():
    beside = {one.name for one in beside_guards.GUARDS}
    assert library().unused_guards == {"not_the_owner"} | beside
    assert "reader_known" in library(TEXT.replace(", reader_known", "")).unused_guards


def test_a_version_stands_once_and_begins_in_order():
    with pytest.raises(DefinitionError, match="Version 1 of 'library_loan' is there twice"):
        library(TEXT, TEXT)
    with pytest.raises(DefinitionError, match="begins before version 1"):
        library(TEXT, SECOND.replace("2026-07-01", "2025-07-01"))


def test_a_better_wording_is_no_new_version():
    better = TEXT.replace("en: Lend}", "en: Hand out}").replace("已申请", "申请中")
    assert fingerprint(procedure(better)) == procedure().fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("roles: [keeper@any]", "roles: [keeper@up]"),
        ("needs: [not_the_lender]", "needs: []"),
        ("warn: [-1]", "warn: [-2]"),
        ("escalate: {0: keeper}", "escalate: {1: keeper}"),
        ("{kind: fen, label", "{kind: fen, keep: true, label"),
        ("sets: {lent_by: $actor}", "sets: {lent_by: null}"),
        ("2026-01-01", "2026-01-02"),
        ("pauses: [due], ", ""),
    ],
)
def test_what_decides_is_in_the_fingerprint(old, new):
    assert old in TEXT
    assert fingerprint(procedure(TEXT.replace(old, new, 1))) != procedure().fingerprint


@dataclass(frozen=True, slots=True)
class LaterAction(Action):
    """An action of a later release, which lets a definition say more."""

    witnessed_by: str = ""


def test_what_a_later_release_lets_a_definition_say_changes_no_version_that_does_not_say_it():
    given = procedure()

    def as_later(**said: Any):
        now = {
            name: LaterAction(**{one.name: getattr(action, one.name) for one in fields(action)}, **said)
            for name, action in given.actions.items()
        }
        return replace(given, actions=now)

    assert fingerprint(as_later()) == given.fingerprint
    assert fingerprint(as_later(witnessed_by="keeper")) != given.fingerprint


def test_a_released_version_never_changes():
    released = Release("library_loan", 1, procedure().fingerprint)
    library(releases=[released])
    with pytest.raises(DefinitionError, match=r"library_loan\.1\.yaml: this released version was changed"):
        library(TEXT.replace("warn: [-1]", "warn: [-2]"), releases=[released])
    with pytest.raises(DefinitionError, match=r"is gone.*version 2"):
        check_released([], [released])


def test_releases_are_read_from_a_file(tmp_path: Path):
    entry = f"  - {{procedure: library_loan, version: 1, fingerprint: {'0' * 63}a}}\n"
    (tmp_path / "released.yaml").write_text("released:\n" + entry, encoding="utf-8")
    assert load_released(tmp_path) == (Release("library_loan", 1, "0" * 63 + "a"),)
    (tmp_path / "released.yaml").write_text("released:\n" + entry.replace("0a", "0"), encoding="utf-8")
    with pytest.raises(DefinitionError, match="64 hexadecimal digits"):
        load_released(tmp_path)
