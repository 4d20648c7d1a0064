"""Rounded as a calculator does, and whole only where nothing is missing."""

from __future__ import annotations

import pytest

from complaints.foundation.shares import percent


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 0, ""),
        (0, 7, "0.00"),
        (10, 11, "90.91"),
        (1, 3, "33.33"),
        (2, 3, "66.67"),
        (1, 800, "0.13"),
        (5, 5, "100.00"),
        (99_999, 100_000, "99.99"),
        (1_999_999, 2_000_000, "99.99"),
    ],
)
def test_a_share(part: int, whole: int, shown: str) -> None:
    assert percent(part, whole) == shown
