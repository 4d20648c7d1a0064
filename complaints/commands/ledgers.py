"""`audit ledger`, `audit leads` and `payouts fund`: whether money and leads add up; money for the fund."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click

from complaints.cases.reconciliation import Reconciliation, reconcile
from complaints.commands.audit import audit
from complaints.commands.parts import json_option, opened, tell
from complaints.foundation.errors import Conflict, Invalid
from complaints.foundation.money import format_yuan, parse_yuan
from complaints.organisation.people import SYSTEM_ID
from complaints.payouts import audit as payouts_audit
from complaints.payouts.ledger import Balances, Cause, balances, put_into_fund

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@audit.command(
    help="The ledger of payouts: accounts add up to zero, every posting has its event and every event its "
    "posting, paid <= approved <= verified <= claimed, one purchase is paid once. Payouts without a case are "
    "named as exceptions. Ends with 1 where something is wrong."
)
@json_option
@click.pass_context
def ledger(context: click.Context, as_json: bool) -> None:
    """Audit the ledger."""
    with opened() as parts, parts.database.reading() as session:
        found = payouts_audit.audit(session)
    if as_json:
        click.echo(json.dumps(_ledger_facts(found), ensure_ascii=False))
    else:
        _print_ledger(found)
    if found.faults:
        context.exit(1)


def _ledger_facts(found: payouts_audit.Report) -> dict[str, Any]:
    return {
        **_sums(found.sums),
        "accounts_fen": {account.value: fen for account, fen in found.accounts.items()},
        "payouts": found.payouts,
        "faults": [{"code": one.code, "number": one.number, "words": one.words} for one in found.faults],
        "exceptions": [
            {"code": one.code, "number": one.number, "words": one.words} for one in found.exceptions
        ],
    }


def _print_ledger(found: payouts_audit.Report) -> None:
    for name, fen in found.accounts.items():
        click.echo(f"{name.value}: {format_yuan(fen)} yuan")
    click.echo(f"sum of the accounts: {format_yuan(sum(found.accounts.values()))} yuan")
    click.echo(f"free in the fund: {format_yuan(found.sums.free)} yuan, payouts: {found.payouts}")
    for title, findings in (("faults", found.faults), ("exceptions", found.exceptions)):
        click.echo(f"{title}: {len(findings)}")
        for one in findings:
            click.echo(f"  {one.number or 'ledger'}  {one.words}")


def _sums(sums: Balances) -> dict[str, int]:
    return {
        "funded_fen": sums.funded,
        "paid_fen": sums.paid,
        "recovered_fen": sums.recovered,
        "written_off_fen": sums.written_off,
        "committed_fen": sums.committed,
        "free_fen": sums.free,
    }


@audit.command(
    help="The leads of the whole bureau: opened = open + ended, and every exception by its number. Ends with "
    "1 where a lead is missing, was not reported, or ended without its proof."
)
@click.option("--day", type=_DAY, help="Count as of the end of this day; else today.")
@json_option
@click.pass_context
def leads(context: click.Context, day: datetime | None, as_json: bool) -> None:
    """Reconcile the leads."""
    with opened() as parts, parts.database.reading() as session:
        today = parts.clock.today()
        wanted = day.date() if day else today
        if wanted > today:
            raise Invalid(f"--day {wanted} lies after today, {today}: nothing is recorded for it yet.")
        found = reconcile(session, wanted)
    if as_json:
        click.echo(json.dumps(_lead_facts(found), ensure_ascii=False))
    else:
        _print_leads(found)
    if not found.balanced:
        context.exit(1)


def _lead_facts(found: Reconciliation) -> dict[str, Any]:
    return {
        "day": found.day.isoformat(),
        "reported": found.reported,
        "open": found.open,
        "ended": found.ended,
        "difference": found.difference,
        "carried": found.carried,
        "opened_today": found.opened_today,
        "ended_today": found.ended_today,
        "balanced": found.balanced,
        "exceptions": [
            {
                "flaw": one.flaw,
                "number": one.number,
                "unit": one.unit_path,
                "due": one.due.isoformat() if one.due else None,
                "provisional": one.provisional,
            }
            for one in found.exceptions
        ],
    }


def _print_leads(found: Reconciliation) -> None:
    click.echo(f"as of the end of {found.day}")
    click.echo(
        f"reported {found.reported} = open {found.open} + ended {found.ended}"
        + (f" (difference {found.difference})" if found.difference else "")
    )
    click.echo(
        f"that day: carried over {found.carried}, opened {found.opened_today}, ended {found.ended_today}"
    )
    click.echo(f"exceptions: {len(found.exceptions)}")
    for one in found.exceptions:
        due = f" since {one.due}{' (provisional)' if one.provisional else ''}" if one.due else ""
        click.echo(f"  {one.number}  {one.flaw.value}{due}  {one.unit_path}")


@click.group(help="Money for advance payments.")
def payouts() -> None:
    """Hold the commands."""


@payouts.command(
    help="Show the fund for advance payments, open it with --open AMOUNT, or put more into it with --add "
    "AMOUNT. Amounts are in yuan, such as 50000.00. Until the fund is open no payout can be approved."
)
@click.option("--open", "first", metavar="AMOUNT", help="Open the fund with this sum.")
@click.option("--add", "more", metavar="AMOUNT", help="Put this sum into the open fund.")
@click.option(
    "--reference", default="", help="What the money rests on, such as the number of the budget paper."
)
@json_option
def fund(first: str | None, more: str | None, reference: str, as_json: bool) -> None:
    """Show the fund or put money into it."""
    if first and more:
        raise Invalid("Give --open or --add, not both.")
    with opened() as parts, parts.database.writing() as session:
        sums = balances(session)
        if first and sums.funded:
            raise Conflict("The fund is open already: put more into it with --add.")
        if more and not sums.funded:
            raise Conflict("The fund is not open yet: open it with --open.")
        asked = first or more
        if asked:
            cause = Cause(SYSTEM_ID, parts.clock.now(), parts.clock.today(), reference=reference[:200])
            sums = put_into_fund(session, parse_yuan(asked, least=1), cause)
    facts = _sums(sums)
    if as_json:
        tell(facts, as_json=True)
    else:
        tell(
            {name.removesuffix("_fen"): f"{format_yuan(fen)} yuan" for name, fen in facts.items()},
            as_json=False,
        )
