"""The pinned ways lead where they should: all is answered as the model says, and the last turn is refused."""

from __future__ import annotations

import pytest

from tests.machines.running import run_way
from tests.machines.town import Town
from tests.machines.ways import WAYS


@pytest.mark.parametrize("way", WAYS)
def test_a_way_ends_with_a_refusal(way: str, town: Town) -> None:
    assert run_way(town, WAYS[way]) == WAYS[way].end
