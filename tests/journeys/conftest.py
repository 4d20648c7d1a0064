"""The browser's fixtures, here by name."""

from tests.browser.fixtures import browser, desk, served, server, width, windows

__all__ = ["browser", "desk", "served", "server", "width", "windows"]
