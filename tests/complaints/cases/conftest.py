"""The bureau, and who walks leads in it."""

from __future__ import annotations

import pytest

from complaints.app import build_services
from complaints.foundation.database import Database
from config import Settings
from tests.bureau import Bureau, SetClock
from tests.paying import Paying


@pytest.fixture
def desk(city: Bureau, settings: Settings, database: Database, clock: SetClock) -> Paying:
    """The bureau; its fund is not open, leads need none."""
    return Paying(city, build_services(settings, clock, database).engine)
