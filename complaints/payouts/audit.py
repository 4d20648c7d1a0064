"""Whether the ledger says the same as the log: every posting has its event, every event its posting.

The events carry hashes and cannot be changed unnoticed (`cli log verify`); so whoever changes a posting, or a
sum of a payout, is found here by the number of the payout. Sums are integer fen.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from complaints.dossier.models import Matter, MatterKind
from complaints.dossier.visibility import JOIN
from complaints.foundation.money import format_yuan as yuan
from complaints.payouts.ledger import SIDES, Balances, balances
from complaints.payouts.models import Account, EntryKind, LedgerEntry, Payout, Purchase, PurchaseState
from workflows.runtime import event_log
from workflows.runtime.event_log import Event
from workflows.runtime.tables import event, instance

_MONEY_ACTIONS = ("approve", "settled", "recover", "write_off")
_PAPERS = {"settled": "voucher", "recover": "reference"}
"""Which field of an event the reference of its posting is."""
_PAID_STATES = frozenset({"paid", "recovering", "recovered", "written_off"})


class Code(enum.StrEnum):
    """What is wrong, or what is only to be looked at."""

    ACCOUNTS = "accounts"
    SIDES = "sides"
    POSTING = "posting"
    SUMS = "sums"
    ORDER = "order"
    STATE = "state"
    PURCHASE = "purchase"
    NOT_LINKED = "not_linked"
    NOT_FILED = "not_filed"


EXCEPTIONS = (Code.NOT_LINKED, Code.NOT_FILED)
"""Lawful, and named all the same: a payout without a case (零疏漏)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, by the number of the payout; empty where it concerns the ledger as a whole."""

    code: Code
    number: str
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the audit found."""

    sums: Balances
    accounts: Mapping[Account, int]
    payouts: int
    faults: tuple[Finding, ...]
    exceptions: tuple[Finding, ...]


@dataclass(slots=True)
class _Case:
    """A payout with all that is known of it."""

    number: str
    state: str
    payout: Payout | None
    events: list[Event] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)


def audit(session: Session) -> Report:
    """Audit the whole ledger; five queries."""
    cases, loose = _cases(session)
    purchases = {one.key: one for one in session.scalars(select(Purchase))}
    accounts = _accounts(session)
    sums = balances(session)
    found = [*_whole(sums, accounts), *loose]
    for case in cases:
        found.extend(_judge(case, purchases))
    return Report(
        sums,
        accounts,
        len(cases),
        tuple(one for one in found if one.code not in EXCEPTIONS),
        tuple(one for one in found if one.code in EXCEPTIONS),
    )


def _cases(session: Session) -> tuple[list[_Case], list[Finding]]:
    """Return the payouts, and a finding for each posting that belongs to none of them or has wrong sides."""
    rows = session.execute(
        select(Matter.id, Matter.number, instance.c.id, instance.c.state, Payout)
        .join(instance, JOIN)
        .outerjoin(Payout, Payout.matter_id == Matter.id)
        .where(Matter.kind == MatterKind.PAYOUT.value)
        .order_by(Matter.id)
    ).all()
    by_matter = {matter: _Case(number, state, payout) for matter, number, _, state, payout in rows}
    by_instance = {one: by_matter[matter] for matter, _, one, _, _ in rows}
    events = session.execute(
        select(event)
        .join(instance, instance.c.id == event.c.instance_id)
        .where(instance.c.procedure == MatterKind.PAYOUT.value, event.c.action.in_(_MONEY_ACTIONS))
        .order_by(event.c.instance_id, event.c.seq)
    ).mappings()
    for row in events:
        one = event_log.Event(**row)
        if one.instance_id in by_instance:  # else its matter is gone, which the check of the log names
            by_instance[one.instance_id].events.append(one)
    loose = []
    for entry in session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)):
        if (entry.debit, entry.credit) != SIDES[EntryKind(entry.kind)]:
            loose.append(Finding(Code.SIDES, "", f"posting {entry.id} ({entry.kind}) has wrong accounts"))
        if entry.matter_id in by_matter:
            by_matter[entry.matter_id].entries.append(entry)
        elif entry.kind != EntryKind.FUNDED.value:
            loose.append(Finding(Code.POSTING, "", f"posting {entry.id} belongs to no payout"))
    return list(by_matter.values()), loose


def _accounts(session: Session) -> dict[Account, int]:
    """Return the balance of each account, debits less credits, from the two sides of every posting."""
    found = dict.fromkeys(Account, 0)
    for column, sign in ((LedgerEntry.debit, 1), (LedgerEntry.credit, -1)):
        rows = session.execute(
            select(column, func.coalesce(func.sum(LedgerEntry.amount_fen), 0)).group_by(column)
        )
        for account, total in rows:
            found[Account(account)] += sign * int(total or 0)
    return found


def _whole(sums: Balances, accounts: Mapping[Account, int]) -> Iterator[Finding]:
    """Judge the ledger as a whole."""
    total = sum(accounts.values())
    if total:
        yield Finding(Code.ACCOUNTS, "", f"the accounts add up to {yuan(total)} yuan instead of zero")
    expected = {
        Account.FUND: sums.fund,
        Account.RECEIVABLE: sums.receivable,
        Account.WRITTEN_OFF: sums.written_off,
        Account.EXTERNAL: -sums.funded,
    }
    for account, balance in accounts.items():
        if balance != expected[account]:
            yield Finding(
                Code.ACCOUNTS,
                "",
                f"account {account}: {yuan(balance)} yuan by its sides, {yuan(expected[account])} by kind",
            )
        if balance < 0 and account is not Account.EXTERNAL:
            yield Finding(Code.ACCOUNTS, "", f"account {account} is below zero: {yuan(balance)} yuan")
    if sums.free < 0:
        yield Finding(Code.ACCOUNTS, "", f"more is approved than the fund holds: {yuan(sums.free)} yuan")


def _judge(case: _Case, purchases: Mapping[str, Purchase]) -> Iterator[Finding]:
    """Judge one payout."""
    if case.payout is None:
        yield Finding(Code.SUMS, case.number, "it has no row of sums")
        return
    yield from _postings(case)
    yield from _sums(case, case.payout)
    yield from _order(case, case.payout)
    yield from _purchase(case, case.payout, purchases)
    yield from _links(case, case.payout)


def _postings(case: _Case) -> Iterator[Finding]:
    """Compare the postings with what the events say should have been posted."""
    expected = _expected(case.events)
    posted = {entry.seq: (entry.kind, entry.amount_fen) for entry in case.entries}
    entries = {entry.seq: entry for entry in case.entries}
    events = {one.seq: one for one in case.events}
    for seq in sorted(expected.keys() | {one for one in posted if one is not None}):
        wanted, there = expected.get(seq), posted.get(seq)
        if wanted == there:
            if not _proven(entries[seq], events[seq]):
                words = f"event {seq}: who posted it, its day or what proves it differ from the log"
                yield Finding(Code.POSTING, case.number, words)
            continue
        yield Finding(
            Code.POSTING,
            case.number,
            f"event {seq}: {_said(wanted)} by the log, {_said(there)} in the ledger",
        )


def _proven(entry: LedgerEntry, told: Event) -> bool:
    """Tell whether a posting names the person and the paper of its event, and a payment its day."""
    typed = told.typed
    paper = str(typed.get(_PAPERS.get(told.action, ""), ""))[:200]
    paid_on = typed.get("paid_on") if told.action == "settled" else None
    return (entry.actor_id, entry.reference) == (told.actor_id, paper) and (
        paid_on is None or entry.booked_on.isoformat() == paid_on
    )


def _said(posting: tuple[str, int] | None) -> str:
    return f"{posting[0]} {yuan(posting[1])} yuan" if posting else "nothing"


def _expected(events: Sequence[Event]) -> dict[int, tuple[str, int]]:
    """Return, by event, the kind and sum that the log calls for."""
    approved = paid = recovered = 0
    found: dict[int, tuple[str, int]] = {}
    for one in events:
        typed = one.typed
        if one.action == "approve":
            approved = int(typed["approved_fen"])
        elif one.action == "settled":
            paid = approved
            found[one.seq] = (EntryKind.PAID.value, paid)
        elif one.action == "recover":
            total = int(typed["recovered_fen"])
            found[one.seq] = (EntryKind.RECOVERED.value, total - recovered)
            recovered = total
        else:
            found[one.seq] = (EntryKind.WRITTEN_OFF.value, paid - recovered)
    return found


def _sums(case: _Case, payout: Payout) -> Iterator[Finding]:
    """Compare the sums on the payout's row with its postings."""
    posted: dict[str, int] = defaultdict(int)
    for entry in case.entries:
        posted[entry.kind] += entry.amount_fen
    kept = {
        EntryKind.PAID.value: payout.paid_fen,
        EntryKind.RECOVERED.value: payout.recovered_fen,
        EntryKind.WRITTEN_OFF.value: payout.written_off_fen,
    }
    for kind, fen in kept.items():
        if posted[kind] != fen:
            words = f"{kind}: {yuan(fen)} yuan on the payout, {yuan(posted[kind])} yuan in the ledger"
            yield Finding(Code.SUMS, case.number, words)


def _order(case: _Case, payout: Payout) -> Iterator[Finding]:
    """Hold paid <= approved <= verified <= claimed, and that the state agrees with what was paid."""
    steps = (payout.claimed_fen, payout.verified_fen, payout.approved_fen, payout.paid_fen or None)
    known = [fen for fen in steps if fen is not None]
    if known != sorted(known, reverse=True):
        yield Finding(Code.ORDER, case.number, "paid <= approved <= verified <= claimed does not hold")
    if payout.owed_fen < 0:
        yield Finding(Code.ORDER, case.number, "more came back than was paid")
    if (case.state in _PAID_STATES) != (payout.paid_fen > 0):
        yield Finding(
            Code.STATE, case.number, f"state {case.state}, but {yuan(payout.paid_fen)} yuan were paid"
        )


def _purchase(case: _Case, payout: Payout, purchases: Mapping[str, Purchase]) -> Iterator[Finding]:
    """Hold that what was paid was this payout's purchase, and nobody else's."""
    purchase = purchases.get(payout.purchase_key)
    by_this = (
        purchase is not None
        and purchase.state == PurchaseState.PAID.value
        and purchase.paid_matter_id == payout.matter_id
    )
    if by_this != (payout.paid_fen > 0):
        yield Finding(Code.PURCHASE, case.number, "its purchase and its payment do not agree")


def _links(case: _Case, payout: Payout) -> Iterator[Finding]:
    """Name a payout that has no case."""
    if payout.paid_fen and not payout.case_number and not payout.not_filed_decision:
        yield Finding(
            Code.NOT_LINKED, case.number, "paid, but no case number and no decision not to file yet"
        )
    elif payout.not_filed_decision:
        yield Finding(Code.NOT_FILED, case.number, f"not filed: {payout.not_filed_decision}")
