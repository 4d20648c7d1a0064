"""By which number and name a record is found, where a cell holds more or less than one."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from complaints.ledgers.found_by import phones_in
from tests.bureau import Bureau, SignIn
from tests.complaints.ledgers.importing import only, outcomes, said, take, take_rows
from tests.complaints.ledgers.rooms import records
from tests.complaints.ledgers.sheets import as_csv, as_xlsx, row
from tests.complaints.ledgers.test_settling import settle, waiting
from tests.complaints.search.searching import hits

CELLS = {
    "13711110001/13711110002": ["13711110001", "13711110002"],
    "13711110003、0710-3512345": ["13711110003", "0710-3512345"],
    "电话：13711110004": ["13711110004"],
    "13711110005（女儿）": ["13711110005"],
    "+86 13600136014 / 0571-88888888": ["13600136014", "0571-88888888"],
    "13711110006 13711110007": ["13711110006", "13711110007"],
    "137-1111-0008；0710-3512346转8": ["13711110008", "0710-3512346-8"],
    "１３７１１１１０００９，１３７１１１１００１０": ["13711110009", "13711110010"],
    "王13711110011李13711110012": ["13711110011", "13711110012"],
    "12315 / 13711110013": ["13711110013"],
    "137****0001/13711110014": ["13711110014"],
    "13711110015/13711110015": ["13711110015"],
}
"""Cells of real ledgers, the numbers invented."""
NONE = ["1371111001613711110017", "3512345", "420602199003071235", "6222021234567890123", "见附件", "1371111"]


def found(client: FlaskClient, typed: str) -> list[int]:
    """Return the records among the hits."""
    return sorted({int(one) for one in re.findall(r"/records/([0-9]+)", hits(client, typed))})


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_record_is_found_by_the_first_number_of_its_cell_which_stays(
    client_as: SignIn, city: Bureau, kind: str
) -> None:
    rows = [row(number=f"n{at}", phone=cell) for at, cell in enumerate(CELLS)]
    judged = take(city, as_csv(rows) if kind == "csv" else as_xlsx(rows), f"a.{kind}")
    assert outcomes(judged) == ["new"] * len(rows)
    assert judged.counts.flagged == len(rows)
    client = client_as("supervisor")
    for record, sentence, (cell, numbers) in zip(records(city), said(judged), CELLS.items(), strict=True):
        several = "several numbers: found by the first" in sentence
        assert several == (len(numbers) > 1), cell
        assert several or "more than a number: found by" in sentence, cell
        assert not any(number in sentence for number in numbers), cell
        assert phones_in(record.phone) == numbers, cell
        assert found(client, numbers[0]) == [record.id], cell
    assert records(city)[5].phone == "13711110006 13711110007"
    assert records(city)[0].phone == "13711110001/13711110002"
    assert found(client, "13711110002") == []


@pytest.mark.parametrize("cell", NONE)
def test_a_part_of_a_longer_number_is_none(city: Bureau, cell: str) -> None:
    judged = take_rows(city, row(phone=cell))
    assert "no telephone number: kept as written" in said(judged)[0]
    assert (only(city).phone, only(city).phone_hash) == (cell, "")


def test_one_number_alone_is_said_nothing_of(city: Bureau) -> None:
    cells = [
        "138 0013 8000",
        "（0710）3512345",
        "0710-3512345-8",
        "12315",
        "+85223456789",
        "138****8000",
        "不详",
    ]
    judged = take_rows(city, *(row(number=f"n{at}", phone=cell) for at, cell in enumerate(cells)))
    assert said(judged) == [""] * len(cells)


def test_taking_the_other_cell_of_a_conflict_changes_the_number_too(client_as: SignIn, city: Bureau) -> None:
    take_rows(city, row())
    assert outcomes(take_rows(city, row(phone="13711110001/13711110002"))) == ["conflicting"]
    client = client_as("intake")
    assert settle(client, waiting(city)[0]) == 303
    supervisor = client_as("supervisor")
    assert found(supervisor, "13711110001") == [only(city).id]
    assert found(supervisor, "13800138000") == []


@pytest.mark.parametrize("name", ["陈**", "陈＊明", "陈××", "**"])
def test_a_name_that_the_file_masks_stays_so_and_nobody_is_found_by_it(
    client_as: SignIn, city: Bureau, name: str
) -> None:
    judged = take_rows(city, row(person=name), row(number="2", person="陈晓民"))
    assert said(judged) == [
        "The complainant's name is masked in the file: kept as it stands, not found by name.",
        "",
    ]
    masked, whole = records(city)
    assert (masked.person, masked.person_hash) == (name, "")
    assert found(client_as("supervisor"), "陈晓民") == [whole.id]
