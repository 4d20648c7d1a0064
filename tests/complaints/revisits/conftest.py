"""What the tests of the call-back room share."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.bureau import Bureau
from tests.factories import Matters, matters_of


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    """Matters in any state, on the application's own engine."""
    return matters_of(app, city)
