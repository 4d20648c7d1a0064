"""What the call left out is added, what was heard wrongly is corrected: the event keeps what stood before.

The act `supplement` of a complaint's procedure (SAMR Order 121, art. 10). What is left empty stays as it is,
so nothing is taken away by it, with two exceptions: another merchant's name leaves the first firm's code and
address behind, and an e-mail address goes with the wish to be told by e-mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from complaints.dossier import progress, search_index
from complaints.dossier.models import Consumer, Matter, Merchant
from complaints.dossier.progress import Standing, Submitted
from complaints.dossier.registration import known_of
from complaints.dossier.search_filling import name_hash, text_of_matter
from complaints.dossier.search_reach import reach_of_matters
from complaints.dossier.search_terms import initials
from complaints.dossier.work import Work
from complaints.foundation import emails
from complaints.foundation.emails import normalise_email
from complaints.foundation.encryption import keyed_hash
from complaints.foundation.errors import Invalid
from complaints.foundation.identity_numbers import normalise_code, read_credit_code
from complaints.foundation.phones import callers_number
from workflows.runtime import reading
from workflows.runtime.requests import Outcome

LINES: Mapping[str, int] = {
    "consumer_name": 40,
    "consumer_phone": 40,
    "consumer_email": emails.LONGEST,
    "address": 200,
    "merchant_name": 120,
    "merchant_address": 200,
}
"""Characters that a line holds at most."""
LONGEST: Mapping[str, int] = {**LINES, "note": 5000}
"""Characters that each text holds at most: a note as much as what happened."""
OF_CONSUMER: Mapping[str, str] = {
    "consumer_name": "name",
    "consumer_phone": "phone",
    "reply_channel": "reply_channel",
    "consumer_email": "email",
    "address": "address",
}
"""The complainant's column behind each field."""
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
        **{name: getattr(consumer, column) if consumer else "" for name, column in OF_CONSUMER.items()},
        **{name: getattr(merchant, column) if merchant else "" for name, column in OF_MERCHANT.items()},
        "amount": matter.amount_fen,
    }


def supplement(work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted) -> Outcome:
    """Add or correct what was registered; the same form sent twice does it once.

    The event keeps what is new and what stood before, and the guards' `identity_known` and
    `respondent_named` follow from what is known then. Raises Invalid for what cannot be taken or changes
    nothing, and what `progress.act` raises.
    """
    reading.instance_row(work.connection, here.instance_id, lock=True)
    matter = here.matter
    for row in (matter, matter.consumer, matter.merchant):
        if row is not None:
            work.session.refresh(row)
    before = what_stands(matter)
    given, _wrong = _given(payload, before)
    after = _after(before, given)
    changed = {name: value for name, value in after.items() if value != before[name]}
    recorded = {
        **changed,
        **{f"{name}_before": before[name] for name in changed},
        "note": payload.get("note"),
        **known_of(_consumer_with(matter, after), _merchant_with(matter, after)),
    }
    done = progress.act(work, here, "supplement", payload, submitted, recorded=recorded)
    if done.replayed:
        return done
    # who may not do it at all has heard so first
    for problem in problems(matter, payload):
        raise problem
    if not changed:
        raise Invalid(_("Nothing here differs from what is registered: change a line first."))
    _complete_consumer(matter, changed)
    if changed.keys() & OF_MERCHANT.keys():
        matter.merchant = _merchant_row(work, matter, before, changed, after)
    matter.amount_fen = after["amount"]
    work.session.flush()
    whose = reach_of_matters(work.connection, [matter.id])
    search_index.write(work.session, [text_of_matter(matter, whose[matter.id])])
    return done


def _given(
    payload: Mapping[str, Any], before: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Invalid]]:
    """Return what was typed, without the lines left empty, and by field what cannot be taken."""
    given: dict[str, Any] = {}
    wrong: dict[str, Invalid] = {}
    for name in (*before, "note"):
        try:
            value = _read(name, payload.get(name))
        except Invalid as problem:
            wrong[name] = problem
        else:
            given |= {} if value is None or name == "note" else {name: value}
    return given, wrong


def _read(name: str, typed: Any) -> Any:
    """Return the value as it is kept, None for nothing; texts of one line, codes and numbers in their one
    form.
    """
    if not isinstance(typed, str):
        return typed
    line = _line(name, typed)
    if len(line) > LONGEST.get(name, len(line)):
        raise Invalid(_("At most %(most)s characters, please.", most=LONGEST[name]), name)
    if line and name == "merchant_code":
        return read_credit_code(line, name)
    if line and name == "consumer_phone":
        return callers_number(line, name)
    if line and name == "consumer_email":
        return normalise_email(line, name)
    return line or None


def _line(name: str, typed: str) -> str:
    if name == "note":
        return typed.strip()
    return normalise_code(typed) if name == "merchant_code" else " ".join(typed.split())


def _after(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what will stand. A line that is sent as it stood is no change, whatever blanks it has.

    Under another name it is another firm: of the first one's code and address it takes what was typed anew.
    An e-mail address is kept only where it is the wished way of reply.
    """

    def stood(name: str) -> Any:
        return _line(name, before[name]) if isinstance(before[name], str) else before[name]

    after = {**before, **{name: value for name, value in given.items() if value != stood(name)}}
    if after["merchant_name"] != before["merchant_name"]:
        for name in OF_MERCHANT.keys() - {"merchant_name"}:
            after[name] = given.get(name, "")
    if after["reply_channel"] != "email":
        after["consumer_email"] = ""
    return after


def problems(matter: Matter, payload: Mapping[str, Any]) -> list[Invalid]:
    """Return everything typed that cannot be taken, each with its field, so that one look mends all of it."""
    before = what_stands(matter)
    given, wrong = _given(payload, before)
    after = _after(before, given)
    touched = {name for name in before if after[name] != before[name]} | wrong.keys()
    found = list(wrong.values())
    by_email = after["reply_channel"] == "email"
    if not by_email and ("consumer_email" in given or "consumer_email" in wrong):
        sentence = _("An e-mail address is kept only for a reply by e-mail: choose that as well.")
        found.append(Invalid(sentence, "consumer_email"))
    if matter.consumer is None and touched & OF_CONSUMER.keys():
        named = next(name for name in OF_CONSUMER if name in touched)
        found.append(Invalid(_("This matter names no complainant: leave the lines about one empty."), named))
    if by_email and not after["consumer_email"] and "consumer_email" not in wrong:
        found.append(Invalid(_("To which e-mail address? Type it as well."), "consumer_email"))
    if matter.merchant is None and touched & OF_MERCHANT.keys() and "merchant_name" not in touched:
        found.append(Invalid(_("Which merchant? Type its name as well."), "merchant_name"))
    return found


def _complete_consumer(matter: Matter, changed: Mapping[str, Any]) -> None:
    """Keep what is new about the complainant; a number is found by its hash, so that follows it."""
    consumer = matter.consumer
    if consumer is None:
        return
    for name in changed.keys() & OF_CONSUMER.keys():
        setattr(consumer, OF_CONSUMER[name], changed[name])
    if "consumer_phone" in changed:
        consumer.phone_hash = keyed_hash(consumer.phone)
    if "consumer_name" in changed:
        consumer.name_hash = name_hash(consumer.name)


def _consumer_with(matter: Matter, after: Mapping[str, Any]) -> Consumer | None:
    """Return the complainant's side as it will stand, apart from the session."""
    if matter.consumer is None:
        return None
    return Consumer(**{column: after[name] for name, column in OF_CONSUMER.items()})


def _merchant_with(matter: Matter, after: Mapping[str, Any]) -> Merchant | None:
    """Return the respondent's side as it will stand, apart from the session."""
    if matter.merchant is None and not after["merchant_name"]:
        return None
    return Merchant(**{column: after[name] for name, column in OF_MERCHANT.items()})


def _merchant_row(
    work: Work,
    matter: Matter,
    before: Mapping[str, Any],
    changed: Mapping[str, Any],
    after: Mapping[str, Any],
) -> Merchant:
    """Return the merchant's row with what is known now.

    Only what was empty is filled in the row that is there, and only where no other matter names it. Whatever
    differs from it gets a row of its own beside it: the register's row stays as it is, and is found under
    its name. Another firm, or another address, points to no office that the first one pointed to.
    """
    known = matter.merchant
    of_merchant = changed.keys() & OF_MERCHANT.keys()
    fills = known is not None and not any(before[name] for name in of_merchant)
    row = known if known is not None and fills and not _named_elsewhere(work, matter) else Merchant()
    same = known is not None and "merchant_name" not in changed
    moved = bool(before["merchant_address"]) and "merchant_address" in changed
    row.unit_path = known.unit_path if known is not None and same and not moved else ""
    row.initials = initials(after["merchant_name"])
    for name, column in OF_MERCHANT.items():
        setattr(row, column, after[name])
    return row


def _named_elsewhere(work: Work, matter: Matter) -> bool:
    """Tell whether another matter names the same row."""
    others = select(Matter.id).where(Matter.merchant_id == matter.merchant_id, Matter.id != matter.id)
    return work.session.scalar(others.limit(1)) is not None
