"""`cli bench pages`: create, list, one matter and one step through HTTP at so many matters, as an officer's
browser asks.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import click

from complaints.app import create_app
from complaints.commands.bench.engine_figures import one_row_commits
from complaints.commands.bench.ground import PASSWORD, Ground, crowd, ground
from complaints.commands.bench.measures import counting, each, machine, milliseconds, show
from complaints.commands.parts import json_option, opened
from complaints.organisation.accounts import need_person

REQUESTS = 100
LIST = 50
"""Rows of the handler's list that is measured."""


@click.command(
    help="Measure pages through HTTP: create, list of 50, one matter, one step; and their query counts."
)
@click.option("--matters", default=10_000, show_default=True, help="How many matters the database holds.")
@click.option("--postgresql", "postgresql_url", help="URL of an empty PostgreSQL database to use instead.")
@json_option
def pages(matters: int, postgresql_url: str | None, as_json: bool) -> None:
    """Run the benchmark and print it."""
    rows: list[dict[str, Any]] = [{"what": "machine", "is": machine(), "matters": matters}]
    with opened(migrated=False) as parts, ground(parts, postgresql_url) as place:
        few = crowd(place, 10)
        give_to_handler(place, few[:2])
        small = query_counts(place, few[0])
        numbers = few + crowd(place, matters - len(few))
        give_to_handler(place, numbers[2:LIST])
        rows += through_http(place, numbers)
        large = query_counts(place, numbers[0])
        rows += [
            {"what": f"queries of {page}", "with 10 matters": small[page], "with all": large[page]}
            for page in small
        ]
    show(rows, as_json=as_json)


def through_http(place: Ground, numbers: list[str]) -> list[dict[str, Any]]:
    """Ask a server of its own, one request after another, then four creators at once."""
    with served(place) as port, one_row_commits(place.parts.database) as commit:
        operator, officer, handler = Browser(port), Browser(port), Browser(port)
        operator.sign_in("linjing")
        officer.sign_in("sunli")
        handler.sign_in("zhangyuanhang")
        latest = numbers[-REQUESTS:]
        rows = [
            {"what": "the call page", **milliseconds(each(REQUESTS, lambda: operator.get("/hotline")))},
            {"what": "create", **milliseconds([operator.create() for _ in range(REQUESTS)])},
            {"what": "list of 50", **milliseconds(each(REQUESTS, lambda: handler.get("/mediation")))},
            {
                "what": "one matter",
                **milliseconds(each(REQUESTS, lambda: handler.get(f"/matters/{numbers[5]}"))),
            },
            {"what": "one step", **milliseconds([officer.withdraw(number) for number in latest])},
        ]
        creators = [Browser(port) for _ in range(4)]
        for browser in creators:
            browser.sign_in("linjing")
        opened_calls = [(browser, [browser.call() for _ in range(25)]) for browser in creators]
        before = time.perf_counter()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda one: [one[0].register(fields) for fields in one[1]], opened_calls))
        alone = time.perf_counter() - before
        before = time.perf_counter()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda browser: each(25, browser.create), creators))
        whole = time.perf_counter() - before
        rows += [
            {"what": "four creators at once, the registrations", "creates/s": round(100 / alone, 1)},
            {"what": "four creators at once, page and registration", "creates/s": round(100 / whole, 1)},
        ]
        rows.append(
            {
                "what": "limit in the same run: /healthz",
                **milliseconds(each(REQUESTS, lambda: officer.get("/healthz"))),
            }
        )
        rows.append({"what": "limit in the same run: one-row commit", **milliseconds(each(REQUESTS, commit))})
    return rows


def give_to_handler(place: Ground, numbers: list[str]) -> None:
    """Dispatch matters to one handler, so that the handler's list is full."""
    with place.parts.database.reading() as session:
        receiver = need_person(session, "zhangyuanhang").id
    for number in numbers:
        place.stage.do("sunli", number, "dispatch", {"unit": "/420600/420606/01/", "receiver": receiver})


def query_counts(place: Ground, number: str) -> dict[str, int]:
    """Count the statements of each page inside the application, the frame's included."""
    app = create_app(place.parts.settings, place.parts.clock, place.parts.database)
    app.config["WTF_CSRF_ENABLED"] = False
    counts = {}
    for who, name, path in (
        ("linjing", "the call page", "/hotline"),
        ("zhangyuanhang", "the handler's list", "/mediation"),
        ("sunli", "the intake board", "/intake"),
        ("sunli", "one matter", f"/matters/{number}"),
        ("gaojianping", "supervision", "/supervision"),
    ):
        client = app.test_client()
        client.post("/sign-in", data={"username": who, "password": PASSWORD})
        client.get(path)
        with counting(place.parts.database.reader) as counter:
            client.get(path)
        counts[name] = counter.statements
    return counts


@contextmanager
def served(place: Ground) -> Iterator[int]:
    """Serve the benchmark's database from a process of its own, as in production."""
    port = 12_316 + os.getpid() % 1000
    environment = {
        **os.environ,
        "DATABASE_URL": place.parts.database.url.render_as_string(hide_password=False),
        "INSTANCE_DIR": str(place.parts.settings.instance_dir),
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "complaints", "serve"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 (our own command)
    try:
        _wait(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            Browser(port).get("/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise click.ClickException("The server of the benchmark did not start.")


class Browser:
    """As much of a browser as a benchmark needs: cookies, hidden fields, redirects."""

    def __init__(self, port: int) -> None:
        """Connect to this machine only; one connection a browser, kept alive."""
        self._port = port
        self._cookies: dict[str, str] = {}
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._created = 0

    def get(self, path: str) -> str:
        """Return a page; raises click.ClickException for anything but 200."""
        status, body, _to = self._ask("GET", path, {})
        if status != 200:
            raise click.ClickException(f"GET {path} answered {status}")
        return body

    def post(self, path: str, fields: dict[str, Any]) -> str:
        """Send a form and return where it leads; raises click.ClickException where it was not taken."""
        status, body, leads_to = self._ask("POST", path, fields)
        if status != 303:
            found = re.search(r"<title>([^<]*)", body)
            raise click.ClickException(f"POST {path} answered {status}: {found[1] if found else ''}")
        return leads_to

    def sign_in(self, username: str) -> None:
        """Sign in."""
        fields = hidden(self.get("/sign-in"))
        self.post("/sign-in", {**fields, "username": username, "password": PASSWORD})

    def create(self) -> float:
        """Take a call: open the page, fill it, register; return the seconds the registration took."""
        return self.register(self.call())

    def call(self) -> dict[str, str]:
        """Open the page of a call and return its hidden fields."""
        return hidden(self.get("/hotline"))

    def register(self, fields: dict[str, str]) -> float:
        """Register what was told; return the seconds it took."""
        self._created += 1
        before = time.perf_counter()
        self.post(
            "/hotline",
            {
                **fields,
                "phone": f"199{self._created:08d}",
                "name": "周慧敏",
                "address": "樊城区汉江街道",
                "facts": "冰箱用了不到一个月，冷藏室不制冷，要求换货。",
                "merchant_name": "襄阳云栖家电有限公司汉江店",
                "merchant_address": "樊城区汉江街道",
                "notice_read": "y",
                "amount": "3299.00",
                "category": "G05",
                "problem": "P01",
                "demands": "exchange",
            },
        )
        return time.perf_counter() - before

    def withdraw(self, number: str) -> float:
        """Do one step that changes the state, page and post; return the seconds the post took."""
        path = f"/matters/{number}/do/withdraw"
        fields = hidden(self.get(path))
        before = time.perf_counter()
        self.post(path, {**fields, "channel": "phone", "note": "商家已经退款，不再投诉。"})
        return time.perf_counter() - before

    def _ask(self, method: str, path: str, fields: dict[str, Any]) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        body = None
        if method == "POST":
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        for value in answer.headers.get_all("Set-Cookie") or ():
            name, _equals, rest = value.partition("=")
            self._cookies[name] = rest.split(";", 1)[0]
        return answer.status, text, answer.headers.get("Location", "")


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of a page's forms; of fields of one name the last counts."""
    found = {}
    for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value:
            found[name[1]] = value[1]
    return found
