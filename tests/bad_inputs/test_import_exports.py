"""What left this application as a list comes back as a ledger: heads in both languages, quotes taken away."""

from __future__ import annotations

import pytest
from flask import Flask

from complaints.foundation.spreadsheet_cells import guarded
from complaints.ledgers import judging
from complaints.ledgers.contents import Refused
from complaints.ledgers.headers import columns_of
from complaints.ledgers.importing import read_ledger
from complaints.ledgers.tables import Line
from tests.bureau import Bureau, SignIn, post
from tests.complaints.ledgers.importing import outcomes, said, take
from tests.complaints.ledgers.rooms import records
from tests.complaints.ledgers.sheets import as_csv, row
from tests.factories import matters_of

FORMULAS = ("=1+1", "+86 13800138000 的人", "-1", "@x", "＝1", " =1", "第一行\n=2", "'=3", "'quoted'")


def test_c41_texts_that_an_export_has_guarded_come_back_as_they_were(city: Bureau) -> None:
    rows = [row(number=f"n{at}", text=guarded(text)) for at, text in enumerate(FORMULAS)]
    assert outcomes(take(city, as_csv(rows))) == ["new"] * len(rows)
    assert [one.text_in_full for one in records(city)] == [text.strip() for text in FORMULAS]


def test_c41_a_list_of_matters_is_read_again(app: Flask, city: Bureau, client_as: SignIn) -> None:
    """Both formats with the heads of both languages. The number is a matter's of this system."""
    number = matters_of(app, city).in_state("registered")
    client = client_as("intake")
    for language in ("zh_Hans_CN", "en"):
        assert post(client, "/language", language=language).status_code == 303
        for form in ("csv", "xlsx"):
            taken = client.get(f"/intake?export={form}")
            ledger = read_ledger(f"list.{form}", taken.data, {})
            assert set(ledger.columns.places) >= {"number", "subject", "merchant", "received_at"}
            judged = take(city, taken.data, f"list.{form}")
            assert [one.row.number for one in judged.verdicts if isinstance(one.row, Refused)] == [number]
            assert "a matter of this system" in said(judged)[0]
    assert records(city) == []


def test_c41_a_list_of_another_installation_comes_in_once(
    app: Flask, city: Bureau, client_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first brings a record, the others the same one."""
    monkeypatch.setattr(judging, "numbers_of_matters", lambda _session, _numbers: set())
    number = matters_of(app, city).in_state("registered")
    client, found = client_as("intake"), []
    for language in ("zh_Hans_CN", "en"):
        assert post(client, "/language", language=language).status_code == 303
        for form in ("csv", "xlsx"):
            found += outcomes(take(city, client.get(f"/intake?export={form}").data, f"list.{form}"))
    assert found == ["new", "same", "same", "same"]
    assert [one.number for one in records(city)] == [number]


def test_heads_with_marks_and_brackets_are_the_same_heads() -> None:
    header = ["*登记编\u200b号", "投诉 内容", "收到时间（必填）", "联系电话：", "办理结果_x000D_"]
    found = columns_of([Line(1, [*header]), Line(2, ["1"])], {})
    assert dict(found.places) == {"number": 0, "text": 1, "received_at": 2, "phone": 3, "reply": 4}
