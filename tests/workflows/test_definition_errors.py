"""What is wrong in a file of definitions is said in English and, with the same place, in Chinese."""

from __future__ import annotations

import json

import pytest

from tests.workflows.loan import HERE, TEXT, TODAY, rule_book
from workflows.definition_files import DefinitionError, day
from workflows.loading import PROCEDURES, load_procedure
from workflows.rule_files import RULES, load_rule_set
from workflows.versioning.migration_plans import PLANS

HABITS = (HERE / "rules" / "habits.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("version: 1\n", "", "library_loan.1.yaml第1行，整个文件：缺少version"),
        (
            "version: 1\n",
            "version: one\n",
            "version：“one”应当是整数。此处应为：从1起的整数，与文件名中的相同。",
        ),
        ("version: 1\n", "version: 0\n", "version：0小于1"),
        ("version: 1\n", "version: 1\nverion: 1\n", "整个文件：没有verion这样的项目"),
        ("version: 1\n", "version: 1\nversion: 2\n", "不是有效的YAML"),
        ("effective_from: 2026-01-01", "effective_from: 2026-02-30", "2026-02-30不是日历上的日子"),
        ("effective_from: 2026-01-01", "effective_from: soon", "“soon”的写法不对。此处应为：日期，例如"),
    ],
)
def test_a_fault_of_a_file_is_told_in_chinese_too(old, new, words):
    assert old in TEXT
    with pytest.raises(DefinitionError) as caught:
        load_procedure(TEXT.replace(old, new, 1), "library_loan.1.yaml")
    assert words in caught.value.zh
    assert caught.value.zh != str(caught.value)


def test_a_wrong_choice_names_the_right_ones():
    with pytest.raises(DefinitionError) as caught:
        load_rule_set(HABITS.replace("unit: workday", "unit: week", 1), "habits.yaml")
    assert (
        "“week”应当是“workday”、“day”之一。此处应为：workday（工作日）或者day（自然日）。" in caught.value.zh
    )


def test_what_no_rule_says_is_told_in_chinese_too():
    with pytest.raises(DefinitionError) as caught:
        rule_book().limit("nothing", TODAY)
    assert "2026-03-02没有“nothing”的时限" in caught.value.zh
    with pytest.raises(DefinitionError) as caught:
        day("2026-13-01", "a file", "there")
    assert caught.value.zh == "a file，there：2026-13-01不是日历上的日子，请写真实的日期。"


@pytest.mark.parametrize("folder", [PROCEDURES, RULES, PLANS], ids=lambda one: one.name)
def test_whatever_a_schema_expects_it_says_in_both_languages(folder):
    for path in sorted(folder.glob("*.json")):
        for part in parts(json.loads(path.read_text(encoding="utf-8"))):
            assert ("description" in part) is ("zh" in part), f"{path.name}: {part}"


def parts(schema):
    """Yield every part of a schema that is one; a property of the name `description` or `zh` is none."""
    if isinstance(schema, dict):
        if isinstance(schema.get("description", ""), str) and isinstance(schema.get("zh", ""), str):
            yield schema
        for one in schema.values():
            yield from parts(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from parts(one)
