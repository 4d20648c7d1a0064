"""Checks what was typed for an action against the action's fields, strictly, on every door.

Nothing is guessed or converted: a number is a number, a date a real day, money whole fen. A field that the
action does not know is refused, so that nobody writes a value the form did not offer. Text is kept as
typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from workflows.definition import Action, Field, FieldKind, Label
from workflows.guards import Why, day_of

MAX_TEXT = 20_000
"""Longest text of one field, in characters."""
MAX_FEN = 10**12
"""Largest sum of money, in fen (ten billion yuan)."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_CODE = re.compile(r"^[a-z0-9][a-z0-9_.-]{0,63}$")
_UNIT = re.compile(r"^/(?:[A-Za-z0-9_-]{1,32}/){1,12}$")


def check_payload(
    action: Action, payload: Mapping[str, Any], items: Mapping[str, Mapping[str, str]]
) -> tuple[Why, ...]:
    """Return one reason for each field that is missing, unknown or wrong; none where everything fits.

    `items` holds the codes of each list that governs the matter. An optional field may be left out or None.
    Dates may be `date` objects or ISO texts.
    """
    reasons = [
        _why(
            "field_unknown",
            name,
            Label(f"这一步没有“{name}”这一项。", f"This step has no field {name!r}."),
            Label("请从页面上重新填写。", "Fill in the form on the page again."),
        )
        for name in payload
        if action.field(str(name)) is None
    ]
    for field in action.fields:
        value = payload.get(field.name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if field.required:
                reasons.append(_missing(field))
            elif value is not None and field.kind is not FieldKind.TEXT:
                reasons.append(_wrong(field, *_EXPECTED[field.kind]))
            continue
        reason = _judge(field, value, items)
        if reason is not None:
            reasons.append(reason)
    return tuple(reasons)


def _judge(field: Field, value: Any, items: Mapping[str, Mapping[str, str]]) -> Why | None:
    """Judge one given value by the kind of its field."""
    if field.kind is FieldKind.ITEM:
        if isinstance(value, str) and value in items.get(field.items, {}):
            return None
    elif field.choices:
        if isinstance(value, str) and value in field.choices:
            return None
    elif _FITS[field.kind](value):
        return None
    if field.kind is FieldKind.TEXT and isinstance(value, str) and len(value) > MAX_TEXT:
        return _wrong(
            field,
            f"太长（{len(value)}字），最多{MAX_TEXT}字：请缩短",
            f"is too long ({len(value)} characters, at most {MAX_TEXT}): shorten it",
        )
    return _wrong(field, *_EXPECTED[field.kind])


def _is_text(value: Any) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= MAX_TEXT
        and _CONTROL.search(value.replace("\r\n", "\n")) is None
    )


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53


def _is_day(value: Any) -> bool:
    return (type(value) is date or isinstance(value, str)) and day_of(value) is not None


_FITS: Mapping[FieldKind, Callable[[Any], bool]] = {
    FieldKind.TEXT: _is_text,
    FieldKind.CODE: lambda value: isinstance(value, str) and _CODE.fullmatch(value) is not None,
    FieldKind.DATE: _is_day,
    FieldKind.INTEGER: _is_whole,
    FieldKind.FEN: lambda value: _is_whole(value) and 0 <= value <= MAX_FEN,
    FieldKind.FLAG: lambda value: isinstance(value, bool),
    FieldKind.PERSON: lambda value: _is_whole(value) and value > 0,
    FieldKind.UNIT: lambda value: isinstance(value, str) and _UNIT.fullmatch(value) is not None,
}

_EXPECTED: Mapping[FieldKind, tuple[str, str]] = {
    FieldKind.TEXT: ("含有看不见的控制字符：请重新键入", "holds invisible control characters: type it again"),
    FieldKind.CODE: (
        "不在可选的范围内：请从列表中选一项",
        "is none of the choices: choose one from the list",
    ),
    FieldKind.DATE: (
        "不是有效的日期：请写成 2026-04-15 的样子",
        "is no day of the calendar: write it like 2026-04-15",
    ),
    FieldKind.INTEGER: ("不是整数：请填写整数", "is no whole number: write one"),
    FieldKind.FEN: (
        "不是有效的金额：请填写不小于零、不超过一百亿元的金额",
        "is no valid sum: give one from zero to ten billion yuan",
    ),
    FieldKind.FLAG: ("只能是“是”或者“否”：请选择", "is neither yes nor no: choose one"),
    FieldKind.ITEM: (
        "不是适用规定中的一项：请从列表中选一项",
        "is no item of the rules that apply: choose one from the list",
    ),
    FieldKind.PERSON: ("不是有效的人员：请从列表中选一位", "is no person: choose one from the list"),
    FieldKind.UNIT: ("不是有效的单位：请从列表中选一个", "is no unit: choose one from the list"),
}


def _missing(field: Field) -> Why:
    text = Label(f"“{field.label.zh}”还没有填写。", f"“{field.label.en}” is missing.")
    return _why("field_missing", field.name, text, Label("请填写这一项。", "Fill it in."))


def _wrong(field: Field, zh: str, en: str) -> Why:
    return _why(
        "field_wrong", field.name, Label(f"“{field.label.zh}”{zh}。", f"“{field.label.en}” {en}."), None
    )


def _why(code: str, name: str, text: Label, remedy: Label | None) -> Why:
    return Why(code, text, remedy, fields=(str(name),))
