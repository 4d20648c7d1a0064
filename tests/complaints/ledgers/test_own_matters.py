"""A ledger that holds matters of this system, as lists taken away do: they become no second history."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from complaints.dossier.numbering import format_number
from complaints.dossier.record_models import LedgerImport
from config import Settings
from tests.bureau import COUNTY, OFFICE, OTHER_COUNTY, Bureau, SignIn, post
from tests.complaints.commands.running import run
from tests.complaints.ledgers.importing import outcomes, said, take, take_rows
from tests.complaints.ledgers.rooms import checked, records
from tests.complaints.ledgers.sheets import as_csv, as_xlsx, put, row
from tests.factories import Matters, matters_of

REASON = "This number is that of a matter of this system"


def stands(city: Bureau, import_id: int) -> tuple[str, int, int]:
    """Return stage, new and refused rows of an import."""
    with city.database.reading() as session:
        one = session.get_one(LedgerImport, import_id)
        return one.stage, one.new, one.refused


def confirm(client: FlaskClient, import_id: int, **more: str) -> int:
    """Have it imported; return the status."""
    return post(client, f"/ledgers/{import_id}/confirm", **more).status_code


def next_number(number: str) -> str:
    """Return the number that the next matter of the day gets."""
    region, day, count, _check = number.split("-")
    return format_number(region, date.fromisoformat(day), int(count) + 1)


def numbers_of_every_kind(matters: Matters) -> list[str]:
    """Register a complaint, a dispute, a lead and a payout; return their numbers."""
    complaint = matters.in_state("transferred")
    office = matters.in_state("mediating")
    return [complaint, matters.lead_of(complaint), matters.a_dispute(), matters.a_payout(office)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_matter_of_any_kind_becomes_no_record(app: Flask, city: Bureau, kind: str) -> None:
    own = numbers_of_every_kind(matters_of(app, city))
    rows = [row(number=one) for one in [*own, "2023-0001"]]
    judged = take(city, as_csv(rows) if kind == "csv" else as_xlsx(rows), f"a.{kind}")
    assert outcomes(judged) == ["refused"] * 4 + ["new"]
    assert all(line.startswith(REASON) for line in said(judged)[:4])
    assert [one.number for one in records(city)] == ["2023-0001"]


def test_a_row_with_its_number_stops_the_file_unless_it_is_left_out(
    app: Flask, city: Bureau, client_as: SignIn
) -> None:
    own = matters_of(app, city).in_state("mediating")
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([row(), row(number=own)]))
    assert "本系统的事项编号" in brought.page.text
    assert confirm(client, brought.id) == 422
    assert records(city) == []
    assert confirm(client, brought.id, skip_refused="y") == 303
    assert [one.number for one in records(city)] == ["2023-0001"]
    assert stands(city, brought.id) == ("done", 1, 1)


def test_of_a_matter_that_is_not_ones_own_no_more_is_told(
    app: Flask, city: Bureau, client_as: SignIn
) -> None:
    """Neither its title nor its people, and the same sentence as for one that may be seen."""
    number = matters_of(app, city).in_state("registered", title="空调噪声扰民")
    said_to = {}
    for who, unit in (("intake", OTHER_COUNTY), ("head", OFFICE)):
        brought = checked(client_as(who), "a.csv", as_csv([row(number=number, text="别的话")]), unit)
        body = brought.page.text
        assert "空调噪声扰民" not in body
        assert "陈晓民" not in body
        assert f"/matters/{number}" not in body
        said_to[who] = re.findall(r"本系统的事项编号[^<]*", body)
    assert said_to["intake"] == said_to["head"] != []


def test_a_matter_that_is_registered_after_the_check_is_not_taken(
    app: Flask, city: Bureau, client_as: SignIn
) -> None:
    """It is decided when the records are written: the ledger goes back to the person with a fresh report."""
    matters = matters_of(app, city)
    soon = next_number(matters.a_complaint())
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([row(), row(number=soon)]))
    assert stands(city, brought.id) == ("checked", 2, 0)
    assert matters.a_complaint() == soon
    assert confirm(client, brought.id) == 303
    assert records(city) == []
    assert stands(city, brought.id) == ("checked", 1, 1)
    assert confirm(client, brought.id, skip_refused="y") == 303
    assert [one.number for one in records(city)] == ["2023-0001"]


def test_the_command_writes_such_rows_beside_the_ledger_as_they_were(
    app: Flask, city: Bureau, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("complaints.commands.parts.Clock", lambda: city.clock)
    own = matters_of(app, city).a_complaint()
    file = put(tmp_path, "台账.csv", as_csv([row(), row(number=own)]))
    stopped = run(settings, "import", "ledger", str(file), "--unit", COUNTY)
    assert (stopped.exit_code, f"row 3  {own}  refused: {REASON}" in stopped.stdout) == (1, True)
    assert records(city) == []
    skipped = run(settings, "import", "ledger", str(file), "--unit", COUNTY, "--skip-refused")
    assert skipped.exit_code == 0, skipped.stderr
    _header, refused = list(csv.reader((tmp_path / "台账-refused.csv").read_text("utf-8-sig").splitlines()))
    assert (refused[0], refused[2]) == (own, "13800138000")
    assert refused[-1].startswith(REASON)
    assert [one.number for one in records(city)] == ["2023-0001"]


def test_a_record_of_before_stays_what_it_is(app: Flask, city: Bureau) -> None:
    """Where the same list was taken in earlier, its row is refused now like any other."""
    matters = matters_of(app, city)
    soon = next_number(matters.a_complaint())
    assert outcomes(take_rows(city, row(number=soon))) == ["new"]
    assert matters.a_complaint() == soon
    assert outcomes(take_rows(city, row(number=soon, text="另一段"))) == ["refused"]
    assert [one.text_in_full for one in records(city)] == [row()[4]]
