"""The bureau with its fund, and who walks payouts in it."""

from __future__ import annotations

import pytest

from complaints.app import build_services
from complaints.foundation.database import Database
from config import Settings
from tests.bureau import Bureau, SetClock
from tests.paying import Paying


@pytest.fixture
def desk(city: Bureau, settings: Settings, database: Database, clock: SetClock) -> Paying:
    """The bureau with 50,000.00 yuan in the fund."""
    paying = Paying(city, build_services(settings, clock, database).engine)
    paying.fund()
    return paying
