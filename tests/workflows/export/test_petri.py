"""The net of a procedure: a token walks it as a matter walks the procedure."""

from __future__ import annotations

from tests.workflows import loan
from tests.workflows.export.standards import root_of
from workflows.export.petri import net_of, pnml

PROCEDURE = loan.procedure()
NET = net_of(PROCEDURE)
OPEN = net_of(PROCEDURE, unfinished=True)
BY_THE_SYSTEM = ("warn.due", "calendar", "due.work", "erase")
LENT = ("start", "lend", "remark", *BY_THE_SYSTEM, "renew", "send_to_binder", "give_back")


def test_a_lawful_history_fits() -> None:
    assert NET.fits((*LENT, "remark", "count"))
    assert NET.fits(LENT)
    assert NET.fits(("start", "join", "part", "refuse"))


def test_what_was_taken_back_leads_to_where_it_was_done_from() -> None:
    """`join` from two states: after `part` the way on is that of the one state only."""
    text = loan.TEXT.replace("from: asked, to: joined", "from: [asked, lent], to: joined")
    net = net_of(loan.procedure(text))
    assert net.fits(("start", "join", "remark", "part", "lend", "join", "part", "give_back"))
    assert not net.fits(("start", "join", "part", "give_back"))
    assert not net.fits(("start", "lend", "join", "part", "lend", "give_back"))


def test_no_two_steps_of_one_name_compete() -> None:
    for net in (NET, OPEN):
        steps = [(one.label, one.takes) for one in net.transitions]
        assert len(steps) == len(set(steps))


def test_an_unlawful_one_does_not() -> None:
    for steps in (
        ("lend", "give_back"),
        ("start", "give_back"),
        ("start", "lend", "lend", "give_back"),
        ("start", "refuse", "lend", "give_back"),
        ("start", "lend", "back_from_binder", "give_back"),
        ("start", "sing", "refuse"),
    ):
        assert not NET.fits(steps)
        assert not OPEN.fits(steps)


def test_an_open_matter_fits_only_where_it_may_stop_anywhere() -> None:
    assert not NET.fits(("start", "lend"))
    assert OPEN.fits(("start", "lend"))


def test_what_the_system_writes_can_be_left_out() -> None:
    bare = net_of(PROCEDURE, system=False)
    assert not bare.fits(LENT)
    assert bare.fits(tuple(one for one in LENT if one not in BY_THE_SYSTEM))


def test_the_markup_tells_the_same() -> None:
    root = root_of(pnml(OPEN))
    space = root.tag.removesuffix("pnml")
    page = root.find(f"{space}net/{space}page")
    assert page is not None
    ids = [one.get("id") for one in page]
    assert len(ids) == len(set(ids))
    assert len(page.findall(f"{space}transition")) == len(OPEN.transitions)
    ends = {(one.get("source"), one.get("target")) for one in page.findall(f"{space}arc")}
    assert len(ends) == sum(len(one.takes) + len(one.puts) for one in OPEN.transitions)
    assert all(source in ids and target in ids for source, target in ends)
    silent = page.findall(f"{space}transition[{space}toolspecific]")
    assert len(silent) == len(PROCEDURE.states)
