"""The room: bring a ledger, see every row, import, settle a conflict; a record's page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from complaints.dossier.record_models import HistoricalRecord, LedgerImport, RecordDisclosure
from complaints.ledgers import exports as ledger_exports
from complaints.ledgers import queries, queue
from complaints.ledgers.leases import Bench
from complaints.ledgers.models import LedgerConflict
from complaints.organisation.people import SignedInActor
from complaints.web import exports
from config import Settings
from tests.bureau import COUNTY, OFFICE, OTHER_COUNTY, Bureau, SignIn, post
from tests.complaints.ledgers.rooms import bring, checked, records
from tests.complaints.ledgers.sheets import as_csv, as_xlsx, row

ROWS = [
    row(),
    row(number="2023-0002", phone="13900139000", person="吴静", unit="米公市场监管所"),
    row(number="2023-0003", received_at="2023-02-30"),
]


def files_left(settings: Settings) -> list[Path]:
    """Return what lies in the folder of uploaded ledgers."""
    return [one for one in (settings.instance_dir / queue.FOLDER).rglob("*") if one.is_file()]


def test_a_ledger_is_checked_then_imported_and_its_file_goes(
    client_as: SignIn, city: Bureau, settings: Settings
) -> None:
    client = client_as("intake")
    brought = checked(client, "台账2023.csv", as_csv(ROWS))
    assert records(city) == []
    assert len(files_left(settings)) == 1
    for words in ("2023-0003", "2023-02-30", "2023-0002"):
        assert words in brought.page.text
    refused = post(client, f"/ledgers/{brought.id}/confirm")
    assert refused.status_code == 422
    assert records(city) == []
    done = post(client, f"/ledgers/{brought.id}/confirm", skip_refused="y")
    assert done.status_code == 303, done.text
    kept = records(city)
    assert [(one.number, one.unit_path) for one in kept] == [("2023-0001", COUNTY), ("2023-0002", OFFICE)]
    assert files_left(settings) == []
    page = client.get(f"/ledgers/{brought.id}").text
    assert f"/records/{kept[0].id}" in page
    again = post(client, f"/ledgers/{brought.id}/confirm", skip_refused="y")
    assert again.status_code == 409
    assert len(records(city)) == 2


def test_the_same_ledger_twice_changes_nothing(client_as: SignIn, city: Bureau) -> None:
    client = client_as("intake")
    for _time in range(2):
        brought = checked(client, "a.xlsx", as_xlsx(ROWS[:2]))
        assert post(client, f"/ledgers/{brought.id}/confirm").status_code == 303
    assert len(records(city)) == 2
    with city.database.reading() as session:
        last = session.scalars(select(LedgerImport).order_by(LedgerImport.id.desc())).first()
        assert last is not None
        assert (last.new, last.same, last.conflicting) == (0, 2, 0)
        assert session.scalar(select(func.count()).select_from(LedgerConflict)) == 0


@pytest.mark.parametrize("choice", ["keep", "take"])
def test_a_conflict_is_settled_by_a_person_and_not_raised_again(
    client_as: SignIn, city: Bureau, choice: str
) -> None:
    client = client_as("intake")
    old, new = as_csv([row()]), as_csv([row(reply="未达成一致，终止调解。", phone="13700137000")])
    for content in (old, new, new):
        brought = checked(client, "a.csv", content)
        assert post(client, f"/ledgers/{brought.id}/confirm").status_code == 303
    with city.database.reading() as session:
        conflict = session.scalars(select(LedgerConflict)).one()
    page = client.get(f"/ledgers/conflicts/{conflict.id}")
    assert "未达成一致" in page.text
    assert "退款299元" in page.text
    assert "13700137000" not in page.text
    without = post(client, f"/ledgers/conflicts/{conflict.id}", choice=choice, reason="")
    assert without.status_code == 422
    settled = post(client, f"/ledgers/conflicts/{conflict.id}", choice=choice, reason="核对纸质档案")
    assert settled.status_code == 303, settled.text
    twice = post(client, f"/ledgers/conflicts/{conflict.id}", choice=choice, reason="核对纸质档案")
    assert twice.status_code == 409
    [record] = records(city)
    assert record.phone == ("13700137000" if choice == "take" else "13800138000")
    shown = client.get(f"/records/{record.id}").text
    assert "核对纸质档案" in shown
    with city.database.reading() as session:
        [kept] = session.scalars(select(LedgerConflict))
        assert "13800138000" in kept.old
        assert "13700137000" in kept.new
    for content in (old, new):
        brought = checked(client, "a.csv", content)
        with city.database.reading() as session:
            source = session.get_one(LedgerImport, brought.id)
            assert (source.same, source.conflicting) == (1, 0)


def test_a_record_is_masked_and_a_full_number_costs_a_logged_reason(client_as: SignIn, city: Bureau) -> None:
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([row(unit="米公市场监管所")]))
    post(client, f"/ledgers/{brought.id}/confirm")
    [record] = records(city)
    page = client.get(f"/records/{record.id}")
    assert "138****8000" in page.text
    assert "13800138000" not in page.text
    address = f"/records/{record.id}/reveal/phone"
    assert post(client, address, reason="").status_code == 422
    seen = post(client, address, reason="核对当年电话 13800138000")
    assert "13800138000" in seen.text
    with city.database.reading() as session:
        [look] = session.scalars(select(RecordDisclosure))
        assert (look.record_id, look.what, look.person_id) == (record.id, "phone", city.person_ids["intake"])
        assert "13800138000" not in look.reason
    auditor = client_as("auditor")
    shown = auditor.get(f"/records/{record.id}")
    assert shown.status_code == 200
    assert "周明" not in shown.text
    assert auditor.get(address).status_code in (403, 404)


def test_who_may_see_a_record(client_as: SignIn, city: Bureau) -> None:
    """404 says both: there is none, and it is not yours."""
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([row(unit="米公市场监管所")]))
    post(client, f"/ledgers/{brought.id}/confirm")
    [record] = records(city)
    seen = {
        name: client_as(name).get(f"/records/{record.id}").status_code
        for name in ("intake", "handler", "head", "supervisor", "auditor", "other_handler", "operator")
    }
    assert seen == dict.fromkeys(("intake", "handler", "head", "supervisor", "auditor"), 200) | {
        "other_handler": 404,
        "operator": 404,
    }
    nobody = client.get("/records/99999")
    theirs = client_as("other_handler").get(f"/records/{record.id}")
    assert nobody.status_code == theirs.status_code == 404
    assert client_as("handler").get(f"/records/{record.id}/reveal/phone").status_code == 200


def test_only_who_may_import_finds_the_room_and_only_for_their_own_units(
    client_as: SignIn, city: Bureau
) -> None:
    assert client_as("handler").get("/ledgers").status_code == 403
    head = client_as("head")
    assert head.get("/ledgers").status_code == 200
    assert bring(head, "a.csv", as_csv([row()]), unit=OTHER_COUNTY).status_code == 422
    foreign = checked(head, "a.csv", as_csv([row(unit="襄城区市场监督管理局")]), unit=OFFICE)
    assert "襄城区市场监督管理局" in foreign.page.text
    with city.database.reading() as session:
        assert session.get_one(LedgerImport, foreign.id).refused == 1
    desk = checked(client_as("intake"), "b.csv", as_csv([row()]))
    assert head.get(f"/ledgers/{desk.id}").status_code == 404
    assert post(head, f"/ledgers/{desk.id}/confirm").status_code == 404


def test_a_ledger_that_cannot_be_read_says_why_and_leaves_nothing(
    client_as: SignIn, city: Bureau, settings: Settings
) -> None:
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([["1", "2"]], ["编号", "备注"]))
    assert "编号" not in brought.page.text or brought.page.status_code == 200
    with city.database.reading() as session:
        source = session.get_one(LedgerImport, brought.id)
        assert (source.stage, source.failure["code"]) == ("failed", "no_header")
    assert files_left(settings) == []
    assert bring(client, "", b"").status_code == 422


def test_a_ledgers_own_name_is_shown_without_what_does_not_belong_there(
    client_as: SignIn, city: Bureau
) -> None:
    name = "../../13800138000 王某\u202egpj\x01.csv"
    brought = checked(client_as("intake"), name, as_csv([row()]))
    with city.database.reading() as session:
        kept = session.get_one(LedgerImport, brought.id).file_name
    assert kept == "138****8000 王某gpj.csv"
    assert "13800138000" not in brought.page.text


def test_a_dropped_ledger_is_gone_with_its_file(client_as: SignIn, city: Bureau, settings: Settings) -> None:
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([row()]))
    assert post(client, f"/ledgers/{brought.id}/drop").status_code == 303
    assert files_left(settings) == []
    assert post(client, f"/ledgers/{brought.id}/confirm").status_code == 409
    with city.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(HistoricalRecord)) == 0


def stage(city: Bureau, import_id: int) -> str:
    """Return where an import stands."""
    with city.database.reading() as session:
        return session.get_one(LedgerImport, import_id).stage


def test_of_two_contradictory_decisions_the_second_learns_what_became_of_the_ledger(
    client_as: SignIn, city: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two officers look at one report: one imports, the other drops."""
    client = client_as("intake")
    done = checked(client, "a.csv", as_csv([row()]))
    monkeypatch.setattr(queue, "SMALL", 0)
    waiting = checked(client, "b.csv", as_csv([row(number="2")]))
    dropped = checked(client, "c.csv", as_csv([row(number="3")]))
    store = queue.store_in(client_as.services.settings.instance_dir)
    bench = Bench(city.database, city.clock, store, "w")
    while queue.work_off(bench):
        pass
    for one in (done, waiting):
        assert post(client, f"/ledgers/{one.id}/confirm").status_code == 303
    late = post(client, f"/ledgers/{waiting.id}/drop", seen="checked")
    assert (late.status_code, "其间已被确认，正在导入" in late.text) == (409, True)
    assert stage(city, waiting.id) == "confirmed"
    # who has seen that it is being imported may stop it
    seen = client.get(f"/ledgers/{waiting.id}").text
    assert 'name="seen" value="confirmed"' in seen
    queue.work_on(bench, done.id)
    late = post(client, f"/ledgers/{done.id}/drop", seen="checked")
    assert (late.status_code, "其间已导入" in late.text, stage(city, done.id)) == (409, True, "done")
    assert post(client, f"/ledgers/{waiting.id}/drop", seen="confirmed").status_code == 303
    assert post(client, f"/ledgers/{dropped.id}/drop", seen="checked").status_code == 303
    for one in (waiting, dropped):
        late = post(client, f"/ledgers/{one.id}/confirm")
        assert (late.status_code, "其间已被放弃" in late.text) == (409, True)
    assert [one.number for one in records(city)] == ["2023-0001"]


def test_a_map_file_names_columns_that_are_called_otherwise(client_as: SignIn, city: Bureau) -> None:
    client = client_as("intake")
    header = ["流水号", "谁", "手机", "题", "说了什么", "店", "哪天", "结果", "何时", "哪里"]
    mapping = "number: 流水号\nreceived_at: 哪天\ntext: 说了什么\nperson: 谁\nmerchant: 店\n".encode()
    brought = checked(client, "a.csv", as_csv([row()], header), mapping=mapping)
    assert post(client, f"/ledgers/{brought.id}/confirm").status_code == 303
    [record] = records(city)
    assert (record.number, record.person, record.phone) == ("2023-0001", "周明", "13800138000")
    wrong = bring(client, "a.csv", as_csv([row()], header), mapping=b"nummer: x")
    assert wrong.status_code == 422
    assert "nummer" in wrong.text
    assert bring(client, "a.csv", as_csv([row()], header), mapping=b"- a").status_code == 422


def test_the_report_is_taken_away_as_a_file(client_as: SignIn, city: Bureau) -> None:
    client = client_as("intake")
    brought = checked(client, "a.csv", as_csv([row(number="=cmd|1"), *ROWS]))
    taken = client.get(f"/ledgers/{brought.id}?export=csv")
    assert taken.status_code == 200
    assert "'=cmd|1" in taken.text
    assert "2023-02-30" in taken.text
    assert "13800138000" not in taken.text
    refused = client.get(f"/ledgers/{brought.id}?export=csv&rows=refused")
    assert len(refused.text.strip().splitlines()) == 2


def test_a_report_of_any_length_is_taken_away_whole_and_a_portion_at_a_time(
    client_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_as("intake")
    numbers = [f"2023-{number:04}" for number in range(1, 8)]
    brought = checked(client, "a.csv", as_csv([row(number=one) for one in numbers]))
    # a ledger may have more rows than other lists may take away
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    monkeypatch.setattr(exports, "PORTION", 3)
    read: list[int] = []

    def watched(session: Session, actor: SignedInActor, import_id: int, rows: Sequence[int]) -> Any:
        read.append(len(rows))
        return lines_of(session, actor, import_id, rows)

    lines_of = queries.lines_of
    monkeypatch.setattr(queries, "lines_of", watched)
    taken = client.get(f"/ledgers/{brought.id}?export=csv")
    assert taken.status_code == 200, taken.text
    assert [line.split(",")[1] for line in taken.text.splitlines()[1:]] == numbers
    assert read == [3, 3, 1]
    monkeypatch.setattr(ledger_exports, "MOST_ROWS", 6)
    assert client.get(f"/ledgers/{brought.id}?export=csv").status_code == 422
