"""Tests mirror the code: tests/workflows, tests/complaints/<room>, tests/journeys, tests/browser, tests/house."""
