"""What was typed for a field, as people read it.

Money with its unit, codes in words, items with their article.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _

from complaints.dossier.choice_labels import choice_label
from complaints.dossier.clock_views import day_text, localised
from complaints.foundation.masking import mask_text
from complaints.foundation.money import format_yuan
from workflows.definition import Field, FieldKind
from workflows.definition_files import DefinitionError
from workflows.governing import Governing
from workflows.guards import day_of

IDENTIFIERS = frozenset(
    {
        "case_number",
        "decision_number",
        "digest",
        "merchant_code",
        "merchant_code_before",
        "not_filed_decision",
        "paper",
        "receipt_number",
        "reference",
        "voucher",
    }
)
"""Fields that hold the number of a paper or an enterprise, as long as an account's and read in full."""


@dataclass(frozen=True, slots=True)
class Names:
    """What turns ids and paths into names, loaded once a page, and the rules in which items stand."""

    people: Mapping[int, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    law: Governing | None = None
    work: Mapping[int, str] = field(default_factory=dict)
    """Kinds of the work asked for in the matter, by number."""


def value_text(one: Field, value: Any, names: Names, on: date) -> str:
    """Return the value in words, empty for nothing.

    `on` is the day it was typed, by which an item of a list is read that no clock governs.
    """
    if value is None or value == "":
        return ""
    if one.kind is FieldKind.FLAG:
        return _("yes") if value else _("no")
    if one.kind is FieldKind.FEN:
        return _("%(amount)s yuan", amount=format_yuan(int(value)))
    if one.kind is FieldKind.PERSON:
        return names.people.get(int(value), str(value))
    if one.kind is FieldKind.UNIT:
        return names.units.get(str(value), str(value))
    if one.kind is FieldKind.CODE:
        return localised(choice_label(one, str(value)))
    if one.kind is FieldKind.ITEM:
        return item_text(one.items, str(value), names.law and names.law.as_of(on))
    if one.kind is FieldKind.TEXT:
        return str(value) if one.name in IDENTIFIERS else mask_text(str(value))
    day = day_of(value) if one.kind is FieldKind.DATE else None
    return day_text(day) if day else str(value)


def item_text(list_name: str, code: str, law: Governing | None) -> str:
    """Return an item's wording with its article, as the rule set says that governs the list in this matter.

    The bare code where no rule knows it.
    """
    if law is None:
        return code
    try:
        items = law.items(list_name)
    except DefinitionError:
        return code
    found = next((item for item in items if item.code == code), None)
    return f"{localised(found.label)} ({localised(found.article)})" if found else code
