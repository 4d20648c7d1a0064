"""The facts of a matter and its two sides.

With numbers masked and names as far as the reader may see them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from complaints.dossier.clock_views import day_text, localised
from complaints.dossier.codes import CHANNELS, DEMANDS, EVIDENCE, GENDERS, ID_TYPES, REPLY_CHANNELS
from complaints.dossier.field_values import Names, value_text
from complaints.dossier.models import Consumer, Matter, MatterKind, Merchant
from complaints.dossier.work import Work
from complaints.dossier_page.queries import categories
from complaints.dossier_page.stages import moment_text
from complaints.foundation.clock import SHANGHAI
from complaints.foundation.masking import (
    mask_address,
    mask_email,
    mask_identity_number,
    mask_name,
    mask_phone,
)
from complaints.foundation.money import format_yuan
from workflows.definition import Label, Procedure

Pair = tuple[str, str]


SESSION = "session_"
"""Begins the names of what an arranged session keeps; the page shows it as one sentence of its own."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about a side; `what` names the value that may be shown in full, empty where none may."""

    label: str
    value: str
    strong: str = ""
    what: str = ""
    reveal_label: str = ""
    reveal_url: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """One side of the matter."""

    role_label: str
    name: str
    facts: tuple[Fact, ...]


def category_path(work: Work, matter: Matter) -> str:
    """Return the goods or service and the kind of problem, as they were called when they were chosen."""
    known = categories(work.session, [matter.category_code, matter.problem_code])
    words = [known[code] for code in (matter.category_code, matter.problem_code) if code in known]
    return " › ".join(localised(Label(one.zh, one.en)) for one in words)


def facts(matter: Matter) -> list[Pair]:
    """Return label and value of what was said, without what nobody said."""
    found = [
        (_("Claims"), _codes(DEMANDS, matter.demands)),
        (_("Amount"), "" if matter.amount_fen is None else _yuan(matter.amount_fen)),
        (_("Happened on"), day_text(matter.happened_on) if matter.happened_on else ""),
        (_("Evidence"), _codes(EVIDENCE, matter.evidence)),
        (_("Source"), localised(CHANNELS[matter.channel])),
        (_("Received at"), moment_text(matter.received_at)),
    ]
    if matter.registered_at.astimezone(SHANGHAI).date() != matter.received_on:
        found.append((_("Registered at"), moment_text(matter.registered_at)))
    return [pair for pair in found if pair[1]]


def recorded(procedure: Procedure, known: Mapping[str, Any], names: Names, matter: Matter) -> list[Pair]:
    """Return what later steps have put on record: case number, sums, grounds.

    Items as of the day of receipt.
    """
    done = known.get("by", {})
    found: dict[str, Pair] = {}
    for action in (one for one in procedure.actions.values() if one.name in done):
        for one in action.fields:
            kept = one.keep and not one.derived and not one.name.startswith(SESSION)
            text = value_text(one, known.get(one.name), names, matter.received_on) if kept else ""
            if text and one.name not in found:
                found[one.name] = (localised(one.label), text)
    return list(found.values())


def parties(matter: Matter, *, masked: bool, may_reveal: bool, url: Callable[[str], str]) -> list[Party]:
    """Return the sides that the matter names. `masked` hides the name too.

    `url` gives the way to a full value.
    """
    found = []
    way = url if may_reveal and not masked else None
    if matter.consumer is not None:
        found.append(_consumer(matter, matter.consumer, masked, way))
    if matter.merchant is not None:
        found.append(_merchant(matter, matter.merchant, way))
    return found


def _consumer(matter: Matter, one: Consumer, masked: bool, url: Callable[[str], str] | None) -> Party:
    complaint = matter.kind == MatterKind.COMPLAINT.value
    id_label = localised(ID_TYPES[one.id_type]) if one.id_type in ID_TYPES else _("Identity document")
    numbers = (
        ("phone", _("Phone"), mask_phone(one.phone), _("Show the full phone number")),
        ("email", _("E-mail"), mask_email(one.email), _("Show the full e-mail address")),
        ("address", _("Address"), mask_address(one.address), _("Show the full address")),
        ("id_number", id_label, mask_identity_number(one.id_number), _("Show the full identity number")),
    )
    found = [
        Fact(label, shown, what=what, reveal_label=words, reveal_url=url(what) if url else "")
        for what, label, shown, words in numbers
        if shown
    ]
    wish = REPLY_CHANNELS.get(one.reply_channel)
    if wish is not None:
        found.append(Fact(_("Preferred reply"), localised(wish)))
    if complaint:
        publish = _("agrees to publication") if matter.consent_publish else _("no consent to publication")
        entrust = (
            _("agrees to entrusted mediation")
            if matter.consent_entrust
            else _("no consent to entrusted mediation")
        )
        found.append(Fact(_("Consents"), f"{publish} · {entrust}"))
    gender = f" {localised(GENDERS[one.gender])}" if one.gender in GENDERS else ""
    name = mask_name(one.name) if masked else one.name
    return Party(_role(matter), f"{name}{gender}", tuple(found))


def _role(matter: Matter) -> str:
    """Return what the person is called in a matter of this kind."""
    words = {MatterKind.COMPLAINT.value: _("Complainant"), MatterKind.PAYOUT.value: _("Applicant")}
    return words.get(matter.kind, _("Consumer"))


def _merchant(matter: Matter, one: Merchant, url: Callable[[str], str] | None) -> Party:
    """Return the business; where a number in its name or address is masked, with the way to the full one."""
    against = matter.kind in (MatterKind.COMPLAINT.value, MatterKind.STATION_DISPUTE.value)
    name, address = one.masked_name, one.masked_address
    found = [Fact(_("Address"), address)] if address else []
    if address != one.address:
        words = _("Show the full address of the business")
        found = [Fact(_("Address"), address, "", "merchant_address", words)]
    if name != one.name:
        words = _("Show the full name of the business")
        found.insert(0, Fact(_("Name of the business"), name, "", "merchant_name", words))
    if one.uscc:
        found.append(Fact(_("Credit code"), one.uscc))
    facts = [replace(fact, reveal_url=url(fact.what)) if url and fact.what else fact for fact in found]
    return Party(_("Respondent") if against else _("Business"), name, tuple(facts))


def _codes(labels: Mapping[str, Label], codes: list[str]) -> str:
    return _("; ").join(localised(labels[code]) for code in codes if code in labels)


def _yuan(fen: int) -> str:
    return _("%(amount)s yuan", amount=format_yuan(fen))
