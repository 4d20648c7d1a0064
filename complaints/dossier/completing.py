"""What the call left out is added, what was heard wrongly is corrected: the event keeps what stood before.

The act `supplement` of a complaint's procedure (SAMR Order 121, art. 10). What is left empty stays as it is,
so nothing can be taken away by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from complaints.dossier import progress
from complaints.dossier.models import Consumer, Matter, Merchant
from complaints.dossier.progress import Standing, Submitted
from complaints.dossier.registration import initials, known_of
from complaints.dossier.work import Work
from complaints.foundation.errors import Invalid
from complaints.foundation.identity_numbers import normalise_code
from workflows.runtime import reading
from workflows.runtime.requests import Outcome

LONGEST: Mapping[str, int] = {
    "address": 200,
    "merchant_name": 120,
    "merchant_code": 18,
    "merchant_address": 200,
}
"""Characters that a line holds at most."""
OF_MERCHANT: Mapping[str, str] = {
    "merchant_name": "name",
    "merchant_code": "uscc",
    "merchant_address": "address",
}
"""The merchant's column behind each field."""


def what_stands(matter: Matter) -> dict[str, Any]:
    """Return what is registered now, by the act's fields; empty texts and None for nothing."""
    consumer, merchant = matter.consumer, matter.merchant
    return {
        "address": consumer.address if consumer else "",
        **{name: getattr(merchant, column) if merchant else "" for name, column in OF_MERCHANT.items()},
        "amount": matter.amount_fen,
    }


def supplement(work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted) -> Outcome:
    """Add or correct what was registered; the same form sent twice does it once.

    The event keeps what is new and what stood before, and the guards' `identity_known` and
    `respondent_named` follow from what is known then. A merchant that other matters name as well is left to
    them: this matter gets a row of its own. Raises Invalid for what cannot be taken or changes nothing, and
    what `progress.act` raises.
    """
    reading.instance_row(work.connection, here.instance_id, lock=True)
    matter = here.matter
    for row in (matter, matter.consumer, matter.merchant):
        if row is not None:
            work.session.refresh(row)
    before = what_stands(matter)
    given = {name: value for name in before if (value := _read(name, payload.get(name))) is not None}
    changed = {name: value for name, value in given.items() if value != before[name]}
    after = before | changed
    recorded = {
        **changed,
        **{f"{name}_before": before[name] for name in changed},
        "note": payload.get("note"),
        **known_of(_consumer_with(matter, after), _merchant_with(matter, after)),
    }
    done = progress.act(work, here, "supplement", payload, submitted, recorded=recorded)
    if done.replayed:
        return done
    _check(matter, changed)
    if matter.consumer is not None and "address" in changed:
        matter.consumer.address = changed["address"]
    if changed.keys() & OF_MERCHANT.keys():
        matter.merchant = _merchant_row(work, matter, changed, after)
    matter.amount_fen = after["amount"]
    work.session.flush()
    return done


def _read(name: str, typed: Any) -> Any:
    """Return the value as it is kept, None for nothing; texts of one line, codes in capitals."""
    if not isinstance(typed, str):
        return typed
    line = normalise_code(typed) if name == "merchant_code" else " ".join(typed.split())
    if len(line) > LONGEST[name]:
        raise Invalid(_("At most %(most)s characters, please.", most=LONGEST[name]), name)
    return line or None


def _check(matter: Matter, changed: Mapping[str, Any]) -> None:
    if not changed:
        raise Invalid(_("Nothing here differs from what is registered: change a line first."))
    if matter.consumer is None and "address" in changed:
        raise Invalid(_("This matter names no complainant, so there is no address to keep."), "address")
    if matter.merchant is None and changed.keys() & OF_MERCHANT.keys() and "merchant_name" not in changed:
        raise Invalid(_("Which merchant? Type its name as well."), "merchant_name")


def _consumer_with(matter: Matter, after: Mapping[str, Any]) -> Consumer | None:
    """Return the complainant's side as it will stand, apart from the session."""
    known = matter.consumer
    return Consumer(name=known.name, phone=known.phone, address=after["address"]) if known else None


def _merchant_with(matter: Matter, after: Mapping[str, Any]) -> Merchant | None:
    """Return the respondent's side as it will stand, apart from the session."""
    if matter.merchant is None and not after["merchant_name"]:
        return None
    return Merchant(**{column: after[name] for name, column in OF_MERCHANT.items()})


def _merchant_row(
    work: Work, matter: Matter, changed: Mapping[str, Any], after: Mapping[str, Any]
) -> Merchant:
    """Return the merchant's row with what is known now: the matter's own, or a new one beside a shared one.

    A corrected address no longer points to the office that the old one pointed to.
    """
    known = matter.merchant
    shared = known is not None and (
        work.session.scalar(
            select(Matter.id).where(Matter.merchant_id == known.id, Matter.id != matter.id).limit(1)
        )
        is not None
    )
    moved = known is not None and bool(known.address) and "merchant_address" in changed
    office = "" if known is None or moved else known.unit_path
    row = Merchant() if known is None or shared else known
    row.unit_path, row.initials = office, initials(after["merchant_name"])
    for name, column in OF_MERCHANT.items():
        setattr(row, column, after[name])
    return row
