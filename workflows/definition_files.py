"""Reads a YAML file of definitions, strictly, and says in one sentence what is wrong, where, and what to do.

Stricter than YAML itself: a key written twice is an error, a date stays text until it is asked for, and
only `true` and `false` are truth values, so that a code `no` or `on` is the word it looks like.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match

from workflows.definition import Label
from workflows.schema_words import chinese, expected


class DefinitionError(ValueError):
    """A definition cannot be used. The message names the file, the place and the remedy; `zh` is the same in
    Chinese.
    """

    def __init__(self, sentence: str, zh: str = "") -> None:
        """Keep the sentence in both languages."""
        super().__init__(sentence)
        self.zh = zh or sentence


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where PyYAML was built with it: eight times as quick, and every start reads every file."""


class _StrictLoader(_Loader):  # type: ignore[misc]
    """A safe loader that refuses a key written twice and guesses neither dates nor yes and no."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Build a mapping; a key that stands there twice is an error at its line."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value!r} stands here twice: remove one of the two",
                    problem_mark=key.start_mark,
                )
            seen.add(key.value)
        built: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return built


def _resolvers() -> dict[str, list[tuple[str, Any]]]:
    """Return YAML's own guesses at plain words without those for dates, merging and yes/no."""
    unwanted = {f"tag:yaml.org,2002:{kind}" for kind in ("timestamp", "bool", "merge")}
    kept: dict[str, list[tuple[str, Any]]] = {
        first: [(tag, pattern) for tag, pattern in known if tag not in unwanted]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for word in ("true", "false"):
        kept.setdefault(word[0], []).append(("tag:yaml.org,2002:bool", re.compile(rf"^{word}$")))
    return kept


_StrictLoader.yaml_implicit_resolvers = _resolvers()


@cache
def _validator(schema: Path) -> Draft202012Validator:
    """Return the validator of a schema file; the file is read once a process."""
    return Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))


def read_checked(text: str, source: str, schema: Path) -> dict[str, Any]:
    """Return the mapping a YAML text holds after checking it against the JSON schema.

    `source` is the name of the file for messages. Raises DefinitionError.
    """
    try:
        loader = _StrictLoader(text)
        try:
            node = loader.get_single_node()
            data = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark.line + 1 if error.problem_mark else 0
        line, zh_line = (f", line {at}", f"第{at}行") if at else ("", "")
        raise DefinitionError(
            f"{source}{line}: {error.problem or 'this is no YAML'}.",
            f"{source}{zh_line}：不是有效的YAML（{error.problem or '格式有误'}），请修改。",
        ) from error
    except yaml.YAMLError as error:
        raise DefinitionError(
            f"{source}: this is no YAML ({error}): mend the file.",
            f"{source}：不是有效的YAML（{error}），请修改。",
        ) from error
    problem = best_match(_validator(schema).iter_errors(data))
    if problem is not None:
        raise _fault(problem, source, node)
    return cast("dict[str, Any]", data)


def _fault(problem: ValidationError, source: str, node: yaml.Node | None) -> DefinitionError:
    """Say what the schema found: file, line, place, fault, remedy (the `description` of the part of the
    schema).
    """
    path = list(problem.absolute_path)
    place, line = " › ".join(str(step) for step in path), _line(node, path)
    remedy, zh_remedy = expected(problem, "description"), expected(problem, "zh")
    return DefinitionError(
        f"{source}, line {line}, {place or 'the file as a whole'}: {problem.message}."
        + (f" Expected here: {remedy}" if remedy else ""),
        f"{source}第{line}行，{place or '整个文件'}：{chinese(problem)}。"
        + (f"此处应为：{zh_remedy}" if zh_remedy else ""),
    )


def _line(node: yaml.Node | None, path: Sequence[str | int]) -> int:
    """Return the line, counted from 1, on which the value at the path begins."""
    line = 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(step):
                    line, node = key.start_mark.line + 1, value
                    break
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line


def label(data: Mapping[str, str]) -> Label:
    """Return the Label of a checked `{zh, en}` mapping."""
    return Label(data["zh"], data["en"])


def day(text: str, source: str, place: str) -> date:
    """Return the date of an ISO text such as 2026-04-15. Raises DefinitionError where there is no such
    day.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DefinitionError(
            f"{source}, {place}: {text} is no day of the calendar: write a real one.",
            f"{source}，{place}：{text}不是日历上的日子，请写真实的日期。",
        ) from None
