"""What a JSON schema found, as a Chinese sentence; the English one is the schema library's own.

What stands in the schema beside `description` as `zh` says what is expected.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from jsonschema import ValidationError

_TYPES = {
    "object": "一组“名称: 值”",
    "array": "列表",
    "string": "文字",
    "integer": "整数",
    "boolean": "true或者false",
    "null": "空值",
}


_Said = Callable[[Any, Any, Any], str]
"""What a part of a schema wants, what stands there, and the part itself, as words."""


def chinese(problem: ValidationError) -> str:
    """Say what is wrong at one place of a file, without the place."""
    said = _WORDS.get(str(problem.validator))
    if said is None:
        return f"{_shown(problem.instance)}不符合要求"
    return said(problem.validator_value, problem.instance, problem.schema)


def expected(problem: ValidationError, key: str) -> str:
    """Return what the schema says is expected there: `description` in English, `zh` in Chinese."""
    return str(problem.schema.get(key, "")) if isinstance(problem.schema, Mapping) else ""


def _missing(wanted: Any, given: Any, _schema: Any) -> str:
    return f"缺少{'、'.join(name for name in wanted if name not in given)}"


def _unknown(_wanted: Any, given: Any, schema: Any) -> str:
    return f"没有{'、'.join(name for name in given if name not in schema.get('properties', {}))}这样的项目"


def _type(wanted: Any, given: Any, _schema: Any) -> str:
    names = [wanted] if isinstance(wanted, str) else wanted
    return f"{_shown(given)}应当是{'或者'.join(_TYPES.get(one, one) for one in names)}"


def _choice(wanted: Any, given: Any, _schema: Any) -> str:
    return f"{_shown(given)}应当是{'、'.join(map(_shown, wanted))}之一"


def _shown(value: Any) -> str:
    return f"“{value}”" if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


_WORDS: Mapping[str, _Said] = {
    "required": _missing,
    "additionalProperties": _unknown,
    "type": _type,
    "enum": _choice,
    "const": lambda wanted, given, _schema: f"{_shown(given)}应当是{_shown(wanted)}",
    "pattern": lambda _wanted, given, _schema: f"{_shown(given)}的写法不对",
    "minimum": lambda wanted, given, _schema: f"{_shown(given)}小于{wanted}",
    "maximum": lambda wanted, given, _schema: f"{_shown(given)}大于{wanted}",
    "minLength": lambda _wanted, _given, _schema: "不能是空的文字",
    "minItems": lambda wanted, _given, _schema: f"至少要有{wanted}项",
    "minProperties": lambda wanted, _given, _schema: f"至少要有{wanted}项",
    "uniqueItems": lambda _wanted, given, _schema: f"{_shown(given)}中有重复",
}
