"""A released rule set never changes, but for the last day that one without an end is given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.workflows.loan import HERE, rule_book
from workflows.definition_files import DefinitionError
from workflows.rule_files import load_rule_book, load_rule_set, shipped_rules
from workflows.rule_releases import fingerprint_of, load_rule_releases, rule_fingerprint
from workflows.runtime.definitions import whole_text

STATUTES = (HERE / "rules" / "statutes.yaml").read_text(encoding="utf-8")
HABITS = (HERE / "rules" / "habits.yaml").read_text(encoding="utf-8")
ENDED = "valid_to: 2026-12-31\n"


def released(folder: Path, statutes: str | None = STATUTES, habits: str = HABITS) -> Path:
    """Write the two sets as given into a folder that says how both were released."""
    book = rule_book()
    lines = [
        f"  - {{rule_set: reading-room-2026, fingerprint: {prints(book, 'reading-room-2026')}, valid_to: "
        "2026-12-31}",
        f"  - {{rule_set: habits-2026, fingerprint: {prints(book, 'habits-2026')}}}",
    ]
    (folder / "released.yaml").write_text("released:\n" + "\n".join(lines) + "\n", encoding="utf-8")
    if statutes is not None:
        (folder / "statutes.yaml").write_text(statutes, encoding="utf-8")
    (folder / "habits.yaml").write_text(habits, encoding="utf-8")
    return folder


def prints(book, rule_set: str) -> str:
    return rule_fingerprint(book.of(rule_set))


def test_what_was_released_loads_unchanged(tmp_path: Path):
    assert len(load_rule_book(released(tmp_path)).all) == 2
    assert len(load_rule_releases(tmp_path)) == 2
    assert load_rule_releases(HERE / "rules") == ()


def test_a_changed_number_is_refused_with_what_to_do(tmp_path: Path):
    with pytest.raises(DefinitionError, match=r"reading-room-2026 was changed.*end it \(valid_to\).*own"):
        load_rule_book(released(tmp_path, STATUTES.replace("n: 30", "n: 31", 1)))


def test_a_set_that_is_gone_is_refused(tmp_path: Path):
    with pytest.raises(DefinitionError, match=r"reading-room-2026 is gone.*restore the file"):
        load_rule_book(released(tmp_path, None))


def test_a_set_in_force_may_be_ended_once(tmp_path: Path):
    ended = HABITS.replace("valid_from: 2026-01-01\n", "valid_from: 2026-01-01\nvalid_to: 2026-09-30\n", 1)
    assert [
        one.valid_to.isoformat()
        for one in load_rule_book(released(tmp_path, habits=ended)).all
        if one.valid_to
    ] == [
        "2026-12-31",
        "2026-09-30",
    ]
    with pytest.raises(DefinitionError, match=r"ended on 2026-12-31 and now ends on 2027-12-31"):
        load_rule_book(released(tmp_path, STATUTES.replace(ENDED, "valid_to: 2027-12-31\n", 1)))
    with pytest.raises(DefinitionError, match=r"now ends on no day"):
        load_rule_book(released(tmp_path, STATUTES.replace(ENDED, "", 1)))


def test_better_wording_and_a_checked_source_are_no_change(tmp_path: Path):
    better = STATUTES.replace("仅", "只").replace("For the reading room only", "To be read here only")
    better = better.replace("《阅览室规则》第一条", "《阅览室规则》第一条第一款", 1).replace(
        "n: 2, unit: workday,", "n: 2, unit: workday, source: known,", 1
    )
    assert better != STATUTES
    load_rule_book(released(tmp_path, better))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("n: 2, unit: workday", "n: 2, unit: day"),
        ('    pause_article: {zh: 《阅览室规则》第三条, en: "Rules of the reading room, art. 3"}\n', ""),
        ('code: "2"', 'code: "3"'),
        ('{code: "1", label', '{code: "1", means: here_only, label'),
        ("valid_from: 2026-01-01", "valid_from: 2026-01-02"),
        ("  slip: {zh: 借书单, en: Loan slip}", "  ticket: {zh: 借书单, en: Loan slip}"),
        ("instrument:", "part: loans\ninstrument:"),
    ],
)
def test_what_decides_is_in_the_fingerprint(old, new):
    assert old in STATUTES
    before, after = (load_rule_set(one, "a test") for one in (STATUTES, STATUTES.replace(old, new, 1)))
    assert rule_fingerprint(after) != rule_fingerprint(before)


def test_local_values_and_what_binds_beside_decide_too():
    before = rule_fingerprint(load_rule_set(HABITS, "a test"))
    for old, new in (("value: 5000", "value: 6000"), ("n: 8, unit: day", "n: 9, unit: day")):
        assert rule_fingerprint(load_rule_set(HABITS.replace(old, new, 1), "a test")) != before


def test_a_set_that_is_kept_as_text_has_the_same_fingerprint() -> None:
    for one in shipped_rules().all:
        assert fingerprint_of(json.loads(whole_text(one))) == rule_fingerprint(one)
