"""A row belongs to its ledger's unit or to one below: so whoever sees a report may see all of it."""

from __future__ import annotations

from complaints.dossier.record_models import LedgerImport
from tests.bureau import OFFICE, Bureau, SignIn
from tests.complaints.ledgers.rooms import checked
from tests.complaints.ledgers.sheets import as_csv, row


def test_a_row_of_a_unit_beside_the_ledgers_own_is_refused_and_its_number_not_shown(
    client_as: SignIn, city: Bureau
) -> None:
    """The county's officer may import for both offices; the head of one reads the report of their ledger."""
    desk, head = client_as("intake"), client_as("head")
    rows = [
        row(),
        row(number="2023-0077", unit="柿铺市场监管所"),
        row(number="2023-0078", unit="人民商场消费维权服务站"),
    ]
    brought = checked(desk, "a.csv", as_csv(rows), unit=OFFICE)
    with city.database.reading() as session:
        here = session.get_one(LedgerImport, brought.id)
        assert (here.new, here.refused) == (2, 1)
    for page in (brought.page.text, head.get(f"/ledgers/{brought.id}").text):
        assert "“柿铺市场监管所”不在本台账所属单位之下" in page
        assert "2023-0078" in page
        assert "2023-0077" not in page
    assert "2023-0077" not in head.get(f"/ledgers/{brought.id}?export=csv").text
    apart = checked(desk, "b.csv", as_csv(rows[1:2]))
    assert "2023-0077" in apart.page.text
    assert head.get(f"/ledgers/{apart.id}").status_code == 404
