"""One bureau for all tests of a file, on each database; each test brings matters of its own."""

from __future__ import annotations

import pytest

from tests.bad_inputs.taking import Taking
from tests.bureau import SignIn


@pytest.fixture
def taking(standing_as: SignIn) -> Taking:
    """The desks that take complaints."""
    return Taking(standing_as)
