"""The hits of a search leave as the page shows them, to who made it and to nobody else."""

from __future__ import annotations

import csv
import io

from tests.bureau import SignIn
from tests.complaints.search.searching import PHONE, Ground, ask


def test_hits_leave_as_they_are_shown(ground: Ground, signed_in: SignIn) -> None:
    client = signed_in("handler")
    address = ask(client, "冰箱").location
    assert f'href="{address}?export=xlsx"' in client.get(address).text
    answer = client.get(f"{address}?export=csv")
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert [row["编号"] for row in rows] == [line.number for line in ground.find("handler", "冰箱")]
    assert rows[0]["消费者"].startswith("周*")
    assert "冰箱" in rows[0]["事项"] + rows[0]["命中片段"]
    assert "<mark>" not in answer.text
    assert PHONE not in answer.text
    assert "周慧敏" not in answer.text


def test_anothers_search_is_not_there(ground: Ground, signed_in: SignIn) -> None:
    address = ask(signed_in("handler"), "冰箱").location
    assert signed_in("head").get(f"{address}?export=csv").status_code == 404
