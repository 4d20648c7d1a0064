"""Of two tests that differ in the database alone one runs, the databases in turn; no other is left out."""

from __future__ import annotations

from tests.turns import DATABASES, FOLDERS, waiting

PAGES = [f"tests/a.py::test_page[{on}-{page}]" for page in range(20) for on in DATABASES]


def test_one_of_two_waits_and_both_databases_have_their_turn() -> None:
    run = set(PAGES) - waiting(PAGES)
    assert len(run) == 20
    assert {name.partition("-")[2] for name in run} == {f"{page}]" for page in range(20)}
    for on in DATABASES:
        assert sum(on in name for name in run) == 10


def test_whoever_asks_for_one_database_gets_it() -> None:
    assert waiting(name for name in PAGES if "sqlite" in name) == set()


def test_a_word_like_a_databases_name_is_no_database() -> None:
    assert (
        waiting(["tests/a.py::test_of_sqlite[1]", "tests/a.py::test_of_postgresql[1]", "tests/a.py::test"])
        == set()
    )


def test_the_folders_and_files_are_there() -> None:
    assert [folder for folder in FOLDERS if not folder.is_dir()] == []
