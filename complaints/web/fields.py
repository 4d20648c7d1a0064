"""Fields that take what people write and give what we keep: fen, days, one form of a telephone number.

What was typed stays in the field whether or not it can be taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wtforms import Field, Form
from wtforms.validators import StopValidation
from wtforms.widgets import TextInput

from complaints.foundation.errors import Invalid
from complaints.foundation.money import format_yuan, parse_yuan
from complaints.foundation.phones import callers_number
from complaints.web.typed_values import read_day


class Given:
    """Validator: something was typed or chosen; zero is something, blanks are nothing. `sentence` asks."""

    def __init__(self, sentence: Any) -> None:
        """Keep the sentence; browsers and screen readers learn from the flag that the field is required."""
        self.sentence = sentence
        self.field_flags = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        """Stop where nothing was given; what was typed and could not be read has its own sentence already."""
        if field.process_errors:
            raise StopValidation
        if field.data is None or field.data in ("", []):
            field.errors = []  # a choice nobody made is not also a wrong one
            raise StopValidation(self.sentence)


class YuanField(Field):
    """An amount typed in yuan. `data` is integer fen, or None where nothing was typed."""

    widget = TextInput()
    data: Any

    def __init__(self, label: Any = None, validators: Any = None, *, least: int = 0, **more: Any) -> None:
        """Take the smallest amount allowed, in fen."""
        self.least = least
        super().__init__(label, validators, **more)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else format_yuan(self.data)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the amount."""
        self.data = _read(valuelist, lambda text: parse_yuan(text, least=self.least))


class PhoneField(Field):
    """A number at which a person can be called back.

    `data` is its one written form, or None where nothing was typed.
    """

    widget = TextInput()
    data: Any

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else self.data or ""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the number."""
        self.data = _read(valuelist, callers_number)


class DayField(Field):
    """A day in Asia/Shanghai. `data` is a date, or None where nothing was typed."""

    widget = TextInput()
    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.data.isoformat()

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the day."""
        self.data = _read(valuelist, read_day)


def _read(typed: Sequence[Any], parse: Callable[[str], Any]) -> Any:
    """Parse what was typed; its sentence becomes the field's error."""
    text = str(typed[0]).strip() if typed else ""
    if not text:
        return None
    try:
        return parse(text)
    except Invalid as problem:
        raise ValueError(problem.sentence) from problem
