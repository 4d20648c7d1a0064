"""Numbers come from the rule set in force on the day, the instrument's before the habit's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.workflows.loan import HERE, TODAY, rule_book
from workflows.definition_files import DefinitionError
from workflows.rule_files import load_rule_book, load_rule_set
from workflows.rule_sets import RuleBook, Unit

STATUTES = (HERE / "rules" / "statutes.yaml").read_text(encoding="utf-8")
HABITS = (HERE / "rules" / "habits.yaml").read_text(encoding="utf-8")


def test_a_limit_says_how_long_and_by_what():
    limit = rule_book().limit("due", TODAY)
    assert (limit.n, limit.unit, limit.rule_set, limit.local) == (30, Unit.DAY, "reading-room-2026", False)
    assert limit.article.en == "Rules of the reading room, art. 2"
    assert limit.pause_article is not None
    assert limit.pause_article.en.endswith("art. 3")
    both = rule_book().limit("stocktake", TODAY)
    assert [(one.n, one.unit) for one in both.alternatives] == [(8, Unit.DAY)]


def test_the_instrument_comes_before_the_habit():
    assert rule_book().limit("due", TODAY).n == 30
    habit = rule_book().limit("stocktake", TODAY)
    assert (habit.n, habit.local, habit.internal) == (5, True, True)


def test_items_and_settings():
    book = rule_book()
    assert [(one.code, one.article.en[-1]) for one in book.items("refusal_grounds", TODAY)] == [
        ("1", "6"),
        ("2", "7"),
    ]
    assert book.codes(TODAY) == {"refusal_grounds": {"1": "", "2": ""}}
    assert book.setting("deposit_fen", TODAY).value == 5000
    assert book.rule_set(TODAY).forms["slip"].en == "Loan slip"


def test_all_sets_can_be_listed():
    assert [(one.id, one.local) for one in rule_book().all] == [
        ("reading-room-2026", False),
        ("habits-2026", True),
    ]


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2027, 1, 1)])
def test_a_day_without_rules_is_said_plainly(day):
    with pytest.raises(
        DefinitionError, match=rf"No rule set is loaded for {day}.*Rules of the reading room.*2026-01-01"
    ):
        rule_book().limit("due", day)


@pytest.mark.parametrize("ask", ["limit", "items", "setting"])
def test_an_unknown_name_says_where_it_belongs(ask):
    with pytest.raises(
        DefinitionError, match=r"'nothing' is in force on 2026-03-02: add it to reading-room-2026"
    ):
        getattr(rule_book(), ask)("nothing", TODAY)


def test_two_instruments_never_govern_one_day():
    both = [
        load_rule_set(STATUTES, "a.yaml"),
        load_rule_set(STATUTES.replace("2026-01-01", "2026-12-31", 1), "b.yaml"),
    ]
    with pytest.raises(DefinitionError, match="both in force on 2026-12-31: end reading-room-2026"):
        RuleBook(both)


def test_rule_sets_follow_one_another_by_day():
    later = STATUTES.replace("valid_from: 2026-01-01\nvalid_to: 2026-12-31", "valid_from: 2027-01-01")
    later = later.replace("n: 30", "n: 40").replace("reading-room-2026", "reading-room-2027")
    book = RuleBook([load_rule_set(later, "b.yaml"), load_rule_set(STATUTES, "a.yaml")])
    assert book.limit("due", date(2026, 12, 31)).n == 30
    assert book.limit("due", date(2027, 1, 1)).n == 40


@pytest.mark.parametrize(
    ("text", "old", "new", "said"),
    [
        (STATUTES, "n: 30", "n: 0", r"limits › due › n: .*at least 1"),
        (STATUTES, "unit: day", "unit: days", r"limits › due › unit: .*workday \(working days\)"),
        (STATUTES, 'code: "2"', 'code: "1"', r"lists › refusal_grounds: a code stands there twice"),
        (
            STATUTES,
            "{n: 2,",
            "{kind: local, n: 2,",
            r"limits › answer: a rule set of the law holds no local entry",
        ),
        (HABITS, "kind: internal, ", "", r"limits › stocktake: local practice must say its `kind`"),
    ],
)
def test_a_fault_names_file_place_and_remedy(text, old, new, said):
    assert old in text
    with pytest.raises(DefinitionError, match=rf"^x\.yaml.*{said}"):
        load_rule_set(text.replace(old, new, 1), "x.yaml")


def test_an_empty_directory_knows_no_rules(tmp_path: Path):
    with pytest.raises(DefinitionError, match=r"Loaded: none"):
        load_rule_book(tmp_path).rule_set(TODAY)
