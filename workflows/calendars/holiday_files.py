"""Reads the yearly holiday notices from YAML: those shipped in `holidays/`, and one that somebody brings.

One file, `cn-<year>.yaml`, is one notice. What is wrong in it is told with the file's name and the line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from workflows.calendars.holiday_years import (
    HOLIDAY_FOLDER,
    DayOff,
    HolidayFileError,
    HolidayYear,
    MakeUpDay,
    Notice,
    check_holiday_year,
)
from workflows.calendars.statutory_holidays import check_marks

LARGEST_FILE = 64 * 1024
"""Bytes; a notice has some dozens of lines."""
_LONGEST_NUMBER = 64
_YEAR_FILE = re.compile(r"cn-\d{4}\.yaml")
_KEYS = {"year", "source", "amended_by", "note", "days_off", "make_up_days"}


def load_holiday_files(folder: Path = HOLIDAY_FOLDER) -> tuple[HolidayYear, ...]:
    """Read every `cn-<year>.yaml` of a folder, oldest first.

    Raises HolidayFileError for a bad file or an empty folder.
    """
    paths = sorted(path for path in folder.glob("cn-*.yaml") if _YEAR_FILE.fullmatch(path.name))
    if not paths:
        raise HolidayFileError(f"No file cn-<year>.yaml in {folder}. Put the notices of the years there.")
    return tuple(read_holiday_file(path) for path in paths)


def read_holiday_file(path: Path) -> HolidayYear:
    """Read and check one year's file. Raises HolidayFileError naming the file and the entry."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(path.name, error.strerror or type(error).__name__) from error
    return read_holiday_text(content, path.name)


def read_holiday_text(content: bytes, where: str) -> HolidayYear:
    """Read and check one year's notice; `where` names it in what is said of its faults.

    Raises HolidayFileError naming file and line.
    """
    if len(content) > LARGEST_FILE:
        raise _unreadable(where, f"more than {LARGEST_FILE // 1024} KB", f"超过{LARGEST_FILE // 1024} KB")
    try:
        # UTF-8 as people's editors write it, with or without a mark at the beginning
        given = yaml.load(content.decode("utf-8-sig"), _Loader)  # noqa: S506  # a safe loader that keeps lines
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError) as error:
        raise _unreadable(where, *_short(error)) from error
    if not isinstance(given, dict) or not {"year", "source", "days_off"} <= set(given) <= _KEYS:
        keys = ", ".join(sorted(_KEYS))
        raise HolidayFileError(
            f"{where}: give year, source and days_off, and no other keys than {keys}.",
            f"{where}：必须有year、source和days_off，并且只能有这些项目：{keys}。",
        )
    year = given["year"]
    if type(year) is not int:
        raise HolidayFileError(
            f"{where}: year is {year!r}. Give a number such as 2026.",
            f"{where}：year是{year!r}，请填写年份数字，例如2026。",
        )
    found = HolidayYear(
        year=year,
        source=_notice(given["source"], where),
        off=tuple(_day_off(entry, where) for entry in _list(given, "days_off", where)),
        work=tuple(_make_up_day(entry, where) for entry in _list(given, "make_up_days", where)),
        amended_by=tuple(_notice(entry, where) for entry in _list(given, "amended_by", where)),
        note=str(given.get("note") or "").strip(),
    )
    check_holiday_year(found, where=where)
    check_marks(found, where)
    return found


class _Entry(dict[Any, Any]):
    """A mapping of the file that knows its line, counted from 1."""

    line = 0


class _Loader(yaml.SafeLoader):
    """Keeps the line of each mapping, and refuses what YAML would take without a word."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse references: a few lines of them can stand for gigabytes."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # PyYAML ships no types
            raise yaml.composer.ComposerError(None, None, "references (&, *) are not taken", mark)
        return super().compose_node(parent, index)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> _Entry:
    found = _Entry(loader.construct_mapping(node, deep=True))
    if len(found) != len(node.value):
        raise yaml.constructor.ConstructorError(None, None, "a key stands twice", node.start_mark)
    found.line = node.start_mark.line + 1
    return found


def _day(loader: _Loader, node: yaml.ScalarNode) -> Any:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError as error:
        problem = f"{node.value} is no day ({error})"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _day)


def _unreadable(where: str, why: str, why_zh: str = "") -> HolidayFileError:
    return HolidayFileError(
        f"{where} cannot be read: {why}. Give a YAML file in UTF-8.",
        f"{where}无法读取：{why_zh or why}。请提供UTF-8编码的YAML文件。",
    )


def _short(error: Exception) -> tuple[str, str]:
    """Say what the reader of YAML found, and where, in one line of both languages."""
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or type(error).__name__)
    if not mark:
        return problem, problem
    line, column = mark.line + 1, mark.column + 1
    return f"{problem}, line {line}, column {column}", f"第{line}行第{column}列不合格式（{problem}）"


def _list(given: Mapping[str, Any], key: str, where: str) -> list[Any]:
    entries = given.get(key) or []
    if not isinstance(entries, list):
        raise HolidayFileError(
            f"{where}: {key} is no list. Begin each entry with a dash.",
            f"{where}：{key}不是列表，请在每一项前写短横线。",
        )
    return entries


def _notice(entry: Any, where: str) -> Notice:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("title"), str):
        raise HolidayFileError(
            f"{where}: a source needs at least the title of the notice.",
            f"{where}：source至少要有通知的标题（title）。",
        )
    issued, number = entry.get("issued"), entry.get("number")
    if issued is not None and type(issued) is not date:
        raise HolidayFileError(
            f"{where}: issued is {issued!r}. Give a date such as 2025-11-04.",
            f"{where}：issued是{issued!r}，请填写日期，例如2025-11-04。",
        )
    if number is not None and (not isinstance(number, str) or len(number) > _LONGEST_NUMBER):
        raise HolidayFileError(
            f"{where}: number is {number!r}. Give it as text, at most {_LONGEST_NUMBER} signs.",
            f"{where}：number是{number!r}，请填写通知的文号，最多{_LONGEST_NUMBER}字。",
        )
    return Notice(entry["title"], number, issued, str(entry.get("checked") or ""))


def _day_off(entry: Any, where: str) -> DayOff:
    day, name = _dated(entry, "name", where)
    return DayOff(day, name, statutory=entry.get("statutory") is True)


def _make_up_day(entry: Any, where: str) -> MakeUpDay:
    return MakeUpDay(*_dated(entry, "for", where))


def _dated(entry: Any, label: str, where: str) -> tuple[date, str]:
    day = entry.get("date") if isinstance(entry, Mapping) else None
    name = entry.get(label) if isinstance(entry, Mapping) else None
    if type(day) is not date or not isinstance(name, str) or not name:
        place = f"{where}, line {entry.line}" if isinstance(entry, _Entry) else where
        place_zh = f"{where}第{entry.line}行" if isinstance(entry, _Entry) else where
        raise HolidayFileError(
            f"{place}: {_shown(entry)} needs a date such as 2026-10-01 and the holiday's name under "
            f"{label!r}.",
            f"{place_zh}：{_shown(entry)}需要日期（例如2026-10-01）和节日名称（{label}）。",
        )
    return day, name


def _shown(entry: Any) -> str:
    text = repr(dict(entry)) if isinstance(entry, Mapping) else repr(entry)
    return text if len(text) <= 120 else f"{text[:119]}…"
