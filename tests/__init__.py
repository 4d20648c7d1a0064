"""Tests mirror the code; what crosses rooms is in tests/journeys, browser and house."""
