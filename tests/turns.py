"""Pages are tried on one of the two databases in turn; EVERY_DATABASE=1 tries each test on both.

What a page shows and refuses is decided above the database, and nearly every page has several tests, so that
each is met on SQLite and on PostgreSQL in every run. Whatever asks the database itself (the engine, the log,
search, figures, ledgers, commands, money, rights, races) always runs on both.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

EVERY = os.environ.get("EVERY_DATABASE") == "1"
DATABASES = ("sqlite", "postgresql")
ROOMS = (
    "bad_inputs",
    *(
        f"complaints/{room}"
        for room in (
            "administration",
            "cases",
            "dossier_page",
            "hotline",
            "intake",
            "mediation",
            "procedures",
            "revisits",
            "sign_in",
            "web",
        )
    ),
)
"""The folders below tests/ whose tests take turns."""
_DATABASE = re.compile(rf"(?<=[\[-])(?:{'|'.join(DATABASES)})(?=[\]-])")
FOLDERS = tuple(Path(__file__).parent / room for room in ROOMS)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out one of two that differ in the database alone, by their own name: the same one in every run.

    Whoever asks for one database by `-k` or by a test's whole name has only that one here, and gets it.
    """
    if EVERY:
        return
    ours = {item.nodeid: item for item in items if any(item.path.is_relative_to(one) for one in FOLDERS)}
    out = waiting(ours)
    if out:
        config.hook.pytest_deselected(items=[ours[name] for name in out])
        items[:] = [item for item in items if item.nodeid not in out]


def waiting(names: Iterable[str]) -> set[str]:
    """Return which of the tests wait: of each two that differ in the database alone, one."""
    pairs: dict[str, list[str]] = {}
    for name in names:
        pairs.setdefault(_DATABASE.sub("", name), []).append(name)
    return {
        name
        for both, pair in pairs.items()
        if len(pair) == len(DATABASES)
        for name in pair
        if DATABASES[sum(map(ord, both)) % 2] not in name
    }
