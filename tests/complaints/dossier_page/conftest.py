"""The factory of matters on the application of the test."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.bureau import Bureau
from tests.factories import Matters, matters_of


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    """Matters in any state, by real steps."""
    return matters_of(app, city)
