"""Which column of a ledger is which field: by the names that ledgers commonly have, by a map file, or as a
person said on the page.

A mapping is from field to column header. One that was chosen on the page names sheet and row of the header
as well, and of each column its place: so it can tell apart columns without a name or with the same one, and
what it does not name is left aside.

Nothing is guessed: of two columns that may mean the same none is chosen. The heads of our own exports are
among the names, in both languages, so that what was exported can be read again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import yaml

from complaints.foundation.visible_signs import without_unseen
from complaints.ledgers.sentences import FIELDS, FileRefused, Why, one_line, shown
from complaints.ledgers.tables import Line, Table

SHEET, ROW = "sheet", "row"
"""Keys of a mapping that was chosen on the page: place of the sheet and row of the header, from 1."""
NO_ROW = 0
"""In place of the header's row: the ledger has none, and its first row is a record."""
FIRST_ROWS = 10
"""A header stands among these; above it may be a title."""
KEPT_ROWS = FIRST_ROWS + 2
"""What the page shows of a sheet: below the last line that may be a header still two."""
LARGEST_MAP = 64 * 1024
"""Bytes of a map file; ten lines need less than one of them."""

NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "number": (
            "编号 登记编号 投诉编号 登记号 受理编号 受理号 工单编号 工单号 投诉单号 案件编号 单号 台账编号 "
            "number",
        ),
        "person": ("投诉人 姓名 投诉人姓名 消费者 消费者姓名 申诉人 申诉人姓名 投诉方 complainant consumer",),
        "phone": (
            "联系电话 电话 投诉人电话 投诉人联系电话 联系方式 手机 手机号 手机号码 电话号码 投诉电话 "
            "消费者电话 phone",
        ),
        "subject": ("标题 主题 投诉标题 事项 投诉事项 案由 matter title",),
        "text": (
            "内容 投诉内容 诉求 诉求内容 投诉诉求 反映内容 投诉事实 主要内容 申诉内容 具体内容 whatwassaid "
            "facts",
        ),
        "merchant": (
            "被投诉人 商家 经营者 被投诉人名称 被投诉单位 被投诉方 被投诉商家 经营者名称 商家名称 被诉方 "
            "企业名称 "
            "respondent merchant",
        ),
        "received_at": (
            "收到时间 登记日期 受理时间 登记时间 收到日期 受理日期 接收时间 接收日期 投诉时间 投诉日期 "
            "申诉时间 "
            "receivedat receivedon",
        ),
        "reply": ("答复 回复内容 办理结果 处理结果 答复内容 回复 调解结果 处理情况 办理情况 reply",),
        "replied_at": (
            "答复时间 回复日期 办结时间 答复日期 回复时间 办结日期 完结时间 完成时间 处理完成时间 repliedat",
        ),
        "unit": ("单位 承办单位 办理单位 处理单位 承办部门 受理单位 市场监管所 unit",),
    }
)
_FIELD_OF = {name: key for key, (names,) in NAMES.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the header stands, which place each field has, and what was left out."""

    row: int
    places: Mapping[str, int]
    names: Sequence[str]
    left_out: Sequence[str]


def read_map(content: bytes) -> dict[str, str]:
    """Return field to column header from a map file in YAML. Raises FileRefused.

    Every value is text: a header may look like a day, a number or a tag that YAML would make something of.
    """
    if len(content) > LARGEST_MAP:
        raise FileRefused("map_file")
    try:
        # it makes texts, lists and dictionaries only
        found = yaml.load(content.decode("utf-8-sig"), yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        # its errors, signs and numbers beyond measure, and a nesting deeper than Python's
        raise FileRefused("map_file") from error
    if not isinstance(found, dict) or not all(isinstance(one, str) and one for one in found.values()):
        raise FileRefused("map_file")
    for key in found:
        if key not in FIELDS:
            raise FileRefused("map_key", key=shown(key), known=", ".join(FIELDS))
    return {key: one_line(value) for key, value in found.items()}


def choose(tables: Sequence[Table], mapping: Mapping[str, str]) -> Table:
    """Return the sheet that holds the ledger, of none the first, with a note on each other one.

    Raises FileRefused where several hold one.
    """
    if ROW in mapping:
        fitting = list(tables[int(mapping[SHEET]) - 1 :][:1])
    else:
        fitting = [one for one in tables if find_header(one.lines, mapping) is not None]
        if len(fitting) > 1:
            raise FileRefused("sheets", names=[shown(one.title) for one in fitting])
    chosen = (fitting or tables)[0]
    others: list[Why] = [
        {"code": "other_sheet", "name": shown(one.title)} for one in tables if one is not chosen
    ]
    return replace(chosen, notes=[*chosen.notes, *others])


def find_header(lines: Sequence[Line], mapping: Mapping[str, str]) -> Line | None:
    """Return the line that is the header, an empty one where a person said that there is none, or None."""
    if mapping.get(ROW) == str(NO_ROW) and lines:
        return Line(NO_ROW, [])
    if ROW in mapping:
        return next((line for line in lines if str(line.row) == mapping[ROW]), None)
    for line in lines[:FIRST_ROWS]:
        if not missing_of(key for cell in line.cells for key in fields_of(cell, mapping)):
            return line
    return None


def columns_of(lines: Sequence[Line], mapping: Mapping[str, str]) -> Columns:
    """Return what the header says. Raises FileRefused where it says too little or two things at once."""
    header = find_header(lines, mapping)
    if header is None:
        raise FileRefused("no_header", most=FIRST_ROWS, missing=_least_missing(lines, mapping))
    names = [_name(cell) for cell in header.cells]
    if ROW in mapping:
        places = {key: int(place) - 1 for key, place in mapping.items() if key in FIELDS}
        # the page has asked about these too, though the header says nothing of them
        names += [""] * (max(len(line.cells) for line in lines[:KEPT_ROWS]) - len(names))
        return Columns(header.row, places, names, _left_out(names, places))
    rows = [line for line in lines if line.row > header.row]
    empty = {at for at in range(len(names)) if not any(line.holds(at) for line in rows)}
    _check_names(names, mapping, empty)
    places = {}
    # of columns with one meaning those without any value say nothing: they come last, and take no place
    for place in sorted(range(len(names)), key=lambda at: at in empty):
        for key in fields_of(names[place], mapping):
            if key not in places:
                places[key] = place
            elif place not in empty:
                raise FileRefused("double", field=key, names=[shown(names[places[key]]), shown(names[place])])
    return Columns(header.row, places, names, _left_out(names, places))


def _left_out(names: Sequence[str], places: Mapping[str, int]) -> list[str]:
    return [shown(name) for at, name in enumerate(names) if name and at not in places.values()]


def _check_names(names: Sequence[str], mapping: Mapping[str, str], empty: Collection[int]) -> None:
    plain = [_plain(name) for name in names if name]
    filled = [_plain(name) for at, name in enumerate(names) if name and at not in empty]
    for name in names:
        if filled.count(_plain(name)) > 1:
            raise FileRefused("same_header", name=shown(name))
    for wanted in mapping.values():
        if _plain(wanted) not in plain:
            raise FileRefused("map_header", name=shown(wanted))


def fields_of(cell: Any, mapping: Mapping[str, str]) -> list[str]:
    """Return the fields that a head stands for: by the map file, for other fields by the common names."""
    plain = _plain(_name(cell))
    if not plain:
        return []
    said = [key for key, name in mapping.items() if _plain(name) == plain]
    if said:
        return said
    key = _FIELD_OF.get(plain)
    return [key] if key and key not in mapping else []


def missing_of(fields: Iterable[str]) -> list[str]:
    """Return what a ledger needs beside these fields; either a title or a text is enough."""
    found = set(fields)
    missing = [key for key in ("number", "received_at") if key not in found]
    return missing if {"text", "subject"} & found else [*missing, "text"]


def _least_missing(lines: Sequence[Line], mapping: Mapping[str, str]) -> list[str]:
    every = [
        missing_of(key for cell in line.cells for key in fields_of(cell, mapping))
        for line in lines[:FIRST_ROWS]
    ]
    return min(every, key=len, default=missing_of(()))


def _name(cell: Any) -> str:
    return " ".join(str(cell).split()) if isinstance(cell, (str, int, float)) else ""


def _plain(name: str) -> str:
    """Return a head without blanks, marks and brackets, in small half-width letters."""
    folded = unicodedata.normalize("NFKC", without_unseen(name)).replace("_x000D_", "").casefold()
    return re.sub(r"[\s*:：'\"]|\([^)]*\)|【[^】]*】|\[[^\]]*\]", "", folded)
