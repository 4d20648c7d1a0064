"""The pages of ledgers and records at both widths and in both languages, judged by tests.browser.inspecting.

How they look does not depend on the database: one is enough.
"""

from __future__ import annotations

import pytest

from complaints.foundation.masking import mask_text
from tests.browser.fixtures import SitDown
from tests.browser.inspecting import CHINESE, NARROW, WIDE
from tests.browser.serving import Served
from tests.browser.test_pages import OFFICIAL, data_of, in_english
from tests.bureau import SignIn, post
from tests.complaints.ledgers.importing import take_rows
from tests.complaints.ledgers.rooms import checked
from tests.complaints.ledgers.sheets import FIRST, HEADER, OWN, as_csv, row


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_every_page_of_the_room(served: Served, desk: SitDown) -> None:
    late = row(
        number="2", unit="米公市场监管所", received_at="2023-03-20", replied_at="2023-03-01", reply="无"
    )
    take_rows(served.city, row(unit="米公市场监管所"), late)
    take_rows(served.city, row(unit="米公市场监管所", text="说法不同"))
    client = SignIn(served.app, served.city)("intake")
    open_one = checked(client, "a.csv", as_csv([row(), row(number="3", received_at="05/01/2024")]))
    failed = checked(client, "b.csv", as_csv([["1"]], ["x"]))
    unclear = checked(client, "d.csv", as_csv([row()], OWN))
    wrong = checked(client, "e.csv", as_csv([["8", *row()]], ["编号", *HEADER]))
    dropped = checked(client, "c.csv", as_csv([row()]))
    assert post(client, f"/ledgers/{dropped.id}/drop").status_code == 303
    pages = [
        "/ledgers",
        f"/ledgers/{open_one.id}",
        f"/ledgers/{open_one.id}?rows=refused",
        f"/ledgers/{failed.id}",
        f"/ledgers/{unclear.id}",
        f"/ledgers/{wrong.id}",
        f"/ledgers/{open_one.id}/columns",
        "/ledgers/1",
        "/ledgers/conflicts",
        "/ledgers/conflicts/1",
        "/records/1",
        "/records/2",
        "/records/1/reveal/phone",
    ]
    typed = {"编号", *FIRST.values(), *OWN, *HEADER, mask_text(FIRST["text"]), "说法不同", "台账.csv", "无"}
    known = {*data_of(served), *OFFICIAL, *(one for one in typed if CHINESE.search(str(one)))}
    data = sorted(known, key=len, reverse=True)
    wide = desk("intake", WIDE)
    for path in pages:
        wide.open(path)
    narrow = desk("intake", NARROW)
    for path in pages:
        narrow.open(path)
    # English words are the longer ones: where they fit on a phone they fit on a desk
    in_english(narrow, data)
    for path in pages:
        narrow.open(path)
