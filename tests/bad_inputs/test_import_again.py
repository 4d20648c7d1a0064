"""Bad inputs of a ledger: files twice, overlapping, with other content; stopped in the middle."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from complaints.dossier.record_models import LedgerImport
from complaints.ledgers import importing
from complaints.ledgers.models import LedgerConflict, LedgerLine
from tests.bureau import Bureau
from tests.complaints.ledgers.importing import outcomes, said, take, take_rows
from tests.complaints.ledgers.rooms import records
from tests.complaints.ledgers.sheets import as_csv, row


def count(city: Bureau, model: type) -> int:
    """Count the rows of a table."""
    with city.database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(model)) or 0)


def test_c50_the_same_file_twice_changes_nothing(city: Bureau) -> None:
    content = as_csv([row(), row(number="2"), row(number="2", text="另一段"), row(number="3", phone="abc")])
    assert outcomes(take(city, content)) == ["new", "new", "conflicting", "new"]
    before = [(one.id, one.content_digest, one.import_id, one.row) for one in records(city)]
    assert outcomes(take(city, content)) == ["same", "same", "conflicting", "same"]
    assert [(one.id, one.content_digest, one.import_id, one.row) for one in records(city)] == before
    assert count(city, LedgerConflict) == 1


def test_c50_overlapping_files_report_new_same_and_conflicting(city: Bureau) -> None:
    take_rows(city, row(), row(number="37042", reply="甲"))
    judged = take_rows(city, row(), row(number="37042", reply="乙"), row(number="37043"))
    assert outcomes(judged) == ["same", "conflicting", "new"]
    assert said(judged)[1] == "Other content than on record: Reply."
    kept = {one.number: one.reply_in_full for one in records(city)}
    assert kept["37042"] == "甲"


def test_c50_one_number_in_two_units_is_two_records(city: Bureau) -> None:
    judged = take_rows(city, row(unit="米公市场监管所"), row(unit="柿铺市场监管所", text="另一件"))
    assert outcomes(judged) == ["new", "new"]


def test_c50_what_a_file_does_not_tell_it_does_not_contradict(city: Bureau) -> None:
    take_rows(city, row())
    short = as_csv(
        [row()[:7]], ["登记编号", "投诉人", "联系电话", "标题", "投诉内容", "被投诉人", "登记日期"]
    )
    assert outcomes(take(city, short)) == ["same"]


def test_c50_a_masked_export_is_the_same_as_what_it_was_made_from(city: Bureau) -> None:
    take_rows(city, row())
    [record] = records(city)
    masked = row(person="周**", phone="138****8000", text=record.text)
    assert outcomes(take(city, as_csv([masked]))) == ["same"]
    other = row(person="周**", phone="139****8000", text=record.text)
    assert outcomes(take(city, as_csv([other]))) == ["conflicting"]


def test_c51_stopped_in_the_middle_nothing_is_kept_and_it_starts_again(
    city: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = as_csv([row(number=f"n{at}") for at in range(30)])

    def stop(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(importing, "write_lines", stop)
        with pytest.raises(KeyboardInterrupt):
            take(city, content)
    assert (records(city), count(city, LedgerImport), count(city, LedgerLine)) == ([], 0, 0)
    assert outcomes(take(city, content)) == ["new"] * 30
