"""Fixtures of tests/browser and tests/journeys, registered by tests/conftest.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.desk import Desk
from tests.browser.inspecting import HEIGHTS, NARROW, WIDE
from tests.browser.serving import Served, Server, serving
from tests.bureau import Bureau, SetClock

CHROMIUM = next(
    (one for one in ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium") if Path(one).exists()),
    "/usr/bin/chromium",
)
"""The shell without a window's own pages is a third lighter; a system that has only the whole takes that."""
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

SitDown = Callable[..., Desk]
"""desk("handler") or desk("station", width=360)."""


@pytest.fixture(scope="session")
def server(application: Flask) -> Iterator[Server]:
    """The pages on a free port; one server a process, on the database of the test that runs."""
    with serving(application) as running:
        yield running


@pytest.fixture
def served(server: Server, app: Flask, city: Bureau, clock: SetClock) -> Iterator[Served]:
    """The small bureau with its pages, its clock and its worker."""
    yield Served(server.url, app, city, clock)
    server.rest()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium a process. It keeps the real time where the run is told another date (libfaketime)."""
    with pytest.MonkeyPatch.context() as patch:
        # Chromium's timers do not bear a clock that is set by a preloaded library: pages take minutes.
        patch.delenv("LD_PRELOAD", raising=False)
        playwright = sync_playwright().start()
    opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
    yield opened
    opened.close()
    playwright.stop()


@pytest.fixture
def width(request: pytest.FixtureRequest) -> int:
    """Width of the windows: a desk's on SQLite, a phone's on PostgreSQL: each story is told at both."""
    return NARROW if "postgresql" in request.node.name else WIDE


@pytest.fixture
def windows(browser: Browser, served: Served) -> Iterator[Callable[[int], BrowserContext]]:
    """Open browsers that know nothing of each other; all are closed with the test."""
    opened: list[BrowserContext] = []

    def open_one(width: int) -> BrowserContext:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)  # a busy machine takes its time
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def desk(served: Served, windows: Callable[[int], BrowserContext], width: int) -> SitDown:
    """Sit somebody of the bureau down at a browser of their own; the second time it is the same one."""
    seats: dict[tuple[str, int], Desk] = {}

    def sit_down(username: str, at: int = 0, *, new: bool = False) -> Desk:
        seat = (username, at or width)
        if new or seat not in seats:
            seats[seat] = Desk(served, windows(seat[1]), username, seat[1])
        return seats[seat]

    return sit_down
