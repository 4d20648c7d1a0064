"""Tests of the house itself: tools, directions, conventions."""
