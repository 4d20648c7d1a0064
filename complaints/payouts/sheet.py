"""One payout as the desk shows it: its steps, what it is held against, the two persons, the next posting."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from complaints.dossier.clock_views import day_text, due_text
from complaints.dossier.progress import Standing
from complaints.dossier.work import Work
from complaints.foundation.clock import local_moment
from complaints.foundation.masking import mask_text
from complaints.foundation.money import format_yuan
from complaints.organisation.directory import nearest_holders
from complaints.organisation.people import person_names
from complaints.organisation.roles import Role
from complaints.payouts.ledger import SIDES, Balances
from complaints.payouts.models import Account, EntryKind, Payout
from complaints.payouts.queries import SiblingLead, sum_of
from workflows.runtime.event_log import Event

STEPS = ("apply", "verify", "approve", "pay", "recover")
_PLACE = {
    "applied": 1,
    "verifying": 1,
    "approving": 2,
    "paying": 3,
    "paid": 4,
    "recovering": 4,
    "recovered": 5,
    "written_off": 5,
}
_DONE_BY = {
    "apply": ("start",),
    "verify": ("confirm",),
    "approve": ("approve",),
    "pay": ("settled",),
    "recover": ("file", "write_off"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of five: `state` is done, here or todo."""

    label: str
    state: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One line that the payout is held against. `state` is ok, open or late; `word` says the same."""

    label: str
    rule: str
    fact: str
    state: str
    word: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Hand:
    """One of those who act on a payout; `people` have done it, or may. `state` is done, here or todo."""

    label: str
    state: str
    people: tuple[str, ...]
    you: bool
    words: str


@dataclass(frozen=True, slots=True)
class Posting:
    """The posting that the next step makes, and what the balances are before and after; fen."""

    debit: str
    credit: str
    amount: int
    free: tuple[int, int]
    receivable: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of it."""

    sum_fen: int
    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    hands: tuple[Hand, ...]
    posting: Posting | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What a sheet is made from, read once a page."""

    work: Work
    here: Standing
    payout: Payout
    events: Sequence[Event]
    balances: Balances
    leads: Sequence[SiblingLead]
    due: date | None
    provisional: bool
    texts: Mapping[tuple[int, str], str]

    @property
    def known(self) -> dict[str, Any]:
        """The instance's variables."""
        known: dict[str, Any] = json.loads(self.here.row["vars"])
        return known

    def last(self, *actions: str) -> Event | None:
        """Return the last event of one of the actions, as long as what it did still stands."""
        names = [event for event in self.events if event.action in actions and event.kind in ("act", "start")]
        return names[-1] if names else None


def sheet(ground: Ground) -> Sheet:
    """Return the sheet; two queries for names, whatever happened."""
    people = person_names(ground.work.session, sorted({event.actor_id for event in ground.events}))
    return Sheet(
        sum_fen=sum_of(ground.payout),
        steps=_steps(ground, people),
        checks=_checks(ground),
        hands=_hands(ground, people),
        posting=_posting(ground),
        evidence=_evidence(ground),
    )


# -- the five steps ---------------------------------------------------------------------------------------


def step_words() -> dict[str, str]:
    """Return the names of the five steps."""
    return {
        "apply": _("Application"),
        "verify": _("Check on site"),
        "approve": _("Approval"),
        "pay": _("Payment"),
        "recover": _("Recovery"),
    }


def _steps(ground: Ground, people: Mapping[int, str]) -> tuple[Step, ...]:
    words, at = step_words(), _PLACE.get(ground.here.state, len(STEPS) + 1)
    ahead = {
        "approve": (_("after the check"), _("another person")),
        "pay": (_("after approval"), _("not who approved")),
        "recover": (_("after payment"), _("from the seller")),
    }
    found = []
    for place, key in enumerate(STEPS):
        done = ground.last(*_DONE_BY[key])
        if place < at and done is not None and _stands(ground, key):
            lines: tuple[str, ...] = (_short(done.at_us), people.get(done.actor_id, ""))
            found.append(Step(words[key], "done", lines))
        elif place == at:
            limit = _("limit %(day)s", day=_short_day(ground)) if ground.due else ""
            owner = people.get(ground.here.row["owner_id"], "") if key in ("verify", "recover") else ""
            found.append(Step(words[key], "here", tuple(one for one in (limit, owner) if one)))
        else:
            found.append(Step(words[key], "todo", ahead.get(key, ()) if at <= len(STEPS) else ()))
    return tuple(found)


def _stands(ground: Ground, key: str) -> bool:
    """Tell whether what a step brought still stands: a payout that was sent back has no verified sum."""
    payout = ground.payout
    kept = {"verify": payout.verified_fen, "approve": payout.approved_fen, "pay": payout.paid_fen}
    return bool(kept.get(key, True))


def _short_day(ground: Ground) -> str:
    """Return the day people work to, without the year where it is this one."""
    if ground.due is None:
        return ""
    text = due_text(ground.due, provisional=ground.provisional)
    return text[5:] if ground.due.year == ground.work.today.year else text


def _short(at_us: int) -> str:
    local = local_moment(at_us)
    return f"{day_text(local.date())[5:]} {local:%H:%M}"


# -- what it is held against ------------------------------------------------------------------------------


def _yuan(fen: int) -> str:
    return _("%(amount)s yuan", amount=format_yuan(fen))


def _checks(ground: Ground) -> tuple[Check, ...]:
    payout, known = ground.payout, ground.known
    return (
        _price(payout),
        _cap(payout, known.get("payout_cap_fen")),
        _signatures(ground, int(known.get("two_people_over_fen") or 0)),
        Check(
            _("One purchase, one payout"),
            _("unit and receipt, or person, seller, goods, day"),
            _("receipt %(number)s", number=payout.receipt_number)
            if payout.receipt_number
            else _("no receipt; bought on %(day)s", day=day_text(payout.bought_on)),
            "ok",
            _("paid by this one") if payout.paid_fen else _("no other payout"),
        ),
        _case(ground),
    )


def _price(payout: Payout) -> Check:
    verified = payout.verified_fen
    fact = _("claimed %(sum)s", sum=_yuan(payout.claimed_fen))
    if verified is None:
        return Check(_("Sum"), _("the purchase price, no multiple"), fact, "open", _("not verified yet"))
    # a word inside an f-string is not found by the extractor
    found = _("verified %(sum)s", sum=_yuan(verified))
    return Check(_("Sum"), _("the purchase price, no multiple"), f"{fact} · {found}", "ok", _("fits"))


def _cap(payout: Payout, cap: int | None) -> Check:
    rule = _("at most %(sum)s each", sum=_yuan(cap)) if cap is not None else _("no cap: each one is approved")
    over = cap is not None and sum_of(payout) > cap
    word = _("over the cap") if over else _("within it")
    return Check(_("Cap"), rule, _yuan(sum_of(payout)), "late" if over else "ok", word)


def _signatures(ground: Ground, limit: int) -> Check:
    rule = _("above %(sum)s, two people approve", sum=_yuan(limit))
    payout, signed = ground.payout, int(ground.known.get("countersigned_fen") or 0)
    label, fact = _("Approvers"), _yuan(sum_of(payout))
    if sum_of(payout) <= limit:
        return Check(label, rule, fact, "ok", _("one is enough"))
    if signed >= sum_of(payout):
        return Check(label, rule, _("countersigned %(sum)s", sum=_yuan(signed)), "ok", _("two"))
    return Check(label, rule, fact, "open", _("second one missing"))


def _case(ground: Ground) -> Check:
    payout, label, rule = ground.payout, _("Case number"), _("before the payout is filed")
    if payout.case_number:
        lead = next((one for one in ground.leads if one.case_number == payout.case_number), None)
        url = f"/matters/{lead.number}" if lead else ""
        return Check(label, rule, payout.case_number, "ok", _("linked"), url)
    if payout.not_filed_decision:
        return Check(label, rule, payout.not_filed_decision, "late", _("not filed: stays an exception"))
    if not ground.leads:
        return Check(label, rule, _("no lead from this complaint yet"), "open", _("to come"))
    lead = ground.leads[0]
    fact = lead.case_number or _("lead %(number)s", number=lead.number)
    return Check(label, rule, fact, "open", _("to be linked"), f"/matters/{lead.number}")


# -- the persons ------------------------------------------------------------------------------------------


def _hands(ground: Ground, people: Mapping[int, str]) -> tuple[Hand, ...]:
    """Return those who act, in their order: who has, or who may by the roles near the unit."""
    work, state = ground.work, ground.here.state
    roles = (Role.PAYOUT_APPROVER, Role.CASHIER)
    near = nearest_holders(work.session, roles, ground.here.row["unit_path"], work.today)
    names = person_names(work.session, [one for ids in near.values() for one in ids])
    owner = people.get(ground.here.row["owner_id"], "")
    may = {
        "verify": (owner,) if owner else (),
        "approve": tuple(names[one] for one in near.get(Role.PAYOUT_APPROVER, ())[:2]),
        "pay": tuple(names[one] for one in near.get(Role.CASHIER, ())[:2]),
    }
    present = {"applied": "verify", "verifying": "verify", "approving": "approve", "paying": "pay"}.get(state)
    order = [("verify", "confirm"), ("approve", "approve"), ("pay", "settled")]
    if ground.known.get("countersigned_fen"):
        order.insert(1, ("countersign", "countersign"))
    return tuple(
        _done_hand(ground, people, key, action) or _coming_hand(key, may.get(key, ()), key == present)
        for key, action in order
    )


def _done_hand(ground: Ground, people: Mapping[int, str], key: str, action: str) -> Hand | None:
    labels = {
        "verify": _("Verified"),
        "countersign": _("Countersigned"),
        "approve": _("Approved"),
        "pay": _("Paid"),
    }
    done = ground.last(action)
    if done is None or not _stands(ground, key):
        return None
    you = done.actor_id == ground.work.actor.id
    return Hand(labels[key], "done", (people.get(done.actor_id, ""),), you, _short(done.at_us))


def _coming_hand(key: str, may: tuple[str, ...], here: bool) -> Hand:
    labels = {"verify": _("Verify"), "approve": _("Approve"), "pay": _("Pay")}
    words = {
        "verify": _("on site, then confirms the sum"),
        "approve": _("whoever applied or checked may not approve"),
        "pay": _("whoever approved may not pay"),
    }
    return Hand(labels[key], "here" if here else "todo", may, False, words[key])


# -- the next posting -------------------------------------------------------------------------------------


def account_words() -> dict[Account, str]:
    """Return the names of the accounts."""
    return {
        Account.FUND: _("Fund for advance payments"),
        Account.RECEIVABLE: _("Receivable from sellers"),
        Account.WRITTEN_OFF: _("Written off"),
        Account.EXTERNAL: _("Money put in"),
    }


def _posting(ground: Ground) -> Posting | None:
    payout, sums, state = ground.payout, ground.balances, ground.here.state
    if state in ("applied", "verifying", "approving", "paying"):
        kind, amount = EntryKind.PAID, sum_of(payout)
        free_after = sums.free if payout.approved_fen is not None else sums.free - amount
        return _made(kind, amount, (sums.free, free_after), (sums.receivable, sums.receivable + amount))
    if state == "recovering" and payout.owed_fen:
        kind, amount = EntryKind.RECOVERED, payout.owed_fen
        return _made(
            kind, amount, (sums.free, sums.free + amount), (sums.receivable, sums.receivable - amount)
        )
    return None


def _made(kind: EntryKind, amount: int, free: tuple[int, int], receivable: tuple[int, int]) -> Posting:
    debit, credit = SIDES[kind]
    words = account_words()
    return Posting(words[debit], words[credit], amount, free, receivable)


def _evidence(ground: Ground) -> str:
    """Return what the check found, where the reader may see it."""
    done = ground.last("confirm")
    if done is None or not ground.payout.verified_fen:
        return ""
    return mask_text(ground.texts.get((done.seq, "evidence"), _("(not shown to you)")))
