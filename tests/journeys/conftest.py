"""Each story is told on one of the two databases in the quick run and on the other in the slow one."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
DATABASES = ("sqlite", "postgresql")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow half: by the story's own name, so that it is the same whatever else is run."""
    for item in items:
        if item.path.parent == HERE and isinstance(item, pytest.Function):
            later = DATABASES[sum(map(ord, item.originalname)) % 2]
            if f"[{later}" in item.name:
                item.add_marker(pytest.mark.slow)
