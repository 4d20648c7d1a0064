"""A station settles privately or passes up; it decides nothing of the office."""

from __future__ import annotations

from dataclasses import replace

from tests.procedures.office import HANDLER, STATION, begin, compiled


def test_a_dispute_is_settled_on_the_spot():
    offered = begin("station_dispute").do("record_offer", STATION, consumer_offer=3000, merchant_offer=1000)
    done = offered.do("settle", STATION, amount=2000, kind="refund")
    assert (done.state, done.vars["amount"]) == ("settled", 2000)


def test_a_settlement_is_told():
    assert begin("station_dispute").why("settle", STATION, told=False) == ["parties_not_told"]


def test_what_is_not_settled_goes_up_as_a_complaint():
    assert begin("station_dispute").do("pass_up", STATION).state == "passed_up"
    assert compiled("station_dispute").procedure.actions["pass_up"].child == "complaint"


def test_what_was_passed_up_keeps_its_files():
    passed = begin("station_dispute").do("pass_up", STATION)
    for action in ("attach", "withdraw_file"):
        assert passed.why(action, STATION) == ["files_passed_up"]
        assert begin("station_dispute").why(action, STATION) == []
    assert passed.why("add_note", STATION) == []
    settled = begin("station_dispute").do("settle", STATION, amount=2000, kind="refund")
    assert settled.why("attach", STATION) == settled.why("withdraw_file", STATION) == []


def test_another_venue_has_no_say():
    stranger = replace(STATION, id=66, unit="/420600/420606/09/")
    assert begin("station_dispute").why("settle", stranger) == ["role_missing", "not_owner"]
    assert begin("station_dispute").why("settle", HANDLER) == ["role_missing", "not_owner"]


def test_a_station_refuses_nothing():
    assert "refuse" not in compiled("station_dispute").procedure.actions
    assert all(clock.internal for clock in compiled("station_dispute").procedure.clocks.values())
