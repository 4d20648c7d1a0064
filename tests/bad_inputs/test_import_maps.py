"""Bad inputs of a ledger's map file, on the page and on the command line: a sentence, never a crash."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from complaints.dossier.record_models import LedgerImport
from config import Settings
from tests.bureau import COUNTY, Bureau, SignIn
from tests.complaints.commands.running import run
from tests.complaints.ledgers.rooms import bring, checked, source_of
from tests.complaints.ledgers.sheets import HEADER, as_csv, put, row

NO_MAPS = {
    "deep": b"[" * 30_000,
    "deep below a field": b"number: " + b"{a: " * 15_000,
    "a sign that there is not": b'number: "\\UFFFFFFFF"',
    "a version without end": b"%YAML " + b"9" * 6_000 + b".1\n---\nnumber: a",
    "a list under a field": b"number: [a]",
    "itself": b"&a [*a]",
    "a key that is a list": b"[a]: b",
    "nothing under a field": b"number:",
    "a whole number that is empty": b"number: !!int ''",
    "code": b"!!python/object/apply:os.system [x]",
    "no text": b"\xff\xfe\xfa",
    "too large": b"number: a\n" + b"#" * 64 * 1024,
}
HEADS = {
    "a day that there is not": (b"number: 2025-99-99", "2025-99-99"),
    "a number without end": (b"number: " + b"7" * 6_000, "7" * 6_000),
    "a tag of a whole number": (b"number: !!int x", "x"),
    "a tag of a fraction": (b"number: !!float x", "x"),
    "a number with its zeros": (b"number: 007", "007"),
    "a word that YAML knows": (b"number: no", "no"),
}
"""Texts that YAML would make something else of: each is the name of a column."""


def test_c60_what_is_no_map_file_is_refused_in_a_sentence(
    client_as: SignIn, city: Bureau, settings: Settings, tmp_path: Path
) -> None:
    client, ledger = client_as("intake"), put(tmp_path, "a.csv", as_csv([row()]))
    for kind, content in NO_MAPS.items():
        answer = bring(client, "a.csv", as_csv([row()]), mapping=content)
        assert (answer.status_code, "列名对照文件不是" in answer.text) == (422, True), kind
        beside = put(tmp_path, "m.yaml", content)
        ran = run(settings, "import", "ledger", str(ledger), "--unit", COUNTY, "--map", str(beside))
        assert (ran.exit_code, len(ran.stderr.strip().splitlines())) == (1, 1), (kind, ran.stderr)
        assert "The map file is no list" in ran.stderr, kind
    with city.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LedgerImport)) == 0


def test_c23_a_header_in_a_map_file_is_text_whatever_it_looks_like(
    client_as: SignIn, settings: Settings, tmp_path: Path
) -> None:
    client = client_as("intake")
    for kind, (mapping, head) in HEADS.items():
        ledger = as_csv([row()], [head, *HEADER[1:]])
        brought = checked(client, "a.csv", ledger, mapping=mapping)
        assert "2023-0001" in brought.page.text, kind
        file, beside = put(tmp_path, "a.csv", ledger), put(tmp_path, "m.yaml", mapping)
        ran = run(
            settings, "import", "ledger", str(file), "--unit", COUNTY, "--map", str(beside), "--dry-run"
        )
        assert (ran.exit_code, "new 1" in ran.stdout) == (0, True), (kind, ran.stderr)


def test_c08_signs_that_no_database_can_hold_are_not_kept_of_a_map_file(
    client_as: SignIn, city: Bureau
) -> None:
    client = client_as("intake")
    for name in (b'"\\uD800"', b'"\\0"'):
        brought = checked(client, "a.csv", as_csv([row()]), mapping=b"number: " + name)
        assert brought.page.status_code == 200, name
        with city.database.reading() as session:
            assert source_of(session, brought.id).mapping == {"number": "\ufffd"}
